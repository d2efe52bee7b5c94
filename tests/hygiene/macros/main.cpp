// Our headers after macros of common headers.
#include "foreign.hpp"
//
#include <seqlstm/seqlstm.hpp>

int main() {
  auto model = seqlstm::sequential(seqlstm::embedding(3), seqlstm::last(), seqlstm::dense(1));
  model.build({.vocabulary = 4});
  return seqlstm::parameter_count(model) > 0 ? 0 : 1;
}

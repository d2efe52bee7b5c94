// A downstream program, as small as can be: it includes the library's entry and trusts the linked target for
// the rest.
#include <iostream>
#include <seqlstm/lstm.hpp>

int main() {
  seqlstm::RandomStream stream(1);
  const double value = stream.uniform();
  std::cout << "seqlstm " << SEQLSTM_VERSION_MAJOR << '.' << SEQLSTM_VERSION_MINOR << '.'
            << SEQLSTM_VERSION_PATCH << " for " << seqlstm::arch_name() << '\n';
  return value >= 0 && value < 1 ? 0 : 1;
}

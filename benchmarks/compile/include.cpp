// What the library's entry costs alone.
#include <seqlstm/lstm.hpp>

int main() {
  return 0;
}

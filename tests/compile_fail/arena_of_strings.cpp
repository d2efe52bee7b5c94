// expect: seqlstm: the arena never runs destructors
#include <seqlstm/core/arena.hpp>
#include <string>

std::string* name(seqlstm::Arena& arena) {
  return arena.allocate<std::string>(1);
}

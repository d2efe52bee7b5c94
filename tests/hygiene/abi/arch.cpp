// Compiled once per instruction set level; LEVEL names the function that reports for it.
#include <seqlstm/core/arch.hpp>

#include "levels.hpp"

// The control: the same function in every object, outside the inline namespace. The linker keeps one.
inline std::string_view untagged_arch_name() {
  return SEQLSTM_STRINGIZE(SEQLSTM_ABI_ARCH);
}

ArchReport abi::LEVEL() {
  return {SEQLSTM_STRINGIZE(SEQLSTM_ABI_ARCH), seqlstm::arch_name(), untagged_arch_name(),
          seqlstm::abi_name()};
}

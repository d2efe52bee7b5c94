// Definitions of same_tokens.hpp.
#pragma once

#include <seqlstm/nn/detail/same_tokens.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE void require_same_tokens(const char* who, const char* left, const PackedLayout& a,
                                        const char* right, const PackedLayout& b) {
  if (&a == &b) return;
  const auto fail = [&](const std::string& what, std::size_t in_left, std::size_t in_right) {
    throw shape_error(std::string(who) + ": " + what + ": " + std::to_string(in_left) + " in " + left +
                      " and " + std::to_string(in_right) + " in " + right +
                      ", expected values of the same tokens of one batch");
  };
  if (a.sequences() != b.sequences()) fail("number of sequences", a.sequences(), b.sequences());
  for (std::size_t i = 0; i < a.sequences(); ++i) {
    const std::size_t in_a = a.length(a.rank(i)), in_b = b.length(b.rank(i));
    if (in_a != in_b) fail("tokens of sequence " + std::to_string(i), in_a, in_b);
  }
}

}  // namespace detail

SEQLSTM_NAMESPACE_END

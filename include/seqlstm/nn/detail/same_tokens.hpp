// Whether two values have a row for the same tokens: what operations on several SeqVars ask.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/core/packed.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// A shape_error of the operation `who` unless both layouts have the same sequences in the same order. `left`
/// and `right` are what the operation calls the values.
void require_same_tokens(const char* who, const char* left, const PackedLayout& a, const char* right,
                         const PackedLayout& b);

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/same_tokens.ipp>
#endif

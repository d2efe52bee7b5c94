// Definitions of large_pages.hpp.
#pragma once

#include <seqlstm/core/large_pages.hpp>

#if defined(__linux__)
#include <sys/mman.h>
#endif

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE void advise_large_pages([[maybe_unused]] void* begin, [[maybe_unused]] std::size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  static_cast<void>(madvise(begin, bytes / large_page * large_page, MADV_HUGEPAGE));  // advice, not a need
#endif
}

}  // namespace detail

SEQLSTM_NAMESPACE_END

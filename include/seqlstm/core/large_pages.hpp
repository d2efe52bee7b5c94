// Pages of 2 MiB for the large arrays of a training: what a step walks through then needs few translations of
// addresses, and few first touches.
#pragma once

#include <cstddef>
#include <seqlstm/core/abi.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Bytes of a large page, on whose boundary arrays from large_array bytes on begin.
inline constexpr std::size_t large_page = std::size_t{1} << 21U;
inline constexpr std::size_t large_array = 2 * large_page;

/// Asks Linux for large pages in these bytes, from a boundary of large_page on; elsewhere, and where the
/// system has none, nothing happens. Memory is still taken as it is first written, page by page.
void advise_large_pages(void* begin, std::size_t bytes);

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/core/large_pages.ipp>
#endif

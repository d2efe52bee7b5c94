// Sizes that come from outside (options, files): products that do not wrap around.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <seqlstm/core/error.hpp>
#include <span>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

/// The product of sizes (1 of none), or nothing where std::size_t cannot hold it on the way.
constexpr std::optional<std::size_t> checked_product(std::span<const std::size_t> sizes) {
  std::size_t product = 1;
  for (const std::size_t size : sizes)
    if (__builtin_mul_overflow(product, size, &product)) return std::nullopt;
  return product;
}
/// The same of sizes in braces.
constexpr std::optional<std::size_t> checked_product(std::initializer_list<std::size_t> sizes) {
  return checked_product(std::span<const std::size_t>(sizes.begin(), sizes.size()));
}

/// Bytes that a 64-bit machine gives one process at most: 2^47.
inline constexpr std::size_t addressable_bytes = std::size_t{1} << (sizeof(std::size_t) < 8 ? 31U : 47U);

/// The product of sizes, for so many numbers of so many bytes each. Throws option_error that names `owner`
/// ("embedding") and the sizes where no machine can address as many.
std::size_t addressable_product(const std::string& owner, std::span<const std::size_t> sizes,
                                std::size_t bytes);
/// The same of sizes in braces.
std::size_t addressable_product(const std::string& owner, std::initializer_list<std::size_t> sizes,
                                std::size_t bytes);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/core/sizes.ipp>
#endif

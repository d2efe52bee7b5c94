// Definitions of sizes.hpp.
#pragma once

#include <seqlstm/core/sizes.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::size_t addressable_product(const std::string& owner, std::span<const std::size_t> sizes,
                                               std::size_t bytes) {
  const auto product = checked_product(sizes);
  if (product && *product <= addressable_bytes / bytes) return *product;
  std::string shown;
  for (const std::size_t size : sizes) shown += (shown.empty() ? "" : " x ") + std::to_string(size);
  throw option_error(owner + ": " + shown +
                     " numbers are more than this machine can address; choose smaller sizes");
}

SEQLSTM_INLINE std::size_t addressable_product(const std::string& owner,
                                               std::initializer_list<std::size_t> sizes, std::size_t bytes) {
  return addressable_product(owner, std::span<const std::size_t>(sizes.begin(), sizes.size()), bytes);
}

SEQLSTM_NAMESPACE_END

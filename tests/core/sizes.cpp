#include <seqlstm/core/sizes.hpp>

#include <cstdint>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;

TEST_CASE("sizes: a product that does not fit is nothing, not another number") {
  CHECK(checked_product({}) == std::size_t{1});
  CHECK(checked_product({3, 5, 7}) == std::size_t{105});
  CHECK(checked_product({SIZE_MAX, 1}) == SIZE_MAX);
  CHECK(checked_product({0, SIZE_MAX}) == std::size_t{0});
  CHECK_FALSE(checked_product({std::size_t{1} << 62U, 4}));
  CHECK_FALSE(checked_product({std::size_t{1} << 32U, std::size_t{1} << 32U}));
  CHECK_FALSE(checked_product({SIZE_MAX, 2, 0}));
}

TEST_CASE("sizes: what no machine can address is named with its owner") {
  CHECK(addressable_product("dense", {3, 4}, 4) == 12);
  CHECK(addressable_product("dense", {addressable_bytes / 4}, 4) == addressable_bytes / 4);
  const std::string advice = " numbers are more than this machine can address; choose smaller sizes";
  CHECK(support::message_of<option_error>([] {
          addressable_product("embedding", {2305843009213693952U, 100}, 4);
        }) == "embedding: 2305843009213693952 x 100" + advice);
  CHECK_THROWS_AS(addressable_product("dense", {addressable_bytes / 4 + 1}, 4), option_error);
}

#include <seqlstm/kernels/amx.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("amx: what the system grants it grants again") {
  const bool granted = kernels::detail::amx_is_granted();
  CHECK(kernels::detail::amx_is_granted() == granted);
#if !SEQLSTM_HAS_AMX
  CHECK_FALSE(granted);
#endif
}

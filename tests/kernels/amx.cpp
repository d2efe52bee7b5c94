#include <seqlstm/kernels/amx.hpp>

#include <seqlstm/core/cpu.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("amx: what the system grants it grants again") {
  const bool granted = detail::amx_is_granted();
  CHECK(detail::amx_is_granted() == granted);
#if !SEQLSTM_HAS_AMX
  CHECK_FALSE(granted);
#endif
}

// Tests of several threads have them on machines of one CPU too.
#include <seqlstm/core/parallel.hpp>

namespace {

[[maybe_unused]] const bool asked = (seqlstm::detail::oversubscribe() = true);

}  // namespace

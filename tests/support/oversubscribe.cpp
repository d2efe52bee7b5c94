// Tests of several threads have them on machines of one CPU too, and for shapes that would not pay for them.
#include <seqlstm/core/parallel.hpp>

namespace {

[[maybe_unused]] const bool asked = (seqlstm::detail::oversubscribe() = true);
[[maybe_unused]] const std::size_t least = (seqlstm::detail::least_work_of_threads() = 1);

}  // namespace

// Who computes what of a recurrent layer's steps: threads share rows, directions, or units; few where there
// is little to do.
#pragma once

#include <algorithm>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/set.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

// By measurement, docs/performance/log.md:
/// Active rows of a step that are too few to read the input's weights for.
inline constexpr std::size_t few_active_rows = 8;
/// Bytes of a direction's weights that are too many to read in every step for any number of rows.
inline constexpr std::size_t weights_of_a_step = std::size_t{16} << 20U;
/// Bytes of a direction's weights for each active row of a step that every thread may read; of more, each
/// reads its panels.
inline constexpr std::size_t weights_of_a_row = std::size_t{64} << 10U;
/// Bytes of a direction's weights that take a thread as long to multiply as a team takes to meet in each
/// step.
inline constexpr std::size_t weights_of_a_meeting = std::size_t{256} << 10U;

/// Calls body(direction, part of the rows, number of the part) for all parts of a layer's rows; a direction's
/// parts are no more than its longest step has rows, and all is done by the caller where `work` elementary
/// operations are few.
template <class Body>
void for_row_parts(const PackedLayout& layout, std::size_t directions, std::size_t work, Body&& body) {
  const std::size_t parts = std::clamp<std::size_t>(layout.active(0), 1, parts_for(work));
  const auto run = [&](std::size_t task) {
    const std::size_t part = task % parts;
    body(task / parts, kernels::rows_of_part(layout.view(), parts, part), part);
  };
  if (parts_for(work) > 1) return parallel_for(directions * parts, run);
  for (std::size_t d = 0; d < directions; ++d) run(d);
}

/// The parts of all directions of one layer.
struct RecurrentParts {
  const PackedLayout* layout;
  std::size_t panels, directions,
      weight_bytes,  // of one direction
      weight_size;   // of one of its weights

  /// Calls body(direction, part) for all parts: threads share the rows and the directions, or the panels
  /// where a step has little to do for the weights it reads.
  template <class Body> void for_each(Body&& body) const {
    const std::size_t cut = kernels::backward_panels;
    if (splits_panels()) {
      parallel_team(kernels::ceil_div(panels, cut), [&](const TeamMember& member) {
        const IndexRange own = part_of(panels, member.size(), member.number(), cut);
        for (std::size_t d = 0; d < directions; ++d) body(d, {{0, layout->sequences()}, own, &member, 0});
      });
    } else {
      for_row_parts(*layout, directions, work(), [&](std::size_t d, IndexRange rows, std::size_t part) {
        body(d, {rows, {0, panels}, nullptr, part});
      });
    }
  }
  /// Whether the inputs of many steps are best multiplied at once: where a step has too few sequences to make
  /// up for reading its weights.
  [[nodiscard]] bool should_project() const {
    return rows_of_step() <= few_active_rows || weight_bytes > weights_of_a_step;
  }

 private:
  [[nodiscard]] bool splits_panels() const {
    const std::size_t rows = rows_of_step(), groups = kernels::ceil_div(panels, kernels::backward_panels);
    return groups > 1 && parts_for(work()) > 1 && std::min(groups, threads()) >= std::min(rows, threads()) &&
           weight_bytes > std::max(weights_of_a_meeting, rows * weights_of_a_row);
  }
  /// Elementary operations of all directions.
  [[nodiscard]] std::size_t work() const {
    return product_operations(directions * layout->tokens() * (weight_bytes / weight_size));
  }
  [[nodiscard]] std::size_t rows_of_step() const {
    return kernels::ceil_div(layout->tokens(), std::max<std::size_t>(1, layout->steps()));
  }
};

}  // namespace detail

SEQLSTM_NAMESPACE_END

// Definitions of crf_batch.hpp.
#pragma once

#include <cmath>
#include <numeric>
#include <seqlstm/nn/detail/crf_batch.hpp>
#include <seqlstm/nn/names.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE std::string CrfRules::record_text(std::size_t r) const {
  return title("crf", name) + ": record " + std::to_string(layout.record(r));
}

SEQLSTM_INLINE std::int32_t CrfRules::read_label(double label, std::size_t r, std::size_t t,
                                                 std::int32_t before) const {
  if (std::isnan(label)) return -1;
  const auto fail = [&](const std::string& what) -> void {
    throw option_error(record_text(r) + ", position " + std::to_string(t) + ": " + what);
  };
  if (!(label >= 0 && label < static_cast<double>(graph.labels())) || label != std::floor(label))
    fail("label " + number_text(label) + " is not a class, expected an integer from 0 to " +
         std::to_string(graph.labels() - 1) + ", or NaN where it is not known");
  const auto to = static_cast<std::size_t>(label);
  const auto forbidden = [&](const std::string& what) {
    fail("label " + std::to_string(to) + what + "; correct the labels, or allow it");
  };
  if (before >= 0 && !graph.may_follow(static_cast<std::size_t>(before), to))
    forbidden(" after label " + std::to_string(before) + " is a forbidden transition");
  if (t == 0 && !graph.may_start(to)) forbidden(" is in forbidden_start");
  if (t + 1 == layout.length(r) && !graph.may_end(to)) forbidden(" is in forbidden_end");
  return static_cast<std::int32_t>(to);
}

SEQLSTM_INLINE CrfLabels CrfRules::read(Arena& arena, std::span<const double> labels) const {
  if (labels.size() != layout.tokens())
    throw shape_error(title("crf", name) + ": got " + std::to_string(labels.size()) + " labels for " +
                      std::to_string(layout.tokens()) +
                      " positions, expected one for each (NaN where it is not known)");
  auto* rows = arena.allocate<std::size_t>(layout.sequences());
  std::size_t row_count = 0;
  CrfLabels result{
      arena.allocate<std::int32_t>(layout.tokens()), {}, arena.allocate<bool>(layout.sequences()), 0};
  for (std::size_t r = 0; r < layout.sequences(); ++r) {
    std::size_t known = 0;
    std::int32_t label = -1;
    for (std::size_t t = 0; t < layout.length(r); ++t) {
      const std::size_t row = layout.offset(t) + r;
      result.observed[row] = label = read_label(labels[row], r, t, label);
      known += label >= 0 ? 1 : 0;
    }
    if (known > 0) rows[row_count++] = r;
    result.complete[r] = known == layout.length(r);
    result.positions += known;
  }
  result.rows = {rows, row_count};
  return result;
}

SEQLSTM_INLINE void CrfRules::check_path(std::size_t r, const std::int32_t* observed) const {
  std::vector<std::int32_t> labels(layout.length(r), -1);
  if (!graph.has_path(labels))
    throw option_error(record_text(r) + " has " + std::to_string(labels.size()) +
                       " positions, and no sequence of so many labels is allowed; allow more transitions, "
                       "or leave the record out");
  for (std::size_t t = 0; observed != nullptr && t < labels.size(); ++t)
    labels[t] = observed[layout.offset(t) + r];
  if (!graph.has_path(labels))
    throw option_error(record_text(r) +
                       ": no allowed sequence of labels has those that are known; correct them, or allow "
                       "more transitions");
}

SEQLSTM_INLINE std::span<const std::size_t> rows_with_tokens(Arena& arena, const PackedLayout& layout) {
  const std::size_t count = layout.active(0);
  auto* rows = arena.allocate<std::size_t>(count);
  std::iota(rows, rows + count, std::size_t{0});
  return {rows, count};
}

}  // namespace detail

SEQLSTM_NAMESPACE_END

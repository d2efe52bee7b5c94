// Definitions of label_graph.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/nn/detail/label_graph.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE LabelGraph::LabelGraph(const std::string& who, std::size_t labels,
                                      std::span<const std::pair<std::size_t, std::size_t>> forbidden,
                                      std::span<const std::size_t> forbidden_start,
                                      std::span<const std::size_t> forbidden_end)
    : follow_(labels * labels, 1), start_(labels, 1), end_(labels, 1) {
  if (labels == 0) throw option_error(who + ": labels is 0, expected at least 1");
  for (const auto& [from, to] : forbidden) {
    if (from >= labels || to >= labels)
      throw option_error(who + ": the forbidden transition " + std::to_string(from) + " -> " +
                         std::to_string(to) + " has a label that is not there, expected 0 to " +
                         std::to_string(labels - 1));
    follow_[from * labels + to] = 0;
  }
  forbid(who, "forbidden_start", start_, forbidden_start);
  forbid(who, "forbidden_end", end_, forbidden_end);
  check_some_path(who);
}

SEQLSTM_INLINE void LabelGraph::forbid(const std::string& who, const char* what, Flags& flags,
                                       std::span<const std::size_t> labels) {
  for (const std::size_t label : labels) {
    if (label >= flags.size())
      throw option_error(who + ": " + what + " has label " + std::to_string(label) + ", expected 0 to " +
                         std::to_string(flags.size() - 1));
    flags[label] = 0;
  }
  if (std::count(flags.begin(), flags.end(), 1) == 0)
    throw option_error(who + ": " + what + " has every label, expected at least one that is allowed");
}

SEQLSTM_INLINE LabelGraph::Flags LabelGraph::successors(const Flags& labels) const {
  Flags next(labels.size(), 0);
  for (std::size_t i = 0; i < labels.size(); ++i)
    for (std::size_t j = 0; labels[i] != 0 && j < labels.size(); ++j)
      if (may_follow(i, j)) next[j] = 1;
  return next;
}

SEQLSTM_INLINE bool LabelGraph::one_may_end(const Flags& labels) const {
  for (std::size_t j = 0; j < labels.size(); ++j)
    if (labels[j] != 0 && may_end(j)) return true;
  return false;
}

SEQLSTM_INLINE void LabelGraph::check_some_path(const std::string& who) const {
  Flags reached = start_;
  for (std::size_t length = 1; length <= labels(); ++length) {  // no shortest path has a label twice
    if (one_may_end(reached)) return;
    reached = successors(reached);
  }
  throw option_error(who +
                     ": no sequence of labels is allowed: none that may end is reached from one that may "
                     "start; allow more transitions");
}

SEQLSTM_INLINE bool LabelGraph::has_path(std::span<const std::int32_t> observed) const {
  Flags reached = start_;
  for (std::size_t t = 0; t < observed.size(); ++t) {
    if (t > 0) reached = successors(reached);
    for (std::size_t j = 0; observed[t] >= 0 && j < reached.size(); ++j)
      if (static_cast<std::size_t>(observed[t]) != j) reached[j] = 0;
  }
  return observed.empty() || one_may_end(reached);
}

}  // namespace detail

SEQLSTM_NAMESPACE_END

// Definitions of sites.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/metrics/sites.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE DetectionScore site_score(std::span<const std::optional<std::size_t>> observed,
                                         std::span<const std::optional<std::size_t>> predicted,
                                         std::size_t tolerance) {
  if (observed.size() != predicted.size())
    throw shape_error("site_score: " + std::to_string(observed.size()) + " observed and " +
                      std::to_string(predicted.size()) +
                      " predicted sites, expected one of each a record, std::nullopt where it has none");
  DetectionScore score;
  for (std::size_t r = 0; r < observed.size(); ++r) {
    const auto &there = observed[r], &named = predicted[r];
    score.observed += there ? 1 : 0;
    score.predicted += named ? 1 : 0;
    if (there && named && std::max(*there, *named) - std::min(*there, *named) <= tolerance) ++score.right;
  }
  return score;
}

SEQLSTM_INLINE std::vector<DetectionScore> site_scores(std::span<const std::optional<std::size_t>> observed,
                                                       std::span<const std::size_t> observed_classes,
                                                       std::span<const std::optional<std::size_t>> predicted,
                                                       std::span<const std::size_t> predicted_classes,
                                                       std::size_t count, std::size_t tolerance) {
  if (observed.size() != observed_classes.size() || predicted.size() != predicted_classes.size())
    throw shape_error("site_scores: " + std::to_string(observed.size()) + " and " +
                      std::to_string(predicted.size()) + " sites, but " +
                      std::to_string(observed_classes.size()) + " and " +
                      std::to_string(predicted_classes.size()) + " classes");
  for (const auto& classes : {observed_classes, predicted_classes})
    for (const std::size_t c : classes)
      if (c >= count)
        throw option_error("site_scores: class " + std::to_string(c) + " of " + std::to_string(count));
  const auto of_class = [](auto sites, auto classes, std::size_t c) {
    std::vector<std::optional<std::size_t>> own(sites.begin(), sites.end());
    for (std::size_t r = 0; r < own.size(); ++r)
      if (classes[r] != c) own[r].reset();
    return own;
  };
  std::vector<DetectionScore> scores;
  for (std::size_t c = 0; c < count; ++c)
    scores.push_back(site_score(of_class(observed, observed_classes, c),
                                of_class(predicted, predicted_classes, c), tolerance));
  return scores;
}

SEQLSTM_INLINE std::optional<std::size_t> last_position_of(std::span<const std::int32_t> labels,
                                                           std::span<const std::int32_t> classes) {
  if (classes.empty() || std::any_of(classes.begin(), classes.end(), [](std::int32_t c) { return c < 0; }))
    throw option_error("last_position_of: " + std::to_string(classes.size()) +
                       " classes, expected at least one, and none below 0");
  const auto is_one = [&](std::int32_t label) {
    return std::find(classes.begin(), classes.end(), label) != classes.end();
  };
  const auto begin = std::find_if(labels.begin(), labels.end(), is_one);
  if (begin == labels.end()) return std::nullopt;
  const auto end = std::find_if_not(begin, labels.end(), is_one);
  return static_cast<std::size_t>(end - labels.begin()) - 1;
}

SEQLSTM_NAMESPACE_END

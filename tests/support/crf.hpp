// All paths of a conditional random field, one by one, and batches that are small enough for that.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <seqlstm/nn/crf.hpp>
#include <seqlstm/nn/init.hpp>
#include <vector>

#include "support/values.hpp"

namespace testing {

inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
inline constexpr double infinity = std::numeric_limits<double>::infinity();
using LabelPath = std::vector<std::size_t>;

/// Every path of one sequence, from the definition: what it adds to the score, and sums over all of them.
struct AllPaths {
  const seqlstm::Crf<double>& crf;
  const std::vector<double>& x;  // [length, K]
  std::vector<LabelPath> paths;  // those that are allowed
  std::vector<double> scores;

  AllPaths(const seqlstm::Crf<double>& of, const std::vector<double>& emissions) : crf(of), x(emissions) {
    LabelPath path(x.size() / crf.labels());
    extend(path, 0, 0);
  }
  void extend(LabelPath& path, std::size_t t, double score) {
    const std::size_t labels = crf.labels();
    if (t == path.size()) {
      if (!crf.may_end(path.back())) return;
      paths.push_back(path);
      scores.push_back(score + crf.end_transitions.data()[path.back()]);
      return;
    }
    for (std::size_t j = 0; j < labels; ++j) {
      if (t == 0 ? !crf.may_start(j) : !crf.may_follow(path[t - 1], j)) continue;
      path[t] = j;
      const double move = t == 0 ? crf.start_transitions.data()[j] : crf.transitions.view()(path[t - 1], j);
      extend(path, t + 1, score + move + x[t * labels + j]);
    }
  }
  [[nodiscard]] static bool agrees(const LabelPath& path, const std::vector<double>& labels) {
    for (std::size_t t = 0; t < path.size(); ++t)
      if (!std::isnan(labels[t]) && labels[t] != static_cast<double>(path[t])) return false;
    return true;
  }
  /// log of the sum over paths that agree with the labels.
  [[nodiscard]] double log_sum(const std::vector<double>& labels) const {
    double largest = -infinity, sum = 0;
    for (std::size_t i = 0; i < paths.size(); ++i)
      if (agrees(paths[i], labels)) largest = std::max(largest, scores[i]);
    for (std::size_t i = 0; i < paths.size(); ++i)
      if (agrees(paths[i], labels)) sum += std::exp(scores[i] - largest);
    return largest + std::log(sum);
  }
  /// The probability, given the labels, that `is` of a path is true.
  template <class Is> double probability(const std::vector<double>& labels, Is&& is) const {
    const double all = log_sum(labels);
    double sum = 0;
    for (std::size_t i = 0; i < paths.size(); ++i)
      if (agrees(paths[i], labels) && is(paths[i])) sum += std::exp(scores[i] - all);
    return sum;
  }
  /// The best path; of equal ones the smaller label at the last position where they differ.
  [[nodiscard]] LabelPath best() const {
    std::size_t best = 0;
    for (std::size_t i = 1; i < paths.size(); ++i) {
      const bool smaller = std::lexicographical_compare(paths[i].rbegin(), paths[i].rend(),
                                                        paths[best].rbegin(), paths[best].rend());
      if (scores[i] > scores[best] || (scores[i] == scores[best] && smaller)) best = i;
    }
    return paths[best];
  }
};

/// What is known of a sequence's labels.
enum class Known { all, some, none };

/// A ragged batch, a Crf, and labels that are allowed.
struct CrfCase {
  seqlstm::PackedLayout layout{ragged_lengths};
  seqlstm::Crf<double> crf;
  Input<double> x;
  std::vector<double> labels;

  CrfCase(seqlstm::CrfOptions options, Known known, double size, std::uint64_t seed = 1)
      : crf(std::move(options)), x(ragged_tokens, crf.labels(), seed), labels(ragged_tokens, unknown) {
    seqlstm::RandomStream random(seed + 10);
    const auto grow = [&](seqlstm::Parameter<double>& p) {
      seqlstm::init::uniform(p.edit(), random, -size, size);
    };
    grow(crf.start_transitions);
    grow(crf.end_transitions);
    grow(crf.transitions);
    for (auto& v : x.values) v *= size;
    for (std::size_t index = 0; index < ragged_lengths.size(); ++index) {
      if (ragged_lengths[index] == 0) continue;
      const auto rows = emissions(index);
      const AllPaths all(crf, rows);
      const LabelPath& path = all.paths[random.below(all.paths.size())];
      for (std::size_t t = 0; t < path.size(); ++t)
        if (known == Known::all || (known == Known::some && (t + index) % 2 == 0))
          labels[token(index, t)] = static_cast<double>(path[t]);
    }
  }
  [[nodiscard]] std::size_t token(std::size_t index, std::size_t t) const {
    return layout.offset(t) + layout.rank(index);
  }
  [[nodiscard]] std::vector<double> emissions(std::size_t index) const {
    return sequence_of(x.values, crf.labels(), layout, index);
  }
  [[nodiscard]] std::vector<double> labels_of(std::size_t index) const {
    return sequence_of(labels, 1, layout, index);
  }
  seqlstm::CrfScores<double> on(seqlstm::Tape<double>& tape) { return crf(x.on(tape, layout)); }
  seqlstm::Var<double> loss(seqlstm::Tape<double>& tape) { return crf_loss(on(tape), labels); }
};

/// Without and with forbidden transitions; at 3 labels and more every position can have several labels.
inline std::vector<seqlstm::CrfOptions> crf_options_of(std::size_t labels) {
  std::vector<seqlstm::CrfOptions> all = {{.labels = labels}};
  if (labels >= 3)
    all.push_back({.labels = labels,
                   .forbidden = {{0, 2}, {1, 1}, {2, 0}},
                   .forbidden_start = {2},
                   .forbidden_end = {1}});
  return all;
}

}  // namespace testing

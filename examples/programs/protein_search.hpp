// Searching a set of proteins with each of them: by a network, by mmseqs, by 3-mers.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/infer/soft_alignment_scores.hpp>
#include <seqlstm/io/mmseqs_search.hpp>
#include <seqlstm/metrics/retrieval.hpp>
#include <string>
#include <utility>
#include <vector>

namespace examples {

/// A score for each two of a set of proteins.
struct SearchScores {
  std::size_t count = 0;
  std::vector<double> values;  // [count x count]

  explicit SearchScores(std::size_t proteins = 0) : count(proteins), values(proteins * proteins) {}
  [[nodiscard]] seqlstm::MatrixView<double> view() { return {values.data(), count, count}; }
  [[nodiscard]] seqlstm::ConstMatrixView<double> view() const { return {values.data(), count, count}; }
};

/// z-scores of soft alignments, from the proteins' states.
inline SearchScores scores_by_states(const seqlstm::StateSequences& states) {
  SearchScores scores(states.size());
  seqlstm::soft_alignment_scores(states, scores.view());
  seqlstm::standardize_scores(scores.view());
  return scores;
}
inline SearchScores scores_by_network(const seqlstm::ProteinAligner<float>& net,
                                      const seqlstm::SequenceDataset& proteins) {
  return scores_by_states(seqlstm::state_sequences(net, proteins));
}

/// The counts of 3-mers of one protein, of length 1: (number of the word, share), by number.
using WordShares = std::vector<std::pair<std::size_t, double>>;

inline WordShares word_shares(const std::string& sequence) {
  std::map<std::size_t, double> counts;
  for (std::size_t i = 0; i + 3 <= sequence.size(); ++i) {
    std::size_t word = 0;
    for (std::size_t k = i; k < i + 3; ++k) word = 256 * word + static_cast<unsigned char>(sequence[k]);
    ++counts[word];
  }
  double squares = 0;
  for (const auto& entry : counts) squares = std::fma(entry.second, entry.second, squares);
  WordShares shares(counts.begin(), counts.end());
  for (auto& share : shares) share.second /= std::sqrt(squares);
  return shares;
}

/// The cosine of counts of 3-mers.
inline SearchScores scores_by_words(const std::vector<std::string>& proteins) {
  std::vector<WordShares> words(proteins.size());
  seqlstm::parallel_for(proteins.size(), [&](std::size_t i) { words[i] = word_shares(proteins[i]); });
  SearchScores scores(proteins.size());
  const auto all = scores.view();
  seqlstm::parallel_for(proteins.size(), [&](std::size_t a) {
    for (std::size_t b = 0; b < proteins.size(); ++b) {
      auto x = words[a].begin(), y = words[b].begin();
      while (x != words[a].end() && y != words[b].end()) {
        if (x->first == y->first) all(a, b) = std::fma(x->second, y->second, all(a, b));
        const bool next_x = x->first <= y->first, next_y = y->first <= x->first;
        x += next_x ? 1 : 0;
        y += next_y ? 1 : 0;
      }
    }
  });
  return scores;
}

/// What mmseqs found, as a number that rises with the bits of the best hit: 0 without one.
struct MmseqsScores {
  SearchScores scores,  // of all hits
      significant;      // of those with an E-value of at most significant_e_value
  double seconds = 0;

  /// Of some queries those that found nothing significant.
  [[nodiscard]] std::vector<std::size_t> without_hit(const std::vector<std::size_t>& queries) const {
    std::vector<std::size_t> without;
    for (const std::size_t query : queries) {
      const auto row = significant.view().row(query);
      if (*std::max_element(row.begin(), row.end()) == 0) without.push_back(query);
    }
    return without;
  }
};

inline constexpr double significant_e_value = 1e-3;

#if !defined(_WIN32)
inline MmseqsScores scores_by_mmseqs(const std::vector<std::string>& proteins, std::size_t threads) {
  const auto start = std::chrono::steady_clock::now();
  MmseqsScores found{SearchScores(proteins.size()), SearchScores(proteins.size())};
  for (const auto& hit : seqlstm::io::mmseqs_search(proteins, {.threads = threads}))
    for (SearchScores* scores : {&found.scores, &found.significant}) {
      if (scores == &found.significant && hit.e_value > significant_e_value) continue;
      double& score = scores->view()(hit.query, hit.target);
      score = std::max(score, hit.bits);
    }
  found.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return found;
}
#endif

/// What `first` found (scores above 0), in its order, then all others as `second` ranks them.
inline SearchScores first_then(const SearchScores& first, const SearchScores& second) {
  const auto range = std::minmax_element(second.values.begin(), second.values.end());
  const double above = second.values.empty() ? 0 : *range.second - std::min(0.0, *range.first);
  SearchScores both = second;
  for (std::size_t k = 0; k < both.values.size(); ++k)
    if (first.values[k] > 0) both.values[k] = above + first.values[k];
  return both;
}

}  // namespace examples

// How much a test part has in common with what was trained on: for every test sequence its nearest relative
// there, and what metrics say without the relatives.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <seqlstm/core/error.hpp>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// The relative of a test sequence in the trained-on part that is most like it.
struct Relative {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  double identity = 0;     ///< 0 to 1: of the aligned letters, or of its k-mers where there is no alignment
  double coverage = 0;     ///< share of the test sequence that the alignment covers; 0 without one
  std::size_t row = none;  ///< of the trained-on part
};

/// For every sequence of `test`, the sequence of `trained` that holds most of its k-mers: `identity` is the
/// share of its different k-mers found there, exact matches alone. Finds copies and close relatives; distant
/// ones need an alignment. A sequence shorter than k has no relative. Memory: one entry per k-mer of
/// `trained`. Throws option_error for k of 0 or above 12.
inline std::vector<Relative> kmer_relatives(std::span<const std::string> test,
                                            std::span<const std::string> trained, std::size_t k = 6) {
  if (k == 0 || k > 12)
    throw option_error("k-mer relatives: k is " + std::to_string(k) + ", expected 1 to 12");
  const auto kmers = [k](const std::string& sequence) {
    std::vector<std::string_view> words;
    for (std::size_t i = 0; i + k <= sequence.size(); ++i)
      words.push_back(std::string_view(sequence).substr(i, k));
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
  };
  std::unordered_map<std::string_view, std::vector<std::uint32_t>> holders;
  for (std::size_t row = 0; row < trained.size(); ++row)
    for (const auto word : kmers(trained[row])) holders[word].push_back(static_cast<std::uint32_t>(row));
  std::vector<Relative> relatives(test.size());
  std::vector<std::uint32_t> shared(trained.size());
  for (std::size_t i = 0; i < test.size(); ++i) {
    const auto words = kmers(test[i]);
    std::fill(shared.begin(), shared.end(), 0U);
    for (const auto word : words)
      if (const auto found = holders.find(word); found != holders.end())
        for (const std::uint32_t row : found->second) ++shared[row];
    const auto most = std::max_element(shared.begin(), shared.end());
    if (most == shared.end() || *most == 0) continue;
    const double share = static_cast<double>(*most) / static_cast<double>(words.size());
    relatives[i] = {share, 0, static_cast<std::size_t>(most - shared.begin())};
  }
  return relatives;
}

/// Test rows whose relative's identity is above `low` (the first band: from it) and at most `high`.
struct IdentityBand {
  double low = 0, high = 1;
  std::vector<std::size_t> rows;
};

/// Rows by the identity of their relatives: [0, b1], (b1, b2], ..., (bn, 1]. Throws option_error for borders
/// that are not ascending within (0, 1].
inline std::vector<IdentityBand> identity_bands(std::span<const Relative> relatives,
                                                std::span<const double> borders) {
  std::vector<IdentityBand> bands(borders.size() + 1);
  for (std::size_t b = 0; b < borders.size(); ++b) {
    if (!(borders[b] > (b == 0 ? 0 : borders[b - 1]) && borders[b] <= 1))
      throw option_error("identity bands: the borders must ascend within 0 to 1, got " +
                         std::to_string(borders[b]));
    bands[b].high = bands[b + 1].low = borders[b];
  }
  for (std::size_t i = 0; i < relatives.size(); ++i) {
    std::size_t b = 0;
    while (b < borders.size() && relatives[i].identity > borders[b]) ++b;
    bands[b].rows.push_back(i);
  }
  return bands;
}

/// The test rows without a relative above `identity`.
inline std::vector<std::size_t> rows_without_relatives(std::span<const Relative> relatives, double identity) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < relatives.size(); ++i)
    if (!(relatives[i].identity > identity)) rows.push_back(i);
  return rows;
}

SEQLSTM_NAMESPACE_END

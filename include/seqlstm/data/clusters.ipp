// Definitions of clusters.hpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/clusters.hpp>
#include <tuple>
#include <unordered_map>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE Clusters::Clusters(std::span<const std::string> names) {
  std::unordered_map<std::string, std::size_t> numbers;
  for (const auto& name : names) {
    const auto [place, fresh] = numbers.emplace(name, sizes.size());
    if (fresh) {
      sizes.push_back(0);
      representatives.push_back(of_row.size());
    }
    of_row.push_back(place->second);
    ++sizes[place->second];
  }
}

SEQLSTM_INLINE Clusters clusters_by_shared_words(std::span<const std::string> sequences, std::size_t k,
                                                 bool both_strands, std::string_view any) {
  if (k == 0) throw option_error("clusters by shared words: k is 0, expected at least 1");
  std::vector<std::size_t> parent(sequences.size());
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  const auto root = [&](std::size_t row) {
    while (parent[row] != row) row = parent[row] = parent[parent[row]];
    return row;
  };
  const auto join = [&](std::size_t a, std::size_t b) {
    a = root(a), b = root(b);
    parent[std::max(a, b)] = std::min(a, b);
  };
  std::unordered_map<std::string_view, std::uint32_t> owners;  // of words, and of shorter sequences
  const auto for_words = [&](std::string_view letters, auto use) {
    if (letters.size() < k) return use(letters);
    std::size_t known = 0;  // letters in a row that stand for themselves
    for (std::size_t i = 0; i < letters.size(); ++i) {
      known = any.find(letters[i]) == std::string_view::npos ? known + 1 : 0;
      if (known >= k) use(letters.substr(i + 1 - k, k));
    }
  };
  std::string other_strand;
  for (std::size_t row = 0; row < sequences.size(); ++row) {
    for_words(sequences[row], [&](std::string_view word) {
      const auto [owner, fresh] = owners.emplace(word, static_cast<std::uint32_t>(row));
      if (!fresh) join(row, owner->second);
    });
    if (!both_strands) continue;
    other_strand = reverse_complement(sequences[row]);
    for_words(other_strand, [&](std::string_view word) {
      if (const auto owner = owners.find(word); owner != owners.end()) join(row, owner->second);
    });
  }
  std::vector<std::string> names;
  names.reserve(sequences.size());
  for (std::size_t row = 0; row < sequences.size(); ++row) names.push_back(std::to_string(root(row)));
  return Clusters(names);
}

SEQLSTM_INLINE Partition split_by_singletons(const Clusters& clusters, std::span<const double> labels,
                                             std::size_t valid, std::size_t test,
                                             const SplitOptions& options) {
  const std::size_t rows = clusters.of_row.size();
  std::vector<std::size_t> single;
  for (std::size_t row = 0; row < rows; ++row)
    if (clusters.singleton(row)) single.push_back(row);
  if (valid + test == 0 || valid + test > single.size() || valid + test >= rows)
    throw option_error("split: " + std::to_string(valid) + " validation and " + std::to_string(test) +
                       " test rows are wanted of the " + std::to_string(single.size()) +
                       " that are alone in their cluster, among " + std::to_string(rows) +
                       "; ask for at least one and fewer");
  if (options.stratified && labels.size() != rows)
    throw option_error("split: stratified needs one class label per record, got " +
                       std::to_string(labels.size()) + " labels for " + std::to_string(rows) + " records");
  RandomStream random(options.seed, 0x53494E47U);  // "SING"
  random.shuffle(single);
  // Places are dealt class by class, each as many as its share of all rows; what a class lacks others give.
  const auto class_of = [&](std::size_t row) {
    return options.stratified ? static_cast<std::size_t>(labels[row]) : std::size_t{0};
  };
  const std::vector<std::size_t> counts =
      options.stratified ? class_counts(labels) : std::vector<std::size_t>{rows};
  Partition parts;
  std::vector<char> taken(rows, 0);
  const auto take = [&](std::vector<std::size_t>& part, std::size_t wanted) {
    std::vector<double> shares;
    for (const std::size_t count : counts)
      shares.push_back(static_cast<double>(count) / static_cast<double>(rows));
    std::vector<double> owed(counts.size());
    auto quota = detail::part_sizes(wanted, shares, owed);
    for (const bool by_quota : {true, false})
      for (const std::size_t row : single) {
        if (part.size() == wanted || taken[row] != 0) continue;
        auto& left = quota[class_of(row)];
        if (by_quota && left == 0) continue;
        left -= left > 0 ? 1 : 0;
        taken[row] = 1;
        part.push_back(row);
      }
    std::sort(part.begin(), part.end());
  };
  take(parts.test, test);
  take(parts.valid, valid);
  for (std::size_t row = 0; row < rows; ++row)
    if (taken[row] == 0) parts.train.push_back(row);
  return parts;
}

SEQLSTM_INLINE std::vector<Partition> grouped_k_fold(const Clusters& clusters, std::span<const double> labels,
                                                     std::size_t k, const SplitOptions& options) {
  const std::size_t rows = clusters.of_row.size();
  if (k < 2 || k > clusters.size())
    throw option_error("grouped_k_fold: k is " + std::to_string(k) + ", expected 2 to " +
                       std::to_string(clusters.size()) + ", the number of clusters");
  if (options.stratified && labels.size() != rows)
    throw option_error("grouped_k_fold: stratified needs one class label per record, got " +
                       std::to_string(labels.size()) + " labels for " + std::to_string(rows) + " records");
  const std::size_t classes = options.stratified ? class_counts(labels).size() : 1;
  const auto class_of = [&](std::size_t row) {
    return options.stratified ? static_cast<std::size_t>(labels[row]) : std::size_t{0};
  };
  std::vector<std::vector<double>> held(clusters.size(), std::vector<double>(classes));
  for (std::size_t row = 0; row < rows; ++row) held[clusters.of_row[row]][class_of(row)] += 1;
  std::vector<std::size_t> order(clusters.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  RandomStream(options.seed, 0x47524F55U).shuffle(order);  // "GROU"
  std::vector<std::size_t> place(clusters.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(clusters.sizes[b], place[a]) < std::tie(clusters.sizes[a], place[b]);
  });
  std::vector<double> totals(classes);
  for (const auto& cluster : held)
    for (std::size_t c = 0; c < classes; ++c) totals[c] += cluster[c];
  std::vector<std::vector<double>> filled(k, std::vector<double>(classes));
  std::vector<std::size_t> sizes(k), fold_of(clusters.size());
  for (const std::size_t cluster : order) {
    // How full a fold is, counted in shares of the classes that the cluster brings.
    const auto fullness = [&](std::size_t f) {
      double sum = 0;
      for (std::size_t c = 0; c < classes; ++c)
        if (totals[c] > 0) sum += held[cluster][c] * filled[f][c] / totals[c];
      return std::pair(sum, sizes[f]);
    };
    std::size_t best = 0;
    for (std::size_t f = 1; f < k; ++f)
      if (fullness(f) < fullness(best)) best = f;
    fold_of[cluster] = best;
    sizes[best] += clusters.sizes[cluster];
    for (std::size_t c = 0; c < classes; ++c) filled[best][c] += held[cluster][c];
  }
  std::vector<Partition> folds(k);
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t f = 0; f < k; ++f)
      (fold_of[clusters.of_row[row]] == f ? folds[f].test : folds[f].train).push_back(row);
  return folds;
}

SEQLSTM_NAMESPACE_END

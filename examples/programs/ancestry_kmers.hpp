// Stretches as letters: does what a k-mer network learns of archaic stretches hold where it saw no haplotype?
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/composition.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/data/haplotypes.hpp>
#include <seqlstm/data/record.hpp>
#include <seqlstm/data/split.hpp>
#include <seqlstm/models/sequence_classifier.hpp>
#include <seqlstm/train/baseline.hpp>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "support/program.hpp"

namespace examples {

using namespace seqlstm;

/// Letters of a simulated region. The ancestral ones are drawn, all four alike, since a simulation of alleles
/// has none; a derived allele is another letter.
class RegionLetters {
 public:
  RegionLetters(const HaplotypeRegion& region, std::uint64_t seed) : region_(&region) {
    RandomStream random(seed);
    for (std::size_t i = 0; i < region.length; ++i) ancestral_ += "ACGT"[random.below(4)];
  }
  /// The letters of a haplotype.
  [[nodiscard]] std::string of(std::size_t haplotype, const BaseRange& range) const {
    std::string letters = ancestral_.substr(range.begin, range.length());
    const auto& positions = region_->positions;
    const auto first = std::lower_bound(positions.begin(), positions.end(), range.begin);
    const std::size_t haplotypes = region_->introgressed.size();
    for (auto s = static_cast<std::size_t>(first - positions.begin());
         s < positions.size() && positions[s] < range.end; ++s)
      if (region_->alleles[s * haplotypes + haplotype] != 0)
        letters[positions[s] - range.begin] = derived(ancestral_[positions[s]], positions[s]);
    return letters;
  }

 private:
  static char derived(char ancestral, std::size_t position) {
    constexpr std::string_view bases = "ACGT";
    return bases[(bases.find(ancestral) + 1 + position % 3) % bases.size()];
  }

  const HaplotypeRegion* region_;
  std::string ancestral_;
};

/// Pieces of both classes.
struct StretchPieces {
  LabelledRecords records;           ///< class 1: archaic
  std::vector<std::size_t> regions;  ///< [records]
};

/// Is no base of the range introgressed?
inline bool is_modern(const HaplotypeRegion& region, std::size_t haplotype, const BaseRange& range) {
  for (const BaseRange& known : region.introgressed[haplotype])
    if (known.begin < range.end && range.begin < known.end) return false;
  return true;
}

/// At most `most` pieces of `length` bases of archaic stretches, drawn from all that fit, and with each a
/// piece of the same region from any haplotype and place that is not archaic.
inline StretchPieces stretch_pieces(const HaplotypePanel& panel, std::size_t length, std::size_t most,
                                    std::uint64_t seed) {
  struct Place {
    std::size_t region, haplotype, begin;
  };
  std::vector<Place> places;
  for (std::size_t r = 0; r < panel.regions.size(); ++r)
    for (std::size_t h = 0; h < panel.haplotypes; ++h)
      for (const BaseRange& range : panel.regions[r].introgressed[h])
        for (std::size_t begin = range.begin; begin + length <= range.end; begin += length)
          places.push_back({r, h, begin});
  RandomStream random(seed);
  for (std::size_t i = places.size(); i > 1; --i) std::swap(places[i - 1], places[random.below(i)]);
  places.resize(std::min(most, places.size()));
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return std::tuple(a.region, a.haplotype, a.begin) < std::tuple(b.region, b.haplotype, b.begin);
  });
  StretchPieces made;
  made.records.label_names = {"modern", "archaic"};
  std::optional<RegionLetters> letters;
  std::size_t of_region = std::numeric_limits<std::size_t>::max();
  const auto add = [&](const Place& place, double label) {
    Record record;
    record.id = panel.regions[place.region].name + ":" + std::to_string(place.haplotype) + ":" +
                std::to_string(place.begin);
    record.sequence = letters->of(place.haplotype, {place.begin, place.begin + length});
    made.records.records.push_back(std::move(record));
    made.records.labels.push_back(label);
    made.regions.push_back(place.region);
  };
  for (const Place& place : places) {
    const HaplotypeRegion& region = panel.regions[place.region];
    if (of_region != place.region) letters.emplace(region, seed + place.region + 1);
    of_region = place.region;
    add(place, 1);
    Place other = place;
    do {
      other.haplotype = random.below(panel.haplotypes);
      other.begin = random.below(region.length - length + 1);
    } while (!is_modern(region, other.haplotype, {other.begin, other.begin + length}));
    add(other, 0);
  }
  return made;
}

/// How the classifier of k-mers reads and learns.
struct KmerOptions {
  std::size_t k = 6, length = 500, most = 1500;
  std::size_t hidden = 32, epochs = 10, batch_size = 32;
  double dropout = 0.3, learning_rate = 4e-3;
  std::uint64_t seed = 1;
};

/// What the network and a linear model of 3-mers and 4-mers say of one test part.
struct KmerResult {
  Report network, linear;
  FitResult fitted;
  std::size_t train = 0, test = 0;
};

inline LabelledRecords some_of(const LabelledRecords& all, const std::vector<std::size_t>& rows) {
  LabelledRecords made;
  made.label_names = all.label_names;
  for (const std::size_t row : rows) {
    made.records.push_back(all.records[row]);
    made.labels.push_back(all.labels[row]);
  }
  return made;
}

inline KmerResult kmer_result(const StretchPieces& pieces, const Partition& rows, const KmerOptions& options,
                              const MachineOptions& machine) {
  const auto part = [&](const std::vector<std::size_t>& of) { return some_of(pieces.records, of); };
  const LabelledRecords train = part(rows.train), valid = part(rows.valid), test = part(rows.test);
  const Tokenizer tokenizer(dna4, {.k = options.k});
  SequenceClassifier<float> net({.vocabulary = tokenizer.vocabulary(),
                                 .hidden = options.hidden,
                                 .layers = 1,
                                 .layer_dropout = options.dropout,
                                 .head_dropout = options.dropout});
  initialize(net, options.seed);
  machine.apply_training(net);
  const Loss loss = bce_with_logits();
  KmerResult result;
  result.train = train.size();
  result.test = test.size();
  result.fitted = fit(net, encode(train, tokenizer), encode(valid, tokenizer),
                      {.loss = loss,
                       .optimizer = adam(),
                       .schedule = one_cycle(options.learning_rate),
                       .epochs = options.epochs,
                       .batch_size = options.batch_size,
                       .seed = options.seed,
                       .clip_norm = 1,
                       .callbacks = {epoch_lines(std::cout, "roc_auc")},
                       .stop = interrupted,
                       .progress = &std::cerr,
                       .communicator = ranks()});
  SignalWatch::check("nothing is written");
  machine.apply(net);
  result.network = evaluate(net, encode(test, tokenizer), loss);
  const DnaFeatures features(0);
  result.linear =
      linear_baseline("3-mers and 4-mers", Objective{}, {features(train), features(valid), features(test)},
                      test.label_names, options.seed)
          .report;
  return result;
}

/// Whole regions apart: a fifth of them tests, the next fifth validates.
inline Partition regions_apart(const StretchPieces& pieces, const std::vector<std::size_t>& fold_of_region) {
  Partition rows;
  for (std::size_t i = 0; i < pieces.regions.size(); ++i) {
    const std::size_t fold = fold_of_region[pieces.regions[i]];
    (fold == 0 ? rows.test : fold == 1 ? rows.valid : rows.train).push_back(i);
  }
  return rows;
}

/// Pieces apart, drawn one by one: haplotypes that share a stretch are on both sides.
inline Partition pieces_apart(const StretchPieces& pieces, std::uint64_t seed) {
  const auto drawn = split_indices<3>(pieces.records.labels, pieces.records.size(), {0.6, 0.2, 0.2},
                                      {.seed = seed, .stratified = true});
  return {drawn[0], drawn[1], drawn[2]};
}

}  // namespace examples

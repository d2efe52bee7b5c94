// Definitions of mutation_map.hpp.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/explain/mutation_map.hpp>
#include <type_traits>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE MutationMap mean_map(std::vector<MutationMap> maps) {
  if (maps.empty()) throw option_error("mean_map: no maps, expected at least one");
  auto& mean = maps[0];
  const double share = 1 / static_cast<double>(maps.size());
  for (std::size_t m = 1; m < maps.size(); ++m) {
    if (maps[m].scores.size() != mean.scores.size())
      throw shape_error("mean_map: maps of " + std::to_string(mean.scores.size()) + " and " +
                        std::to_string(maps[m].scores.size()) + " mutants; they are of different sequences");
    mean.reference += maps[m].reference;
    for (std::size_t i = 0; i < mean.scores.size(); ++i) mean.scores[i] += maps[m].scores[i];
  }
  mean.reference *= share;
  for (double& score : mean.scores) score *= share;
  return std::move(mean);
}

SEQLSTM_INLINE MutationMap mutation_map(const EncoderClassifier<float>& net, const Tokenizer& tokenizer,
                                        const std::string& sequence) {
  const std::size_t k = tokenizer.options().k, stride = tokenizer.options().stride,
                    tokens = tokenizer.encode(sequence).size(), read = (tokens - 1) * stride + k;
  if (tokens == 0 || read + stride <= sequence.size()) return mutagenesis(net, tokenizer, sequence);
  const auto net_of_phase = net.one_phase();
  std::vector<MutationMap> maps = {mutagenesis(net_of_phase, tokenizer, sequence)};
  if (tokens == 1) return maps[0];  // read the same in every phase
  for (std::size_t phase = 1; phase < net.phases(); ++phase) {
    auto map = mutagenesis(net_of_phase, tokenizer, sequence.substr(phase, read - phase));
    std::vector<double> scores(phase * map.letters.size(), map.reference);
    scores.insert(scores.end(), map.scores.begin(), map.scores.end());
    scores.resize(maps[0].scores.size(), map.reference);
    map.scores = std::move(scores);
    maps.push_back(std::move(map));
  }
  return mean_map(std::move(maps));
}

SEQLSTM_INLINE MutationMap mutation_map(const AnyClassifier& net, const Tokenizer& tokenizer,
                                        const std::string& sequence) {
  return net.visit([&](const auto& kind) {
    if constexpr (std::is_same_v<std::decay_t<decltype(kind)>, EncoderClassifier<float>>) {
      return mutation_map(kind, tokenizer, sequence);
    } else {
      return mutagenesis(kind, tokenizer, sequence);
    }
  });
}

SEQLSTM_INLINE MutationMap mutation_map(const Ensemble<AnyClassifier>& net, const Tokenizer& tokenizer,
                                        const std::string& sequence) {
  std::vector<MutationMap> maps;
  for (std::size_t m = 0; m < net.size(); ++m) maps.push_back(mutation_map(net[m], tokenizer, sequence));
  return mean_map(std::move(maps));
}

SEQLSTM_NAMESPACE_END

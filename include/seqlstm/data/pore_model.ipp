// Definitions of pore_model.hpp.
#pragma once

#include <array>
#include <cmath>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/pore_model.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::size_t PoreModel::kmer(std::span<const Token> bases) const {
  if (bases.size() != k)
    throw shape_error("pore model: " + std::to_string(bases.size()) + " bases, expected a k-mer of " +
                      std::to_string(k));
  std::size_t number = 0;
  for (const Token base : bases) number = number * 4 + static_cast<std::size_t>(base);
  return number;
}

SEQLSTM_INLINE std::string PoreModel::text(std::size_t kmer) const {
  std::string letters(k, 'A');
  for (std::size_t i = k; i > 0; --i, kmer /= 4) letters[i - 1] = "ACGT"[kmer % 4];
  return letters;
}

SEQLSTM_INLINE void PoreModel::check() const {
  if (k == 0 || k > longest)
    throw option_error("pore model: k is " + std::to_string(k) + ", expected 1 to " +
                       std::to_string(longest));
  for (const auto* numbers : {&level, &level_deviation, &deviation})
    if (numbers->size() != kmers())
      throw option_error("pore model: " + std::to_string(level.size()) + " levels, " +
                         std::to_string(level_deviation.size()) + " and " + std::to_string(deviation.size()) +
                         " deviations, expected one of each for the " + std::to_string(kmers()) +
                         " k-mers of " + std::to_string(k) + " letters");
  for (std::size_t i = 0; i < kmers(); ++i)
    if (!std::isfinite(level[i]) || !std::isfinite(level_deviation[i]) || !std::isfinite(deviation[i]) ||
        !(level_deviation[i] >= 0) || !(deviation[i] > 0))
      throw option_error("pore model: k-mer " + text(i) + " has level " + std::to_string(level[i]) +
                         " and deviations " + std::to_string(level_deviation[i]) + " and " +
                         std::to_string(deviation[i]) +
                         ", expected finite numbers, deviations of visits 0 or more, of samples above 0");
}

SEQLSTM_INLINE PoreModel simulated_pore_model(std::size_t k, std::uint64_t seed) {
  PoreModel model{.k = k, .level = {}, .level_deviation = {}, .deviation = {}};
  if (k == 0 || k > PoreModel::longest) model.check();
  RandomStream random({seed, 0x504F5245U, 0});  // "PORE"
  std::vector<std::array<double, 4>> parts(k);
  double variance = 0;
  for (std::size_t i = 0; i < k; ++i) {
    const double distance = static_cast<double>(i) - static_cast<double>(model.centre());
    const double weight = std::exp(-0.5 * distance * distance);
    for (double& part : parts[i]) part = weight * random.uniform(-1, 1);
    variance += weight * weight / 3;
  }
  const double own = 0.5 * std::sqrt(variance), scale = 13 / std::sqrt(variance + own * own / 3);
  for (std::size_t kmer = 0; kmer < model.kmers(); ++kmer) {
    const double alone = random.uniform(-1, 1);
    double sum = 0;
    for (std::size_t i = 0; i < k; ++i) sum += parts[i][(kmer >> (2 * (k - 1 - i))) % 4];
    model.level.push_back(std::fma(scale, std::fma(own, alone, sum), 90.0));
    model.level_deviation.push_back(2);
    model.deviation.push_back(1.5);
  }
  return model;
}

SEQLSTM_NAMESPACE_END

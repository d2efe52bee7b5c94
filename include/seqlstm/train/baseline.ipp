// Definitions of baseline.hpp.
#pragma once

#include <optional>
#include <seqlstm/nn/channels.hpp>
#include <seqlstm/train/baseline.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE void FeatureParts::standardize() {
  const ChannelScale scale = channel_scale({train.values.data(), train.size(), train.width});
  for (FeatureDataset* part : {&train, &valid, &test})
    for (std::size_t i = 0; i < part->values.size(); ++i) {
      const std::size_t feature = i % part->width;
      part->values[i] = (part->values[i] - scale.mean[feature]) / scale.stddev[feature];
    }
}

namespace detail {

/// The rows of both.
inline FeatureDataset joined(FeatureDataset a, const FeatureDataset& b) {
  a.values.insert(a.values.end(), b.values.begin(), b.values.end());
  a.labels.insert(a.labels.end(), b.labels.begin(), b.labels.end());
  return a;
}

}  // namespace detail

SEQLSTM_INLINE Baseline linear_baseline(std::string name, const Objective& objective,
                                        const FeatureParts& parts,
                                        const std::vector<std::string>& label_names, std::uint64_t seed,
                                        bool refit) {
  const Objective plain = objective.plain();
  const auto train = plain.learned(parts.train), valid = plain.learned(parts.valid),
             test = plain.learned(parts.test);
  const auto options = [&](double decay) {
    return FitOptions{.loss = plain.loss(),
                      .optimizer = adamw({.weight_decay = decay}),
                      .schedule = cosine(0.01),
                      .epochs = 100,  // until the order of the batches hardly matters
                      .seed = seed,
                      .progress = nullptr};
  };
  std::optional<LinearModel> best;
  double best_loss = 0, best_decay = 0;
  for (const double decay : {0.1, 0.3, 1.0, 3.0}) {
    LinearModel model(train.width, plain.outputs());
    fit(model, train, valid, options(decay));
    const double loss = predict(model, valid, plain.loss()).loss;
    if (best && !(loss < best_loss)) continue;
    best_loss = loss;
    best_decay = decay;
    best.emplace(std::move(model));
  }
  if (refit) {
    best.emplace(train.width, plain.outputs());
    fit(*best, detail::joined(train, valid), options(best_decay));
  }
  return baseline_of(std::move(name), plain, *best, test, label_names);
}

SEQLSTM_NAMESPACE_END

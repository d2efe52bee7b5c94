// Definitions of signal_training.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/train/signal_training.hpp>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::size_t SignalTraining::epochs_for(const SequenceDataset& train) const {
  constexpr std::size_t records = 24000;
  return epochs.value_or(std::clamp<std::size_t>(records / std::max<std::size_t>(1, train.size()), 10, 100));
}

SEQLSTM_INLINE TrainedSignals train_signals(const SequenceDataset& train, const SequenceDataset& valid,
                                            const Objective& objective, const SignalTraining& options) {
  if (options.ensemble == 0) throw option_error("ensemble is 0, expected at least 1");
  const SequenceDataset learned = objective.learned(train), checked = objective.learned(valid);
  SignalClassifierOptions net_options = options.net;
  net_options.channels = train.channel_count;
  net_options.outputs = objective.outputs();
  require_memory(static_cast<double>(options.ensemble) * expected_parameters(net_options));
  const ChannelScale scale = channel_scale(train.channel_rows());
  FitOptions fit_options{.loss = objective.loss(),
                         .optimizer = adamw({.beta2 = 0.99, .weight_decay = 0.01}),
                         .schedule = one_cycle(options.learning_rate),
                         .epochs = options.epochs_for(train),
                         .batch_size = options.batch_size,
                         .clip_norm = 1,
                         .callbacks = options.callbacks,
                         .stop = options.stop,
                         .progress = options.progress,
                         .communicator = options.communicator,
                         .shards = options.shards,
                         .wire = options.wire,
                         .shard_optimizer = options.shard_optimizer};
  constexpr std::size_t most_positions = 65536;
  if (options.batch_size * train.max_length() > most_positions)
    fit_options.max_tokens = batch_tokens(train, options.batch_size);

  std::vector<SignalClassifier<float>> members;
  FitResult first;
  for (std::size_t n = 0; n < options.ensemble; ++n) {
    if (options.say && options.ensemble > 1)
      options.say("network " + std::to_string(n + 1) + " of " + std::to_string(options.ensemble) + ":");
    fit_options.seed = options.seed + (std::uint64_t{n} << 32U);
    members.emplace_back(net_options, scale);
    initialize(members.back(), fit_options.seed);
    set_precision(members.back(), options.precision);
    FitResult fitted = fit(members.back(), learned, checked, fit_options);
    const bool stopped = fitted.stopped;
    if (n == 0) first = std::move(fitted);
    if (!stopped) continue;
    if (n > 0) members.pop_back();  // a part of a training would spoil the mean of whole ones
    first.stopped = true;
    break;
  }
  return {SignalNet(std::move(members)), std::move(first)};
}

SEQLSTM_NAMESPACE_END

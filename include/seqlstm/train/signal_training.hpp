// How a classifier of signals is trained: one network, or several that answer as one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <seqlstm/core/runtime.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/models/signal_classifier.hpp>
#include <seqlstm/train/fit.hpp>
#include <seqlstm/train/objective.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// How to train a classifier of signals.
struct SignalTraining {
  SignalClassifierOptions net = {};  ///< channels and outputs follow from data and objective
  std::size_t ensemble = 5;          ///< networks, from seeds of their own; the mean of their outputs counts
  double learning_rate = 2e-3;       ///< highest rate of the one-cycle schedule
  std::optional<std::size_t> epochs = {};       ///< without: as many as make 24,000 records, 10 to 100
  std::size_t batch_size = 32;                  ///< records; fewer where that is more than 65,536 positions
  std::uint64_t seed = 1;                       ///< of weights, order, noise and dropout
  Precision precision = Precision::f32;         ///< of every network
  std::vector<Callback> callbacks = {};         ///< see every epoch of every network
  std::ostream* progress = default_progress();  ///< where to tell how far it is; null: nowhere
  StopRequest stop = {};                        ///< ends the training after an update
  std::function<void(const std::string&)> say = {};  ///< is told which network is trained
  CommunicatorRef communicator = {};  ///< ranks that train every network together, as in FitOptions
  std::size_t shards = 16;            ///< with a communicator, as in FitOptions
  Precision wire = Precision::f32;    ///< with a communicator, as in FitOptions
  bool shard_optimizer = false;       ///< with a communicator, as in FitOptions

  /// Passes over a training part.
  [[nodiscard]] std::size_t epochs_for(const SequenceDataset& train) const;
};

/// A trained classifier of signals and how its training went.
struct TrainedSignals {
  SignalNet net;     ///< one network or several that answer as one
  FitResult fitted;  ///< of the first network; `stopped`: whether the training of any one was
};

/// Trains on `train`; of each network the epoch of the lowest loss on `valid` is kept. Labels of both are in
/// the data's own units. Channels are standardised by `train`. Throws option_error for an ensemble of 0 and
/// for data without channels, and as fit() does. Where `stop` ends it, there are the networks
/// whose training is over, or the first one as far as it came.
TrainedSignals train_signals(const SequenceDataset& train, const SequenceDataset& valid,
                             const Objective& objective, const SignalTraining& options = {});

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/train/signal_training.ipp>
#endif

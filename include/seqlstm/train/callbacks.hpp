// What training tells its caller after every epoch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <seqlstm/metrics/report.hpp>
#include <span>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

/// A metric of one's own, reported and monitored beside those of metrics/report.hpp.
struct NamedMetric {
  std::string name;  ///< in reports, and for FitOptions::monitor
  /// The value for labels [rows x label_width] and predictions [rows, outputs], which are probabilities or
  /// numbers; rows are records, or the positions that count. NaN where it is not defined: such an epoch is
  /// never the best.
  std::function<double(std::span<const double> labels, ConstMatrixView<double> predictions)> compute;
  bool smaller_is_better = false;  ///< for what is monitored
};

/// One epoch of training.
struct EpochReport {
  std::size_t epoch = 0;         ///< from 1
  double train_loss = 0;         ///< mean over the epoch's batches, dropout on
  double learning_rate = 0;      ///< at the epoch's last step
  double seconds = 0;            ///< of training, validation left out
  double tokens_per_second = 0;  ///< rows per second for feature rows
  Report valid;                  ///< metrics of the validation part, "loss" among them; empty without one
  bool best = false;             ///< the monitored metric is the best so far
};

/// Called after every epoch; false ends the training.
using Callback = std::function<bool(const EpochReport&)>;

/// One update of the weights.
struct StepReport {
  std::uint64_t step = 0;    ///< from 1, over all epochs
  double train_loss = 0;     ///< of the update's batches, before it
  double learning_rate = 0;  ///< of the update
};

/// Called after every update; false ends the training there.
using StepCallback = std::function<bool(const StepReport&)>;

/// Asked after every update, and every epoch but the last; true ends the training there and nothing more is
/// validated, as after Ctrl-C. May be asked again once it said true.
using StopRequest = std::function<bool()>;

/// Writes a header and a line per epoch as CSV. The stream must outlive the training.
Callback csv_log(std::ostream& out);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/train/callbacks.ipp>
#endif

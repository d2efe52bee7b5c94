// The learning-rate range test (Smith 2017, section 3.3): which rates does a model learn at?
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/train/fit.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Which rates find_learning_rate() tries.
struct LearningRateSearch {
  double lowest = 1e-6;       ///< the first rate, above 0
  double highest = 1;         ///< the last rate, above the first
  std::size_t updates = 100;  ///< of the sweep from lowest to highest
  double diverged = 4;        ///< ends the sweep when the smoothed loss is that many times its lowest value
};

/// What the sweep saw, and the rate it advises.
struct LearningRateCurve {
  std::vector<double> rates,  ///< [updates], growing by one factor
      losses;                 ///< [updates] training loss, smoothed
  double steepest = 0;        ///< the rate at which the loss fell fastest
  double suggestion = 0;      ///< a tenth of the rate of the lowest loss: a peak for one_cycle
};

/// Trains from the lowest to the highest rate, a step each, until the loss diverges; the model's
/// weights end as they began. Everything else (optimizer, loss, batches, clipping) is as `options` say.
/// Throws option_error for bounds out of range, numeric_error when the loss is not finite from the start.
template <class Model, class Dataset>
LearningRateCurve find_learning_rate(Model& model, const Dataset& train, FitOptions options = {},
                                     const LearningRateSearch& search = {}) {
  if (!(search.lowest > 0 && search.lowest < search.highest && std::isfinite(search.highest)))
    throw option_error("find_learning_rate: the sweep goes from " + detail::number_text(search.lowest) +
                       " to " + detail::number_text(search.highest) +
                       ", expected finite rates above 0, the lower one first");
  if (search.updates < 10)
    throw option_error("find_learning_rate: " + std::to_string(search.updates) +
                       " updates, expected at least 10");
  detail::build_from(model, train, options);
  Snapshot before;
  before.take(model);
  LearningRateCurve curve;
  // An average that forgets, corrected for its start as Adam's moments are.
  constexpr double keep = 0.9;
  double average = 0, weight = 0, lowest = std::numeric_limits<double>::infinity();
  options.schedule = exponential(search.lowest, search.highest);
  options.epochs = search.updates;  // more than enough
  options.max_updates = search.updates;
  options.callbacks.clear();
  options.progress = nullptr;  // its epochs are none
  options.on_step = [&](const StepReport& step) {
    average = std::fma(keep, average, (1 - keep) * step.train_loss);
    weight = std::fma(keep, weight, 1 - keep);
    const double loss = average / weight;
    curve.rates.push_back(step.learning_rate);
    curve.losses.push_back(loss);
    lowest = std::min(lowest, loss);
    return loss <= search.diverged * lowest;
  };
  try {
    Trainer<Model, Dataset>(model, options).run(train, nullptr);
  } catch (const numeric_error&) {  // diverged faster than the average could tell
  }
  before.restore(model);
  const auto& loss = curve.losses;
  if (loss.empty()) throw numeric_error("find_learning_rate: the loss is not finite at the lowest rate");
  const auto best = static_cast<std::size_t>(std::min_element(loss.begin(), loss.end()) - loss.begin());
  std::size_t steepest = 0;  // rates grow by one factor, so equal distances of log rate
  for (std::size_t i = 1; i < best; ++i)
    if (loss[i + 1] - loss[i] < loss[steepest + 1] - loss[steepest]) steepest = i;
  curve.steepest = curve.rates[steepest];
  curve.suggestion = curve.rates[best] / 10;
  return curve;
}

SEQLSTM_NAMESPACE_END

// From one task to another: an encoder's weights in a new model, parameter groups that learn at different
// rates, and training that begins at the top (Howard and Ruder 2018, sections 3.2 and 3.3).
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/data/tokenizer.hpp>
#include <seqlstm/nn/parameter_groups.hpp>
#include <seqlstm/train/fit.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// For every id of `to`, the id of `from` whose letters are the same, or -1. Throws option_error where the
/// two cut sequences differently, where one reads nucleotides and the other does not, or where they have no
/// token in common.
std::vector<Token> matching_tokens(const Tokenizer& from, const Tokenizer& to);

/// rows of `to` [V', width] = those of `from` [V, width] that `matches` names; tokens without a match get the
/// mean of all rows of `from`. Throws shape_error where the widths or numbers of rows do not fit.
template <Scalar T>
void copy_matching_rows(ConstMatrixView<T> from, std::span<const Token> matches, MatrixView<T> to);

/// How much slower each group of layers learns than the one above it (2.6 in the paper, section 3.2), and how
/// much smaller its momentum is.
struct GroupDecay {
  double rate = 2.6;    ///< what a group's rate is divided by, at least 1
  double momentum = 1;  ///< what its momentum is divided by, at least 1
};

/// Rates and momenta of the groups relative to the top one's, for FitOptions::lr_scale. Throws
/// option_error for a decay below 1.
std::function<LrScale(const std::string&)> lr_scales(const ParameterGroups& groups,
                                                     const GroupDecay& decay = {});

/// A stretch of training with the groups from `first_group` on.
struct UnfreezeStage {
  std::size_t first_group = 0;  ///< the lowest group that is trained, 0 at the bottom; those below are frozen
  std::size_t epochs = 1;       ///< of this stage, at least 1
  double max_lr = 1e-3;         ///< of the top group, at the peak of a one-cycle schedule
};

/// Gradual unfreezing: runs one training after the other, each with a one-cycle schedule of its own whose
/// other options are those of `options.schedule` where that is one, rates and momenta by group. Epochs and
/// updates are numbered through and `max_updates` counts all of them; a callback or `stop` that ends the
/// training ends it for good. The weights at the end are those of the best epoch of the last stage that ran
/// (with `restore_best`), which begins where the one before it ended; of a stage that had no best epoch,
/// those it began with. So it is where anything throws, too. Parameters stay trainable as that stage left
/// them. `fit_stage` trains the model as fit(model, train, valid, options) does, for programs that keep and
/// resume stages.
template <class Model, class Dataset>
FitResult fit_in_stages(Model& model, const ParameterGroups& groups, const std::vector<UnfreezeStage>& stages,
                        const Dataset& train, const Dataset& valid, const FitOptions& options,
                        const GroupDecay& decay = {},
                        const std::function<FitResult(const FitOptions&)>& fit_stage = {}) {
  if (stages.empty()) throw option_error("fit_in_stages: no stages, expected at least one");
  FitResult all;
  bool stopped = false;
  for (std::size_t s = 0; s < stages.size() && !stopped; ++s) {
    const std::size_t epochs_before = all.history.size();
    const std::uint64_t updates_before = all.updates;
    groups.train_from(stages[s].first_group, model);
    FitOptions stage = options;
    const auto* given = std::get_if<OneCycle>(&options.schedule);
    OneCycle cycle = given == nullptr ? OneCycle{} : *given;
    cycle.max_lr = stages[s].max_lr;
    stage.schedule = cycle;
    stage.epochs = stages[s].epochs;
    stage.seed = options.seed + s * 0x9E3779B9U;  // other orders and masks than in the stages before
    stage.lr_scale = lr_scales(groups, decay);
    if (options.max_updates > 0)
      stage.max_updates = options.max_updates - static_cast<std::size_t>(updates_before);
    bool has_best = s == 0;  // nothing to go back to before the first stage
    stage.callbacks = {[&](EpochReport report) {
      has_best = has_best || report.best;
      report.epoch += epochs_before;
      for (const auto& callback : options.callbacks) stopped = !callback(report) || stopped;
      return !stopped;
    }};
    stage.on_step = [&](StepReport report) {
      report.step += updates_before;
      if (options.on_step && !options.on_step(report)) stopped = true;
      return !stopped;
    };
    Snapshot before;
    if (!has_best && options.restore_best) before.take(model);
    const auto go_back = [&] {
      if (!has_best && !before.empty()) before.restore(model);
    };
    FitResult part;
    try {
      part = fit_stage ? fit_stage(stage) : fit(model, train, valid, stage);
    } catch (...) {
      go_back();
      throw;
    }
    has_best = has_best || part.best_epoch > 0;
    go_back();
    for (auto& report : part.history) {
      report.epoch += epochs_before;
      all.history.push_back(std::move(report));
    }
    if (part.best_epoch > 0) all.best_epoch = part.best_epoch + epochs_before;
    all.updates = updates_before + part.updates;
    all.stopped = part.stopped;
    stopped = stopped || all.stopped || (options.max_updates > 0 && all.updates >= options.max_updates);
  }
  for (const auto& report : all.history) {
    all.seconds_per_epoch += report.seconds / static_cast<double>(all.history.size());
    all.tokens_per_second += report.tokens_per_second / static_cast<double>(all.history.size());
  }
  return all;
}

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/train/transfer.ipp>
#endif

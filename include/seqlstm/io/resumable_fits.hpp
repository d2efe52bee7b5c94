// The fits of a training, one after the other: each can be stopped after any update, is kept in a file of its
// own and goes on from there, bit for bit.
#pragma once

#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <seqlstm/io/checkpoint.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/io/model_options.hpp>
#include <seqlstm/train/classifier_training.hpp>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

namespace detail {

/// An epoch as a checkpoint notes it; JSON has no NaN, null stands for it.
inline nlohmann::json epoch_json(const EpochReport& e) {
  auto valid = nlohmann::json::array();
  for (const auto& [name, value] : e.valid.metrics) valid.push_back({name, value});
  return {{"epoch", e.epoch},
          {"train_loss", e.train_loss},
          {"learning_rate", e.learning_rate},
          {"seconds", e.seconds},
          {"valid", valid},
          {"tokens_per_second", e.tokens_per_second},
          {"best", e.best}};
}
inline EpochReport epoch_of(const nlohmann::json& json) {
  const auto number = [](const nlohmann::json& value) {
    return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
  };
  EpochReport e;
  e.epoch = size_from(json, "epoch");
  e.train_loss = number(json.at("train_loss"));
  e.learning_rate = number(json.at("learning_rate"));
  e.seconds = number(json.at("seconds"));
  e.tokens_per_second = number(json.at("tokens_per_second"));
  e.best = flag_from(json, "best");
  for (const auto& metric : json.at("valid"))
    e.valid.metrics.emplace_back(metric.at(0).get<std::string>(), number(metric.at(1)));
  return e;
}

}  // namespace detail

/// Where a training is kept while it runs, and what it is.
struct ResumableOptions {
  std::string file = {};  ///< of the first fit; the others are FILE.2, FILE.3, ...; empty: nothing is kept
  double minutes = 5;     ///< how often, besides after every epoch and when the training is stopped
  ModelInfo info = {};    ///< names the training's kind, letters and classes
  nlohmann::json config = nlohmann::json::object();  ///< what it is, besides what FitOptions say
  StopRequest stop = {};                             ///< true ends the fit after an update, for good
  /// Is told of a fit that goes on: its file and the updates it has.
  std::function<void(const std::string& file, std::uint64_t updates)> on_resume = {};
};

/// Runs fits as seqlstm::fit does, each going on where its file stands.
class ResumableFits {
 public:
  /// No fit has run yet.
  explicit ResumableFits(ResumableOptions options) : options_(std::move(options)) {}
  ResumableFits(const ResumableFits&) = delete;
  ResumableFits& operator=(const ResumableFits&) = delete;

  /// Throws only where a file cannot be read, is of another training, or the first fit failed before anything
  /// was learned, unless it diverged. What else ends the fit is kept in failure() and reason(), and the net
  /// has the best epoch's weights, if there is one.
  FitResult operator()(ClassifierNet& net, const SequenceDataset& train, const SequenceDataset& valid,
                       FitOptions options) {
    const std::string file = next_file();
    std::vector<EpochReport> history;
    Fit* running = nullptr;
    auto last = Clock::now();
    const CommunicatorRef ranks = options.shard_optimizer ? options.communicator : CommunicatorRef();
    const auto keep = [&] {
      require_finite(net, "after update " + std::to_string(running->state.step));
      running->optimizer.gather_state(net);
      if (!file.empty() && (!ranks || ranks->rank() == 0))
        save(file, net, *running, history, StoredInput(train, 0));
      last = Clock::now();
    };
    options.callbacks.emplace_back([&](const EpochReport& epoch) {
      history.push_back(epoch);
      keep();
      return true;
    });
    options.on_step = [&, inner = options.on_step](const StepReport& step) {
      const bool go_on = !inner || inner(step);
      const bool due = std::chrono::duration<double>(Clock::now() - last).count() >= 60 * options_.minutes;
      if (ranks ? ranks->greatest(due ? 1 : 0) > 0 : due) keep();  // who has a part gives it at the same time
      return go_on;
    };
    options.stop = [&, inner = options.stop] {
      bool stops = (inner && inner()) || (options_.stop && options_.stop());
      if (ranks) stops = ranks->greatest(stops ? 1 : 0) > 0;
      if (stops) keep();
      return stops;
    };
    Fit trainer(net, std::move(options));
    running = &trainer;
    if (!file.empty() && std::filesystem::exists(file)) resume(file, net, trainer, history);
    FitResult result;
    try {
      result = trainer.run(train, &valid);
    } catch (const std::exception& error) {
      const bool diverged = dynamic_cast<const numeric_error*>(&error) != nullptr;
      if (count_ == 1 && trainer.state.best_epoch == 0 && !diverged) throw;  // nothing to add
      failure_ = std::current_exception();
      reason_ = error.what();
      result.stopped = true;
      result.best_epoch = trainer.state.best_epoch;
      result.updates = trainer.state.step;
    }
    ended_ = result.stopped;
    if (ended_ && !failure_) reason_ = place(trainer.state);
    return with_history(std::move(result), std::move(history));
  }
  /// These fits, for a ClassifierTrainer.
  [[nodiscard]] FitSeries series() {
    return {[this](ClassifierNet& net, const SequenceDataset& train, const SequenceDataset& valid,
                   FitOptions options) { return (*this)(net, train, valid, std::move(options)); },
            [this] { return ended_; }};
  }

  /// Is there to be no further fit?
  [[nodiscard]] bool ended() const { return ended_; }
  /// What a fit threw; null where it was stopped.
  [[nodiscard]] std::exception_ptr failure() const { return failure_; }
  /// Why the fits ended: what was thrown, or where it was stopped, "after update 12 of epoch 3".
  [[nodiscard]] const std::string& reason() const { return reason_; }
  /// Of the runs that this one resumed.
  [[nodiscard]] double seconds_before() const { return seconds_before_; }

 private:
  using Clock = std::chrono::steady_clock;
  using Fit = Trainer<ClassifierNet, SequenceDataset>;

  std::string next_file() {
    ++count_;
    if (options_.file.empty() || count_ == 1) return options_.file;
    return options_.file + "." + std::to_string(count_);
  }
  [[nodiscard]] std::string kind() const { return options_.info.kind + " checkpoint"; }  // no model's
  [[nodiscard]] nlohmann::json config_of(const ClassifierNet& net) const {
    auto config = options_.config;
    config["net"] = net[0].options();
    config["number"] = count_;
    return config;
  }
  void save(const std::string& file, ClassifierNet& net, Fit& trainer,
            const std::vector<EpochReport>& history, const StoredInput& probe) const {
    auto info = options_.info;
    info.kind = kind();
    const double seconds = seconds_before_ + std::chrono::duration<double>(Clock::now() - start_).count();
    auto epochs = nlohmann::json::array();
    for (const auto& epoch : history) epochs.push_back(detail::epoch_json(epoch));
    info.options = {{"config", config_of(net)}, {"history", epochs}, {"seconds", seconds}};
    save_checkpoint(file, net, trainer, info, probe);
  }
  void resume(const std::string& file, ClassifierNet& net, Fit& trainer, std::vector<EpochReport>& history) {
    const auto info = read_model_info(file);
    if (info.kind != kind())
      throw format_error(file + ": a model of kind '" + info.kind + "', expected '" + kind() +
                         "'; name another file for the checkpoint");
    try {
      detail::check_same_training(file, info.options.at("config"), config_of(net));
      for (const auto& epoch : info.options.at("history")) history.push_back(detail::epoch_of(epoch));
      seconds_before_ = std::max(seconds_before_, info.options.at("seconds").get<double>());
    } catch (const nlohmann::json::exception&) {
      throw format_error(file + ": the checkpoint is from another version; begin anew with another file");
    }
    load_checkpoint(file, net, trainer);
    if (options_.on_resume) options_.on_resume(file, trainer.state.step);
  }
  [[nodiscard]] std::string place(const Fit::State& state) const {
    return "after update " + std::to_string(state.step) + " of epoch " +
           std::to_string(state.epoch + (state.read > 0 ? 1 : 0)) +
           (count_ > 1 ? " of training " + std::to_string(count_) : "");
  }
  static FitResult with_history(FitResult result, std::vector<EpochReport> history) {
    const auto epochs = static_cast<double>(history.size());
    result.seconds_per_epoch = result.tokens_per_second = 0;
    for (const auto& epoch : history) {
      result.seconds_per_epoch += epoch.seconds / epochs;
      result.tokens_per_second += epoch.tokens_per_second / epochs;
    }
    result.history = std::move(history);
    return result;
  }

  ResumableOptions options_;
  Clock::time_point start_ = Clock::now();
  double seconds_before_ = 0;
  std::size_t count_ = 0;
  bool ended_ = false;
  std::exception_ptr failure_;
  std::string reason_;
};

}  // namespace io

SEQLSTM_NAMESPACE_END

// The fits of a classifier's training, one after the other: each can be stopped after any update, is kept in
// a file of its own (--checkpoint) and goes on from there, bit for bit.
#pragma once

#include <chrono>
#include <exception>
#include <filesystem>
#include <limits>
#include <seqlstm/io/checkpoint.hpp>
#include <seqlstm/io/classifier.hpp>
#include <seqlstm/io/json_values.hpp>

#include "support/files.hpp"
#include "support/interrupt.hpp"
#include "support/program.hpp"

namespace examples {

using Net = seqlstm::io::ClassifierNet;

/// Where a training is kept while it runs.
struct CheckpointOptions {
  std::string file;
  double minutes = 5;

  void add_to(CLI::App& app) {
    app.add_option("--checkpoint", file,
                   "resume from this file where it exists, and write it; of further networks and stages of "
                   "the same training FILE.2, FILE.3, ...");
    app.add_option("--checkpoint-minutes", minutes,
                   "how often, besides after every epoch and when the training is interrupted")
        ->capture_default_str();
  }
  void name_files(Files& files) const { files.numbered_outputs("--checkpoint", file); }
  void check() const {
    if (!(minutes > 0 && std::isfinite(minutes)))
      throw seqlstm::option_error("--checkpoint-minutes is " + std::to_string(minutes) +
                                  ", expected a number above 0");
  }
};

/// An epoch as a checkpoint notes it; JSON has no NaN, null stands for it.
inline nlohmann::json epoch_json(const seqlstm::EpochReport& e) {
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
inline seqlstm::EpochReport epoch_of(const nlohmann::json& json) {
  const auto number = [](const nlohmann::json& value) {
    return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
  };
  seqlstm::EpochReport e;
  e.epoch = seqlstm::io::size_from(json, "epoch");
  e.train_loss = number(json.at("train_loss"));
  e.learning_rate = number(json.at("learning_rate"));
  e.seconds = number(json.at("seconds"));
  e.tokens_per_second = number(json.at("tokens_per_second"));
  e.best = seqlstm::io::flag_from(json, "best");
  for (const auto& metric : json.at("valid"))
    e.valid.metrics.emplace_back(metric.at(0).get<std::string>(), number(metric.at(1)));
  return e;
}

class Fits {
 public:
  /// `config` is what makes a training what it is, besides what FitOptions say; `info` names its kind,
  /// letters and classes.
  Fits(const CheckpointOptions& options, seqlstm::io::ModelInfo info, nlohmann::json config)
      : options_(options), info_(std::move(info)), config_(std::move(config)) {
    info_.kind += " checkpoint";  // nothing that --load takes
  }

  /// Trains as seqlstm::fit does and goes on where a checkpoint stands. Throws only where that cannot be
  /// read; what else ends the fit is kept for end(): the net then has the best epoch's weights, if one is.
  seqlstm::FitResult operator()(Net& net, const seqlstm::TokenDataset& train,
                                const seqlstm::TokenDataset& valid, seqlstm::FitOptions options) {
    const std::string file = next_file();
    std::vector<seqlstm::EpochReport> history;
    Trainer* running = nullptr;
    auto last = Clock::now();
    const auto keep = [&] {
      if (!file.empty()) save(file, net, *running, history, train.sequence(0));
      last = Clock::now();
    };
    options.callbacks.emplace_back([&](const seqlstm::EpochReport& epoch) {
      history.push_back(epoch);
      keep();
      return true;
    });
    options.on_step = [&, inner = options.on_step](const seqlstm::StepReport& step) {
      const bool go_on = !inner || inner(step);
      if (std::chrono::duration<double>(Clock::now() - last).count() >= 60 * options_.minutes) keep();
      return go_on;
    };
    options.stop = [&] {
      if (SignalWatch::caught() == 0) return false;
      keep();
      return true;
    };
    Trainer trainer(net, std::move(options));
    running = &trainer;
    if (!file.empty() && std::filesystem::exists(file)) resume(file, net, trainer, history);
    seqlstm::FitResult result;
    try {
      result = trainer.run(train, &valid);
    } catch (const std::exception& error) {
      const bool diverged = dynamic_cast<const seqlstm::numeric_error*>(&error) != nullptr;
      if (count_ == 1 && trainer.state.best_epoch == 0 && !diverged) throw;  // nothing to add
      failure_ = std::current_exception();
      reason_ = error.what();
      result.stopped = true;
      result.best_epoch = trainer.state.best_epoch;
      result.updates = trainer.state.step;
    }
    ended_ = result.stopped;
    if (ended_ && !failure_) reason_ = "stopped " + stopped_by(SignalWatch::caught()) + place(trainer.state);
    return with_history(std::move(result), std::move(history));
  }

  /// Is there to be no further fit?
  [[nodiscard]] bool ended() const { return ended_; }
  /// Throws what ended the training too early, if anything did; `saved` says what became of it, "nothing is
  /// saved".
  void end(const std::string& saved) const {
    if (!ended_) return;
    std::string sentence = reason_ + "; " + saved;
    if (failure_) throw std::runtime_error(seqlstm::printable(sentence));
    if (!options_.file.empty()) sentence += "; --checkpoint " + options_.file + " goes on from there";
    throw Interrupted(SignalWatch::caught(), sentence);
  }
  /// Of the runs that this one resumed.
  [[nodiscard]] double seconds_before() const { return seconds_before_; }

 private:
  using Clock = std::chrono::steady_clock;
  using Trainer = seqlstm::Trainer<Net, seqlstm::TokenDataset>;

  /// FILE, FILE.2, FILE.3, ...; none without --checkpoint.
  std::string next_file() {
    ++count_;
    if (options_.file.empty() || count_ == 1) return options_.file;
    return options_.file + "." + std::to_string(count_);
  }
  [[nodiscard]] nlohmann::json config_of(const Net& net) const {
    auto config = config_;
    config["net"] = net[0].options();
    config["number"] = count_;
    return config;
  }
  void save(const std::string& file, Net& net, Trainer& trainer,
            const std::vector<seqlstm::EpochReport>& history, std::span<const seqlstm::Token> probe) const {
    seqlstm::require_finite(net, "after update " + std::to_string(trainer.state.step));
    auto info = info_;
    const double seconds = seconds_before_ + std::chrono::duration<double>(Clock::now() - start_).count();
    auto epochs = nlohmann::json::array();
    for (const auto& epoch : history) epochs.push_back(epoch_json(epoch));
    info.options = {{"config", config_of(net)}, {"history", epochs}, {"seconds", seconds}};
    seqlstm::io::save_checkpoint(file, net, trainer, info, probe);
  }
  void resume(const std::string& file, Net& net, Trainer& trainer,
              std::vector<seqlstm::EpochReport>& history) {
    const auto info = seqlstm::io::read_model_info(file);
    if (info.kind != info_.kind)
      throw seqlstm::format_error(file + ": a model of kind '" + info.kind + "', expected '" + info_.kind +
                                  "'; name another file with --checkpoint");
    try {
      seqlstm::io::detail::check_same_training(file, info.options.at("config"), config_of(net));
      for (const auto& epoch : info.options.at("history")) history.push_back(epoch_of(epoch));
      seconds_before_ = std::max(seconds_before_, info.options.at("seconds").get<double>());
    } catch (const nlohmann::json::exception&) {
      throw seqlstm::format_error(file +
                                  ": the checkpoint is from another version; begin anew with another file");
    }
    seqlstm::io::load_checkpoint(file, net, trainer);
    std::cout << "resumed at update " << trainer.state.step << " of " << file << std::endl;
  }
  [[nodiscard]] std::string place(const Trainer::State& state) const {
    return " after update " + std::to_string(state.step) + " of epoch " +
           std::to_string(state.epoch + (state.read > 0 ? 1 : 0)) +
           (count_ > 1 ? " of training " + std::to_string(count_) : "");
  }
  static seqlstm::FitResult with_history(seqlstm::FitResult result,
                                         std::vector<seqlstm::EpochReport> history) {
    const auto epochs = static_cast<double>(history.size());
    result.seconds_per_epoch = result.tokens_per_second = 0;
    for (const auto& epoch : history) {
      result.seconds_per_epoch += epoch.seconds / epochs;
      result.tokens_per_second += epoch.tokens_per_second / epochs;
    }
    result.history = std::move(history);
    return result;
  }

  const CheckpointOptions& options_;
  seqlstm::io::ModelInfo info_;
  nlohmann::json config_;
  Clock::time_point start_ = Clock::now();
  double seconds_before_ = 0;
  std::size_t count_ = 0;
  bool ended_ = false;
  std::exception_ptr failure_;
  std::string reason_;
};

}  // namespace examples

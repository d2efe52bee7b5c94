// A classifier of signals, as programs save it, with all it takes to use it: networks, the scale of their
// channels, objective, names of classes.
//
//     const auto model = io::load_signal_classifier("speakers.model");
//     const auto said = model.predict(io::dataset_of(io::read_ts_file("new.ts"), {.labels = false}));
//     std::cout << model.info.label_names[said.classes(0)[0]];
#pragma once

#include <nlohmann/json.hpp>
#include <seqlstm/io/checkpoint.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/io/model_options.hpp>
#include <seqlstm/io/objective.hpp>
#include <seqlstm/models/signal_classifier.hpp>
#include <string>
#include <type_traits>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

/// What a signal classifier's file holds besides its networks.
struct SignalClassifierParts {
  std::string kind = "signal_classification";      ///< the program that saves it
  Objective objective = {};                        ///< what was learned
  std::vector<std::string> label_names = {};       ///< of the classes; empty for a regression
  nlohmann::json more = nlohmann::json::object();  ///< further members of the file's options
};

namespace detail {
/// Throws format_error unless outputs and names are those of the objective.
inline void check_signal_classifier(const SignalClassifierOptions& net, const Objective& objective,
                                    const std::vector<std::string>& names) {
  if (net.outputs != objective.outputs())
    throw format_error("the network has " + std::to_string(net.outputs) + " outputs, its task needs " +
                       std::to_string(objective.outputs()));
  const std::size_t classes = objective.task == Task::regression ? 0 : objective.classes;
  if (names.size() != classes)
    throw format_error(std::to_string(names.size()) + " names for " + std::to_string(classes) + " classes");
}
}  // namespace detail

/// Saves a signal classifier. The file remembers what it says of `probe`. Throws as save_model() does, and
/// format_error where objective or names do not fit the network.
inline void save_signal_classifier(const std::string& path, SignalNet& net,
                                   const SignalClassifierParts& parts, const StoredInput& probe) {
  detail::check_signal_classifier(net[0].options(), parts.objective, parts.label_names);
  auto options = parts.more;
  options["net"] = net[0].options();
  options["ensemble"] = net.size();
  options["plan"] = parts.objective;
  save_model(path, net, {parts.kind, options, Tokenizer().to_config(), parts.label_names}, probe);
}

/// A signal classifier from a file, ready to run.
struct SavedSignalClassifier {
  std::string path;     ///< the file, as it was named
  ModelInfo info;       ///< `kind` is the program that saved it, `label_names` are the classes'
  Objective objective;  ///< task and loss
  SignalNet net;        ///< with the weights and scales of the file

  /// Reads the file. Throws io_error, and format_error for a file of another kind, a damaged one, or one of
  /// another version. An empty kind takes any program's.
  explicit SavedSignalClassifier(const std::string& file, const std::string& kind = {})
      : SavedSignalClassifier(ModelFile(file), kind) {}

  /// Real numbers at each position of what it reads.
  [[nodiscard]] std::size_t channels() const { return net[0].options().channels; }
  /// Throws option_error for records of another number of channels than it reads.
  void check(const SequenceDataset& records) const {
    if (records.channel_count != channels())
      throw option_error(path + " reads " + std::to_string(channels()) + " channels, the records have " +
                         std::to_string(records.channel_count) + "; give it signals of the kind it learned");
  }
  /// What the model says of records: a row each of probabilities (of class 1 alone where there are two), or
  /// numbers in the data's own units. Throws as check() does.
  [[nodiscard]] Predictions predict(const SequenceDataset& records) const {
    check(records);
    return objective.predict(net, records);
  }

 private:
  SavedSignalClassifier(const ModelFile& file, const std::string& kind)
      : path(file.path()),
        info(info_of(file, kind)),
        objective(checked(
            file, [&] { return detail::member(info.options, "plan", "an objective").get<Objective>(); })),
        net(options_of(file), size_of(file)) {
    file.load(net);
  }
  static const ModelInfo& info_of(const ModelFile& file, const std::string& kind) {
    if (!kind.empty() && file.info().kind != kind)
      throw format_error(file.path() + ": a model of kind '" + file.info().kind + "', expected '" + kind +
                         "'; give it to the program that saved it");
    return file.info();
  }
  /// body(), whose complaints name the file.
  template <class Body> static std::invoke_result_t<Body> checked(const ModelFile& file, Body&& body) {
    try {
      return body();
    } catch (const nlohmann::json::exception&) {
      throw format_error(file.path() + ": its options are not those of a signal classifier");
    } catch (const format_error& error) {
      throw named(file.path(), error);
    }
  }
  [[nodiscard]] std::size_t size_of(const ModelFile& file) const {
    return checked(file, [&] { return size_from(info.options, "ensemble", 1, most_layers); });
  }
  /// Checked to be those of the file's tensors before a network is made of them.
  [[nodiscard]] SignalClassifierOptions options_of(const ModelFile& file) const {
    return checked(file, [&] {
      const auto options =
          detail::member(info.options, "net", "a network's options").get<SignalClassifierOptions>();
      detail::check_signal_classifier(options, objective, info.label_names);
      check_fits(path, info, static_cast<double>(size_of(file)) * expected_parameters(options));
      return options;
    });
  }
};

/// SavedSignalClassifier of a file that any program wrote.
inline SavedSignalClassifier load_signal_classifier(const std::string& path) {
  return SavedSignalClassifier(path);
}

}  // namespace io

SEQLSTM_NAMESPACE_END

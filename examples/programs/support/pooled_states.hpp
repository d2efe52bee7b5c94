// What a saved network makes of a sequence: the mean of its states, one row of numbers per sequence.
#pragma once

#include <seqlstm/io/encoder.hpp>
#include <seqlstm/io/masked_encoder.hpp>

#include "support/classifier.hpp"

namespace examples {

namespace detail {

/// A network whose output is the mean of its states over the sequence.
template <class States> struct MeanOfStates {
  States states;
  seqlstm::Var<float> forward(seqlstm::Tape<float>& tape, const seqlstm::TokenBatch& batch) {
    return mean(states(tape, batch));
  }
};

template <class States> seqlstm::FeatureDataset pooled(States states, const seqlstm::TokenDataset& data) {
  MeanOfStates<States> model{std::move(states)};
  auto rows = seqlstm::predict_all(model, data, seqlstm::mse(),
                                   {.token_budget = std::size_t{1} << 15U, .shuffle = false});
  seqlstm::FeatureDataset features;
  features.width = rows.cols;
  for (const double value : rows.values) features.values.push_back(static_cast<float>(value));
  return features;
}

}  // namespace detail

/// The extra inputs that the network in a file reads beside letters.
inline std::vector<std::string> extra_columns_of(const std::string& path) {
  const auto info = seqlstm::io::read_model_info(path);
  try {
    return info.options.contains("extra") ? info.options.at("extra").get<seqlstm::CategoricalInputs>().columns
                                          : std::vector<std::string>{};
  } catch (const nlohmann::json::exception&) {
    throw seqlstm::format_error(path + ": 'extra' is not what a classifier saves; train it again");
  } catch (const seqlstm::format_error& error) {
    throw seqlstm::io::named(path, error);
  }
}

/// Mean-pooled states of records under the network in a file: a language model's encoder, or the LSTM of a
/// classifier. Letters the file's alphabet lacks are read as its letter for any, or left out.
inline seqlstm::FeatureDataset pooled_states(const std::string& path,
                                             const std::vector<seqlstm::Record>& records,
                                             const MachineOptions& machine) {
  const auto info = seqlstm::io::read_model_info(path);
  const auto tokenizer = seqlstm::io::tokenizer_of(path, info);
  auto lenient = tokenizer.options();
  lenient.unknown = tokenizer.alphabet().any() != '\0' ? seqlstm::unknown::map : seqlstm::unknown::skip;
  const seqlstm::Tokenizer reader(tokenizer.alphabet(), lenient);
  const auto encoded = [&](const seqlstm::CategoricalInputs& extra) {
    auto data = extra.encode(records, reader);
    tell_unknown_letters(std::cout, reader, {&records});
    return data;
  };
  if (info.options.contains("encoder")) {
    seqlstm::AwdLstm<float> encoder(seqlstm::io::read_encoder_info(path).options);
    seqlstm::io::load_encoder(path, encoder, reader);
    machine.apply(encoder);
    return detail::pooled(
        [&](seqlstm::Tape<float>& tape, const seqlstm::TokenBatch& batch) { return encoder(tape, batch); },
        encoded({}));
  }
  if (seqlstm::io::is_masked_model(path)) {
    seqlstm::MaskedLanguageModel<float> net(seqlstm::io::read_masked_model_options(path));
    seqlstm::io::load_model(path, net);
    machine.apply(net);
    return detail::pooled(
        [&](seqlstm::Tape<float>& tape, const seqlstm::TokenBatch& batch) { return net.states(tape, batch); },
        encoded({}));
  }
  if (!info.options.contains("net"))
    throw seqlstm::format_error(path + ": a model of kind '" + info.kind +
                                "' without an encoder; give a language model or a classifier");
  LoadedModel model(path, info.kind.c_str(), machine);
  if (model.net.size() > 1) std::cout << "note: states of the first of " << model.net.size() << " networks\n";
  const auto data = encoded(model.inputs);
  const auto& net = model.net[0];
  return detail::pooled(
      [&](seqlstm::Tape<float>& tape, const seqlstm::TokenBatch& batch) { return net.states(tape, batch); },
      data);
}

}  // namespace examples

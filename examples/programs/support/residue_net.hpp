// A masked language model of proteins: token vectors -> bidirectional LSTM -> which residue stood at every
// token. A classifier goes on with its vectors and LSTM.
#pragma once

#include <nlohmann/json.hpp>
#include <seqlstm/io/encoder.hpp>
#include <seqlstm/train/transfer.hpp>

#include "support/sequence_net.hpp"

namespace examples {

struct ResidueNetOptions {
  std::size_t vocabulary = 21;
  std::size_t width = 32;
  std::size_t hidden = 64;
  std::size_t layers = 2;
  double dropout = 0.1;  ///< between layers; of one layer none, whatever its file says
};

inline void to_json(nlohmann::json& j, const ResidueNetOptions& o) {
  j = {{"vocabulary", o.vocabulary},
       {"width", o.width},
       {"hidden", o.hidden},
       {"layers", o.layers},
       {"dropout", o.dropout}};
}
inline void from_json(const nlohmann::json& j, ResidueNetOptions& o) {
  using seqlstm::io::size_from;
  o = {.vocabulary = size_from(j, "vocabulary", 1, seqlstm::io::largest_size - 2),
       .width = size_from(j, "width", 1),
       .hidden = size_from(j, "hidden", 1),
       .layers = size_from(j, "layers", 1, seqlstm::io::most_layers),
       .dropout = seqlstm::io::number_from(j, "dropout", 0, 1)};
}

/// Trained numbers of such a network.
inline double expected_parameters(const ResidueNetOptions& o) {
  const double vocabulary = static_cast<double>(o.vocabulary);
  return (vocabulary + 1) * static_cast<double>(o.width) +
         expected_parameters(seqlstm::LstmOptions{
             .input = o.width, .hidden = o.hidden, .layers = o.layers, .bidirectional = true}) +
         vocabulary * (2 * static_cast<double>(o.hidden) + 1);
}

class ResidueNet {
 public:
  static constexpr const char* kind = "residue_model";

  /// The id behind the vocabulary hides a token.
  explicit ResidueNet(const ResidueNetOptions& o)
      : token({.vocabulary = o.vocabulary + 1, .width = o.width, .padding = {}}),
        options_(o),
        lstm_({.input = o.width,
               .hidden = o.hidden,
               .layers = o.layers,
               .bidirectional = true,
               .dropout = o.layers > 1 ? o.dropout : 0,
               .forget_bias = 1.0}),
        decoder_(2 * o.hidden, o.vocabulary) {}

  seqlstm::SeqVar<float> forward(seqlstm::Tape<float>& tape, const seqlstm::TokenBatch& batch) {
    return decoder_(states(tape, batch));
  }
  /// The LSTM's states of every token.
  seqlstm::SeqVar<float> states(seqlstm::Tape<float>& tape, const seqlstm::TokenBatch& batch) {
    return lstm_(tape, token(batch));
  }
  template <class V> void fields(V& v) {
    v("token", token);
    v("lstm", lstm_);
    v("decoder", decoder_);
  }
  [[nodiscard]] const ResidueNetOptions& options() const { return options_; }

  seqlstm::Embedding<float> token;

 private:
  ResidueNetOptions options_;
  seqlstm::Lstm<float> lstm_;
  seqlstm::Dense<float> decoder_;
};

inline bool is_residue_model(const std::string& path) {
  return seqlstm::io::read_model_info(path).kind == ResidueNet::kind;
}
inline ResidueNetOptions residue_net_options(const std::string& path) {
  const auto info = seqlstm::io::read_model_info(path);
  if (!info.options.is_object() || !info.options.contains("residues"))
    throw seqlstm::format_error(path + ": the model is from another version, train it again");
  try {
    const auto options = info.options.at("residues").get<ResidueNetOptions>();
    seqlstm::io::check_fits(path, info, expected_parameters(options));
    return options;
  } catch (const seqlstm::format_error& error) {
    throw seqlstm::io::named(path, error);
  }
}

/// Fills a classifier's token vectors and LSTM with those of a residue model. Tokens it never had (extra
/// inputs) get the mean vector.
inline void load_residue_net(const std::string& path, SequenceNet<float>& net,
                             const seqlstm::Tokenizer& tokenizer) {
  ResidueNet trained(residue_net_options(path));
  seqlstm::io::load_model(path, trained);
  const auto own = seqlstm::io::tokenizer_of(path, seqlstm::io::read_model_info(path));
  auto matches = seqlstm::matching_tokens(own, tokenizer);
  matches.resize(net.options().vocabulary, -1);
  matches.push_back(static_cast<seqlstm::Token>(own.vocabulary()));  // the one that hides
  std::map<std::string, seqlstm::Parameter<float>*> from;
  seqlstm::for_each_parameter(
      trained, [&](const std::string& name, seqlstm::Parameter<float>& p) { from[name] = &p; });
  seqlstm::for_each_parameter(net, [&](const std::string& name, seqlstm::Parameter<float>& p) {
    if (name == "token.weight") {
      seqlstm::copy_matching_rows<float>(from.at(name)->view(), matches, p.edit());
    } else if (name.starts_with("lstm.")) {
      std::copy_n(from.at(name)->data(), p.size(), p.edit().data());
    }
  });
}

}  // namespace examples

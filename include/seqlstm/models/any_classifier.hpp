// A classifier whose kind is known when it runs: what a model file holds.
#pragma once

#include <seqlstm/models/encoder_classifier.hpp>
#include <seqlstm/models/ensemble.hpp>
#include <seqlstm/models/reference_protein_net.hpp>
#include <seqlstm/models/sequence_classifier.hpp>
#include <utility>
#include <variant>

SEQLSTM_NAMESPACE_BEGIN

/// The options of one of the kinds.
using AnyClassifierOptions =
    std::variant<SequenceClassifierOptions, EncoderClassifierOptions, ReferenceProteinNetOptions>;

/// Columns of what such a network answers.
inline std::size_t outputs_of(const AnyClassifierOptions& options) {
  return std::visit(
      [](const auto& o) {
        if constexpr (requires { o.outputs; }) {
          return o.outputs;
        } else {
          return o.classes;
        }
      },
      options);
}
/// As the kind has it: never more parameters than there are.
inline double expected_parameters(const AnyClassifierOptions& options) {
  return std::visit([](const auto& o) { return expected_parameters(o); }, options);
}

/// A network of one of the kinds, chosen by its options.
class AnyClassifier {
 public:
  /// Throws as the kind's constructor does.
  explicit AnyClassifier(const AnyClassifierOptions& options)
      : net_(std::visit([](const auto& o) { return made(o); }, options)) {}

  /// [sequences, outputs]: logits, probabilities of a ReferenceProteinNet, or numbers; a SequenceClassifier
  /// with sites gives their scores too.
  RowsAndSites<float> forward(Tape<float>& tape, const SequenceBatch& batch) const {
    return std::visit([&](const auto& net) -> RowsAndSites<float> { return net.forward(tape, batch); }, net_);
  }
  /// The states of every token, of the encoder where it has one.
  SeqVar<float> states(Tape<float>& tape, const SequenceBatch& batch) const {
    return std::visit([&](const auto& net) { return net.states(tape, batch); }, net_);
  }
  template <class V> void fields(V& v) {
    std::visit([&](auto& net) { net.fields(v); }, net_);
  }
  /// The options it was made with; their type says the kind.
  [[nodiscard]] AnyClassifierOptions options() const {
    return std::visit([](const auto& net) { return AnyClassifierOptions(net.options()); }, net_);
  }
  /// Length of the position table, the only length in tokens that the network reads; 0: it reads any.
  [[nodiscard]] std::size_t positions() const {
    const auto* plain = std::get_if<SequenceClassifier<float>>(&net_);
    return plain == nullptr ? 0 : plain->options().positions;
  }
  /// body(net) of the network as the kind it is.
  template <class Body> decltype(auto) visit(Body&& body) { return std::visit(body, net_); }
  /// The same for a network that may not change.
  template <class Body> decltype(auto) visit(Body&& body) const { return std::visit(body, net_); }
  /// The network, if it is of that kind; else null.
  template <class Kind> [[nodiscard]] Kind* get_if() { return std::get_if<Kind>(&net_); }
  /// The same, to read.
  template <class Kind> [[nodiscard]] const Kind* get_if() const { return std::get_if<Kind>(&net_); }

 private:
  using Either =
      std::variant<SequenceClassifier<float>, EncoderClassifier<float>, ReferenceProteinNet<float>>;
  static Either made(const SequenceClassifierOptions& o) { return SequenceClassifier<float>(o); }
  static Either made(const EncoderClassifierOptions& o) { return EncoderClassifier<float>(o); }
  static Either made(const ReferenceProteinNetOptions& o) { return ReferenceProteinNet<float>(o); }

  Either net_;
};

/// One network or several that answer as one.
using ClassifierNet = Ensemble<AnyClassifier>;

SEQLSTM_NAMESPACE_END

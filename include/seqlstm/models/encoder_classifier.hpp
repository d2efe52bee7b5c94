// A classifier on a language model's encoder (Howard and Ruder 2018, section 3.3): its states' last, max and
// mean; here also their means over pieces of the sequence, and the last, max and mean of a bidirectional LSTM
// on the states, since the encoder has not seen what follows. Then BatchNorm, Dropout 0.5, Dense 50, ReLU,
// BatchNorm, Dropout 0.1, Dense. A training step reads every sequence in a phase drawn anew; a
// prediction is the mean of all phases' logits.
#pragma once

#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/data/kmer_phases.hpp>
#include <seqlstm/models/awd_lstm.hpp>
#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/dropout.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/parameter_groups.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Tokenizer, shape and dropout of an EncoderClassifier.
struct EncoderClassifierOptions {
  TokenizerConfig tokenizer = Tokenizer(dna4, {.k = 5, .stride = 2}).to_config();  ///< of the encoder
  std::size_t embedding_dim = 400;  ///< of the encoder's token vectors, and of its last LSTM
  std::size_t hidden = 1150;        ///< of the encoder's other LSTMs
  std::size_t layers = 3;           ///< LSTMs of the encoder
  std::size_t outputs = 1;          ///< numbers per sequence
  std::size_t pieces = 6;    ///< of the sequence, whose states are averaged one by one; 0: only the whole
  std::size_t context = 64;  ///< units per direction of the LSTM that reads the encoder's states
  double dropout = 0.4;      ///< factor of the AWD-LSTM's dropouts for classifiers
};

/// How many parameters its encoder, LSTM and first dense layer have: never more than there are. Throws
/// format_error for a configuration that is no tokenizer's.
inline double expected_parameters(const EncoderClassifierOptions& o) {
  const double dim = static_cast<double>(o.embedding_dim), context = static_cast<double>(o.context);
  return expected_parameters(AwdLstmOptions{.vocabulary = Tokenizer::from_config(o.tokenizer).vocabulary(),
                                            .embedding_dim = o.embedding_dim,
                                            .hidden = o.hidden,
                                            .layers = o.layers}) +
         expected_parameters(
             LstmOptions{.input = o.embedding_dim, .hidden = o.context, .bidirectional = true}) +
         50 * ((3 + static_cast<double>(o.pieces)) * dim + 6 * context + static_cast<double>(o.outputs));
}

/// Answers with `outputs` numbers a sequence: logits, or the values of a regression. Its `encoder` takes a
/// language model's weights (io::load_encoder).
template <Scalar T = float> class EncoderClassifier {
 public:
  /// Throws format_error for a configuration that is no tokenizer's.
  explicit EncoderClassifier(const EncoderClassifierOptions& o)
      : EncoderClassifier(o, Tokenizer::from_config(o.tokenizer)) {}

  /// [sequences, outputs]: in one phase per sequence on a training tape, else the mean over all phases.
  Var<T> forward(Tape<T>& tape, const SequenceBatch& batch) const {
    if (phases() == 1) return head(states(tape, batch));
    if (tape.training()) {
      SequenceBatch& read = tape.new_batch();
      phases_.draw(batch, tape.next_random(), read);
      return head(states(tape, read));
    }
    auto sum = head(states(tape, batch));
    for (std::size_t phase = 1; phase < phases(); ++phase) {
      SequenceBatch& read = tape.new_batch();
      phases_.read(batch, phase, read);
      sum = sum + head(states(tape, read));
    }
    return T(1) / static_cast<T>(phases()) * sum;
  }
  /// The encoder's states of every token, in the phase it was encoded in.
  SeqVar<T> states(Tape<T>& tape, const SequenceBatch& batch) const { return encoder(tape, batch); }

  /// The network as it reads in one phase: its encoder need not read what precedes a mutation again
  /// (mutagenesis).
  struct OnePhase {
    const EncoderClassifier& net;  ///< must outlive this
    const AwdLstm<T>& encoder;     ///< that of net
    /// [sequences, outputs], from the tokens as they are.
    Var<T> forward(Tape<T>& tape, const SequenceBatch& batch) const { return head(encoder(tape, batch)); }
    /// The same from the encoder's states of every token.
    Var<T> head(const SeqVar<T>& states) const { return net.head(states); }
  };
  /// Refers to this network.
  [[nodiscard]] OnePhase one_phase() const { return {*this, encoder}; }
  /// Ways to read a sequence, whose mean is the answer.
  [[nodiscard]] std::size_t phases() const { return phases_.count(); }

  template <class V> void fields(V& v) {
    v("encoder", encoder);
    v("context", context_);
    v("norm1", norm1_);
    v("dropout1", dropout1_);
    v("hidden", hidden_);
    v("norm2", norm2_);
    v("dropout2", dropout2_);
    v("output", output_);
  }
  /// The options of the constructor.
  [[nodiscard]] const EncoderClassifierOptions& options() const { return options_; }
  /// The embedding with the first LSTM, each further LSTM, the head: for fit_in_stages.
  [[nodiscard]] ParameterGroups groups() const {
    std::vector<std::vector<std::string>> groups = {{"encoder.embedding", "encoder.rnns.0"}};
    for (std::size_t l = 1; l < options_.layers; ++l) groups.push_back({"encoder.rnns." + std::to_string(l)});
    groups.push_back({"context", "norm1", "hidden", "norm2", "output"});
    return ParameterGroups(groups);
  }

  AwdLstm<T> encoder;  ///< what reads the tokens

 private:
  EncoderClassifier(const EncoderClassifierOptions& o, const Tokenizer& tokenizer)
      : encoder({.vocabulary = tokenizer.vocabulary(),
                 .embedding_dim = o.embedding_dim,
                 .hidden = o.hidden,
                 .layers = o.layers,
                 .dropouts = AwdDropouts::classifier().times(o.dropout).for_layers(o.layers)}),
        options_(o),
        phases_(tokenizer),
        context_({.input = o.embedding_dim, .hidden = o.context, .bidirectional = true, .forget_bias = 1.0}),
        norm1_(pooled_width(o)),
        dropout1_(0.5),
        dropout2_(0.1),
        hidden_(pooled_width(o), 50),
        norm2_(50),
        output_(50, o.outputs) {}
  /// What is said of the states in one phase.
  Var<T> head(const SeqVar<T>& y) const {
    auto pooled = concat(last(y), max(y), mean(y));
    if (options_.pieces > 0) pooled = concat(pooled, adaptive_mean(y, options_.pieces));
    const auto z = context_(y);
    pooled = concat(pooled, last(z), max(z), mean(z));
    return output_(dropout2_(norm2_(relu(hidden_(dropout1_(norm1_(pooled)))))));
  }
  static std::size_t pooled_width(const EncoderClassifierOptions& o) {
    return (3 + o.pieces) * o.embedding_dim + 6 * o.context;
  }

  EncoderClassifierOptions options_;
  KmerPhases phases_;
  Lstm<T> context_;
  BatchNorm<T> norm1_;
  Dropout<T> dropout1_, dropout2_;
  Dense<T> hidden_;
  BatchNorm<T> norm2_;
  Dense<T> output_;
};

SEQLSTM_NAMESPACE_END

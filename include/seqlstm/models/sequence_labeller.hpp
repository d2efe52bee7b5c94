// A network that labels every position: tokens, channels or both -> convolutions (on demand) -> bidirectional
// LSTM -> a row of scores at each position (-> conditional random field, on demand).
#pragma once

#include <cstddef>
#include <optional>
#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/channels.hpp>
#include <seqlstm/nn/concat.hpp>
#include <seqlstm/nn/conv1d.hpp>
#include <seqlstm/nn/crf.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/dropout.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/loss.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/model_output.hpp>
#include <seqlstm/nn/token_dropout.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Shape and dropouts of a SequenceLabeller.
struct SequenceLabellerOptions {
  std::size_t vocabulary = 0;      ///< V: ids are 0 .. V - 1; id V stands for a hidden token; 0: no tokens
  std::size_t channels = 0;        ///< F: real numbers at each position; 0: none
  std::size_t embedding_dim = 32;  ///< of token vectors
  std::size_t filters = 0;         ///< of each convolution over the input; 0: no convolutions
  std::vector<std::size_t> kernels = {3, 7};  ///< positions that each convolution sees
  std::size_t hidden = 64;                    ///< LSTM units per direction
  std::size_t layers = 2;                     ///< of the LSTM
  std::size_t outputs = 2;                    ///< numbers at each position: classes, or 1
  bool crf = false;                           ///< labels of neighbours depend on each other
  /// [outputs] a number for each class: with `crf` all labels of a sequence are of classes with the same one,
  /// as of proteins with a signal peptide or without (LabelAlphabet::type_numbers()). Empty: any.
  std::vector<std::size_t> groups = {};
  double token_dropout = 0.1;  ///< share of the tokens that a training step hides
  double layer_dropout = 0.3;  ///< between layers; with one layer there is none
  double head_dropout = 0.3;   ///< of what the last layer reads
};

/// How many parameters its embedding, convolutions, LSTM and dense layer have: never more than there are.
double expected_parameters(const SequenceLabellerOptions& o);

/// Answers with `outputs` numbers at every position: logits, numbers of a regression, or with `crf` the
/// scores of a conditional random field. Standardises its channels by the scale of the constructor. Throws
/// option_error for an embedding_dim, hidden, layers or outputs of 0, for neither tokens nor channels, for
/// probabilities outside of 0 to 1, and for groups that are not one for each output.
template <Scalar T = float> class SequenceLabeller {
 public:
  /// Weights as each layer draws them; the LSTM's forget gates begin with a bias of 1. `scale` is of the
  /// channels of the training part.
  explicit SequenceLabeller(const SequenceLabellerOptions& o, const ChannelScale& scale = {});

  /// The scores of every position. On a training tape tokens are hidden first.
  ModelOutput<T> forward(Tape<T>& tape, const SequenceBatch& batch) const;
  /// The LSTM's states of every position, [tokens, 2 * hidden].
  SeqVar<T> states(Tape<T>& tape, const SequenceBatch& batch) const;

  template <class V> void fields(V& v) {
    if (options_.vocabulary > 0) {
      v("mask", mask_);
      v("token", token_);
    }
    if (options_.channels > 0) v("channels", channels_);
    for (std::size_t c = 0; c < convolutions_.size(); ++c)
      v("convolution" + std::to_string(c), convolutions_[c]);
    v("lstm", lstm_);
    v("dropout", dropout_);
    v("output", output_);
    if (crf_) v("crf", *crf_);
  }
  /// What it is trained with: crf_loss(), else cross_entropy(), or bce_with_logits() of one output.
  [[nodiscard]] Loss loss() const;
  /// The options of the constructor.
  [[nodiscard]] const SequenceLabellerOptions& options() const { return options_; }

 private:
  SeqVar<T> read(Tape<T>& tape, const SequenceBatch& batch) const;

  SequenceLabellerOptions options_;
  TokenDropout mask_;
  Embedding<T> token_;
  ChannelInput<T> channels_;
  std::vector<Conv1d<T>> convolutions_;
  Lstm<T> lstm_;
  Dropout<T> dropout_;
  Dense<T> output_;
  std::optional<Crf<T>> crf_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/models/sequence_labeller.ipp>
#endif

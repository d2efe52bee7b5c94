// Attention pooling: the tokens of a sequence summed under weights that are learned (Lin et al. 2017, "A
// structured self-attentive sentence embedding"; what TargetP 2 and DeepLoc read protein sequences by).
#pragma once

#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/step_weights.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Shape and precision of an AttentionPooling.
struct AttentionPoolingOptions {
  std::size_t input = 0;                 ///< columns of h
  std::size_t attention = 64;            ///< units of the hidden layer that scores tokens
  std::size_t heads = 1;                 ///< weighted sums of each sequence, each with weights of its own
  Precision precision = Precision::f32;  ///< of both dense layers; bf16 where T is float
  std::string name = {};                 ///< for error messages: "attention_pooling 'name': ..."
};

/// For each head the sum of a sequence's rows h [tokens, input] under the weights
///
///     softmax over the sequence's own tokens of (tanh(h W1^T + b1) W2^T),
///
/// heads side by side: [sequences, heads * input] in the caller's order. A sequence without tokens gives
/// zeros and takes no gradient.
///
/// Parameters are those of two Dense layers: hidden.weight [attention, input], hidden.bias [attention],
/// score.weight [heads, attention]; a bias of the scores would change nothing. set_precision() and prepare()
/// of a module reach them. Must outlive the tape's step.
template <Scalar T = float> class AttentionPooling {
 public:
  /// A pooling, and the weights that made it.
  struct Result {
    Var<T> pooled;      ///< [sequences, heads * input]
    SeqVar<T> weights;  ///< [tokens, heads]: token t of sequence i is row offset(t) + rank(i) of the layout
  };

  AttentionPooling() = default;
  /// Throws option_error for a 0 and for bf16 where T is double.
  explicit AttentionPooling(AttentionPoolingOptions options);

  /// The weights of the tokens, [tokens, heads]: those of each head sum to 1 over a sequence. Throws
  /// shape_error where h has another width.
  SeqVar<T> attention(const SeqVar<T>& h) const;
  /// The pooled rows with the weights, which are computed once.
  Result run(const SeqVar<T>& h) const;
  /// The pooled rows, [sequences, heads * input].
  Var<T> operator()(const SeqVar<T>& h) const { return run(h).pooled; }

  /// Columns of h.
  [[nodiscard]] std::size_t input() const { return hidden.input(); }
  /// Columns of the weights.
  [[nodiscard]] std::size_t heads() const { return score.output(); }
  /// Columns of the result.
  [[nodiscard]] std::size_t output() const { return heads() * input(); }

  template <class Visitor> void fields(Visitor& v) {
    v("hidden", hidden);
    v("score", score);
  }

  std::string name;  ///< in error messages; set_names() makes it the path in the module
  Dense<T> hidden,   ///< W1 and b1
      score;         ///< W2

 private:
  /// The options, or an option_error.
  static const AttentionPoolingOptions& checked(const AttentionPoolingOptions& options);
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/attention_pooling.ipp>
#endif

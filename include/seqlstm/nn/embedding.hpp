// A learned vector per token.
#pragma once

#include <optional>
#include <seqlstm/core/bfloat16.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/detail/cached.hpp>
#include <seqlstm/nn/embedded_tokens.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Shape, first values and dropout of an Embedding.
struct EmbeddingOptions {
  std::size_t vocabulary = 0;         ///< V: ids are 0 .. V - 1
  std::size_t dim = 0;                ///< numbers per token
  std::optional<Token> padding = {};  ///< this id's vector is zero at first and never changes
  double dropout = 0;  ///< share of the vocabulary whose vectors are zero for a whole training step
  double stddev = 1;   ///< of the normal distribution that the vectors are drawn from at first
  Precision precision = Precision::f32;  ///< int8, where T is float: rows are looked up in eight bits
};

/// Looks up row `id` of weight [V, dim]; PyTorch's nn.Embedding, N(0, 1) at first unless the options say
/// otherwise. With `dropout` p a token's
/// vector is zero wherever the token stands in a training step's batch, with probability p, and the others
/// are divided by 1 - p (Gal and Ghahramani 2016, section 4.2; Merity et al. 2018, section 4.3); which ones
/// is a function of the tape's seed and step and the token.
template <Scalar T = float> class Embedding {
 public:
  Embedding() = default;
  /// Throws option_error for a vocabulary or dim of 0, a padding outside the vocabulary, a dropout outside of
  /// 0 to 1, a stddev that is below 0 or not finite, and for bf16 and int8 where T is double.
  explicit Embedding(EmbeddingOptions options);

  EmbeddedTokens<T> operator()(SequenceBatch&&) const = delete;  // the batch would be gone
  /// The expression row(token); throws token_error when it is used with an id outside the vocabulary.
  EmbeddedTokens<T> operator()(const SequenceBatch& batch) const {
    return {&batch, options_.dim, {source(), {}}};
  }
  /// One token for each stream, for Lstm::step in the same expression: refers to the ids.
  [[nodiscard]] EmbeddedStep<T> at(std::span<const Token> ids) const { return {source(), options_.dim, ids}; }
  /// The same for a single stream; refers to the id.
  [[nodiscard]] EmbeddedStep<T> at(const Token& id) const { return at(std::span(&id, 1)); }

  /// Draws the vectors anew, from N(0, stddev^2); the padding's is zero.
  void initialize(RandomKey key);
  /// Another probability, for instance of a classifier on a language model's encoder.
  void set_dropout(double p);
  /// int8: every row is quantised by its largest number, and a step that trains the rows throws option_error;
  /// else rows are as they are. An option_error for bf16 and int8 where T is double.
  void set_precision(Precision precision);
  /// In int8: quantises the rows now, not in the first pass.
  void prepare() const { static_cast<void>(source()); }
  /// What was set last.
  [[nodiscard]] Precision precision() const { return options_.precision; }
  /// The options, with the dropout and the precision that were set last.
  [[nodiscard]] const EmbeddingOptions& options() const { return options_; }
  template <class V> void fields(V& v) { v("weight", weight); }

 private:
  RowSource<T> source() const;
  EmbeddingOptions options_;
  detail::Cached<detail::QuantizedRows, 1> bytes_;

 public:
  Parameter<T> weight;   ///< [V, dim]
  bool training = true;  ///< false: no dropout, even on a training tape
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/embedding.ipp>
#endif

// A learned vector per token.
#pragma once

#include <cmath>
#include <optional>
#include <seqlstm/nn/embedded_tokens.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/names.hpp>

SEQLSTM_NAMESPACE_BEGIN

struct EmbeddingOptions {
  std::size_t vocabulary = 0;         ///< V: ids are 0 .. V - 1
  std::size_t width = 0;              ///< numbers per token
  std::optional<Token> padding = {};  ///< this id's vector is zero at first and never changes
  double dropout = 0;    ///< share of the vocabulary whose vectors are zero for a whole training step
  double deviation = 1;  ///< of the normal distribution that the vectors are drawn from at first
};

/// Looks up row `id` of weight [V, width]; PyTorch's nn.Embedding, N(0, 1) at first unless the options say
/// otherwise. With `dropout` p a token's
/// vector is zero wherever the token stands in a training step's batch, with probability p, and the others
/// are divided by 1 - p (Gal and Ghahramani 2016, section 4.2; Merity et al. 2018, section 4.3); which ones
/// is a function of the tape's seed and step and the token.
template <Scalar T = float> class Embedding {
 public:
  Embedding() = default;
  explicit Embedding(EmbeddingOptions options)
      : options_(options), weight(options.vocabulary, options.width, "embedding") {
    if (options.vocabulary == 0 || options.width == 0)
      throw option_error("embedding: vocabulary and width must be at least 1, got " +
                         shape_text(options.vocabulary, options.width));
    if (options.padding &&
        (*options.padding < 0 || static_cast<std::size_t>(*options.padding) >= options.vocabulary))
      throw option_error("embedding: padding id " + std::to_string(*options.padding) +
                         " is outside the vocabulary of " + std::to_string(options.vocabulary));
    if (!(options.deviation >= 0 && std::isfinite(options.deviation)))
      throw option_error("embedding: deviation is " + detail::number_text(options.deviation) +
                         ", expected a finite number of at least 0");
    set_dropout(options.dropout);
    initialize_constructed(*this);
  }

  /// The expression row(token); throws token_error when it is used with an id outside the vocabulary.
  EmbeddedTokens<T> operator()(TokenBatch&&) = delete;  // the batch would be gone
  EmbeddedTokens<T> operator()(const TokenBatch& batch) { return {&batch, options_.width, {source(), {}}}; }
  /// One token for each stream, for Lstm::step in the same expression: refers to the ids.
  [[nodiscard]] EmbeddedStep<T> at(std::span<const Token> ids) { return {source(), options_.width, ids}; }
  [[nodiscard]] EmbeddedStep<T> at(const Token& id) { return at(std::span(&id, 1)); }

  void initialize(RandomKey key) {
    RandomStream random(key);
    auto w = weight.edit();
    for (std::size_t i = 0; i < w.size(); ++i)
      w.data()[i] = static_cast<T>(options_.deviation * random.normal());
    if (options_.padding)
      for (auto& v : w.row(static_cast<std::size_t>(*options_.padding))) v = T(0);
  }
  /// Another probability, for instance of a classifier behind a language model's encoder.
  void set_dropout(double p) {
    if (!(p >= 0 && p <= 1))
      throw option_error("embedding: dropout is " + detail::number_text(p) +
                         ", expected a probability from 0 to 1");
    options_.dropout = p;
  }
  [[nodiscard]] const EmbeddingOptions& options() const { return options_; }
  template <class V> void fields(V& v) { v("weight", weight); }

 private:
  RowSource<T> source() {
    return {RowSource<T>::Index::token, &weight, options_.vocabulary, options_.padding.value_or(-1),
            training ? options_.dropout : 0};
  }
  EmbeddingOptions options_;

 public:
  Parameter<T> weight;
  bool training = true;  ///< false: no dropout, even on a training tape
};

SEQLSTM_NAMESPACE_END

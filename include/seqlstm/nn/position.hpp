// A learned vector per absolute position, to be added to the token's (Gehring et al. 2017, section 3.1).
#pragma once

#include <seqlstm/nn/embedded_tokens.hpp>

SEQLSTM_NAMESPACE_BEGIN

struct PositionOptions {
  std::size_t length = 0;  ///< the largest number of tokens a sequence may have
  std::size_t width = 0;   ///< numbers per position: the embedding's width
};

/// Looks up row t of weight [length, width] for token t of every sequence; zero at first, so that a new model
/// does not depend on position. A longer sequence is a shape_error.
template <Scalar T = float> class Position {
 public:
  Position() = default;
  explicit Position(PositionOptions options)
      : options_(options), weight(options.length, options.width, "position") {
    if (options.length == 0 || options.width == 0)
      throw option_error("position: length and width must be at least 1, got " +
                         shape_text(options.length, options.width));
  }
  EmbeddedTokens<T> operator()(TokenBatch&&) = delete;  // the batch would be gone
  EmbeddedTokens<T> operator()(const TokenBatch& batch) {
    return {&batch,
            options_.width,
            {RowSource<T>{RowSource<T>::Index::position, &weight, options_.length, -1}, {}}};
  }
  void initialize(RandomKey) {
    auto w = weight.edit();
    std::fill_n(w.data(), w.size(), T(0));
  }
  [[nodiscard]] const PositionOptions& options() const { return options_; }
  template <class V> void fields(V& v) { v("weight", weight); }

 private:
  PositionOptions options_;

 public:
  Parameter<T> weight;
};

SEQLSTM_NAMESPACE_END

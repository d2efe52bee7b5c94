// The plain recurrent network (Elman 1990), PyTorch's nn.RNN with tanh, on ragged packed batches.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/detail/recurrent_stack.hpp>
#include <seqlstm/nn/detail/rnn_layer.hpp>
#include <seqlstm/nn/dropout.hpp>
#include <seqlstm/nn/embedded_tokens.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Shape and dropout of an Rnn.
struct RnnOptions {
  std::size_t input = 0;       ///< I: columns of x
  std::size_t hidden = 0;      ///< H: units per direction
  std::size_t layers = 1;      ///< each reads the output of the one before
  bool bidirectional = false;  ///< output columns: H of the forward direction, then H of the reverse one
  double dropout = 0;          ///< between layers, so of 2 or more, in training only
  std::string name = {};       ///< for error messages: "rnn 'name': ..."
};

/// h' = tanh(W_ih x + b_ih + W_hh h + b_hh), h = 0 where a sequence begins; the reverse direction begins at
/// the last token of each sequence. Result: h of every token of the last layer [tokens, directions * H].
///
/// Parameters are PyTorch's: weight_ih_l0 [H, I], weight_hh_l0 [H, H], bias_ih_l0, bias_hh_l0 [H]; further
/// layers _l1, ..., reverse direction _reverse. U(-1/sqrt(H), 1/sqrt(H)) at first. Throws option_error for
/// options out of range and for a dropout between layers of one, shape_error when x has another width. Must
/// outlive the tape's step.
template <Scalar T = float> class Rnn {
 public:
  Rnn() = default;
  /// Draws first weights, the same in every program.
  explicit Rnn(RnnOptions options);

  /// h of every token, from dense rows x [tokens, I].
  SeqVar<T> operator()(const SeqVar<T>& x) const;

  /// The same on dense rows of the tokens.
  SeqVar<T> operator()(Tape<T>& tape, const EmbeddedTokens<T>& tokens) const {
    return (*this)(dense_rows(tape, tokens));
  }

  /// Packs the weights for the kernels now, not in the first pass.
  void prepare() const {
    for (const auto& direction : stack_.all()) direction.prepare();
  }
  /// Draws all parameters anew.
  void initialize(RandomKey key) { stack_.initialize(key); }
  /// weight_ih, weight_hh, bias_ih and bias_hh of a layer; direction 1 is the reverse one.
  [[nodiscard]] auto& weights(std::size_t layer, std::size_t direction = 0) {
    return stack_.weights(layer, direction);
  }
  /// The same, to read.
  [[nodiscard]] const auto& weights(std::size_t layer, std::size_t direction = 0) const {
    return stack_.weights(layer, direction);
  }

  /// The options of the constructor.
  [[nodiscard]] const RnnOptions& options() const { return options_; }
  /// 2 for a bidirectional network, else 1.
  [[nodiscard]] std::size_t directions() const { return stack_.per_layer(); }
  /// Columns of the result.
  [[nodiscard]] std::size_t output() const { return directions() * options_.hidden; }

  template <class V> void fields(V& v) { stack_.fields(v); }

  std::string name;      ///< in error messages; set_names() makes it the path in the module
  bool training = true;  ///< false: no dropout between layers, whatever the tape says

 private:
  RnnOptions options_;
  detail::RecurrentStack<detail::RnnDirection<T>> stack_;
  Dropout<T> dropout_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/rnn.ipp>
#endif

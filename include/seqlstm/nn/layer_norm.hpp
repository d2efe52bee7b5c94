// Layer normalisation (Ba, Kiros and Hinton 2016), PyTorch's nn.LayerNorm of the columns.
#pragma once

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/nn/names.hpp>
#include <seqlstm/nn/parameter.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Width of a LayerNorm.
struct LayerNormOptions {
  std::size_t width = 0;  ///< columns of x
  double eps = 1e-5;      ///< added to the variance
  std::string name = {};  ///< for error messages: "layer_norm 'name': ..."
};

/// y = weight (x - mean) / sqrt(variance + eps) + bias, row by row: mean and biased variance are those of a
/// row's own columns. So a token's result depends on no other token, and training and inference are alike.
/// Applies to a Var (a row per sequence) and to a SeqVar (a row per token); columns of a reverse direction
/// remain such, so last() still finds final states. Names are PyTorch's: weight (1 at first), bias (0).
/// Throws shape_error when x has another width. Memory of the tape beside the result: two numbers a row. Must
/// outlive the tape's step.
template <Scalar T = float> class LayerNorm {
 public:
  LayerNorm() = default;
  /// An eps of 1e-5. Throws option_error for a width of 0.
  explicit LayerNorm(std::size_t width) : LayerNorm(LayerNormOptions{.width = width}) {}
  /// Throws option_error for a width of 0 and an eps below 0.
  explicit LayerNorm(LayerNormOptions options);

  /// y, of x's shape.
  template <template <class> class V>
  requires(std::derived_from<V<T>, Variable<T>>) V<T>
  operator()(const V<T>& x) const {
    detail::check_columns("layer_norm", name, x, "weight", weight.cols());
    V<T> y = x.tape().make_like(x, x.needs_gradient() || weight.trainable || bias.trainable);
    const Moments moments = forward(x, y.node()->value);
    x.tape().record(y, [this, x, moments](ConstMatrixView<T> dy) { backward(x, moments, dy); });
    return y;
  }

  /// Weight 1 and bias 0. Draws nothing: the key is not used.
  void initialize(RandomKey);
  /// Columns of x and of y.
  [[nodiscard]] std::size_t output() const { return weight.cols(); }
  /// What is added to the variance.
  [[nodiscard]] T eps() const { return eps_; }

  template <class Visitor> void fields(Visitor& v) {
    v("weight", weight);
    v("bias", bias);
  }

  std::string name;     ///< in error messages; set_names() makes it the path in the module
  Parameter<T> weight,  ///< [width], factor of the normalised columns
      bias;             ///< [width], added to them

 private:
  struct Moments {
    T *mean, *inverse;  // [rows]
  };
  Moments forward(const Variable<T>& x, MatrixView<T> y) const;
  void backward(const Variable<T>& x, const Moments& moments, ConstMatrixView<T> dy) const;

  T eps_ = T(1e-5);
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/layer_norm.ipp>
#endif

// A fully connected layer.
#pragma once

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/detail/linear.hpp>
#include <seqlstm/nn/names.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Shape and precision of a Dense layer.
struct DenseOptions {
  std::size_t input = 0;                 ///< columns of x
  std::size_t output = 0;                ///< columns of y
  bool bias = true;                      ///< false: y = x W^T
  Precision precision = Precision::f32;  ///< what factors are rounded to; bf16 and int8 where T is float
  std::string name = {};                 ///< for error messages: "dense 'name': ..."
};

/// y = x W^T + b; PyTorch's nn.Linear: weight [output, input], bias [output], both U(-1/sqrt(input),
/// 1/sqrt(input)) at first. Applies to a Var (a row per sequence) and to a SeqVar (a row per token). Throws
/// shape_error when x has another width. Keeps copies of W in the kernels' order, made once per update. Must
/// outlive the tape's step.
template <Scalar T = float> class Dense {
 public:
  Dense() = default;
  /// With a bias, in f32. Throws option_error for a 0.
  Dense(std::size_t input, std::size_t output) : Dense(DenseOptions{.input = input, .output = output}) {}
  /// Throws option_error for an input or output of 0 and for bf16 or int8 where T is double.
  explicit Dense(DenseOptions options);

  /// y [rows, output] of x [rows, input].
  template <template <class> class V>
  requires(std::derived_from<V<T>, Variable<T>>) V<T>
  operator()(const V<T>& x) const {
    detail::check_columns("dense", name, x, "weight", weight.cols());
    return linear_(x, weight, bias, precision_);
  }

  /// Numbers that are on no tape, as those of Lstm::step: a sentence that says what to write.
  template <std::convertible_to<ConstMatrixView<T>> X> Var<T> operator()(const X& /*x*/) const {
    static_assert(!std::convertible_to<X, ConstMatrixView<T>>,
                  "seqlstm: these numbers are on no tape; write dense(tape.constant(lstm.step(...)))");
    return {};
  }

  /// Packs the weight for the kernels now, not in the first pass.
  void prepare() const { linear_.prepare(weight, precision_); }
  /// Another precision than that of the options; an option_error for bf16 or int8 where T is
  /// double.
  void set_precision(Precision precision);
  /// What factors are rounded to now.
  [[nodiscard]] Precision precision() const { return precision_; }
  /// Draws weight and bias anew, from U(-1/sqrt(input), 1/sqrt(input)).
  void initialize(RandomKey key);
  /// False: `bias` is empty.
  [[nodiscard]] bool has_bias() const { return bias.size() > 0; }
  /// Columns of x.
  [[nodiscard]] std::size_t input() const { return weight.cols(); }
  /// Columns of y.
  [[nodiscard]] std::size_t output() const { return weight.rows(); }

  template <class Visitor> void fields(Visitor& v) {
    v("weight", weight);
    if (has_bias()) v("bias", bias);
  }

  std::string name;     ///< in error messages; set_names() makes it the path in the module
  Parameter<T> weight;  ///< [output, input]
  Parameter<T> bias;    ///< [output], or empty

 private:
  detail::Linear<T> linear_;
  Precision precision_ = Precision::f32;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/dense.ipp>
#endif

// Convolutions over the steps of ragged packed batches: PyTorch's nn.Conv1d, of which no sequence sees a
// neighbour or padding.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/detail/conv_layer.hpp>
#include <seqlstm/nn/embedded_tokens.hpp>
#include <seqlstm/nn/names.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

/// What a convolution reads where a sequence has no token. R = dilation * (kernel - 1) is the distance of the
/// first tap from the last, L a sequence's length.
enum class Padding {
  same,   ///< zeros, R / 2 (rounded down) before the sequence and the rest of R behind it; ceil(L / stride)
          ///< steps
  valid,  ///< nothing: only whole windows; floor((L - R - 1) / stride) + 1 steps
  causal  ///< zeros, all R before the sequence: step t sees no token after t * stride; ceil(L / stride) steps
};

/// Shape and precision of a Conv1d.
struct Conv1dOptions {
  std::size_t input = 0;                 ///< I: columns of x
  std::size_t output = 0;                ///< O: columns of y
  std::size_t kernel = 0;                ///< K: taps
  std::size_t stride = 1;                ///< tokens from one step of y to the next
  std::size_t dilation = 1;              ///< tokens from one tap to the next
  Padding padding = Padding::same;       ///< what stands beyond the ends of a sequence
  bool bias = true;                      ///< false: no constant is added
  Precision precision = Precision::f32;  ///< what factors are rounded to; bf16 and int8 where T is float
  std::string name = {};                 ///< for error messages: "conv1d 'name': ..."
};

template <Scalar T> class Conv1d;

/// The last tokens of B streams that a causal Conv1d still reads, made by Conv1d::initial_state. A value: a
/// copy goes its own way. Holds R + 1 rows of I numbers, and O of the result, per stream.
template <Scalar T> class Conv1dStream {
 public:
  /// B: tokens that one step reads.
  [[nodiscard]] std::size_t streams() const { return streams_; }

 private:
  friend class Conv1d<T>;

  Conv1dStream(std::size_t streams, std::size_t places, std::size_t inputs, std::size_t outputs);
  [[nodiscard]] MatrixView<T> place(std::size_t token) {
    return {past_.data() + token % places_ * streams_ * inputs_, streams_, inputs_};
  }
  [[nodiscard]] MatrixView<T> result() { return {y_.data(), streams_, outputs_}; }

  std::size_t streams_, places_, inputs_, outputs_, read_ = 0;
  AlignedBuffer<T> past_, y_;  // [places][B][I], [B][O]
};

/// y(t) = b + sum over k < K of W_k x(t * stride + k * dilation - left), W_k = weight[:, :, k]; x is zero
/// beyond the ends of a sequence, whatever its batch. PyTorch's nn.Conv1d: weight [O, I, K], bias [O], both
/// U(-1/sqrt(I K), 1/sqrt(I K)) at first. x is [tokens, I], y [steps, O] with the lengths that Padding says;
/// an empty sequence stays empty.
///
/// Throws shape_error when x has another width and where a sequence that is not empty has no whole window
/// (`valid`). Taps beyond an end are left out, so that a NaN or an infinity in the weight shows only where
/// its tap has a token. A row's bits depend neither on its batch nor on threads. Keeps copies of the weight
/// in the kernels' order, made once per update. Must outlive the tape's step.
template <Scalar T = float> class Conv1d {
 public:
  Conv1d() = default;
  /// Throws option_error for a 0 among input, output, kernel, stride and dilation, and for bf16 and int8
  /// where T is double.
  explicit Conv1d(Conv1dOptions options);

  /// y of dense rows x [tokens, I].
  SeqVar<T> operator()(const SeqVar<T>& x) const;
  /// The same of tokens: rows of W_k times a token's vector are looked up, no dense input is made.
  SeqVar<T> operator()(Tape<T>& tape, const EmbeddedTokens<T>& tokens) const;

  /// B streams before their first token. Throws option_error unless the padding is causal and the stride 1:
  /// other convolutions read tokens that are not there yet.
  [[nodiscard]] Conv1dStream<T> initial_state(std::size_t streams) const;
  /// One more token of every stream, x [B, I]: returns y of it, [B, O], valid until the next step. Gives the
  /// bits of whole sequences. No gradient, one thread; allocates nothing after the first. Throws shape_error
  /// where x or the streams do not fit.
  ConstMatrixView<T> step(ConstMatrixView<T> x, Conv1dStream<T>& streams) const;

  /// Steps of y for a sequence of so many tokens; 0 where it has no whole window.
  [[nodiscard]] std::size_t output_length(std::size_t tokens) const;
  /// Packs the weight for the kernels now, not in the first pass.
  void prepare() const;
  /// Another precision than that of the options; an option_error for bf16 and int8 where T is double. In int8
  /// a training step throws option_error where it needs a gradient of the layer.
  void set_precision(Precision precision);
  /// What factors are rounded to now.
  [[nodiscard]] Precision precision() const { return options_.precision; }
  /// Draws weight and bias anew, from U(-1/sqrt(I K), 1/sqrt(I K)).
  void initialize(RandomKey key);
  /// The options, with the precision that was set last.
  [[nodiscard]] const Conv1dOptions& options() const { return options_; }
  /// False: `bias` is empty.
  [[nodiscard]] bool has_bias() const { return bias.size() > 0; }
  /// Columns of x.
  [[nodiscard]] std::size_t input() const { return options_.input; }
  /// Columns of y.
  [[nodiscard]] std::size_t output() const { return options_.output; }

  template <class Visitor> void fields(Visitor& v) {
    v("weight", weight);
    if (has_bias()) v("bias", bias);
  }

 private:
  struct Nothing {};
  using Rounded =
      std::conditional_t<std::is_same_v<T, float>, detail::ConvBy<T, detail::RoundedKernels>, Nothing>;
  using Quantized =
      std::conditional_t<std::is_same_v<T, float>, detail::ConvBy<T, detail::QuantizedKernels>, Nothing>;

  /// body(the operation in this precision).
  template <class Body> auto with_operation(Body&& body) const {
    if constexpr (std::is_same_v<T, float>)
      if (options_.precision == Precision::bf16) return body(rounded_);
    if constexpr (std::is_same_v<T, float>)
      if (options_.precision == Precision::int8) return body(quantized_);
    return body(plain_);
  }
  [[nodiscard]] std::string title() const { return detail::title("conv1d", name); }
  [[nodiscard]] std::size_t reach() const { return (options_.kernel - 1) * options_.dilation; }
  [[nodiscard]] detail::TapShape shape() const;
  /// The layout of the result; that of x where no length changes.
  const PackedLayout& output_layout(Tape<T>& tape, const PackedLayout& input) const;

  Conv1dOptions options_;
  detail::ConvBy<T, detail::Kernels<T>> plain_;
  Rounded rounded_;
  Quantized quantized_;

 public:
  std::string name;     ///< in error messages; set_names() makes it the path in the module
  Parameter<T> weight;  ///< [O, I, K]; as a matrix [O, I * K]
  Parameter<T> bias;    ///< [O], or empty
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/conv1d.ipp>
#endif

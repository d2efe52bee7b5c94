// Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000),
// PyTorch's nn.LSTM on ragged packed batches; with peepholes and layer norm on demand.
#pragma once

#include <optional>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/nn/detail/gate_table.hpp>
#include <seqlstm/nn/detail/lstm_layer.hpp>
#include <seqlstm/nn/detail/recurrent_run.hpp>
#include <seqlstm/nn/detail/recurrent_stack.hpp>
#include <seqlstm/nn/dropout.hpp>
#include <seqlstm/nn/lstm_stream.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

/// Shape, dropout, first values and precision of an Lstm.
struct LstmOptions {
  std::size_t input = 0;       ///< I: numbers per token
  std::size_t hidden = 0;      ///< H: units per direction
  std::size_t layers = 1;      ///< each reads the output of the one before
  bool bidirectional = false;  ///< output columns: H of the forward direction, then H of the reverse one
  bool reverse = false;        ///< the reverse direction alone: from each sequence's last token to its first
  double dropout = 0;          ///< between layers, so of 2 or more, in training only
  double weight_drop = 0;      ///< of elements of weight_hh, other ones in every training step
  std::optional<double> forget_bias =
      {};  ///< sum of the forget gate's biases at first; PyTorch's uniform draw without
  /// P, fewer than H: h is W_hr (o tanh(c)), PyTorch's proj_size (Sak et al. 2014). 0: h has H columns.
  std::size_t projection = 0;
  bool peephole = false;    ///< gates see c (Gers, Schraudolph and Schmidhuber 2002; ONNX's P)
  bool layer_norm = false;  ///< W_ih x, W_hh h and c are normalised (Ba, Kiros and Hinton 2016, eq. 20 to 22)
  Precision precision = Precision::f32;  ///< what factors are rounded to; bf16 and int8 where T is float
  std::string name = {};                 ///< for error messages: "lstm 'name': ..."

  /// Columns of h: P or H.
  [[nodiscard]] std::size_t output() const { return projection > 0 ? projection : hidden; }
};

/// Trained numbers of a network of these options, biases included. A double: whatever the options say, it
/// does not wrap around.
double expected_parameters(const LstmOptions& o);

/// Initial or final states of all layers and directions, stacked as PyTorch does: row (layer * directions +
/// direction)
/// * B + sequence, sequences in the caller's order. Undefined means zero.
template <Scalar T> struct LstmState {
  Var<T> h,  ///< [layers * directions * B, H or P], hidden states
      c;     ///< [layers * directions * B, H], cell states
};

/// What an Lstm returns: y, and the final states on request.
template <Scalar T> struct LstmResult {
  SeqVar<T> y;         ///< [tokens, directions * H or P], h of every token of the last layer
  LstmState<T> final;  ///< the states of every sequence after its last token; reverse: after its first
};

/// i = sigmoid(W_ii x + b_ii + W_hi h + b_hi)   f, o alike   g = tanh(W_ig x + b_ig + W_hg h + b_hg)
/// c' = f c + i g   h' = o tanh(c')
///
/// The options `projection`, `peephole` and `layer_norm`, alone or together, make other cells: docs/lstm.md
/// has their equations. These take separate products for each step, not the fused kernels, and
/// token vectors as dense rows.
///
/// Parameters are PyTorch's: weight_ih_l0 [4H, I], weight_hh_l0 [4H, H], bias_ih_l0, bias_hh_l0 [4H], gates
/// i, f, g, o, and with a projection weight_hh_l0 [4H, P], weight_hr_l0 [P, H]; further layers _l1, ...,
/// reverse direction _reverse, but not where it is the only one. Ours are weight_ch_l0 [3H] (peepholes of i,
/// o, f), and norm_ih_l0, norm_hh_l0 [4H], norm_c_l0 [H] (1 at first), norm_c_bias_l0 [H] (0). The others are
/// drawn from U(-1/sqrt(H), 1/sqrt(H)).
///
/// An empty sequence leaves its initial state as its final state. With `weight_drop` p a training step
/// multiplies by weight_hh * mask / (1 - p) (DropConnect; Merity et al. 2018, section 2), the same mask for
/// all tokens; the parameter keeps its values.
///
/// Per layer and direction, training stores 4H' + H' numbers per token besides the H of y (H' is H rounded up
/// to a vector, in bf16 to 16 and the 4H' two bytes each); 2H' + 2H per sequence hold the states. Other cells
/// store 5H numbers per token, H more with a projection, 8H + 4 more with a layer norm; 11H + 2P + 2 per
/// sequence. Throws option_error for options out of range and for a dropout between layers of one,
/// shape_error where widths or states do not fit. Must outlive the tape's step.
template <Scalar T = float> class Lstm {
 public:
  Lstm() = default;
  /// Draws first weights, the same in every program.
  explicit Lstm(LstmOptions options);

  /// Token vectors go straight into the gates: W_ih * row is looked up, no dense input is made.
  SeqVar<T> operator()(Tape<T>& tape, const EmbeddedTokens<T>& tokens) const { return run(tape, tokens).y; }
  /// The same on dense rows, x [tokens, I], with x's tape.
  SeqVar<T> operator()(Tape<T>&, const SeqVar<T>& x) const { return run(x).y; }
  /// The same without naming the tape.
  SeqVar<T> operator()(const SeqVar<T>& x) const { return run(x).y; }

  /// The same with initial states in and final states out.
  LstmResult<T> run(Tape<T>& tape, const EmbeddedTokens<T>& tokens, const LstmState<T>& initial = {}) const;
  /// The same on dense rows, x [tokens, I].
  LstmResult<T> run(const SeqVar<T>& x, const LstmState<T>& initial = {}) const;

  /// The states of B streams at their beginning, zero; their memory is that of an LstmStream. Throws
  /// option_error where the network is bidirectional or reverse: it needs whole sequences. Of this precision:
  /// after set_precision streams begin anew.
  [[nodiscard]] LstmStream<T> initial_state(std::size_t streams) const;
  /// One more token of every stream, x [B, I]: returns h of the last layer, [B, H] (with a projection
  /// [B, P]), valid until the next step. Gives the bits that predict() gives for whole sequences. No dropout,
  /// no gradient, one thread; allocates nothing after the first. Throws shape_error where x or the streams do
  /// not fit, and where the network is bidirectional or reverse.
  ConstMatrixView<T> step(ConstMatrixView<T> x, LstmStream<T>& streams) const;
  /// The same with tokens, `lstm.step(embedding.at(id), streams)`. The fused cell looks rows of W_ih times
  /// the embedding up, [V][4H'] numbers, which are made anew when W_ih or the embedding is another than
  /// before: threads that share a network must step it with one embedding. Throws token_error for an id
  /// outside the vocabulary.
  ConstMatrixView<T> step(const EmbeddedStep<T>& tokens, LstmStream<T>& streams) const;

  /// Draws all parameters anew, layer norms as the identity. With a forget_bias in the options the forget
  /// gate's bias_ih becomes that number and its bias_hh 0.
  void initialize(RandomKey key);

  /// weight_ih, weight_hh, bias_ih and bias_hh of a layer, and weight_hr, weight_ch, norm_ih, norm_hh,
  /// norm_c, norm_c_bias, which are empty where the options do not ask for them; direction 1 is the reverse
  /// one.
  [[nodiscard]] auto& weights(std::size_t layer, std::size_t direction = 0) {
    return stack_.weights(layer, direction);
  }
  /// The same, to read.
  [[nodiscard]] const auto& weights(std::size_t layer, std::size_t direction = 0) const {
    return stack_.weights(layer, direction);
  }
  /// Another probability than that of the options.
  void set_weight_drop(double p);
  /// Packs the weights for the kernels now, not in the first pass.
  void prepare() const;
  /// Another precision than that of the options, for instance to run in bf16 or int8 what was trained in f32.
  /// An option_error for bf16 and int8 where T is double, and for int8 with projection, peephole or
  /// layer_norm. In int8 a training step throws option_error where it needs a gradient of the network.
  void set_precision(Precision precision);
  /// What factors are rounded to now.
  [[nodiscard]] Precision precision() const { return options_.precision; }
  /// The options, with the weight_drop and the precision that were set last.
  [[nodiscard]] const LstmOptions& options() const { return options_; }
  /// 2 for a bidirectional network, else 1.
  [[nodiscard]] std::size_t directions() const { return stack_.per_layer(); }
  /// Columns of the result.
  [[nodiscard]] std::size_t output() const { return directions() * options_.output(); }

  template <class V> void fields(V& v) { stack_.fields(v); }

  std::string name;      ///< in error messages; set_names() makes it the path in the module
  bool training = true;  ///< false: no dropout between layers or of weights, whatever the tape says

 private:
  LstmResult<T> run(Tape<T>& tape, const PackedLayout& layout, detail::RecurrentInput<T> input,
                    const LstmState<T>& initial) const;

  /// Whether steps are separate products: what the fused kernels cannot do.
  [[nodiscard]] bool steps_apart() const { return cell_parts().any(); }
  [[nodiscard]] detail::LstmCellParts cell_parts() const {
    return {options_.projection, options_.peephole, options_.layer_norm};
  }
  void check_step(std::size_t width, std::size_t rows, const LstmStream<T>& streams) const;
  /// Calls body(kernels of this precision).
  template <class Body> auto with_kernels(Body&& body) const {
    if constexpr (std::is_same_v<T, float>)
      if (options_.precision == Precision::bf16) return body(detail::RoundedKernels());
    if constexpr (std::is_same_v<T, float>)
      if (options_.precision == Precision::int8) return body(detail::QuantizedKernels());
    return body(detail::Kernels<T>());
  }
  /// Columns of a stream's states: what this precision's kernels read.
  [[nodiscard]] std::size_t stream_columns() const;
  [[nodiscard]] std::string title() const { return detail::title("lstm", name); }
  static void set_forget_bias(detail::LstmDirection<T>& direction, double value);
  static void set_identity_norms(detail::LstmDirection<T>& direction);

  LstmOptions options_;
  detail::RecurrentStack<detail::LstmDirection<T>> stack_;
  Dropout<T> dropout_;
  detail::GateTable<T> step_table_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/lstm.ipp>
#endif

// Gated recurrent units (Cho et al. 2014), PyTorch's nn.GRU on ragged packed batches.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/nn/detail/gate_table.hpp>
#include <seqlstm/nn/detail/gru_layer.hpp>
#include <seqlstm/nn/detail/recurrent_run.hpp>
#include <seqlstm/nn/detail/recurrent_stack.hpp>
#include <seqlstm/nn/dropout.hpp>
#include <seqlstm/nn/gru_stream.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

/// Shape, dropout and form of a Gru.
struct GruOptions {
  std::size_t input = 0;       ///< I: numbers per token
  std::size_t hidden = 0;      ///< H: units per direction
  std::size_t layers = 1;      ///< each reads the output of the one before
  bool bidirectional = false;  ///< output columns: H of the forward direction, then H of the reverse one
  double dropout = 0;          ///< between layers, so of 2 or more, in training only
  bool reset_after = true;     ///< the reset gate multiplies W_hn h + b_hn (PyTorch, cuDNN); false: it
                               ///< multiplies h (Cho et al. 2014), which takes two products a step
  Precision precision = Precision::f32;  ///< what factors are rounded to; bf16 and int8 where T is float
                                         ///< and with reset_after
  std::string name = {};                 ///< for error messages: "gru 'name': ..."
};

/// What a Gru returns: y, and the final states on request.
template <Scalar T> struct GruResult {
  SeqVar<T> y;  ///< [tokens, directions * H], h of every token of the last layer
  Var<T>
      final;  ///< h of every sequence after its last token; reverse: after its first; stacked as states are
};

/// r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)   z alike   n = tanh(W_in x + b_in + r (W_hn h + b_hn))
/// h' = (1 - z) n + z h; without reset_after n = tanh(W_in x + b_in + W_hn (r h) + b_hn)
///
/// Parameters are PyTorch's: weight_ih_l0 [3H, I], weight_hh_l0 [3H, H], bias_ih_l0, bias_hh_l0 [3H], gates
/// r, z, n; further layers _l1, ..., reverse direction _reverse. U(-1/sqrt(H), 1/sqrt(H)) at first. States
/// are stacked as PyTorch does: row (layer * directions + direction) * B + sequence, H columns, sequences in
/// the caller's order; undefined means zero. An empty sequence leaves its initial state as its final state.
/// Per layer and direction, training stores 4H' numbers per token besides the H of y (H' is H rounded up to a
/// vector, in bf16 to 16, and the 4H' are bfloat16s); H' + H per sequence hold the states. Throws
/// option_error for options out of range and for a dropout between layers of one, shape_error where widths or
/// states do not fit. Must outlive the tape's step.
template <Scalar T = float> class Gru {
 public:
  Gru() = default;
  /// Draws first weights, the same in every program.
  explicit Gru(GruOptions options);

  /// Token vectors go straight into the gates: W_ih * row is looked up, no dense input is made.
  SeqVar<T> operator()(Tape<T>& tape, const EmbeddedTokens<T>& tokens) const { return run(tape, tokens).y; }
  /// The same on dense rows, x [tokens, I], with x's tape.
  SeqVar<T> operator()(Tape<T>&, const SeqVar<T>& x) const { return run(x).y; }
  /// The same without naming the tape.
  SeqVar<T> operator()(const SeqVar<T>& x) const { return run(x).y; }

  /// The same with initial states in, [layers * directions * B, H], and final states out.
  GruResult<T> run(Tape<T>& tape, const EmbeddedTokens<T>& tokens, const Var<T>& initial = {}) const;
  /// The same on dense rows, x [tokens, I].
  GruResult<T> run(const SeqVar<T>& x, const Var<T>& initial = {}) const;

  /// The states of B streams at their beginning, zero: memory for 2 H' numbers per stream and layer. Throws
  /// option_error where the network is bidirectional: it needs whole sequences. Of this precision: after
  /// set_precision streams begin anew.
  [[nodiscard]] GruStream<T> initial_state(std::size_t streams) const;
  /// One more token of every stream, x [B, I]: returns h of the last layer, [B, H], valid until the next
  /// step. Gives the bits that predict() gives for whole sequences. No dropout, no gradient, one thread;
  /// allocates nothing after the first. Throws shape_error where x or the streams do not fit.
  ConstMatrixView<T> step(ConstMatrixView<T> x, GruStream<T>& streams) const;
  /// The same with tokens, `gru.step(embedding.at(id), streams)`. Looks rows of W_ih times the embedding up,
  /// [V][3H'] numbers, which are made anew when W_ih or the embedding is another than before: threads that
  /// share a network must step it with one embedding. Throws token_error for an id outside the vocabulary.
  ConstMatrixView<T> step(const EmbeddedStep<T>& tokens, GruStream<T>& streams) const;

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
  /// Packs the weights for the kernels now, not in the first pass.
  void prepare() const;
  /// Another precision than that of the options. An option_error for bf16 and int8 where T is double or
  /// without reset_after. In int8 a training step throws option_error where it needs a gradient of the
  /// network.
  void set_precision(Precision precision);
  /// What factors are rounded to now.
  [[nodiscard]] Precision precision() const { return options_.precision; }
  /// The options of the constructor.
  [[nodiscard]] const GruOptions& options() const { return options_; }
  /// 2 for a bidirectional network, else 1.
  [[nodiscard]] std::size_t directions() const { return stack_.per_layer(); }
  /// Columns of the result.
  [[nodiscard]] std::size_t output() const { return directions() * options_.hidden; }

  template <class V> void fields(V& v) { stack_.fields(v); }

  std::string name;      ///< in error messages; set_names() makes it the path in the module
  bool training = true;  ///< false: no dropout between layers, whatever the tape says

 private:
  GruResult<T> run(Tape<T>& tape, const PackedLayout& layout, detail::RecurrentInput<T> input,
                   const Var<T>& initial) const;
  void check_step(std::size_t width, std::size_t rows, const GruStream<T>& streams) const;
  /// Calls body(kernels of this precision).
  template <class Body> auto with_kernels(Body&& body) const {
    if constexpr (std::is_same_v<T, float>)
      if (options_.precision == Precision::bf16) return body(detail::RoundedKernels());
    if constexpr (std::is_same_v<T, float>)
      if (options_.precision == Precision::int8) return body(detail::QuantizedKernels());
    return body(detail::Kernels<T>());
  }
  /// H rounded up as the kernels do.
  [[nodiscard]] std::size_t padded() const {
    return with_kernels([&](auto kernels) {
      return detail::gate_shape<decltype(kernels)>(0, options_.hidden).padded_hidden();
    });
  }
  [[nodiscard]] detail::GruLayer cell() const { return {options_.reset_after}; }

  GruOptions options_;
  detail::RecurrentStack<detail::GruDirection<T>> stack_;
  Dropout<T> dropout_;
  detail::GateTable<T> step_table_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/gru.ipp>
#endif

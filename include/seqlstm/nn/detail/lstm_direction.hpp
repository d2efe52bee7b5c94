// One direction of one LSTM or GRU layer: its parameters and their copies in the kernels' order.
#pragma once

#include <array>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/detail/cached.hpp>
#include <seqlstm/nn/detail/linear.hpp>
#include <seqlstm/nn/parameter.hpp>
#include <tuple>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// A direction's weights as the kernels K read them in a forward pass.
template <class K> class ForwardWeights {
 public:
  using T = typename K::Number;
  using Stored = typename K::Stored;

  kernels::GateShape shape{};
  AlignedBuffer<Stored> x_columns, h_columns;
  AlignedBuffer<T> bias;

  template <class Direction> void pack(const Direction& d);

  /// table [rows][product_row] = rows W_ih^T. A row's bits do not depend on the others.
  void gate_rows(ConstMatrixView<T> rows, T* table) const {
    K::gate_rows(shape, rows, x_columns.data(), table);
  }
  /// The same for row k of the identity matrix: column k of W_ih.
  void one_hot_gate_row(const Parameter<T>& weight_ih, std::size_t k, T* row) const {
    if constexpr (trains<K>) {
      std::fill_n(row, shape.product_row(), T(0));
      for (std::size_t gate = 0; gate < shape.gate_count(); ++gate)
        for (std::size_t u = 0; u < shape.hidden; ++u)
          row[shape.product_column(gate, u)] = K::rounded(weight_ih.view()(gate * shape.hidden + u, k));
    } else {
      K::gate_column(shape, x_columns.data(), k, row);
    }
  }
};

/// The same for the backward pass.
template <class K> struct BackwardWeights {
  using T = typename K::Number;
  AlignedBuffer<typename K::Stored> x_rows, h_rows;

  template <class Direction> void pack(const Direction& d);
};

/// Of an LSTM or a GRU.
template <Scalar T, kernels::Gates Of> struct GatedDirection {
  static constexpr std::size_t gates = Of == kernels::Gates::lstm ? 4 : 3;  ///< G
  static constexpr std::array names = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"};

  Parameter<T> weight_ih;  ///< [GH, I], gates i, f, g, o or r, z, n
  Parameter<T> weight_hh;  ///< [GH, H]; [GH, P] of a projected h
  Parameter<T> bias_ih;    ///< [GH]
  Parameter<T> bias_hh;    ///< [GH]

  GatedDirection() = default;
  GatedDirection(std::size_t input, std::size_t hidden, std::size_t output);

  [[nodiscard]] std::size_t input() const { return weight_ih.cols(); }
  [[nodiscard]] std::size_t hidden() const { return weight_hh.rows() / gates; }
  /// In the order of `names`.
  std::array<Parameter<T>*, 4> parameters() { return {&weight_ih, &weight_hh, &bias_ih, &bias_hh}; }
  [[nodiscard]] bool trainable() const {
    return weight_ih.trainable || weight_hh.trainable || bias_ih.trainable || bias_hh.trainable;
  }

  /// What kernels K read in each pass; made anew when a parameter changed, that is once per update.
  template <class K> const ForwardWeights<K>& packed_forward() const {
    return packed<K, ForwardWeights<K>>(weight_ih, weight_hh, bias_ih, bias_hh);
  }
  template <class K> const BackwardWeights<K>& packed_backward() const {
    return packed<K, BackwardWeights<K>>(weight_ih, weight_hh);
  }

  /// The shape of W_ih for kernels K.
  template <class K> [[nodiscard]] kernels::GateShape shape() const {
    return gate_shape<K>(input(), hidden(), Of);
  }
  /// Calls body(range of unit panels of kernels K) on as many threads as going over all weights once is
  /// worth.
  template <class K, class Body> void for_panels(Body&& body) const {
    for_parts(shape<K>().panels(), 1, 4 * (weight_ih.size() + weight_hh.size()), body);
  }

 private:
  template <class K, class Packed, class... Parameters>
  const Packed& packed(const Parameters&... made_from) const {
    return std::get<Cached<Packed, 1 + sizeof...(Parameters)>>(packed_).get(
        {made_from.version()..., K::order()}, [this](Packed& weights) { weights.pack(*this); });
  }

  using Vectors = Kernels<T>;
  using Tiles = RoundedKernels;
  std::tuple<Cached<ForwardWeights<Vectors>, 5>, Cached<BackwardWeights<Vectors>, 3>,
             Cached<ForwardWeights<Tiles>, 5>, Cached<BackwardWeights<Tiles>, 3>,
             Cached<ForwardWeights<QuantizedKernels>, 5>>
      packed_;
};

/// What an LSTM may have besides its gates.
struct LstmCellParts {
  std::size_t projection = 0;  ///< P; 0: none
  bool peephole = false, layer_norm = false;

  /// Whether its steps are those of lstm_cell_layer.hpp, not the fused kernels'.
  [[nodiscard]] bool any() const { return projection > 0 || peephole || layer_norm; }
};

/// The weights of an LSTM's direction as one step of plain rows reads them, by the products P; null: there
/// are none of the kind.
template <class P> struct LstmStepWeights {
  using T = typename P::Number;
  const typename P::Stored *input, *hidden, *projection;
  const T *bias, *zeros;  // [4H]
  const T *peephole, *norm_ih, *norm_hh, *norm_c, *norm_c_bias;
};

template <Scalar T> struct LstmDirection : GatedDirection<T, kernels::Gates::lstm> {
  using Gated = GatedDirection<T, kernels::Gates::lstm>;
  static constexpr std::array names = {"weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr",
                                       "weight_ch", "norm_ih",   "norm_hh", "norm_c",  "norm_c_bias"};

  Parameter<T> weight_hr;  ///< [P, H]; empty without a projection
  Parameter<T> weight_ch;  ///< [3H], what i, o and f see of c; empty without peepholes
  Parameter<T> norm_ih,
      norm_hh;  ///< [4H], factors of the normalised W_ih x and W_hh h; empty without layer norm
  Parameter<T> norm_c, norm_c_bias;  ///< [H], factor of the normalised c, and what is added to it; alike

  LstmDirection() = default;
  LstmDirection(std::size_t input, std::size_t hidden, std::size_t output) : Gated(input, hidden, output) {}
  /// Makes the parameters of these parts.
  void add(const LstmCellParts& parts);

  /// Columns of h.
  [[nodiscard]] std::size_t output() const { return this->weight_hh.cols(); }
  std::array<Parameter<T>*, 10> parameters() {
    return {&this->weight_ih, &this->weight_hh, &this->bias_ih, &this->bias_hh, &weight_hr,
            &weight_ch,       &norm_ih,         &norm_hh,       &norm_c,        &norm_c_bias};
  }
  /// A parameter that is not there counts as frozen.
  [[nodiscard]] bool trainable() const;

  /// Made anew when a parameter changed.
  template <class P> [[nodiscard]] LstmStepWeights<P> step_weights() const {
    const auto& own = std::get<StepFactors<P>>(factors_);
    const auto data = [](const Parameter<T>& p) { return p.size() > 0 ? p.data() : nullptr; };
    const T* bias = bias_sum();
    return {own.input.of(this->weight_ih).data(),
            own.hidden.of(this->weight_hh).data(),
            weight_hr.size() > 0 ? own.projection.of(weight_hr).data() : nullptr,
            bias,
            bias + this->bias_ih.size(),
            data(weight_ch),
            data(norm_ih),
            data(norm_hh),
            data(norm_c),
            data(norm_c_bias)};
  }
  /// The same weights for products of gradients.
  template <class P> const PackedWeight<T, P>& input_back() const {
    return std::get<StepFactors<P>>(factors_).input_back.of(this->weight_ih);
  }
  template <class P> const PackedWeight<T, P>& hidden_back() const {
    return std::get<StepFactors<P>>(factors_).hidden_back.of(this->weight_hh);
  }
  template <class P> const PackedWeight<T, P>& projection_back() const {
    return std::get<StepFactors<P>>(factors_).projection_back.of(weight_hr);
  }

 private:
  template <class P> struct StepFactors {
    CachedWeight<T, WeightUse::forward, P> input, hidden, projection;
    CachedWeight<T, WeightUse::backward, P> input_back, hidden_back, projection_back;
  };
  /// The sum of both biases, and as many zeros.
  [[nodiscard]] const T* bias_sum() const;

  std::tuple<StepFactors<Kernels<T>>, StepFactors<RoundedKernels>> factors_;
  Cached<AlignedBuffer<T>, 2> biases_;
};
template <Scalar T> using GruDirection = GatedDirection<T, kernels::Gates::gru_input>;

template <class K> template <class Direction> void ForwardWeights<K>::pack(const Direction& d) {
  shape = d.template shape<K>();
  const auto of_hidden = shape.of_hidden();
  x_columns.reserve_discard(K::columns_size(shape, d.input()));
  h_columns.reserve_discard(K::columns_size(of_hidden, d.hidden()));
  bias.reserve_discard(shape.gate_row());
  d.template for_panels<K>([&](IndexRange panels) {
    K::pack_columns(shape, d.weight_ih.view(), x_columns.data(), panels);
    K::pack_columns(of_hidden, d.weight_hh.view(), h_columns.data(), panels);
  });
  kernels::pack_bias(shape, d.bias_ih.data(), d.bias_hh.data(), bias.data());
}

template <class K> template <class Direction> void BackwardWeights<K>::pack(const Direction& d) {
  const auto shape = d.template shape<K>(), of_hidden = shape.of_hidden();
  x_rows.reserve_discard(K::rows_size(shape, d.input()));
  h_rows.reserve_discard(K::rows_size(of_hidden, d.hidden()));
  d.template for_panels<K>([&](IndexRange panels) {
    K::pack_rows(shape, d.weight_ih.view(), x_rows.data(), panels);
    K::pack_rows(of_hidden, d.weight_hh.view(), h_rows.data(), panels);
  });
}

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/lstm_direction.ipp>
#endif

// One direction of an LSTM or a GRU through the kernels of bytes, as a layer would call them.
#pragma once

#include <seqlstm/kernels/byte_kernels.hpp>

#include "lstm_case.hpp"
#include "matrix_units.hpp"

namespace testing {

/// A matrix whose rows are quantised and multiplied out.
inline Matrix quantized(const Matrix& m) {
  Matrix result = m;
  std::vector<std::int8_t> bytes(m.cols);
  const auto values = converted<float>(m);
  for (std::size_t r = 0; r < m.rows; ++r) {
    const float scale = kernels::quantize_weights(values.data() + r * m.cols, m.cols, bytes.data(),
                                                  [](std::size_t k) { return k; });
    for (std::size_t k = 0; k < m.cols; ++k) result(r, k) = double{scale} * bytes[k];
  }
  return result;
}

/// A direction of an LSTM or a GRU in inference, inputs and states by record.
template <bool Gru> struct ByteCase {
  using K = kernels::ByteKernels;
  static constexpr std::size_t gap = 3;
  LstmSetup setup;
  seqlstm::PackedLayout layout;
  reference::LstmWeights weights;
  kernels::GateShape shape;
  std::vector<float> x, h0, c0, y, c, bias;
  AlignedVector<std::int8_t> packed_x, packed_h, room;

  explicit ByteCase(const LstmSetup& s)
      : setup(s),
        weights(Gru ? reference::GruSequence::random(s.input, s.hidden, 11)
                    : reference::LstmWeights::random(s.input, s.hidden, 11)),
        shape(seqlstm::detail::gate_shape<K>(s.input, s.hidden,
                                             Gru ? kernels::Gates::gru_input : kernels::Gates::lstm)),
        bias(shape.gate_row()) {
    layout.assign(s.lengths, s.records);
    x.assign(layout.tokens() * (s.input + gap), 7);
    for (auto* states : {&h0, &c0}) states->assign(layout.sequences() * shape.padded_hidden(), 0);
    for (std::size_t r = 0; r < layout.sequences(); ++r) {
      const auto in = converted<float>(inputs(r));
      for (std::size_t t = 0; t < layout.length(r); ++t)
        std::copy_n(in.data() + t * s.input, s.input, x.data() + (layout.offset(t) + r) * (s.input + gap));
      std::copy_n(converted<float>(state(r, 1)).data(), s.hidden, h0.data() + r * shape.padded_hidden());
      std::copy_n(converted<float>(state(r, 2)).data(), s.hidden, c0.data() + r * shape.padded_hidden());
    }
    const auto pack = [](const kernels::GateShape& of, const Matrix& m, AlignedVector<std::int8_t>& to) {
      const auto values = converted<float>(m);
      to.resize(K::columns_size(of, m.cols));
      K::pack_columns(of, {values.data(), m.rows, m.cols}, to.data(), {0, of.panels()});
    };
    pack(shape, weights.ih, packed_x);
    pack(shape.of_hidden(), weights.hh, packed_h);
    kernels::pack_bias(shape, converted<float>(weights.bias_ih).data(),
                       converted<float>(weights.bias_hh).data(), bias.data());
  }
  [[nodiscard]] Matrix inputs(std::size_t r) const {
    Matrix m = reference::random_matrix(layout.length(r), setup.input, 100 + layout.record(r));
    if (layout.record(r) == setup.nan_record && m.rows > 0) m(0, 0) = std::nan("");
    return m;
  }
  [[nodiscard]] Matrix state(std::size_t r, std::uint64_t which) const {
    return reference::random_matrix(1, setup.hidden, 1000 * which + layout.record(r));
  }
  [[nodiscard]] std::size_t ldy() const { return setup.hidden + gap; }
  [[nodiscard]] const float* h(std::size_t r, std::size_t t) const {
    return y.data() + (layout.offset(t) + r) * ldy();
  }

  void forward(std::size_t parts = 1, Cut cut = Cut::rows) {
    y.assign(layout.tokens() * ldy(), 7);
    c = c0;
    K::Forward a{};
    a.shape = shape;
    a.layout = layout.view();
    a.reverse = setup.reverse;
    a.x = x.data();
    a.ldx = setup.input + gap;
    a.weights_x = packed_x.data();
    a.weights_h = packed_h.data();
    a.bias = bias.data();
    a.h0 = h0.data();
    a.y = y.data();
    a.ldy = ldy();
    a.c = c.data();
    room.assign(Gru ? K::gru_forward_room(a, parts) : K::forward_room(a, parts), std::int8_t{5});
    a.room = room.data();
    seqlstm::set_threads(std::min<std::size_t>(parts, 8));
    if (cut == Cut::rows) {
      seqlstm::parallel_for(parts, [&](std::size_t part) {
        run(a, {kernels::rows_of_part(layout.view(), parts, part), {0, shape.panels()}, nullptr, part});
      });
    } else {
      seqlstm::parallel_team([&](const seqlstm::TeamMember& member) {
        run(a, {{0, layout.sequences()},
                seqlstm::part_of(shape.panels(), member.size(), member.number(), 1),
                &member,
                0});
      });
    }
    seqlstm::set_threads(1);
  }
  static void run(const K::Forward& a, const kernels::LstmPart& part) {
    if (Gru) {
      K::gru_forward(a, part);
    } else {
      K::forward(a, part);
    }
  }
  /// Every step is the textbook's with quantised factors, from the h that the kernels left before it.
  void check() const {
    const reference::LstmWeights factors{quantized(weights.ih), quantized(weights.hh), weights.bias_ih,
                                         weights.bias_hh};
    Difference worst, padding;
    for (std::size_t r = 0; r < layout.sequences(); ++r) {
      const Matrix in = quantized(inputs(r));
      Matrix before = state(r, 1), cell = state(r, 2);
      for (std::size_t s = 0; s < layout.length(r); ++s) {
        const std::size_t t = setup.reverse ? layout.length(r) - 1 - s : s;
        Matrix token(1, setup.input);
        for (std::size_t i = 0; i < setup.input; ++i) token(0, i) = in(t, i);
        const Matrix expected = next(factors, token, before, cell);
        for (std::size_t u = 0; u < setup.hidden; ++u) {
          worst.add(h(r, t)[u], expected(0, u));
          before(0, u) = double{h(r, t)[u]};
        }
        for (std::size_t k = setup.hidden; k < ldy(); ++k) padding.add(h(r, t)[k], 7);
      }
      for (std::size_t u = 0; !Gru && u < setup.hidden; ++u)
        worst.add(c[r * shape.padded_hidden() + u], cell(0, u));
    }
    INFO(setup.input << " to " << setup.hidden << ", " << seqlstm::matrix_unit_name());
    REQUIRE(worst.worst() < 2e-3);
    REQUIRE(padding.worst() == 0);
  }
  /// h of a step from the h before it; cell becomes c.
  [[nodiscard]] Matrix next(const reference::LstmWeights& factors, const Matrix& token, const Matrix& before,
                            Matrix& cell) const {
    if constexpr (Gru) {
      reference::GruSequence step;
      step.forward(factors, token, quantized(before));
      for (std::size_t u = 0; u < setup.hidden; ++u)  // beside the gates h is what it is
        step.y(0, u) = step.n(0, u) + step.z(0, u) * (before(0, u) - step.n(0, u));
      return step.y;
    } else {
      reference::LstmSequence step;
      step.forward(factors, token, quantized(before), cell);
      cell = step.c;
      return step.y;
    }
  }
};

inline std::vector<LstmSetup> int8_setups() {
  return {
      {1, 1, {1}},     {6, 19, {5, 2, 9, 1, 0, 9, 4, 7, 3, 3, 8}},     {70, 65, {3, 1}, true}, {33, 16, {}},
      {3, 40, {0, 0}}, {20, 33, std::vector<std::size_t>(37, 4), true}};
}

/// Every step is the textbook's with quantised factors, on all units.
template <bool Gru> void check_int8_steps() {
  for_each_matrix_unit([] {
    for (const LstmSetup& setup : int8_setups()) {
      ByteCase<Gru> kernel(setup);
      kernel.forward();
      kernel.check();
    }
  });
}

/// Any partition and any unit give the same bits.
template <bool Gru> void check_int8_parts() {
  for (const LstmSetup& setup : int8_setups()) {
    ByteCase<Gru> whole(setup);
    whole.forward();
    for_each_matrix_unit([&] {
      for (const std::size_t parts : {1U, 2U, 3U})
        for (const Cut cut : {Cut::rows, Cut::panels}) {
          ByteCase<Gru> other(setup);
          other.forward(parts, cut);
          REQUIRE(same_bits(whole.y, other.y));
          REQUIRE(same_bits(whole.c, other.c));
        }
    });
  }
}

/// A sequence's bits do not depend on the batch around it, not on NaN beside it.
template <bool Gru> void check_int8_batches() {
  for (const bool reverse : {false, true}) {
    LstmSetup setup{20, 33, std::vector<std::size_t>(40, 6), reverse};
    setup.nan_record = 3;
    ByteCase<Gru> all(setup);
    all.forward();
    for (std::size_t r = 0; r < 40; r += 3) {
      if (all.layout.record(r) == setup.nan_record) {
        REQUIRE(std::isnan(all.h(r, reverse ? 0 : 5)[0]));
        continue;
      }
      ByteCase<Gru> alone({20, 33, {6}, reverse, false, {all.layout.record(r)}});
      alone.forward();
      for (std::size_t t = 0; t < 6; ++t)
        REQUIRE(std::memcmp(all.h(r, t), alone.h(0, t), 33 * sizeof(float)) == 0);
    }
  }
}

}  // namespace testing

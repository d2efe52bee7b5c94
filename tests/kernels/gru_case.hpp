// One direction of a GRU through the kernels, as a layer would call them, for the tests of both passes.
#pragma once

#include "lstm_case.hpp"

namespace testing {

/// LstmCase's inputs, on a GRU's kernels.
template <class T, class K = kernels::VectorKernels<T>> struct GruCase {
  using Stored = typename K::Stored;
  LstmSetup setup;
  bool reset_after;
  kernels::GateShape shape;
  seqlstm::PackedLayout layout;
  reference::LstmWeights weights;
  LstmCase<T, K> inputs;  // whose x, states and dy are used, not its weights

  bool projects = false;
  std::vector<T> y, dh0, dx, dw_ih, dw_hh, db_ih, db_hh, bias, tables[2];
  AlignedVector<Stored> gates, dgates, packed_ih, packed_hh, rows_ih, rows_hh, room;

  explicit GruCase(const LstmSetup& s, bool after = true)
      : setup(s),
        reset_after(after),
        shape(seqlstm::detail::gate_shape<K>(s.input, s.hidden, kernels::Gates::gru_input)),
        weights(reference::GruSequence::random(s.input, s.hidden, 11)),
        inputs(s) {
    layout.assign(setup.lengths, setup.records);
    pack();
  }

  [[nodiscard]] std::size_t tokens() const { return layout.tokens(); }
  [[nodiscard]] std::size_t batch() const { return layout.sequences(); }
  [[nodiscard]] std::size_t token(std::size_t row, std::size_t t) const { return layout.offset(t) + row; }
  /// Where unit u's number of a place stands in a gate row.
  [[nodiscard]] std::size_t column(std::size_t place, std::size_t u) const {
    if (!shape.side_by_side()) return place * shape.padded_hidden() + u;
    return u / shape.lanes * shape.panel_row() + place * shape.lanes + u % shape.lanes;
  }
  [[nodiscard]] std::size_t ldx() const { return inputs.ldx(); }
  [[nodiscard]] std::size_t ldy() const { return inputs.ldy(); }

  void forward(std::size_t parts = 1, bool training = true, Cut cut = Cut::rows) {
    y.assign(tokens() * ldy(), T(7));
    gates.assign(training ? (tokens() + K::spare_rows()) * shape.gate_row() : 0, Stored(7));
    typename K::Forward a{};
    a.shape = shape;
    a.layout = layout.view();
    a.reverse = setup.reverse;
    if (setup.lookup) {
      for (std::size_t k = 0; k < 2; ++k) a.lookups[k] = {tables[k].data(), inputs.slots[k].data()};
    } else {
      a.x = inputs.x.data();
      a.ldx = ldx();
    }
    a.weights_x = packed_ih.data();
    a.weights_h = packed_hh.data();
    a.bias = bias.data();
    a.h0 = inputs.h0.data();
    a.y = y.data();
    a.ldy = ldy();
    a.gates = training ? gates.data() : nullptr;
    a.projects = projects && !setup.lookup;
    a.reset_after = reset_after;
    room.assign(K::gru_forward_room(a, parts), unwritten());
    a.room = room.data();
    inputs.in_parts(parts, cut, [&](const kernels::LstmPart& part) { K::gru_forward(a, part); });
  }

  void backward(std::size_t parts = 1, std::size_t column_parts = 1, Cut cut = Cut::rows) {
    dgates = gates;
    dh0 = inputs.dh;
    typename K::Backward a{};
    a.shape = shape;
    a.layout = layout.view();
    a.reverse = setup.reverse;
    a.gates = dgates.data();
    a.dy = inputs.dy.data();
    a.lddy = ldy();
    a.weights_h = rows_hh.data();
    a.dh = dh0.data();
    a.y = y.data();
    a.ldy = ldy();
    a.h0 = inputs.h0.data();
    a.reset_after = reset_after;
    room.assign(K::gru_backward_room(a, parts), unwritten());
    a.room = room.data();
    inputs.in_parts(parts, cut, [&](const kernels::LstmPart& part) { K::gru_backward(a, part); });
    weight_gradients(column_parts);
    dx.assign(tokens() * ldx(), T(0));
    K::times_rows(shape, dgates.data(), tokens(), rows_ih.data(), {dx.data(), tokens(), setup.input, ldx()},
                  true);
  }

  /// The same numbers in plain double. Weight gradients in `gradient`.
  [[nodiscard]] reference::GruSequence expected(std::size_t row, reference::LstmWeights& gradient) const {
    reference::GruSequence sequence;
    sequence.reset_after = reset_after;
    const Matrix in = inputs.ordered(inputs.inputs(row));
    sequence.forward(weights, in, inputs.state(row, 1));
    sequence.backward(weights, in, inputs.ordered(inputs.result_gradient(row)), inputs.state(row, 3),
                      gradient);
    for (auto* m : {&sequence.n, &sequence.r, &sequence.z, &sequence.m, &sequence.y, &sequence.dx,
                    &sequence.dinput, &sequence.dhidden})
      *m = inputs.ordered(*m);
    return sequence;
  }

 private:
  static Stored unwritten() { return Stored(std::numeric_limits<float>::quiet_NaN()); }

  void pack() {
    const std::size_t hidden = setup.hidden, input = setup.input, rows = 3 * hidden;
    const auto ih = converted<T>(weights.ih), hh = converted<T>(weights.hh),
               b_ih = converted<T>(weights.bias_ih), b_hh = converted<T>(weights.bias_hh);
    const seqlstm::ConstMatrixView<T> w_ih(ih.data(), rows, input), w_hh(hh.data(), rows, hidden);
    const auto of_hidden = shape.of_hidden();
    packed_ih.assign(K::columns_size(shape, input), unwritten());
    packed_hh.assign(K::columns_size(of_hidden, hidden), unwritten());
    rows_ih.assign(K::rows_size(shape, input), unwritten());
    rows_hh.assign(K::rows_size(of_hidden, hidden), unwritten());
    for (std::size_t part = 0; part < 2; ++part) {
      const auto panels = seqlstm::part_of(shape.panels(), 2, part);
      K::pack_columns(shape, w_ih, packed_ih.data(), panels);
      K::pack_columns(of_hidden, w_hh, packed_hh.data(), panels);
      K::pack_rows(shape, w_ih, rows_ih.data(), panels);
      K::pack_rows(of_hidden, w_hh, rows_hh.data(), panels);
    }
    bias.assign(shape.gate_row(), std::numeric_limits<T>::quiet_NaN());
    kernels::pack_bias(shape, b_ih.data(), b_hh.data(), bias.data());
    for (std::size_t k = 0; k < 2; ++k) {
      const auto table = converted<T>(inputs.tables[k]);
      tables[k].assign(table_rows * shape.product_row(), std::numeric_limits<T>::quiet_NaN());
      K::gate_rows(shape, {table.data(), table_rows, input}, packed_ih.data(), tables[k].data());
    }
  }

  void weight_gradients(std::size_t parts) {
    const std::size_t hidden = setup.hidden, input = setup.input, padded = shape.padded_hidden(),
                      row = shape.gate_row();
    AlignedVector<T> sums_x(K::sums_size(shape, input), T(7)), sums_h(K::sums_size(shape, hidden), T(7));
    std::vector<T> bias_sums(row);
    AlignedVector<Stored> scratch(K::gradient_room(shape, row, {.count = tokens()}), unwritten());
    std::vector<const T*> x_rows(tokens()), h_rows(tokens()), reset_rows(tokens());
    const kernels::PreviousToken previous{layout.view(), setup.reverse};
    for (std::size_t t = 0; t < layout.steps(); ++t)
      for (std::size_t r = 0; r < layout.active(t); ++r) {
        const std::size_t here = token(r, t), before = previous(t, r);
        x_rows[here] = inputs.x.data() + here * ldx();
        h_rows[here] = before == kernels::PreviousToken::none ? inputs.h0.data() + r * padded
                                                              : y.data() + before * ldy();
        if constexpr (std::is_same_v<T, Stored>)
          reset_rows[here] = dgates.data() + here * row + kernels::gru_m * padded;
      }
    using Operand = kernels::GradientOperand<T>;
    std::vector<Operand> operands = {
        {h_rows.data(), hidden, sums_h.data(), false,
         reset_after ? shape.of_hidden().columns() : seqlstm::IndexRange{padded, 3 * padded}},
        {x_rows.data(), input, sums_x.data(), false, shape.columns()}};
    if (!reset_after)
      operands.push_back({reset_rows.data(), hidden, sums_h.data() + 3 * padded, false, {0, padded}});
    for (std::size_t part = 0; part < parts; ++part)
      K::weight_gradient(shape, dgates.data(), {.count = tokens()}, operands,
                         seqlstm::part_of(row, parts, part, shape.panel_row()), bias_sums.data(),
                         scratch.data());
    dw_ih.assign(3 * hidden * input, T(0));
    dw_hh.assign(3 * hidden * hidden, T(0));
    db_ih.assign(3 * hidden, T(0));
    db_hh.assign(3 * hidden, T(0));
    const seqlstm::IndexRange all{0, shape.panels()};
    K::unpack_sums(shape, sums_x.data(), {dw_ih.data(), 3 * hidden, input}, all);
    K::unpack_sums(shape.of_hidden(), sums_h.data(), {dw_hh.data(), 3 * hidden, hidden}, all);
    shape.for_each_gate([&](std::size_t column, std::size_t k) { db_ih[k] += bias_sums[column]; });
    (reset_after ? shape.of_hidden() : shape).for_each_gate([&](std::size_t column, std::size_t k) {
      db_hh[k] += bias_sums[column];
    });
  }
};

/// Calls body(setup, whether the reset gate acts after the product) for sizes around a vector and batches of
/// all kinds.
template <class Body> void for_each_gru(Body body) {
  const std::vector<std::vector<std::size_t>> batches = {
      {0}, {1}, {6}, {3, 5, 0, 1, 5, 2}, {4, 0, 7, 1, 7, 3, 2, 5, 5}};
  for (const bool reset_after : {true, false})
    for (const std::size_t hidden : {1U, 5U, 16U, 17U, 33U})
      for (const std::size_t input : {1U, 3U, 16U})
        for (const auto& lengths : batches)
          for (const bool reverse : {false, true})
            for (const bool lookup : {false, true})
              body(LstmSetup{input, hidden, lengths, reverse, lookup}, reset_after);
}
/// The same, and layers wide enough for every thread of three to have panels.
template <class Body> void for_each_gru_and_wide(Body body) {
  for_each_gru(body);
  for (const bool reset_after : {true, false})
    for (const auto& lengths : {std::vector<std::size_t>{6}, {4, 0, 7, 1, 7, 3, 2, 5, 5}})
      for (const bool reverse : {false, true})
        for (const bool lookup : {false, true})
          body(LstmSetup{17, 150, lengths, reverse, lookup}, reset_after);
}

inline std::string text(const LstmSetup& s, bool reset_after) {
  return text(s) + (reset_after ? "" : ", reset first");
}

}  // namespace testing

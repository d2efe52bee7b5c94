// One direction of an LSTM through the kernels, as a layer would call them, for the tests of both passes.
#pragma once

#include <seqlstm/kernels/set.hpp>

#include "support/reference.hpp"
#include "support/values.hpp"

namespace testing {

namespace kernels = seqlstm::kernels;
using reference::Matrix;

/// What a case is made of. Inputs of a sequence depend on its record alone, not on the batch it is in.
struct LstmSetup {
  std::size_t input, hidden;
  std::vector<std::size_t> lengths;
  bool reverse = false;
  bool lookup = false;                      ///< x is a row of each of two tables instead of a dense row
  std::vector<std::uint64_t> records = {};  ///< who the sequences are; empty: 0, 1, ...
  std::size_t nan_record = 99999;           ///< the first input of that record becomes NaN
};

inline constexpr std::size_t table_rows = 5;

template <class T> std::vector<T> converted(const Matrix& m) {
  std::vector<T> values;
  for (const double v : m.data) values.push_back(static_cast<T>(v));
  return values;
}

/// What a pass is cut into.
enum class Cut { rows, panels };

/// Memory on 64-byte boundaries, as a layer gives it.
template <class T> struct AlignedMemory {
  using value_type = T;
  AlignedMemory() = default;
  template <class U> explicit AlignedMemory(const AlignedMemory<U>&) {}
  T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), std::align_val_t(64)));
  }
  void deallocate(T* p, std::size_t) { ::operator delete(p, std::align_val_t(64)); }
  friend bool operator==(const AlignedMemory&, const AlignedMemory&) { return true; }
};
template <class T> using AlignedVector = std::vector<T, AlignedMemory<T>>;

/// Runs kernels over a number of row partitions and column partitions.
template <class T, class K = kernels::VectorKernels<T>> struct LstmCase {
  using Stored = typename K::Stored;
  static constexpr bool rounds = !std::is_same_v<T, Stored>;
  LstmSetup setup;
  seqlstm::kernels::GateShape shape;
  seqlstm::PackedLayout layout;
  reference::LstmWeights weights;
  std::vector<Matrix> tables;  // [table_rows, I]
  std::vector<std::vector<std::int32_t>> slots;

  std::vector<T> x, h0, c0, dy, dh, dc;           // packed rows; states [B][padded]
  bool projects = false;                          // whether inputs are multiplied beforehand
  std::vector<T> y, c;                            // results of forward
  AlignedVector<Stored> gates, dgates;            // of forward, of backward; whole tiles of rows
  std::vector<T> dw_ih, dw_hh, db, dx, dh0, dc0;  // results of backward
  std::vector<T> bias, gate_tables[2];
  AlignedVector<Stored> packed_ih, packed_hh, rows_ih, rows_hh, room;
  static constexpr std::size_t gap = 3;  // between the rows of x, y and dy

  explicit LstmCase(const LstmSetup& s)
      : setup(s),
        shape(seqlstm::detail::gate_shape<K>(s.input, s.hidden)),
        weights(reference::LstmWeights::random(s.input, s.hidden, 11)) {
    layout.assign(setup.lengths, setup.records);
    for (const std::uint64_t table : {0U, 1U})
      tables.push_back(reference::random_matrix(table_rows, setup.input, 70 + table));
    slots.assign(2, std::vector<std::int32_t>(tokens()));
    fill_inputs();
    pack();
  }

  [[nodiscard]] std::size_t tokens() const { return layout.tokens(); }
  [[nodiscard]] std::size_t batch() const { return layout.sequences(); }
  [[nodiscard]] std::size_t token(std::size_t row, std::size_t t) const { return layout.offset(t) + row; }
  [[nodiscard]] std::size_t ldx() const { return setup.input + gap; }
  [[nodiscard]] std::size_t ldy() const { return setup.hidden + gap; }
  /// Place of unit u's gate in a gate row.
  [[nodiscard]] std::size_t gate_column(std::size_t gate, std::size_t u) const {
    return u / shape.lanes * shape.panel_row() + gate * shape.lanes + u % shape.lanes;
  }

  // ---- inputs, by record

  [[nodiscard]] static std::int32_t slot(std::uint64_t record, std::size_t table, std::size_t t) {
    return static_cast<std::int32_t>((record * 7 + t * (3 + table) + table) % table_rows);
  }
  /// The rows that are multiplied with W_ih, in the caller's order of steps.
  [[nodiscard]] Matrix inputs(std::size_t row) const {
    const std::uint64_t record = layout.record(row);
    Matrix m = reference::random_matrix(layout.length(row), setup.input, 100 + record);
    if (setup.lookup)
      for (std::size_t t = 0; t < m.rows; ++t)
        for (std::size_t i = 0; i < m.cols; ++i)
          m(t, i) =
              tables[0](std::size_t(slot(record, 0, t)), i) + tables[1](std::size_t(slot(record, 1, t)), i);
    if (record == setup.nan_record && m.rows > 0) m(0, 0) = std::nan("");
    return m;
  }
  [[nodiscard]] Matrix state(std::size_t row, std::uint64_t which) const {
    return reference::random_matrix(1, setup.hidden, 1000 * which + layout.record(row));
  }
  [[nodiscard]] Matrix result_gradient(std::size_t row) const {
    return reference::random_matrix(layout.length(row), setup.hidden, 9000 + layout.record(row));
  }

  // ---- the passes

  /// What the forward pass is given; its results are cleared.
  [[nodiscard]] typename K::Forward forward_arguments(bool training = true, std::size_t parts = 1) {
    y.assign(tokens() * ldy(), T(7));
    gates.assign(training ? (tokens() + K::spare_rows()) * shape.gate_row() : 0, Stored(7));
    c = training ? std::vector<T>(tokens() * shape.padded_hidden(), T(7)) : c0;
    typename K::Forward a{};
    a.shape = shape;
    a.layout = layout.view();
    a.reverse = setup.reverse;
    if (setup.lookup) {
      for (std::size_t k = 0; k < 2; ++k) a.lookups[k] = {gate_tables[k].data(), slots[k].data()};
    } else {
      a.x = x.data();
      a.ldx = ldx();
    }
    a.weights_x = packed_ih.data();
    a.weights_h = packed_hh.data();
    a.bias = bias.data();
    a.h0 = h0.data();
    a.c0 = c0.data();
    a.y = y.data();
    a.ldy = ldy();
    a.gates = training ? gates.data() : nullptr;
    a.c = c.data();
    a.projects = projects && !setup.lookup;
    room.assign(K::forward_room(a, parts), unwritten());
    a.room = room.data();
    return a;
  }
  void forward(std::size_t parts = 1, bool training = true, Cut cut = Cut::rows) {
    const auto a = forward_arguments(training, parts);
    in_parts(parts, cut, [&](const kernels::LstmPart& part) { K::forward(a, part); });
  }

  void backward(std::size_t parts = 1, std::size_t column_parts = 1, Cut cut = Cut::rows) {
    dgates = gates;
    dh0 = dh;
    dc0 = dc;
    typename K::Backward a{};
    a.shape = shape;
    a.layout = layout.view();
    a.reverse = setup.reverse;
    a.gates = dgates.data();
    a.c = c.data();
    a.c0 = c0.data();
    a.dy = dy.data();
    a.lddy = ldy();
    a.weights_h = rows_hh.data();
    a.dh = dh0.data();
    a.dc = dc0.data();
    room.assign(K::backward_room(a, parts), unwritten());
    a.room = room.data();
    in_parts(parts, cut, [&](const kernels::LstmPart& part) { K::backward(a, part); });
    weight_gradients(column_parts);
    dx.assign(tokens() * ldx(), T(0));
    K::times_rows(shape, dgates.data(), tokens(), rows_ih.data(), {dx.data(), tokens(), setup.input, ldx()},
                  true);
  }

  /// The same numbers in plain double. Weight gradients in `gradient`.
  [[nodiscard]] reference::LstmSequence expected(std::size_t row, reference::LstmWeights& gradient) const {
    reference::LstmSequence sequence;
    if (rounds) sequence.factor = rounded;
    const Matrix in = ordered(inputs(row));
    sequence.forward(weights, in, state(row, 1), state(row, 2));
    sequence.backward(weights, in, ordered(result_gradient(row)), state(row, 3), state(row, 4), gradient);
    for (auto* m : {&sequence.gates, &sequence.c, &sequence.y, &sequence.dx, &sequence.dgates})
      *m = ordered(*m);
    return sequence;
  }

  /// Steps in the direction's order, or back.
  [[nodiscard]] Matrix ordered(const Matrix& m) const {
    if (!setup.reverse) return m;
    Matrix turned(m.rows, m.cols);
    for (std::size_t t = 0; t < m.rows; ++t)
      for (std::size_t k = 0; k < m.cols; ++k) turned(t, k) = m(m.rows - 1 - t, k);
    return turned;
  }

  /// Runs kernel(part) for all parts on as many threads, but no more than eight for parts of rows. Threads
  /// stay afterwards: an emulator keeps the memory of every thread that ends.
  template <class Kernel> void in_parts(std::size_t parts, Cut cut, const Kernel& kernel) const {
    if (parts == 1 && cut == Cut::rows)
      return kernel({kernels::rows_of_part(layout.view(), 1, 0), {0, shape.panels()}, nullptr, 0});
    seqlstm::set_threads(std::min<std::size_t>(parts, 8));
    if (cut == Cut::rows) {
      seqlstm::parallel_for(parts, [&](std::size_t part) {
        kernel({kernels::rows_of_part(layout.view(), parts, part), {0, shape.panels()}, nullptr, part});
      });
    } else {
      seqlstm::parallel_team([&](const seqlstm::TeamMember& member) {
        const std::size_t grain = kernels::backward_panels;
        kernel({{0, batch()},
                seqlstm::part_of(shape.panels(), member.size(), member.number(), grain),
                &member,
                0});
      });
    }
  }

  /// A factor as kernels on tiles see it.
  static double rounded(double v) {
    return double{static_cast<float>(seqlstm::bfloat16(static_cast<float>(v)))};
  }

 private:
  /// What memory holds that nobody may rely on.
  static Stored unwritten() { return Stored(std::numeric_limits<float>::quiet_NaN()); }

  void fill_inputs() {
    const std::size_t padded = shape.padded_hidden();
    x.assign(tokens() * ldx(), T(7));
    dy.assign(tokens() * ldy(), T(7));
    for (auto* states : {&h0, &c0, &dh, &dc}) states->assign(batch() * padded, T(0));
    for (std::size_t r = 0; r < batch(); ++r) {
      const auto in = converted<T>(inputs(r)), d = converted<T>(result_gradient(r));
      for (std::size_t t = 0; t < layout.length(r); ++t) {
        std::copy_n(in.data() + t * setup.input, setup.input, x.data() + token(r, t) * ldx());
        std::copy_n(d.data() + t * setup.hidden, setup.hidden, dy.data() + token(r, t) * ldy());
        for (std::size_t k = 0; k < 2; ++k) slots[k][token(r, t)] = slot(layout.record(r), k, t);
      }
      std::uint64_t which = 0;
      for (auto* states : {&h0, &c0, &dh, &dc})
        std::copy_n(converted<T>(state(r, ++which)).data(), setup.hidden, states->data() + r * padded);
    }
  }

  void pack() {
    const auto ih = converted<T>(weights.ih), hh = converted<T>(weights.hh),
               b_ih = converted<T>(weights.bias_ih), b_hh = converted<T>(weights.bias_hh);
    const std::size_t hidden = setup.hidden, input = setup.input;
    const seqlstm::ConstMatrixView<T> w_ih(ih.data(), 4 * hidden, input), w_hh(hh.data(), 4 * hidden, hidden);
    packed_ih.resize(K::columns_size(shape, input));
    packed_hh.resize(K::columns_size(shape, hidden));
    bias.resize(shape.gate_row());
    rows_ih.resize(K::rows_size(shape, input));
    rows_hh.resize(K::rows_size(shape, hidden));
    const seqlstm::IndexRange all_panels{0, shape.panels()};
    K::pack_columns(shape, w_ih, packed_ih.data(), all_panels);
    K::pack_columns(shape, w_hh, packed_hh.data(), all_panels);
    K::pack_rows(shape, w_ih, rows_ih.data(), all_panels);
    K::pack_rows(shape, w_hh, rows_hh.data(), all_panels);
    kernels::pack_bias(shape, b_ih.data(), b_hh.data(), bias.data());
    for (std::size_t k = 0; k < 2; ++k) {
      const auto factors = [](Matrix m) {
        for (auto& v : m.data) v = rounds ? rounded(v) : v;
        return m;
      };
      const Matrix products =
          reference::product(factors(tables[k]), reference::transposed(factors(weights.ih)));
      gate_tables[k].assign(table_rows * shape.gate_row(), T(0));
      shape.for_each_gate([&](std::size_t column, std::size_t row) {
        for (std::size_t r = 0; r < table_rows; ++r)
          gate_tables[k][r * shape.gate_row() + column] = static_cast<T>(products(r, row));
      });
    }
  }

  void weight_gradients(std::size_t parts) {
    const std::size_t wide = shape.panel_row(), hidden = setup.hidden, input = setup.input;
    // Sums that are overwritten hold nonsense at first; the bias is added to.
    std::vector<T> packed_dw_ih(K::sums_size(shape, input), T(7)),
        packed_dw_hh(K::sums_size(shape, hidden), T(7)), packed_db(shape.gate_row());
    AlignedVector<Stored> scratch(K::gradient_room(shape, shape.gate_row(), {.count = tokens()}),
                                  unwritten());
    std::vector<const T*> x_rows(tokens()), h_rows(tokens());
    const kernels::PreviousToken previous{layout.view(), setup.reverse};
    for (std::size_t t = 0; t < layout.steps(); ++t)
      for (std::size_t r = 0; r < layout.active(t); ++r) {
        const std::size_t before = previous(t, r);
        x_rows[token(r, t)] = x.data() + token(r, t) * ldx();
        h_rows[token(r, t)] = before == kernels::PreviousToken::none ? h0.data() + r * shape.padded_hidden()
                                                                     : y.data() + before * ldy();
      }
    const std::array<kernels::GradientOperand<T>, 2> operands = {
        kernels::GradientOperand<T>{h_rows.data(), hidden, packed_dw_hh.data(), false},
        kernels::GradientOperand<T>{x_rows.data(), input, packed_dw_ih.data(), false}};
    for (std::size_t part = 0; part < parts; ++part) {
      const auto columns = seqlstm::part_of(shape.gate_row(), parts, part, wide);
      K::weight_gradient(shape, dgates.data(), {.count = tokens()}, operands, columns, packed_db.data(),
                         scratch.data());
    }
    dw_ih.assign(4 * hidden * input, T(0));
    dw_hh.assign(4 * hidden * hidden, T(0));
    db.assign(4 * hidden, T(0));
    const seqlstm::IndexRange all{0, shape.panels()};
    K::unpack_sums(shape, packed_dw_ih.data(), {dw_ih.data(), 4 * hidden, input}, all);
    K::unpack_sums(shape, packed_dw_hh.data(), {dw_hh.data(), 4 * hidden, hidden}, all);
    shape.for_each_gate([&](std::size_t column, std::size_t row) { db[row] += packed_db[column]; });
  }
};

/// Calls body(setup) for odd sizes, ragged batches with empty and one-token sequences, single sequences, both
/// directions and both kinds of input.
template <class Body> void for_each_setup(Body body) {
  const std::vector<std::vector<std::size_t>> batches = {
      {6}, {0}, {1}, {}, {0, 0}, ragged_lengths, {1, 1, 1}, {9, 9, 8, 8, 8, 7, 7, 6, 3, 3, 2, 1, 1, 0, 4}};
  for (const std::size_t hidden : {1U, 5U, 16U, 21U, 33U})
    for (const std::size_t input : {1U, 3U, 17U})
      for (const auto& lengths : batches)
        for (const bool reverse : {false, true})
          for (const bool lookup : {false, true}) body(LstmSetup{input, hidden, lengths, reverse, lookup});
}

/// The same, and layers wide enough for every thread of three to have panels.
template <class Body> void for_each_setup_and_wide(Body body) {
  for_each_setup(body);
  for (const auto& lengths : {std::vector<std::size_t>{6}, {4, 0, 7, 1, 7, 3, 2, 5, 5}})
    for (const bool reverse : {false, true})
      for (const bool lookup : {false, true}) body(LstmSetup{17, 150, lengths, reverse, lookup});
}

inline std::string text(const LstmSetup& s) {
  std::string lengths;
  for (const std::size_t n : s.lengths) lengths += " " + std::to_string(n);
  return "I " + std::to_string(s.input) + ", H " + std::to_string(s.hidden) + ", lengths" + lengths +
         (s.reverse ? ", reverse" : "") + (s.lookup ? ", lookup" : "");
}

/// The largest difference between numbers and their reference, relative to the largest of the references
/// where that is above 1. NaN where there is one.
class Difference {
 public:
  template <class T> void add(T actual, double expected) {
    const double d = std::abs(static_cast<double>(static_cast<Wide<T>>(actual)) - expected);
    if (!(d <= worst_)) worst_ = d;
    largest_ = std::max(largest_, std::abs(expected));
  }
  [[nodiscard]] double worst() const { return worst_ / largest_; }

 private:
  template <class T> using Wide = std::conditional_t<std::is_same_v<T, double>, double, float>;
  double worst_ = 0, largest_ = 1;
};

}  // namespace testing

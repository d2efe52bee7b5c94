// One LSTM or GRU layer (one or two directions) as an operation on the tape: from a packed batch to the
// states of every token, and back. docs/lstm.md derives the backward pass; the kernels do the arithmetic;
// this file says who gets which rows.
#pragma once

#include <array>
#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/detail/dropped_weights.hpp>
#include <seqlstm/nn/detail/lstm_direction.hpp>
#include <seqlstm/nn/detail/recurrent_parts.hpp>
#include <seqlstm/nn/detail/sorted_states.hpp>
#include <seqlstm/nn/detail/token_rows.hpp>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Where a layer's tokens come from: dense rows, or lookups.
template <Scalar T> struct RecurrentInput {
  SeqVar<T> x;  // undefined for lookups
  EmbeddedTokens<T> embedded;
  std::array<DistinctRows<T>, 2> distinct{};
};

/// The states of all layers and directions, stacked as PyTorch stacks them: [layers * directions * B, H]. A
/// layer reads and writes the rows from `first` on. h0 and c0 may be undefined (zero). A GRU has no c.
template <Scalar T> struct RecurrentStates {
  Var<T> h0, c0, h_n, c_n;
  std::size_t first = 0;
};

/// Everything the operation remembers between forward and backward, on the kernels K; memory is the arena's.
/// Cell is LstmLayer or GruLayer: what the kernels of the cell are called, and which states it has.
template <class Cell, class K> class RecurrentLayerOp {
 public:
  using T = typename K::Number;
  using Stored = typename K::Stored;
  using Direction = typename Cell::template Direction<T>;

  /// `reverse`: the first direction, then the only one, is the reverse one. `weight_drop`: probability that a
  /// recurrent weight is zero in this step.
  RecurrentLayerOp(Cell cell, Tape<T>& tape, const PackedLayout& layout, const Direction* directions,
                   std::size_t count, bool reverse, double weight_drop)
      : cell_(cell),
        tape_(&tape),
        layout_(&layout),
        count_(count),
        reverse_(reverse),
        weight_drop_(tape.training() ? weight_drop : 0) {
    for (std::size_t d = 0; d < count; ++d) directions_[d] = directions + d;
  }

  SeqVar<T> forward(const RecurrentInput<T>& input, const RecurrentStates<T>& states) {
    kernels_ = K::order();
    input_ = input;
    states_ = states;
    bool needs = (input.x.defined() ? input.x.needs_gradient() : trains_embedding()) ||
                 needs_gradient(states.h0) || needs_gradient(states.c0);
    needs = needs || trains_weights();
    if (!trains<K> && needs && tape_->training()) throw int8_trains(Cell::name);
    y_ = tape_->make_sequence(*layout_, count_ * hidden(), needs);
    if (count_ == 2 || reverse_) y_.node()->reverse_from = (count_ - 1) * hidden();
    keeps_ = needs && tape_->training();
    for (const Var<T>* final : {&states_.h_n, &states_.c_n})
      if (needs && final->defined()) final->node()->needs_gradient = tape_->training();
    for (std::size_t d = 0; d < count_; ++d) prepare(d);
    parts().for_each(
        [this](std::size_t d, const kernels::LstmPart& part) { Cell::template forward<K>(run_[d], part); });
    for (std::size_t d = 0; d < count_; ++d) write_final_states(d);
    return y_;
  }

  void backward() {
    if (!has_gradient(y_) && !has_gradient(states_.h_n) && !has_gradient(states_.c_n)) return;
    if (K::order() != kernels_)
      throw option_error(std::string(Cell::name) +
                         ": the kernels were changed between forward and backward; run forward again");
    const auto dy = tape_->gradient(y_);
    std::array<typename K::Backward, 2> back{};
    for (std::size_t d = 0; d < count_; ++d) back[d] = prepare_backward(d, dy);
    parts().for_each(
        [&](std::size_t d, const kernels::LstmPart& part) { Cell::template backward<K>(back[d], part); });
    for (std::size_t d = 0; d < count_; ++d) {
      gather_initial_gradient(d, states_.h0, back[d].dh);
      if (Cell::has_c) gather_initial_gradient(d, states_.c0, back[d].dc);
    }
    if (trains_weights() || (!input_.x.defined() && trains_embedding())) weight_gradients(back);
    if (input_.x.defined()) {
      if (input_.x.needs_gradient()) input_gradient();
    } else if (tape_->shards() == nullptr) {
      for (std::size_t s = 0; s < 2; ++s)
        if (trains_table(s))
          table_gradient(s, {input_.distinct[s]}, input_.embedded.sources[s].table->gradient());
    }
  }

 private:
  using Source = RowSource<T>;

  using Tokens = TokenRows<T, Stored>;
  /// Packed sums of one direction's weight gradients.
  struct PackedGradient {
    T *h = nullptr, *bias = nullptr;
    std::array<T*, 2> x{};                   // of each source; the second may be the first's
    std::array<T*, 2> table{};               // [distinct rows][gate_row]
    std::array<Stored*, 2> table_factors{};  // the same as factors
  };

  [[nodiscard]] std::size_t hidden() const { return directions_[0]->hidden(); }
  [[nodiscard]] std::size_t batch() const { return layout_->sequences(); }
  [[nodiscard]] const kernels::GateShape& shape(std::size_t d) const { return run_[d].shape; }
  [[nodiscard]] std::size_t gate_row() const { return run_[0].shape.gate_row(); }
  [[nodiscard]] RecurrentParts parts() const {
    return {layout_, run_[0].shape.panels(), count_, weight_bytes(), sizeof(Stored)};
  }
  /// Bytes of a direction's weights.
  [[nodiscard]] std::size_t weight_bytes() const {
    return shape(0).product_row() * (hidden() + (input_.x.defined() ? directions_[0]->input() : 0)) *
           sizeof(Stored);
  }
  static bool needs_gradient(const Var<T>& v) { return v.defined() && v.needs_gradient(); }
  static bool has_gradient(const Variable<T>& v) { return v.defined() && v.gradient().data() != nullptr; }
  [[nodiscard]] bool is_lookup(std::size_t s) const {
    return input_.embedded.sources[s].index != Source::Index::none;
  }
  [[nodiscard]] bool trains_weights() const {
    for (std::size_t d = 0; d < count_; ++d)
      if (directions_[d]->trainable()) return true;
    return false;
  }
  [[nodiscard]] bool trains_table(std::size_t s) const {
    const Parameter<T>* table = input_.embedded.sources[s].table;
    return is_lookup(s) && table != nullptr && table->trainable;
  }
  [[nodiscard]] bool trains_embedding() const { return trains_table(0) || trains_table(1); }
  [[nodiscard]] std::size_t state_row(std::size_t d, std::size_t r) const {
    return states_.first + d * batch() + layout_->order(r);
  }

  // ---- forward
  // ----------------------------------------------------------------------------------------------------

  void prepare(std::size_t d) {
    const auto& direction = *directions_[d];
    const auto& packed = direction.template packed_forward<K>();
    auto& arena = tape_->arena();
    auto& run = run_[d];
    run.shape = packed.shape;
    run.layout = layout_->view();
    run.reverse = reverse_ || d == 1;
    run.weights_x = packed.x_columns.data();
    run.weights_h = packed.h_columns.data();
    if constexpr (trains<K>) {
      if (weight_drop_ > 0) {
        dropped_[d] = DroppedWeights<K>(*tape_, direction, weight_drop_);
        run.weights_h = dropped_[d].columns;
      }
    }
    run.bias = packed.bias.data();
    run.y = y_.node()->value.data() + d * hidden();
    run.ldy = count_ * hidden();
    if (input_.x.defined()) {
      run.x = input_.x.value().data();
      run.ldx = input_.x.value().stride();
    }
    for (std::size_t s = 0; s < 2; ++s)
      if (is_lookup(s)) run.lookups[s] = {make_table(d, s), input_.distinct[s].indices};
    run.h0 = sorted_state(d, states_.h0);
    T* c0 = Cell::has_c ? sorted_state(d, states_.c0) : nullptr;
    run.c0 = c0;
    run.c = c0;  // the running state
    if (keeps_ && trains<K>) {
      run.gates = arena.template allocate<Stored>((layout_->tokens() + K::spare_rows()) * gate_row());
      if (Cell::has_c) run.c = arena.template allocate<T>(layout_->tokens() * run.shape.padded_hidden());
    }
    run.projects = input_.x.defined() && cell_.reset_after && parts().should_project();
    run.reset_after = cell_.reset_after;
    run.room = arena.template allocate<Stored>(Cell::template forward_room<K>(run, threads()));
  }

  /// Rows W_ih * row for the distinct rows the batch uses. A row's bits do not depend on the others.
  const T* make_table(std::size_t d, std::size_t s) {
    const DistinctRows<T>& distinct = input_.distinct[s];
    const auto& packed = directions_[d]->template packed_forward<K>();
    const std::size_t row = shape(d).product_row();
    T* table = tape_->arena().template allocate<T>(distinct.count * row);
    if (input_.embedded.sources[s].table == nullptr) {
      for (std::size_t k = 0; k < distinct.count; ++k)
        packed.one_hot_gate_row(directions_[d]->weight_ih, static_cast<std::size_t>(distinct.rows[k]),
                                table + k * row);
      return table;
    }
    const auto rows = gathered(s, distinct);
    for_parts(distinct.count, 1, product_operations(rows.size() * row), [&](IndexRange range) {
      packed.gate_rows(rows.row_range(range.begin, range.end - range.begin), table + range.begin * row);
    });
    return table;
  }

  /// Distinct rows of source s, dense.
  MatrixView<T> gathered(std::size_t s, const DistinctRows<T>& distinct) {
    return gathered_rows(tape_->arena(), input_.embedded.sources[s], distinct);
  }

  /// This layer's rows of a stacked state in packed row order, padded; zero without a state.
  T* sorted_state(std::size_t d, const Var<T>& state, bool of_gradient = false) {
    const ConstMatrixView<T> stacked = !state.defined() ? ConstMatrixView<T>()
                                       : of_gradient    ? state.gradient()
                                                        : state.value();
    return sorted_states<T>(tape_->arena(), *layout_, stacked, states_.first + d * batch(), hidden(),
                            shape(d).padded_hidden())
        .data();
  }

  void write_final_states(std::size_t d) {
    const auto& run = run_[d];
    const std::size_t padded = run.shape.padded_hidden();
    auto h_n = states_.h_n.node()->value;
    for (std::size_t r = 0; r < batch(); ++r) {
      const bool empty = layout_->length(r) == 0;
      const std::size_t last = empty || run.reverse ? r : layout_->offset(layout_->length(r) - 1) + r;
      const T* h = empty ? run.h0 + r * padded : run.y + last * run.ldy;
      std::copy_n(h, hidden(), h_n.row_data(state_row(d, r)));
      if (!Cell::has_c) continue;
      const T* c =
          run.gates == nullptr ? run.c + r * padded : (empty ? run.c0 + r * padded : run.c + last * padded);
      std::copy_n(c, hidden(), states_.c_n.node()->value.row_data(state_row(d, r)));
    }
  }

  // ---- backward
  // ---------------------------------------------------------------------------------------------------

  typename K::Backward prepare_backward(std::size_t d, MatrixView<T> dy) {
    const auto& run = run_[d];
    typename K::Backward back{};
    back.shape = run.shape;
    back.layout = layout_->view();
    back.reverse = run.reverse;
    back.gates = run.gates;
    back.c = run.c;
    back.c0 = run.c0;
    back.dy = dy.data() + d * hidden();
    back.lddy = dy.stride();
    back.weights_h =
        weight_drop_ > 0 ? dropped_[d].rows : directions_[d]->template packed_backward<K>().h_rows.data();
    back.y = run.y;
    back.ldy = run.ldy;
    back.h0 = run.h0;
    back.reset_after = cell_.reset_after;
    back.dh = sorted_state(d, states_.h_n, true);
    if (Cell::has_c) back.dc = sorted_state(d, states_.c_n, true);
    back.room = tape_->arena().template allocate<Stored>(Cell::template backward_room<K>(back, threads()));
    return back;
  }

  void gather_initial_gradient(std::size_t d, const Var<T>& state, const T* sorted) {
    if (!needs_gradient(state)) return;
    add_sorted_states<T>(*layout_, {sorted, batch(), hidden(), shape(d).padded_hidden()},
                         tape_->gradient(state), states_.first + d * batch());
  }

  /// dW_ih, dW_hh and the biases of both directions, and by shard those of the tables too.
  void weight_gradients(const std::array<typename K::Backward, 2>& back) {
    Tokens all;
    all.tokens.count = layout_->tokens();
    for (std::size_t s = 0; s < 2; ++s)
      all.lookups[s] = {input_.distinct[s], {.count = input_.distinct[s].count}, {}};
    if (input_.x.defined()) all.x = row_pointers(input_.x.value());
    for (std::size_t d = 0; d < count_; ++d) {
      all.gates[d] = back[d].gates;
      all.previous[d] = {previous_states(run_[d]), cell_.reset_after ? nullptr : reset_states(run_[d])};
    }
    places_ = sum_places();
    if (tape_->shards() != nullptr) return shard_gradients(all);
    point_at(tape_->arena().template allocate<T>(places_.size));
    sum_products(all);
    for (std::size_t d = 0; d < count_; ++d) unpack_gradients(d);
  }

  /// Where the sums of all parameters stand in one array.
  struct SumPlaces {
    std::array<std::size_t, 2> h{}, bias{};         // of each direction
    std::array<std::array<std::size_t, 2>, 2> x{};  // the same for each source
    std::array<std::size_t, 2> table{};             // [rows of the table][width], by shard only
    std::size_t size = 0;
  };
  [[nodiscard]] SumPlaces sum_places() const {
    SumPlaces places;
    const auto place = [&](std::size_t numbers) {
      constexpr std::size_t line = cache_line / sizeof(T);
      return std::exchange(places.size, places.size + kernels::ceil_div(numbers, line) * line);
    };
    for (std::size_t d = 0; d < count_; ++d) {
      const std::size_t sums = K::sums_size(shape(d), directions_[d]->input());
      places.x[d][0] = place(sums);
      places.x[d][1] = has_sums_of_both() ? place(sums) : places.x[d][0];
      places.h[d] = place(K::sums_size(shape(d), hidden()));
      places.bias[d] = place(gate_row());
    }
    for (std::size_t s = 0; s < 2 && tape_->shards() != nullptr; ++s)
      if (trains_table(s)) places.table[s] = place(input_.embedded.sources[s].table->size());
    return places;
  }
  /// Whether sums of each source have a place of their own: by shard they are added up separately.
  [[nodiscard]] bool has_sums_of_both() const {
    return tape_->shards() != nullptr && is_lookup(0) && is_lookup(1);
  }
  /// Sums are there from now on.
  void point_at(T* sums) {
    for (std::size_t d = 0; d < count_; ++d) {
      for (std::size_t s = 0; s < 2; ++s) packed_[d].x[s] = sums + places_.x[d][s];
      packed_[d].h = sums + places_.h[d];
      packed_[d].bias = sums + places_.bias[d];
    }
  }

  /// The same by shard, on their way to all ranks; then finish_gradients().
  void shard_gradients(const Tokens& all) {
    const ShardRows by_shard = tape_->shard_rows(y_);
    const std::size_t together = shards_together(by_shard);
    GatheredRows<T> own(*tape_, by_shard, together);
    T* const total = sum_shards(
        *tape_, places_.size,
        [&](std::size_t shard, T* sums) {
          own.begin(shard);
          point_at(sums);
          const Tokens rows = all.of_shards(tape_->arena(), own);
          sum_products(rows);
          for (std::size_t s = 0; s < 2; ++s) {
            if (!trains_table(s)) continue;
            const MatrixView<T> table = table_sums(s, sums);
            std::fill_n(table.data(), table.size(), T(0));
            table_gradient(s, rows.lookups[s], table);
          }
        },
        FirstSums::overwritten, together);
    const auto finish = [](const void* self, ConstMatrixView<T> sums, MatrixView<T>) {
      // The sums are the arena's, and so is this.
      auto* op = const_cast<RecurrentLayerOp*>(static_cast<const RecurrentLayerOp*>(self));
      op->finish_gradients(const_cast<T*>(sums.data()));
    };
    tape_->shards()->send({total, places_.size}, finish, this);
  }
  void finish_gradients(T* sums) {
    point_at(sums);
    for (std::size_t d = 0; d < count_; ++d) unpack_gradients(d);
    for (std::size_t s = 0; s < 2; ++s)
      if (trains_table(s)) {
        const MatrixView<T> gradient = input_.embedded.sources[s].table->gradient();
        Kernels<T>::add_scaled(T(1), table_sums(s, sums), gradient);
      }
  }
  /// Where the sums of a table's gradient stand, by shard.
  MatrixView<T> table_sums(std::size_t s, T* sums) const {
    const auto& of = *input_.embedded.sources[s].table;
    return {sums + places_.table[s], of.rows(), of.cols()};
  }
  /// The sums of both directions over these tokens; a thread owns some of their gate columns.
  void sum_products(const Tokens& rows) {
    auto& arena = tape_->arena();
    const std::size_t width = directions_[0]->input(), row = gate_row();
    const std::size_t parts =
        parts_for(product_operations(count_ * rows.tokens.count * (width + hidden()) * row));
    std::array<const T* const*, 2> distinct{};
    for (std::size_t s = 0; s < 2; ++s)
      if (is_lookup(s) && input_.embedded.sources[s].table != nullptr)
        distinct[s] = row_pointers(gathered(s, rows.lookups[s].distinct));
    for (std::size_t d = 0; d < count_; ++d) {
      auto& g = packed_[d];
      std::fill_n(g.bias, row, T(0));
      for (std::size_t s = 0; s < 2; ++s) {
        if (!is_lookup(s)) continue;
        const std::size_t count = rows.lookups[s].distinct.count;
        g.table[s] = arena.template allocate_zero<T>(count * row);
        if (distinct[s] != nullptr)  // of unit vectors nobody reads them as factors
          g.table_factors[s] = room_for_factors(g.table[s], count);
      }
    }
    // The columns of both directions are one list, so that every thread gets as many.
    const std::size_t wide = shape(0).panel_row(), all = count_ * row,
                      most = std::min(row, kernels::ceil_div(all / wide, parts) * wide);
    const std::size_t size = std::max({K::gradient_room(shape(0), most, rows.tokens),
                                       K::gradient_room(shape(0), most, rows.lookups[0].rows),
                                       K::gradient_room(shape(0), most, rows.lookups[1].rows)});
    Stored* scratch = arena.template allocate<Stored>(parts * size);
    parallel_for(parts, [&](std::size_t part) {
      const IndexRange own = part_of(all, parts, part, wide);
      for (std::size_t d = 0; d < count_; ++d) {
        const std::size_t begin = std::max(own.begin, d * row), end = std::min(own.end, (d + 1) * row);
        if (begin < end)
          weight_gradient_columns(d, rows, distinct, {begin - d * row, end - d * row}, scratch + part * size);
      }
    });
  }

  /// Where sums [rows][gate_row] of gate gradients are kept as factors: in place where factors are not
  /// rounded.
  Stored* room_for_factors(T* sums, std::size_t rows) {
    if constexpr (std::is_same_v<T, Stored>) {
      return sums;
    } else {
      return tape_->arena().template allocate<Stored>((rows + K::spare_rows()) * gate_row());
    }
  }

  void weight_gradient_columns(std::size_t d, const Tokens& rows,
                               const std::array<const T* const*, 2>& distinct, IndexRange columns,
                               Stored* scratch) {
    using Operand = typename K::Operand;
    auto& g = packed_[d];
    const auto& shape = run_[d].shape;
    const HiddenFactors<T>& previous = rows.previous[d];
    const std::size_t width = directions_[d]->input(), row = gate_row();
    const std::size_t padded = shape.padded_hidden();
    std::array<Operand, 3> operands = {
        Operand{previous.h, hidden(), g.h, false, shape.of_hidden().columns()}};
    std::size_t count = 1;
    if (previous.reset !=
        nullptr) {  // r h, not h, is what W_hn multiplies: its sums go where n is W_hh's last
      operands[0].columns_of_gates.end -= padded;
      operands[count++] = {previous.reset, hidden(), g.h + 3 * padded, false, {0, padded}};
    }
    if (rows.x != nullptr) operands[count++] = {rows.x, width, g.x[0], false, shape.columns()};
    K::weight_gradient(shape, rows.gates[d], rows.tokens, std::span(operands).first(count), columns, g.bias,
                       scratch);
    if (rows.x != nullptr) return;
    bool summed = false;
    for (std::size_t s = 0; s < 2; ++s) {
      if (!is_lookup(s)) continue;
      const LookedUp<T>& lookup = rows.lookups[s];
      const DistinctRows<T>& used = lookup.distinct;
      const MatrixView<T> table(g.table[s], used.count, row);
      const bool accumulate = summed && !has_sums_of_both();
      K::add_gate_rows(shape, rows.gates[d], rows.tokens, used.indices, table, columns);
      if (distinct[s] != nullptr) {
        K::store_factors(shape, g.table[s], used.count, columns, g.table_factors[s]);
        const std::array<Operand, 1> operand = {
            Operand{distinct[s], width, g.x[s], accumulate, shape.columns()}};
        K::weight_gradient(shape, g.table_factors[s], lookup.rows, operand, columns, nullptr, scratch);
      } else {
        if (!accumulate) K::clear_sums(shape, width, g.x[s], columns);
        lookup.equal.add_up(table, columns);
        K::add_to_sums(shape, table, used.rows, width, g.x[s], columns);
      }
      summed = true;
    }
  }

  /// Where every row of a matrix begins.
  const T* const* row_pointers(ConstMatrixView<T> rows) {
    auto* pointers = tape_->arena().template allocate<const T*>(rows.rows());
    for (std::size_t r = 0; r < rows.rows(); ++r) pointers[r] = rows.row_data(r);
    return pointers;
  }
  /// Where the state before every token stands: in y, or in h0 where a sequence begins.
  const T* const* previous_states(const typename K::Forward& run) {
    auto* pointers = tape_->arena().template allocate<const T*>(layout_->tokens());
    const kernels::PreviousToken previous{layout_->view(), run.reverse};
    for (std::size_t t = 0; t < layout_->steps(); ++t)
      for (std::size_t r = 0; r < layout_->active(t); ++r) {
        const std::size_t before = previous(t, r);
        pointers[layout_->offset(t) + r] = before == kernels::PreviousToken::none
                                               ? run.h0 + r * run.shape.padded_hidden()
                                               : run.y + before * run.ldy;
      }
    return pointers;
  }

  /// Where r h of every token stands, in a GRU whose reset gate acts before the product.
  const T* const* reset_states(const typename K::Forward& run) {
    if constexpr (std::is_same_v<T, Stored>)
      return row_pointers(
          {run.gates + 3 * run.shape.padded_hidden(), layout_->tokens(), hidden(), gate_row()});
    return nullptr;
  }

  void unpack_gradients(std::size_t d) {
    const auto& direction = *directions_[d];
    const auto& g = packed_[d];
    const auto of_input = shape(d), of_hidden = of_input.of_hidden();
    const auto add = [&](const kernels::GateShape& of, const Parameter<T>& parameter, T* packed,
                         IndexRange panels) {
      if (parameter.trainable) K::unpack_sums(of, packed, parameter.gradient(), panels);
    };
    const auto add_bias = [&](const kernels::GateShape& of, const Parameter<T>& parameter) {
      if (!parameter.trainable) return;
      auto gradient = parameter.gradient();
      of.for_each_gate([&](std::size_t column, std::size_t unit) { gradient(0, unit) += g.bias[column]; });
    };
    const bool drops = weight_drop_ > 0 && direction.weight_hh.trainable;
    const auto sums = drops ? tape_->arena().template zero_matrix<T>(direction.weight_hh.rows(), hidden())
                            : MatrixView<T>();
    direction.template for_panels<K>([&](IndexRange panels) {
      add(of_input, direction.weight_ih, g.x[0], panels);
      if (has_sums_of_both()) add(of_input, direction.weight_ih, g.x[1], panels);
      if (drops) {
        K::unpack_sums(of_hidden, g.h, sums, panels);
      } else {
        add(of_hidden, direction.weight_hh, g.h, panels);
      }
    });
    if (drops) dropped_[d].add_gradient(sums, direction.weight_hh.gradient());
    add_bias(of_input, direction.bias_ih);
    add_bias(cell_.reset_after ? of_hidden : of_input, direction.bias_hh);
  }

  /// out (+)= gate gradients [rows][gate_row] times W_ih of direction d; threads split the rows.
  void times_input_weights(std::size_t d, const Stored* gradients, MatrixView<T> out, bool accumulate) {
    const Stored* weights = directions_[d]->template packed_backward<K>().x_rows.data();
    for_parts(out.rows(), 1, product_operations(out.size() * gate_row()), [&](IndexRange range) {
      const std::size_t rows = range.end - range.begin;
      K::times_rows(shape(d), gradients + range.begin * gate_row(), rows, weights,
                    out.row_range(range.begin, rows), accumulate);
    });
  }

  void input_gradient() {
    const auto dx = tape_->gradient_destination(input_.x);
    for (std::size_t d = 0; d < count_; ++d)
      times_input_weights(d, run_[d].gates, dx.gradient, dx.accumulate || d > 0);
  }

  /// target += the gradient of source s by what its tokens' sums are.
  void table_gradient(std::size_t s, const LookedUp<T>& lookup, MatrixView<T> target) {
    auto gradient = tape_->arena().template matrix<T>(lookup.distinct.count, input_.embedded.dim);
    for (std::size_t d = 0; d < count_; ++d)
      times_input_weights(d, packed_[d].table_factors[s], gradient, d > 0);
    add_row_gradients<T>(input_.embedded.sources[s], lookup.distinct, gradient, target, lookup.equal);
  }

  Cell cell_;
  Tape<T>* tape_;
  const PackedLayout* layout_;
  std::size_t count_;
  bool reverse_;
  double weight_drop_;
  std::uint64_t kernels_ = 0;  // those of forward
  bool keeps_ = false;         // gates and states, for backward: not where nothing below or here is trained
  std::array<const Direction*, 2> directions_{};
  std::array<DroppedWeights<K>, 2> dropped_;
  std::array<typename K::Forward, 2> run_{};
  std::array<PackedGradient, 2> packed_;
  SumPlaces places_;
  RecurrentInput<T> input_;
  RecurrentStates<T> states_;
  SeqVar<T> y_;
};

/// Runs a layer on the kernels K and records it.
template <class K, class Cell, Scalar T>
SeqVar<T> recurrent_layer(Cell cell, Tape<T>& tape, const PackedLayout& layout,
                          const typename Cell::template Direction<T>* directions, std::size_t count,
                          bool reverse, const RecurrentInput<T>& input, const RecurrentStates<T>& states,
                          double weight_drop) {
  auto* op = tape.arena().emplace(
      RecurrentLayerOp<Cell, K>(cell, tape, layout, directions, count, reverse, weight_drop));
  SeqVar<T> y = op->forward(input, states);
  if constexpr (trains<K>) {
    if (y.needs_gradient()) tape.record_always([op] { op->backward(); });
  }
  return y;
}

}  // namespace detail

SEQLSTM_NAMESPACE_END

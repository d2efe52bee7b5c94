// Definitions of lstm_cell_layer.hpp.
#pragma once

#include <array>
#include <seqlstm/nn/detail/lstm_cell_layer.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <class P> void LstmCellPass<P>::prepare(MatrixView<T> y, bool keeps, double weight_drop) {
  const std::size_t units = hidden(), batch = layout().sequences(), tokens = layout().tokens();
  const auto sorted = [&](const Var<T>& state, std::size_t columns) {
    const auto stacked = state.defined() ? state.value() : ConstMatrixView<T>();
    return sorted_states<T>(arena(), layout(), stacked, first_, columns, columns);
  };
  y_ = y;
  keeps_ = keeps;
  weights_ = direction_->template step_weights<P>();
  if (weight_drop > 0) {
    dropped_ = DroppedMatrix<T>(x_.tape(), direction_->weight_hh, weight_drop);
    auto* packed = arena().template allocate<Stored>(P::factor_size(direction_->output(), 4 * units));
    P::pack_factor(dropped_.weights, true, packed);
    weights_.hidden = packed;
  }
  h0_ = sorted(states_.h0, direction_->output());
  c0_ = sorted(states_.c0, units);
  room_ = {arena().template allocate<T>(LstmCellRoom<T>::size(batch, units)), batch, units};
  if (!keeps) return;
  const auto of_tokens = [&](std::size_t columns) { return arena().template matrix<T>(tokens, columns); };
  gates_ = of_tokens(4 * units);
  c_ = of_tokens(units);
  if (projects()) output_ = of_tokens(units);
  if (!normalizes()) return;
  inputs_ = of_tokens(4 * units);
  products_ = of_tokens(4 * units);
  for (T** moments : {&input_mean_, &input_inverse_, &hidden_mean_, &hidden_inverse_})
    *moments = arena().template allocate<T>(tokens);
}

template <class P> LstmCellRows<typename P::Number> LstmCellPass<P>::rows_of(const Block& b) const {
  LstmCellRows<T> rows = room_.rows(b.row, b.count);
  const auto own = [&](const MatrixView<T>& of_tokens) { return of_tokens.row_range(b.here, b.count); };
  rows.x = x_.value().row_range(b.here, b.count);
  rows.h_before = h_before(b);
  rows.c_before = c_before(b);
  rows.c = keeps_ ? own(c_) : c0_.row_range(b.row, b.count);
  rows.y = own(y_);
  if (!projects()) rows.output = rows.y;
  if (!keeps_) return rows;
  rows.gates = rows.inputs = own(gates_);
  if (projects()) rows.output = own(output_);
  if (!normalizes()) return rows;
  rows.inputs = own(inputs_);
  rows.products = own(products_);
  rows.input_mean = input_mean_ + b.here;
  rows.input_inverse = input_inverse_ + b.here;
  rows.hidden_mean = hidden_mean_ + b.here;
  rows.hidden_inverse = hidden_inverse_ + b.here;
  return rows;
}

template <class P> void LstmCellPass<P>::forward(IndexRange own) const {
  for_each_block(own, false, [&](const Block& b) { lstm_cell_step<P, T>(weights_, rows_of(b)); });
}

template <class P> void LstmCellPass<P>::write_final_states() const {
  auto h_n = states_.h_n.node()->value, c_n = states_.c_n.node()->value;
  for (std::size_t r = 0; r < layout().sequences(); ++r) {
    const std::size_t length = layout().length(r), to = first_ + layout().order(r);
    const std::size_t last = length == 0 || reverse_ ? r : layout().offset(length - 1) + r;
    const bool begins = length == 0;
    std::copy_n((begins ? h0_ : y_).row_data(last), h_n.cols(), h_n.row_data(to));
    std::copy_n(begins || !keeps_ ? c0_.row_data(r) : c_.row_data(last), c_n.cols(), c_n.row_data(to));
  }
}

template <class P> void LstmCellPass<P>::prepare_backward() {
  const std::size_t units = hidden(), batch = layout().sequences(), tokens = layout().tokens();
  const auto sorted = [&](const Var<T>& state, std::size_t columns) {
    return sorted_states<T>(arena(), layout(), state.gradient(), first_, columns, columns);
  };
  dh_ = sorted(states_.h_n, direction_->output());
  dc_ = sorted(states_.c_n, units);
  doutput_ = dh_;
  hidden_back_ = direction_->template hidden_back<P>().data();
  if (dropped_.keep != nullptr) {
    auto* packed = arena().template allocate<Stored>(P::factor_size(4 * units, direction_->output()));
    P::pack_factor(dropped_.weights, false, packed);
    hidden_back_ = packed;
  }
  if (projects()) {
    projection_back_ = direction_->template projection_back<P>().data();
    doutput_ = arena().template matrix<T>(batch, units);
    dprojected_ = arena().template matrix<T>(tokens, direction_->output());
  }
  if (!normalizes()) return;
  dproducts_ = arena().template zero_matrix<T>(tokens, 4 * units);
  dnormal_ = arena().template matrix<T>(tokens, units);
  c_mean_ = arena().template allocate<T>(tokens);
  c_inverse_ = arena().template allocate<T>(tokens);
}

template <class P> void LstmCellPass<P>::backward(ConstMatrixView<T> dy, IndexRange own) const {
  const auto& w = weights_;
  for_each_block(own, true, [&](const Block& b) {
    const auto of_rows = [&](const MatrixView<T>& view) { return view.row_range(b.row, b.count); };
    const auto of_tokens = [&](const MatrixView<T>& view) { return view.row_range(b.here, b.count); };
    const auto dh = of_rows(dh_), doutput = of_rows(doutput_), gates = of_tokens(gates_);
    Numbers::add(dh, dy.row_range(b.here, b.count), dh);
    if (projects()) {
      for (std::size_t r = 0; r < b.count; ++r)
        std::copy_n(dh.row_data(r), dh.cols(), dprojected_.row_data(b.here + r));
      P::multiply(dh, projection_back_, doutput, false);
    }
    kernels::LstmCellsBackward<T> cells{gates,        w.peephole,  w.norm_c,      w.norm_c_bias,
                                        T(0),         c_before(b), of_tokens(c_), doutput,
                                        of_rows(dc_), {},          nullptr,       nullptr};
    if (normalizes()) {
      cells.eps = static_cast<T>(lstm_norm_eps);
      cells.dnormal = of_tokens(dnormal_);
      cells.mean = c_mean_ + b.here;
      cells.inverse = c_inverse_ + b.here;
    }
    Numbers::lstm_cells_backward(cells);
    if (!normalizes()) return P::multiply(gates, hidden_back_, dh, false);
    const auto dproducts = of_tokens(dproducts_);
    Numbers::normalize_rows_backward(of_tokens(products_), gates, w.norm_hh, hidden_mean_ + b.here,
                                     hidden_inverse_ + b.here, dproducts);
    P::multiply(dproducts, hidden_back_, dh, false);
  });
}

template <class P> void LstmCellPass<P>::finish_backward() const {
  const auto add_initial = [&](const Var<T>& state, const MatrixView<T>& sorted) {
    if (state.defined() && state.needs_gradient())
      add_sorted_states<T>(layout(), sorted, x_.tape().gradient(state), first_);
  };
  add_initial(states_.h0, dh_);
  add_initial(states_.c0, dc_);
  add_bias_gradient<T>(x_, gates_, direction_->bias_ih);
  add_bias_gradient<T>(x_, gates_, direction_->bias_hh);
  if (has_peephole()) peephole_gradient();
  if (projects()) add_weight_gradient<P, T>(x_, dprojected_, output_, direction_->weight_hr);
  MatrixView<T> dinputs = gates_;
  if (normalizes()) {
    norm_gradients();
    dinputs = arena().template zero_matrix<T>(gates_.rows(), gates_.cols());
    for_parts(gates_.rows(), 1, gates_.size() * 4, [&](IndexRange rows) {
      const auto own = [&](const MatrixView<T>& v) { return v.row_range(rows.begin, rows.end - rows.begin); };
      Numbers::normalize_rows_backward(own(inputs_), own(gates_), weights_.norm_ih, input_mean_ + rows.begin,
                                       input_inverse_ + rows.begin, own(dinputs));
    });
  }
  hidden_gradient(normalizes() ? dproducts_ : gates_);
  add_weight_gradient<P, T>(x_, dinputs, x_.value(), direction_->weight_ih);
  if (!x_.needs_gradient()) return;
  const auto dx = x_.tape().gradient_destination(x_);
  direction_->template input_back<P>().multiply_parallel(dinputs, dx.gradient, dx.accumulate);
}

template <class P> void LstmCellPass<P>::hidden_gradient(ConstMatrixView<T> dproducts) const {
  const auto& weight = direction_->weight_hh;
  if (!weight.trainable) return;
  const auto states = previous(y_, h0_);
  if (dropped_.keep == nullptr) return add_weight_gradient<P, T>(x_, dproducts, states, weight);
  add_row_sums(
      x_, weight,
      [&](auto&& own, MatrixView<T> sums) {
        const ConstMatrixView<T> own_products = own(dproducts);
        add_outer_products<P, T>(arena(), own_products, own(states), sums);
      },
      dropped_);
}

template <class P>
MatrixView<typename P::Number> LstmCellPass<P>::previous(ConstMatrixView<T> all,
                                                         ConstMatrixView<T> first) const {
  const auto states = arena().template matrix<T>(all.rows(), all.cols());
  const kernels::PreviousToken before{layout().view(), reverse_};
  for (std::size_t t = 0; t < layout().steps(); ++t)
    for (std::size_t r = 0; r < layout().active(t); ++r) {
      const std::size_t from = before(t, r);
      const bool begins = from == kernels::PreviousToken::none;
      std::copy_n(begins ? first.row_data(r) : all.row_data(from), all.cols(),
                  states.row_data(layout().offset(t) + r));
    }
  return states;
}

template <class P> void LstmCellPass<P>::peephole_gradient() const {
  if (!direction_->weight_ch.trainable) return;
  const std::size_t units = hidden();
  const auto before = previous(c_, c0_);
  add_row_sums(x_, direction_->weight_ch, [&](auto&& own, MatrixView<T> sums) {
    const ConstMatrixView<T> gates = own(gates_), c = own(c_), c_before = own(before);
    const MatrixView<T> products = arena().template matrix<T>(c.rows(), units);
    for_parts(units, cache_line / sizeof(T), c.size() * 6, [&](IndexRange columns) {
      const auto part = [&](const auto& view, std::size_t section) {
        return view.columns(section * units + columns.begin, columns.end - columns.begin);
      };
      const auto add = [&](std::size_t gate, ConstMatrixView<T> seen, std::size_t section) {
        Numbers::multiply_elements(part(gates, gate), part(seen, 0), part(products, 0), false);
        Numbers::add_column_sums(products, columns, sums.data() + section * units);
      };
      add(0, c_before, 0);  // i
      add(3, c, 1);         // o
      add(1, c_before, 2);  // f
    });
  });
}

template <class P> void LstmCellPass<P>::norm_gradients() const {
  const auto add = [&](const MatrixView<T>& values, const MatrixView<T>& gradient, const T* mean,
                       const T* inverse, const Parameter<T>& weight) {
    add_row_sums(x_, weight, [&](auto&& own, MatrixView<T> sums) {
      const ConstMatrixView<T> own_values = own(values), own_gradient = own(gradient);
      const T *const own_mean = own(mean), *const own_inverse = own(inverse);
      for_parts(values.cols(), cache_line / sizeof(T), own_values.size() * 2, [&](IndexRange columns) {
        Numbers::add_normal_products(own_values, own_gradient, columns, own_mean, own_inverse, sums.data());
      });
    });
  };
  add(inputs_, gates_, input_mean_, input_inverse_, direction_->norm_ih);
  add(products_, gates_, hidden_mean_, hidden_inverse_, direction_->norm_hh);
  add(c_, dnormal_, c_mean_, c_inverse_, direction_->norm_c);
  add_bias_gradient<T>(x_, dnormal_, direction_->norm_c_bias);
}

template <class P, Scalar T>
SeqVar<T> lstm_cell_layer(const SeqVar<T>& x, const LstmDirection<T>* directions, std::size_t count,
                          bool reverse, const RecurrentStates<T>& states, double weight_drop) {
  auto& tape = x.tape();
  const PackedLayout& layout = *x.layout();
  const std::size_t output = directions[0].output();
  const auto back_to = [](const Var<T>& state) { return state.defined() && state.needs_gradient(); };
  bool needs = x.needs_gradient() || back_to(states.h0) || back_to(states.c0);
  for (std::size_t d = 0; d < count; ++d) needs = needs || directions[d].trainable();
  SeqVar<T> y = tape.make_sequence(layout, count * output, needs);
  if (count == 2 || reverse) y.node()->reverse_from = (count - 1) * output;
  for (const Var<T>* final : {&states.h_n, &states.c_n})
    if (needs) final->node()->needs_gradient = tape.training();
  std::array<LstmCellPass<P>*, 2> passes{};
  for (std::size_t d = 0; d < count; ++d) {
    const std::size_t first = states.first + d * layout.sequences();
    passes[d] = tape.arena().emplace(LstmCellPass<P>(x, directions[d], reverse || d == 1, states, first));
    passes[d]->prepare(y.node()->value.columns(d * output, output), needs && tape.training(),
                       tape.training() ? weight_drop : 0);
  }
  const std::size_t weights = directions[0].weight_ih.size() + directions[0].weight_hh.size();
  const auto for_each_part = [count, weights, rows = &layout](auto&& body) {
    for_row_parts(*rows, count, product_operations(count * rows->tokens() * weights),
                  [&](std::size_t d, IndexRange own, std::size_t) { body(d, own); });
  };
  for_each_part([&](std::size_t d, IndexRange own) { passes[d]->forward(own); });
  for (std::size_t d = 0; d < count; ++d) passes[d]->write_final_states();
  if (!needs) return y;
  tape.record_always([passes, count, output, y, states, for_each_part] {
    const auto has_gradient = [](const Variable<T>& v) { return v.gradient().data() != nullptr; };
    if (!has_gradient(y) && !has_gradient(states.h_n) && !has_gradient(states.c_n)) return;
    const ConstMatrixView<T> dy = y.tape().gradient(y);
    for (std::size_t d = 0; d < count; ++d) passes[d]->prepare_backward();
    for_each_part(
        [&](std::size_t d, IndexRange own) { passes[d]->backward(dy.columns(d * output, output), own); });
    for (std::size_t d = 0; d < count; ++d) passes[d]->finish_backward();
  });
  return y;
}

}  // namespace detail

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(P, T)                                                                        \
  template class detail::LstmCellPass<detail::P>;                                                      \
  template SeqVar<T> detail::lstm_cell_layer<detail::P>(                                               \
      const SeqVar<T>& x, const detail::LstmDirection<T>* directions, std::size_t count, bool reverse, \
      const detail::RecurrentStates<T>& states, double weight_drop);
SEQLSTM_INSTANCES(Kernels<float>, float)
SEQLSTM_INSTANCES(Kernels<double>, double)
SEQLSTM_INSTANCES(RoundedKernels, float)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END

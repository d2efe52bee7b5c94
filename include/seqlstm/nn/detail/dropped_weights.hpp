// The recurrent weights of one training step, with some of them dropped.
#pragma once

#include <cmath>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/nn/detail/lstm_direction.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// weight * mask / (1 - p), each element of the mask 1 with probability 1 - p: a function of the tape's seed
/// and step and the element. The parameter itself stays as it is. Memory is the arena's: the weight's, and a
/// byte for each element.
template <Scalar T> struct DroppedMatrix {
  ConstMatrixView<T> weights{};
  const std::uint8_t* keep = nullptr;  // of each element; null: nothing is dropped
  T kept = T(1);                       // 1 / (1 - p)

  DroppedMatrix() = default;
  DroppedMatrix(Tape<T>& tape, const Parameter<T>& weight, double p) {
    auto* mask = tape.arena().template allocate<std::uint8_t>(weight.size());
    const auto values = tape.arena().template matrix<T>(weight.rows(), weight.cols());
    kept = p < 1 ? static_cast<T>(1 / (1 - p)) : T(0);
    draw(tape.next_random(), p, weight.view(), mask, values);
    weights = values;
    keep = mask;
  }

  /// gradient += sums * mask / (1 - p), sums of the weight's shape.
  void add_gradient(ConstMatrixView<T> sums, MatrixView<T> gradient) const {
    for_parts(sums.rows(), 1, sums.size(), [&](IndexRange range) {
      for (std::size_t r = range.begin; r < range.end; ++r)
        Kernels<T>::mask_elements(sums.row_data(r), keep + r * sums.cols(), kept, gradient.row_data(r),
                                  sums.cols(), true);
    });
  }

 private:
  void draw(const RandomKey& key, double p, ConstMatrixView<T> from, std::uint8_t* mask,
            MatrixView<T> to) const {
    const Coin dropped(p);
    for_parts(from.rows(), 1, from.size() * 8, [&](IndexRange range) {
      for (std::size_t r = range.begin; r < range.end; ++r)
        for_each_coin(dropped, key, r, 0, from.cols(), [&](std::size_t k, bool drop) {
          mask[r * from.cols() + k] = drop ? 0 : 1;
          to(r, k) = drop ? T(0) : kept * from(r, k);
        });
    });
  }
};

/// weight_hh so dropped, packed for both passes: 12 H H' numbers (two thirds of them as the kernels K store
/// them) and 4 H H bytes.
template <class K> struct DroppedWeights : DroppedMatrix<typename K::Number> {
  using T = typename K::Number;
  using Stored = typename K::Stored;
  const Stored *columns = nullptr, *rows = nullptr;  // null: nothing is dropped

  DroppedWeights() = default;
  template <class Direction>
  DroppedWeights(Tape<T>& tape, const Direction& direction, double p)
      : DroppedMatrix<T>(tape, direction.weight_hh, p) {
    const auto shape = direction.template shape<K>().of_hidden();
    auto& arena = tape.arena();
    auto* packed_columns = arena.template allocate<Stored>(K::columns_size(shape, direction.hidden()));
    auto* packed_rows = arena.template allocate<Stored>(K::rows_size(shape, direction.hidden()));
    direction.template for_panels<K>([&](IndexRange panels) {
      K::pack_columns(shape, this->weights, packed_columns, panels);
      K::pack_rows(shape, this->weights, packed_rows, panels);
    });
    columns = packed_columns;
    rows = packed_rows;
  }
};

}  // namespace detail

SEQLSTM_NAMESPACE_END

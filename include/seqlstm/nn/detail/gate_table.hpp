// W_ih times every row an embedding has, for steps that look one up.
#pragma once

#include <seqlstm/nn/detail/lstm_direction.hpp>
#include <seqlstm/nn/embedded_tokens.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// [rows][product_row], made anew when the embedding or W_ih changed. Of one embedding at a time.
template <Scalar T> class GateTable {
 public:
  template <class K, class Direction>
  const T* of(const Direction& direction, const RowSource<T>& source) const {
    const std::uint64_t table_version = source.table == nullptr ? 0 : source.table->version();  // 0: one-hot
    const auto make = [&](AlignedBuffer<T>& rows) {
      const auto& packed = direction.template packed_forward<K>();
      const std::size_t row = packed.shape.product_row();
      rows.reserve_discard(source.rows * row);
      if (source.bytes != nullptr) {
        AlignedBuffer<T> multiplied_out(source.rows * source.table->cols());
        const MatrixView<T> table(multiplied_out.data(), source.rows, source.table->cols());
        for (std::size_t k = 0; k < source.rows; ++k) source.bytes->copy_row(k, table.row_data(k));
        packed.gate_rows(table, rows.data());
      } else if (source.table != nullptr) {
        packed.gate_rows(source.table->view(), rows.data());
      } else {
        for (std::size_t k = 0; k < source.rows; ++k)
          packed.one_hot_gate_row(direction.weight_ih, k, rows.data() + k * row);
      }
    };
    const std::uint64_t kernels =
        16 * K::order() + 2 * (sizeof(typename K::Stored) - 1) + (source.bytes != nullptr ? 1 : 0);
    return rows_.get({direction.weight_ih.version(), table_version, kernels}, make).data();
  }

 private:
  Cached<AlignedBuffer<T>, 3> rows_;
};

}  // namespace detail

SEQLSTM_NAMESPACE_END

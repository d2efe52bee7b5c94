// W_ih times every row an embedding has, for steps that look one up.
#pragma once

#include <seqlstm/nn/detail/lstm_direction.hpp>
#include <seqlstm/nn/embedded_tokens.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// [rows][gate_row], made anew when the embedding or W_ih changed.
template <Scalar T> class GateTable {
 public:
  template <class K> const T* refresh(LstmDirection<T>& direction, const RowSource<T>& source) {
    const std::uint64_t table_version = source.table == nullptr ? 0 : source.table->version();  // 0: one-hot
    if (rows_.size() > 0 && table_version_ == table_version &&
        weight_version_ == direction.weight_ih.version() && factor_size_ == sizeof(typename K::Stored))
      return rows_.data();
    const auto& packed = direction.template packed_forward<K>();
    const std::size_t row = packed.shape.gate_row();
    rows_.reserve_discard(source.rows * row);
    if (source.table != nullptr) {
      packed.gate_rows(source.table->view(), rows_.data());
    } else {
      for (std::size_t k = 0; k < source.rows; ++k)
        packed.one_hot_gate_row(direction.weight_ih, k, rows_.data() + k * row);
    }
    table_version_ = table_version;
    weight_version_ = direction.weight_ih.version();
    factor_size_ = sizeof(typename K::Stored);
    return rows_.data();
  }

 private:
  AlignedBuffer<T> rows_;
  std::uint64_t table_version_ = 0, weight_version_ = 0;
  std::size_t factor_size_ = 0;  // of the kernels the rows are for
};

}  // namespace detail

SEQLSTM_NAMESPACE_END

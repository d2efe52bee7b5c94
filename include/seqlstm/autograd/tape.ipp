// Definitions of tape.hpp.
#pragma once

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/parallel.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T> MatrixView<T> Tape<T>::gradient(const Variable<T>& v) {
  auto* node = v.node();
  if (node->gradient.data() == nullptr) node->gradient = arena_.template zero_matrix<T>(v.rows(), v.cols());
  return node->gradient;
}

template <Scalar T> typename Tape<T>::Destination Tape<T>::gradient_destination(const Variable<T>& v) {
  auto* node = v.node();
  const bool accumulate = node->gradient.data() != nullptr;
  if (!accumulate) node->gradient = arena_.template matrix<T>(v.rows(), v.cols());
  return {node->gradient, accumulate};
}

template <Scalar T> void Tape<T>::backward(const Var<T>& loss) {
  if (loss.rows() != 1 || loss.cols() != 1)
    throw shape_error("backward: the loss must be 1x1, got " + shape_text(loss.value()) +
                      "; reduce it first");
  check_backward();
  gradient(loss)(0, 0) = T(1);
  run_backward();
}

template <Scalar T> void Tape<T>::backward(const Variable<T>& result, ConstMatrixView<T> dresult) {
  check_backward(result, dresult);
  const bool first = result.node()->gradient.data() == nullptr;
  if (first) result.node()->gradient = arena_.template matrix<T>(result.rows(), result.cols());
  const auto target = result.node()->gradient;
  for_parts(target.rows(), 1, target.size(), [&](IndexRange rows) {
    for (std::size_t r = rows.begin; r < rows.end; ++r) {
      const T* from = dresult.row_data(r);
      T* to = target.row_data(r);
      if (first) {
        std::copy_n(from, target.cols(), to);
      } else {
        for (std::size_t c = 0; c < target.cols(); ++c) to[c] += from[c];
      }
    }
  });
  run_backward();
}

template <Scalar T> void Tape<T>::backward_in_place(const Variable<T>& result, MatrixView<T> dresult) {
  if (result.node()->gradient.data() != nullptr) return backward(result, ConstMatrixView<T>(dresult));
  check_backward(result, dresult);
  result.node()->gradient = dresult;
  run_backward();
}

template <Scalar T> void Tape<T>::check_backward(const Variable<T>& result, ConstMatrixView<T> dresult) {
  if (dresult.rows() != result.rows() || dresult.cols() != result.cols())
    throw shape_error("backward: gradient is " + shape_text(dresult) + ", the value is " +
                      shape_text(result.value()));
  check_backward();
}

template <Scalar T> ShardRows Tape<T>::shard_rows(const Variable<T>& v) {
  return v.node()->by_token ? shard_rows(*v.layout()) : shard_rows(nullptr, v.rows());
}

template <Scalar T> ShardRows Tape<T>::shard_rows(const PackedLayout* layout, std::size_t sequences) {
  const auto of_sequence = shards_->of_sequence();
  if (sequences != of_sequence.size())
    throw shape_error("a value has rows of " + std::to_string(sequences) + " sequences, the batch has " +
                      std::to_string(of_sequence.size()) +
                      "; in a training on ranks every operation keeps the sequences of the batch");
  for (const KnownRows& known : shard_rows_)
    if (known.layout == layout) return known.rows;
  const auto for_each_row = [&](auto&& body) {
    for (std::size_t r = 0; layout == nullptr && r < sequences; ++r) body(r, of_sequence[r]);
    for (std::size_t t = 0; layout != nullptr && t < layout->steps(); ++t)
      for (std::size_t r = 0; r < layout->active(t); ++r)
        body(layout->offset(t) + r, of_sequence[layout->order(r)]);
  };
  const std::size_t count = shards_->count();
  auto* begins = arena_.template allocate_zero<std::size_t>(count + 1);
  auto* next = arena_.template allocate<std::size_t>(count);
  auto* rows = arena_.template allocate<std::uint32_t>(layout == nullptr ? sequences : layout->tokens());
  for_each_row([&](std::size_t, std::uint32_t shard) { ++begins[shard + 1]; });
  for (std::size_t s = 0; s < count; ++s) begins[s + 1] += begins[s];
  for (std::size_t s = 0; s < count; ++s) next[s] = begins[s];
  for_each_row(
      [&](std::size_t row, std::uint32_t shard) { rows[next[shard]++] = static_cast<std::uint32_t>(row); });
  shard_rows_.push_back({layout, {rows, begins, count}});
  return shard_rows_.back().rows;
}

template <Scalar T> void Tape<T>::require_whole_batch(const char* who) const {
  if (shards() != nullptr)
    throw option_error(std::string(who) +
                       ": its sums over a batch cannot be made by several ranks yet; train on one, without a "
                       "communicator");
}

template <Scalar T>
detail::Node<T>* Tape<T>::leaf_node(MatrixView<T> value, MatrixView<T> gradient, const PackedLayout* layout) {
  if (layout != nullptr && value.rows() != layout->tokens())
    throw shape_error("tape: a sequence value has " + std::to_string(value.rows()) +
                      " rows, its layout has " + std::to_string(layout->tokens()) + " tokens");
  if (gradient.data() != nullptr && (gradient.rows() != value.rows() || gradient.cols() != value.cols()))
    throw shape_error("tape: a leaf's value is " + shape_text(value) + ", its gradient " +
                      shape_text(gradient) + "; they must have one shape");
  auto* node = arena_.emplace(detail::Node<T>{value, gradient, gradient.data() != nullptr, layout});
  node->by_token = layout != nullptr;
  return node;
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class Tape<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END

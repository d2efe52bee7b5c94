// Numbers for tests, and checks that every layer's test makes: same bits for any number of threads, and
// gradients of a value through a sum that tells every element apart.
#pragma once

#include <cmath>
#include <cstring>
#include <limits>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/core/random.hpp>
#include <vector>

#include "support/catch.hpp"

namespace testing {

/// Uniform numbers in [-1, 1), the same for the same seed.
template <class T> std::vector<T> random_values(std::size_t count, std::uint64_t seed) {
  seqlstm::RandomStream random(seed);
  std::vector<T> values(count);
  for (auto& v : values) v = static_cast<T>(random.uniform(-1, 1));
  return values;
}

template <class T> std::vector<T> copy_of(const seqlstm::MatrixView<T>& view) {
  std::vector<std::remove_const_t<T>> values;
  for (std::size_t r = 0; r < view.rows(); ++r)
    values.insert(values.end(), view.row(r).begin(), view.row(r).end());
  return values;
}
template <class T> std::vector<T> copy_of(const seqlstm::MatrixView<const T>& view) {
  std::vector<T> values;
  for (std::size_t r = 0; r < view.rows(); ++r)
    values.insert(values.end(), view.row(r).begin(), view.row(r).end());
  return values;
}

template <class T, class Memory>
bool same_bits(const std::vector<T, Memory>& a, const std::vector<T, Memory>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

/// compute() returns numbers; they must not depend on the number of threads.
template <class Compute> void check_threads(Compute&& compute) {
  const std::size_t before = seqlstm::threads();
  seqlstm::set_threads(1);
  const auto reference = compute();
  REQUIRE(!reference.empty());
  for (const std::size_t count : {2U, 3U, 8U}) {
    seqlstm::set_threads(count);
    INFO(count << " threads");
    CHECK(same_bits(compute(), reference));
  }
  seqlstm::set_threads(before);
}

/// sum over k of sin(k) * element k, as a 1x1 Var.
template <class T> seqlstm::Var<T> probe(const seqlstm::Variable<T>& v) {
  seqlstm::Var<T> sum = v.tape().make(1, 1, true);
  const auto weight = [cols = v.cols()](std::size_t r, std::size_t c) {
    return std::sin(static_cast<double>(r * cols + c + 1));
  };
  double total = 0;
  for (std::size_t r = 0; r < v.rows(); ++r)
    for (std::size_t c = 0; c < v.cols(); ++c) total = std::fma(weight(r, c), double{v.value()(r, c)}, total);
  sum.node()->value(0, 0) = static_cast<T>(total);
  v.tape().record(sum, [v, weight](seqlstm::ConstMatrixView<T> d) {
    auto g = v.tape().gradient(v);
    for (std::size_t r = 0; r < g.rows(); ++r)
      for (std::size_t c = 0; c < g.cols(); ++c) g(r, c) += static_cast<T>(double{d(0, 0)} * weight(r, c));
  });
  return sum;
}

/// A value with its gradient, ragged or not.
template <class T> struct Input {
  std::vector<T> values, gradients;
  std::size_t rows, cols;
  Input(std::size_t row_count, std::size_t col_count, std::uint64_t seed = 1)
      : values(random_values<T>(row_count * col_count, seed)),
        gradients(values.size()),
        rows(row_count),
        cols(col_count) {}
  seqlstm::MatrixView<T> view() { return {values.data(), rows, cols}; }
  seqlstm::MatrixView<T> gradient() { return {gradients.data(), rows, cols}; }
  seqlstm::Var<T> on(seqlstm::Tape<T>& tape) { return tape.leaf(view(), gradient()); }
  seqlstm::SeqVar<T> on(seqlstm::Tape<T>& tape, const seqlstm::PackedLayout& layout) {
    return tape.leaf(view(), layout, gradient());
  }
};

/// What a layer makes of x on a training tape, and the gradient of x: both kinds of packed weights are used.
template <class T, class Layer, class... Layout>
std::vector<T> values_and_gradients(Layer& layer, Input<T>& x, const Layout&... layout) {
  seqlstm::Tape<T> tape;
  std::fill(x.gradients.begin(), x.gradients.end(), T(0));
  const auto y = layer(x.on(tape, layout...));
  tape.backward(probe<T>(y));
  auto result = copy_of(y.value());
  result.insert(result.end(), x.gradients.begin(), x.gradients.end());
  return result;
}

/// step(tape) runs forward and backward; from the second equal step on the tape's arena asks for nothing.
template <class T, class Step> void check_no_allocation(Step&& step) {
  seqlstm::Tape<T> tape;
  std::size_t after_two = 0;
  for (std::uint32_t k = 0; k < 6; ++k) {
    tape.reset(k);
    step(tape);
    if (k == 1) after_two = tape.arena().system_allocations();
  }
  CHECK(tape.arena().system_allocations() == after_two);
}

/// Lengths with an empty sequence, one-token sequences and ties: 16 tokens of 6 sequences.
inline const std::vector<std::size_t> ragged_lengths = {3, 5, 0, 1, 5, 2};
inline constexpr std::size_t ragged_tokens = 16;

/// The rows of sequence `index` (the caller's order) of a packed value with `cols` columns.
template <class T>
std::vector<T> sequence_of(const std::vector<T>& packed, std::size_t cols,
                           const seqlstm::PackedLayout& layout, std::size_t index) {
  std::vector<T> rows;
  const std::size_t r = layout.rank(index);
  for (std::size_t t = 0; t < layout.length(r); ++t) {
    const T* row = &packed[(layout.offset(t) + r) * cols];
    rows.insert(rows.end(), row, row + cols);
  }
  return rows;
}

}  // namespace testing

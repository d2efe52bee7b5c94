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

template <class T> bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
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

/// Copies, moves, assignments and swaps keep weights: result(layer) returns numbers that depend on them. `a`
/// and `b` are of the same kind with different weights.
template <class Layer, class Result> void check_rule_of_five(Layer a, Layer b, Result&& result) {
  const auto of_a = result(a), of_b = result(b);
  REQUIRE(of_a != of_b);
  Layer copy(a);
  CHECK(result(copy) == of_a);
  copy = b;
  CHECK(result(copy) == of_b);
  Layer moved(std::move(copy));
  CHECK(result(moved) == of_b);
  moved = std::move(a);
  CHECK(result(moved) == of_a);
  a = moved;
  std::swap(a, b);
  CHECK(result(a) == of_b);
  CHECK(result(b) == of_a);
  Layer other;
  other = b;
  CHECK(result(other) == of_a);
}

}  // namespace testing

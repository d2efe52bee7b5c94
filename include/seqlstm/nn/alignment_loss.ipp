// Definitions of alignment_loss.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/alignment_loss.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T> void check_gap(const char* who, const PairScores<T>& scores, const SeqVar<T>& gap) {
  if (gap.layout() != scores.rows_layout)
    throw shape_error(std::string(who) +
                      ": the gap is of another batch than the rows of the pairs, expected one of the same");
  if (gap.cols() != 1)
    throw shape_error(std::string(who) + ": the gap is " + shape_text(gap.value()) +
                      ", expected a number for each token of the batch that the rows are of, " +
                      shape_text(scores.rows_layout->tokens(), 1));
}

/// Throws for targets out of range; how many count.
template <Scalar T>
std::size_t counted_targets(const PairScores<T>& scores, std::span<const std::int32_t> targets) {
  if (targets.size() != scores.rows())
    throw shape_error("alignment_loss: got " + std::to_string(targets.size()) + " targets, expected " +
                      std::to_string(scores.rows()) + ", one for each row of all pairs");
  std::size_t counted = 0;
  for (std::size_t p = 0; p < scores.blocks.size(); ++p)
    for (std::size_t i = 0; i < scores.blocks[p].rows; ++i) {
      const std::int32_t target = targets[scores.blocks[p].first_row + i];
      if (target == ignored_position) continue;
      ++counted;
      if (target != unaligned && (target < 0 || static_cast<std::size_t>(target) >= scores.blocks[p].cols))
        throw token_error("alignment_loss: pair " + std::to_string(p) + ", row " + std::to_string(i) +
                          ": target " + std::to_string(target) + ", expected one of the " +
                          std::to_string(scores.blocks[p].cols) + " positions, -1 (none) or -2 (ignored)");
    }
  return counted;
}

/// The scores of pair p with the gap's after them, [rows, cols + 1].
template <Scalar T>
void with_gap(const PairScores<T>& scores, const SeqVar<T>& gap, std::size_t p, MatrixView<T> out) {
  const ConstMatrixView<T> s = scores.of(p);
  for (std::size_t i = 0; i < s.rows(); ++i) {
    std::copy_n(s.row_data(i), s.cols(), out.row_data(i));
    out(i, s.cols()) = gap.value()(scores.token(p, i), 0);
  }
}

/// Rows of one pair, the gap's column last.
template <Scalar T> MatrixView<T> gap_rows(const PairScores<T>& scores, std::size_t p, T* memory) {
  const PairBlock& block = scores.blocks[p];
  return {memory + block.first + block.first_row, block.rows, block.cols + 1};
}

/// The column of a target that counts, of `cols` ones, the gap's last.
inline std::size_t target_column(std::int32_t target, std::size_t cols) {
  return target == unaligned ? cols - 1 : static_cast<std::size_t>(target);
}

/// -log P of the targets of one pair, summed.
template <Scalar T>
double surprise_of(ConstMatrixView<T> scores, std::span<const std::int32_t> targets, T* log_sums) {
  double sum = 0;
  Kernels<T>::log_sum_exp_rows(scores, log_sums);
  for (std::size_t i = 0; i < targets.size(); ++i)
    if (targets[i] != ignored_position)
      sum += double{log_sums[i]} - double{scores(i, target_column(targets[i], scores.cols()))};
  return sum;
}

/// Puts the gradient of surprise_of(), times `share`, in the place of the scores.
template <Scalar T>
void to_surprise_gradient(MatrixView<T> scores, std::span<const std::int32_t> targets, T share) {
  Kernels<T>::softmax_rows(scores, scores);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const bool counts = targets[i] != ignored_position;
    for (T& g : scores.row(i)) g = counts ? g * share : T(0);
    if (counts) scores(i, target_column(targets[i], scores.cols())) -= share;
  }
}

/// The gradient times d is added to those of the cells and of the gap.
template <Scalar T>
void send_back_alignment(const PairScores<T>& scores, const SeqVar<T>& gap, T* gradient, T d) {
  Tape<T>& tape = gap.tape();
  if (scores.cells.needs_gradient()) {
    const MatrixView<T> cells = tape.gradient(scores.cells);
    for_pairs(scores, cells.rows(), [&](std::size_t p) {
      const MatrixView<T> from = gap_rows(scores, p, gradient);
      Kernels<T>::add_scaled(d, from.columns(0, from.cols() - 1), scores.of(cells, p));
    });
  }
  if (!gap.needs_gradient()) return;
  const MatrixView<T> sums = tape.gradient(gap);
  for (std::size_t p = 0; p < scores.blocks.size(); ++p) {  // a sequence may be in several pairs
    const MatrixView<T> from = gap_rows(scores, p, gradient);
    for (std::size_t i = 0; i < from.rows(); ++i)
      sums(scores.token(p, i), 0) = std::fma(d, from(i, from.cols() - 1), sums(scores.token(p, i), 0));
  }
}

}  // namespace detail

template <Scalar T>
Var<T> alignment_loss(const PairScores<T>& scores, const SeqVar<T>& gap,
                      std::span<const std::int32_t> targets) {
  detail::check_gap("alignment_loss", scores, gap);
  const std::size_t counted = detail::counted_targets(scores, targets), count = scores.blocks.size();
  Tape<T>& tape = gap.tape();
  Var<T> loss = tape.make(1, 1, scores.cells.needs_gradient() || gap.needs_gradient());
  loss.node()->value(0, 0) = 0;
  if (counted == 0) return loss;
  T* gradient = tape.arena().template allocate<T>(scores.cells.rows() + scores.rows());
  T* log_sums = tape.arena().template allocate<T>(scores.rows());
  auto* sums = tape.arena().template allocate<double>(count);
  const T share = static_cast<T>(1 / static_cast<double>(counted));
  detail::for_pairs(scores, scores.cells.rows() * 8, [&](std::size_t p) {
    const PairBlock& block = scores.blocks[p];
    const auto rows = detail::gap_rows(scores, p, gradient);
    detail::with_gap(scores, gap, p, rows);
    const auto own = targets.subspan(block.first_row, block.rows);
    sums[p] = detail::surprise_of<T>(rows, own, log_sums + block.first_row);
    if (loss.needs_gradient()) detail::to_surprise_gradient<T>(rows, own, share);
  });
  double sum = 0;
  for (std::size_t p = 0; p < count; ++p) sum += sums[p];
  loss.node()->value(0, 0) = static_cast<T>(sum / static_cast<double>(counted));
  tape.record(loss, [scores, gap, gradient](ConstMatrixView<T> d) {
    detail::send_back_alignment(scores, gap, gradient, d(0, 0));
  });
  return loss;
}

template <Scalar T>
void alignment_log_probabilities(const PairScores<T>& scores, const SeqVar<T>& gap, std::size_t p,
                                 MatrixView<double> out) {
  detail::check_gap("alignment_log_probabilities", scores, gap);
  if (p >= scores.blocks.size())
    throw option_error("alignment_log_probabilities: pair " + std::to_string(p) + " of " +
                       std::to_string(scores.blocks.size()) + " pairs, which are counted from 0");
  const ConstMatrixView<T> s = scores.of(p);
  if (out.rows() != s.rows() || out.cols() != s.cols() + 1)
    throw shape_error("alignment_log_probabilities: the result is " + shape_text(out) + ", expected " +
                      shape_text(s.rows(), s.cols() + 1));
  for (std::size_t i = 0; i < s.rows(); ++i) {
    for (std::size_t j = 0; j < s.cols(); ++j) out(i, j) = double{s(i, j)};
    out(i, s.cols()) = double{gap.value()(scores.token(p, i), 0)};
    double log_sum = 0;
    detail::Kernels<double>::log_sum_exp_rows(out.row_range(i, 1), &log_sum);
    for (double& x : out.row(i)) x -= log_sum;
  }
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                                   \
  template Var<T> alignment_loss(const PairScores<T>& scores, const SeqVar<T>& gap,            \
                                 std::span<const std::int32_t> targets);                       \
  template void alignment_log_probabilities(const PairScores<T>& scores, const SeqVar<T>& gap, \
                                            std::size_t p, MatrixView<double> out);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END

// How far back a gradient reaches: what is left of it after so many steps.
#pragma once

#include <cmath>
#include <seqlstm/autograd/variable.hpp>
#include <seqlstm/core/error.hpp>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// What Tape::backward() sent to the rows of x: element k is the Euclidean norm of d loss / d x, k steps
/// before each sequence's last one, as a mean over the sequences that are longer than k. Losses are means
/// over sequences, so the norms are those of the sequences' own losses: B times as large for B of them. x is
/// what reads the sequences (Tape::input(rows, layout)), or any layer's result.
///
///     const auto x = tape.input(rows, batch.layout);
///     tape.backward(mse(head(last(lstm(x))), targets));
///     const std::vector<double> norms = gradient_by_lag(x);  // norms[100]: 100 steps before the end
///
/// All zero where nothing flowed back. Throws option_error for a constant, which keeps no gradient.
template <Scalar T> std::vector<double> gradient_by_lag(const SeqVar<T>& x) {
  if (!x.needs_gradient())
    throw option_error(
        "gradient_by_lag: nothing flows back to a constant; put the rows on a training tape with "
        "input(rows, layout)");
  const PackedLayout& layout = *x.layout();
  std::vector<double> norms(layout.steps());
  const ConstMatrixView<T> gradient = x.gradient();
  if (gradient.data() == nullptr) return norms;
  for (std::size_t back = 0; back < norms.size(); ++back) {
    double sum = 0;
    for (std::size_t r = 0; r < layout.active(back); ++r) {
      double squares = 0;
      for (const T value : gradient.row(layout.offset(layout.length(r) - 1 - back) + r))
        squares = std::fma(double{value}, double{value}, squares);
      sum += std::sqrt(squares);
    }
    norms[back] = sum * static_cast<double>(layout.sequences()) / static_cast<double>(layout.active(back));
  }
  return norms;
}

SEQLSTM_NAMESPACE_END

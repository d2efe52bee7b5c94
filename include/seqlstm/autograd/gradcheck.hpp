// Is a backward function the derivative of its forward? Central differences in double, element by element.
#pragma once

#include <cmath>
#include <functional>
#include <ostream>
#include <seqlstm/autograd/tape.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// A value that a function under test reads, and where its gradient arrives.
struct CheckedValue {
  std::string name;                       ///< for GradientMismatch::name
  MatrixView<double> value;               ///< written to during the check, then as before
  MatrixView<double> gradient;            ///< same shape; zeroed by the check, backward adds to it
  std::function<void()> changed = [] {};  ///< called after the check wrote to value
};

/// One element whose two derivatives disagree.
struct GradientMismatch {
  std::string name;  ///< of the CheckedValue
  std::size_t row,   ///< of the element
      col;           ///< of the element
  double analytic,   ///< what backward gave
      numeric;       ///< the central difference
};

/// The outcome of check_gradient; true when every element agrees.
struct GradientReport {
  std::size_t checked = 0;  ///< elements compared
  double worst = 0;         ///< largest |analytic - numeric| / max(1, |numeric|), NaN left out
  std::vector<GradientMismatch> mismatches;  ///< in the order of the values, row by row
  /// Does every element agree? False where none was checked.
  explicit operator bool() const { return checked > 0 && mismatches.empty(); }
};

/// Prints `checked` and `worst`, and a line for each mismatch.
std::ostream& operator<<(std::ostream& out, const GradientReport& report);

/// Compares backward with (f(x + step) - f(x - step)) / 2 step for every element of every value.
/// `loss(Tape<double>&)` returns a 1x1 Var and must be a function of the values alone (the same masks every
/// time). An element agrees when |difference| <= tolerance * max(1, |numeric|). NaN never agrees.
template <class Loss>
GradientReport check_gradient(Loss&& loss, const std::vector<CheckedValue>& values, double tolerance = 1e-7,
                              double step = 1e-5) {
  Tape<double> tape;
  const auto evaluate = [&] {
    tape.reset(0);
    return loss(tape).value()(0, 0);
  };
  for (const auto& v : values)
    for (std::size_t r = 0; r < v.gradient.rows(); ++r)
      for (auto& g : v.gradient.row(r)) g = 0;
  tape.reset(0);
  tape.backward(loss(tape));
  GradientReport report;
  for (const auto& v : values) {
    for (std::size_t r = 0; r < v.value.rows(); ++r) {
      for (std::size_t c = 0; c < v.value.cols(); ++c) {
        const double analytic = v.gradient(r, c), saved = v.value(r, c);
        const auto at = [&](double x) {
          v.value(r, c) = x;
          v.changed();
        };
        at(saved + step);
        const double above = evaluate();
        at(saved - step);
        const double below = evaluate();
        at(saved);
        const double numeric = (above - below) / (2 * step);
        const double difference = std::abs(analytic - numeric) / std::max(1.0, std::abs(numeric));
        ++report.checked;
        if (difference > report.worst) report.worst = difference;
        if (!(difference <= tolerance)) report.mismatches.push_back({v.name, r, c, analytic, numeric});
      }
    }
  }
  return report;
}

/// Checks one operation: `operation` takes and returns a Var; its result is weighted with fixed, different
/// numbers and summed. `x` is left as it was.
template <class Operation>
GradientReport check_gradient(Operation&& operation, MatrixView<double> x, double tolerance = 1e-7) {
  AlignedBuffer<double> gradient(x.size());
  const MatrixView<double> dx(gradient.data(), x.rows(), x.cols());
  return check_gradient(
      [&](Tape<double>& tape) {
        const Var<double> y = operation(tape.leaf(x, dx));
        Var<double> sum = tape.make(1, 1, true);
        const auto weight = [](std::size_t r, std::size_t c) {
          return std::sin(1.0 + 0.7 * static_cast<double>(r) + 1.3 * static_cast<double>(c));
        };
        double total = 0;
        for (std::size_t r = 0; r < y.rows(); ++r)
          for (std::size_t c = 0; c < y.cols(); ++c) total = std::fma(weight(r, c), y.value()(r, c), total);
        sum.node()->value(0, 0) = total;
        tape.record(sum, [&tape, y, weight](ConstMatrixView<double> d) {
          auto dy = tape.gradient(y);
          for (std::size_t r = 0; r < dy.rows(); ++r)
            for (std::size_t c = 0; c < dy.cols(); ++c) dy(r, c) += d(0, 0) * weight(r, c);
        });
        return sum;
      },
      {{"x", x, dx, [] {}}}, tolerance);
}

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/autograd/gradcheck.ipp>
#endif

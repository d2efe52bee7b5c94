#include <seqlstm/kernels/lstm_cells.hpp>

#include "support/reference.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Numbers of rows that stand apart, at an unaligned address.
template <class T> struct Rows {
  std::size_t rows, cols;
  std::vector<T> numbers;
  Rows(std::size_t row_count, std::size_t col_count, std::uint64_t seed)
      : rows(row_count), cols(col_count), numbers(random_values<T>(1 + row_count * (col_count + 3), seed)) {}
  MatrixView<T> view() { return {numbers.data() + 1, rows, cols, cols + 3}; }
  T operator()(std::size_t r, std::size_t c) const { return numbers[1 + r * (cols + 3) + c]; }
};

/// A step of cells and the way back through it.
template <class T> struct Step {
  std::size_t rows, hidden;
  bool peephole, norm;
  Rows<T> gates, c_before, c, output, doutput, dc, dnormal;
  std::vector<T> bias, peepholes, norm_weight, norm_bias, mean, inverse;

  Step(std::size_t row_count, std::size_t units, bool sees, bool normalizes)
      : rows(row_count),
        hidden(units),
        peephole(sees),
        norm(normalizes),
        gates(rows, 4 * units, 1),
        c_before(rows, units, 2),
        c(rows, units, 3),
        output(rows, units, 4),
        doutput(rows, units, 5),
        dc(rows, units, 6),
        dnormal(rows, units, 7),
        bias(random_values<T>(4 * units, 8)),
        peepholes(random_values<T>(3 * units, 9)),
        norm_weight(random_values<T>(units, 10)),
        norm_bias(random_values<T>(units, 11)),
        mean(rows),
        inverse(rows) {}

  void forward() {
    kernels::lstm_cells<T>({gates.view(), bias.data(), peephole ? peepholes.data() : nullptr,
                            norm ? norm_weight.data() : nullptr, norm_bias.data(), T(1e-3), c_before.view(),
                            c.view(), output.view()});
  }
  void backward() {
    kernels::lstm_cells_backward<T>({gates.view(), peephole ? peepholes.data() : nullptr,
                                     norm ? norm_weight.data() : nullptr, norm_bias.data(), T(1e-3),
                                     c_before.view(), c.view(), doutput.view(), dc.view(), dnormal.view(),
                                     mean.data(), inverse.data()});
  }
};

/// What the loss of the way back is: the sum of output doutput + c dc, of row r.
double loss(Step<double> step, std::size_t r) {
  const auto before = step;
  step.forward();
  double sum = 0;
  for (std::size_t u = 0; u < step.hidden; ++u)
    sum += step.output(r, u) * before.doutput(r, u) + step.c(r, u) * before.dc(r, u);
  return sum;
}

template <class T>
void compare_with_textbook(std::size_t hidden, bool peephole, bool norm, double tolerance) {
  INFO(hidden << " units" << (peephole ? ", peepholes" : "") << (norm ? ", normalised" : ""));
  const Step<T> before(3, hidden, peephole, norm);
  auto step = before;
  step.forward();
  const auto n = static_cast<double>(hidden);
  for (std::size_t r = 0; r < 3; ++r) {
    std::vector<double> c(hidden), o(hidden);
    const auto pre = [&](std::size_t gate, std::size_t u, std::size_t place, double seen) {
      const std::size_t k = gate * hidden + u;
      return double{before.gates(r, k)} + double{before.bias[k]} +
             (peephole ? double{before.peepholes[place * hidden + u]} * seen : 0);
    };
    double mean = 0, variance = 0;
    for (std::size_t u = 0; u < hidden; ++u) {
      const double old = before.c_before(r, u);
      const double i = reference::sigmoid(pre(0, u, 0, old)), f = reference::sigmoid(pre(1, u, 2, old));
      c[u] = f * old + i * std::tanh(pre(2, u, 0, 0));
      o[u] = reference::sigmoid(pre(3, u, 1, c[u]));
      mean += c[u] / n;
      REQUIRE(double{step.gates(r, u)} == Approx(i).margin(tolerance));
      REQUIRE(double{step.gates(r, hidden + u)} == Approx(f).margin(tolerance));
      REQUIRE(double{step.c(r, u)} == Approx(c[u]).margin(tolerance));
      REQUIRE(double{step.gates(r, 3 * hidden + u)} == Approx(o[u]).margin(tolerance));
    }
    for (const double v : c) variance += (v - mean) * (v - mean) / n;
    for (std::size_t u = 0; u < hidden; ++u) {
      const double normal = (c[u] - mean) / std::sqrt(variance + 1e-3);
      const double s = norm ? double{before.norm_weight[u]} * normal + double{before.norm_bias[u]} : c[u];
      REQUIRE(double{step.output(r, u)} == Approx(o[u] * std::tanh(s)).margin(20 * tolerance));
    }
  }
}

}  // namespace

TEST_CASE("lstm_cells: a step is the textbook's, at odd sizes and addresses") {
  for (const std::size_t hidden : {1U, 3U, 7U, 8U, 16U, 17U, 33U})
    for (const bool peephole : {false, true})
      for (const bool norm : {false, true}) {
        compare_with_textbook<float>(hidden, peephole, norm, 1e-6);
        compare_with_textbook<double>(hidden, peephole, norm, 1e-14);
      }
}

TEST_CASE("lstm_cells: the way back is the gradient of the way forth") {
  constexpr double h = 1e-5;
  for (const std::size_t hidden : {1U, 5U, 17U})
    for (const bool peephole : {false, true})
      for (const bool norm : {false, true}) {
        INFO(hidden << " units" << (peephole ? ", peepholes" : "") << (norm ? ", normalised" : ""));
        const Step<double> before(2, hidden, peephole, norm);
        auto step = before;
        step.forward();
        const auto kept = step.doutput;
        step.dc = before.dc;
        step.backward();
        CHECK(same_bits(step.doutput.numbers, kept.numbers));
        for (std::size_t r = 0; r < 2; ++r) {
          const auto slope = [&](Rows<double> Step<double>::*part, std::size_t k) {
            auto more = before, less = before;
            (more.*part).view()(r, k) += h;
            (less.*part).view()(r, k) -= h;
            return (loss(more, r) - loss(less, r)) / (2 * h);
          };
          for (std::size_t k = 0; k < 4 * hidden; ++k)
            REQUIRE(step.gates(r, k) == Approx(slope(&Step<double>::gates, k)).margin(1e-8).epsilon(1e-7));
          for (std::size_t u = 0; u < hidden; ++u)
            REQUIRE(step.dc(r, u) == Approx(slope(&Step<double>::c_before, u)).margin(1e-8).epsilon(1e-7));
        }
      }
}

TEST_CASE("lstm_cells: a row's bits depend on no other row, c may be written over the one before") {
  for (const bool norm : {false, true}) {
    Step<float> together(3, 19, true, norm), in_place = together;
    together.forward();
    kernels::lstm_cells<float>({in_place.gates.view(), in_place.bias.data(), in_place.peepholes.data(),
                                norm ? in_place.norm_weight.data() : nullptr, in_place.norm_bias.data(),
                                1e-3F, in_place.c_before.view(), in_place.c_before.view(),
                                in_place.output.view()});
    CHECK(same_bits(copy_of(in_place.c_before.view()), copy_of(together.c.view())));
    CHECK(same_bits(in_place.output.numbers, together.output.numbers));
    Step<float> alone(3, 19, true, norm);
    const auto row = [](Rows<float>& rows) { return rows.view().row_range(1, 1); };
    kernels::lstm_cells<float>({row(alone.gates), alone.bias.data(), alone.peepholes.data(),
                                norm ? alone.norm_weight.data() : nullptr, alone.norm_bias.data(), 1e-3F,
                                row(alone.c_before), row(alone.c), row(alone.output)});
    CHECK(same_bits(copy_of(row(alone.output)), copy_of(row(together.output))));
  }
}

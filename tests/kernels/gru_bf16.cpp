#include <seqlstm/kernels/gru_bf16.hpp>

#include "gru_case.hpp"
#include "matrix_units.hpp"

using namespace seqlstm;
using namespace testing;

using Case = GruCase<float, kernels::TileKernels>;

namespace {

double number(bfloat16 v) {
  return double{static_cast<float>(v)};
}
double rounded(double v) {
  return LstmCase<float, kernels::TileKernels>::rounded(v);
}

/// What kernels left of a token: its gates, and the state before it.
struct Token {
  const Case& kernel;
  std::size_t row, t, token, before;
  Token(const Case& of, std::size_t at_row, std::size_t at)
      : kernel(of),
        row(at_row),
        t(at),
        token(of.token(at_row, at)),
        before(kernels::PreviousToken{of.layout.view(), of.setup.reverse}(at, at_row)) {}

  [[nodiscard]] double h(std::size_t u) const {
    return before == kernels::PreviousToken::none ? kernel.inputs.state(row, 1)(0, u)
                                                  : double{kernel.y[before * kernel.ldy() + u]};
  }
  [[nodiscard]] double gate(std::size_t place, std::size_t u) const {
    return number(kernel.gates[token * kernel.shape.gate_row() + kernel.column(place, u)]);
  }
  [[nodiscard]] double gradient(std::size_t place, std::size_t u) const {
    return number(kernel.dgates[token * kernel.shape.gate_row() + kernel.column(place, u)]);
  }
};

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

/// Every step is the textbook's with rounded factors, from the state that the kernels left in the step
/// before: over many steps a state that falls to the other side of a rounding would go its own way.
void check_each_step(const Case& kernel) {
  const LstmSetup& setup = kernel.setup;
  const std::size_t hidden = setup.hidden;
  Difference y, gates, padding;
  for (std::size_t row = 0; row < kernel.batch(); ++row) {
    const Matrix in = kernel.inputs.inputs(row);
    for (std::size_t t = 0; t < kernel.layout.length(row); ++t) {
      const Token token(kernel, row, t);
      const auto input = [&](std::size_t k) {
        double sum = kernel.weights.bias_ih(0, k);
        for (std::size_t i = 0; i < setup.input; ++i)
          sum += rounded(kernel.weights.ih(k, i)) * rounded(in(t, i));
        return sum;
      };
      const auto recurrent = [&](std::size_t k) {
        double sum = kernel.weights.bias_hh(0, k);
        for (std::size_t u = 0; u < hidden; ++u)
          sum += rounded(kernel.weights.hh(k, u)) * rounded(token.h(u));
        return sum;
      };
      for (std::size_t u = 0; u < hidden; ++u) {
        const double r = sigmoid(input(u) + recurrent(u)),
                     z = sigmoid(input(hidden + u) + recurrent(hidden + u)), m = recurrent(2 * hidden + u),
                     n = std::tanh(input(2 * hidden + u) + r * m);
        const double expected[] = {n, r, z, m};
        for (std::size_t place = 0; place < 4; ++place)
          gates.add(static_cast<float>(token.gate(place, u)), expected[place]);
        y.add(kernel.y[token.token * kernel.ldy() + u], n + z * (token.h(u) - n));
      }
      for (std::size_t k = hidden; k < kernel.ldy(); ++k)
        padding.add(kernel.y[token.token * kernel.ldy() + k], 7);
    }
  }
  INFO(text(setup) << ", " << matrix_unit_name());
  // Lookups of two tables round W_ih times each: sums of factors that the reference rounds after adding.
  REQUIRE(y.worst() < (setup.lookup ? 2e-2 : 2e-4));
  REQUIRE(gates.worst() <
          (setup.lookup ? 2e-2 : 4e-3));  // saved gates are rounded by one in 512, m is above 1
  REQUIRE(padding.worst() == 0);
}

/// The same for gradients, from those that the kernels left in the step after.
void check_each_gradient(const Case& kernel) {
  const LstmSetup& setup = kernel.setup;
  const std::size_t hidden = setup.hidden, padded = kernel.shape.padded_hidden();
  Difference dgates, dx, states, weights;
  auto sums = reference::GruSequence::zero(setup.input, hidden);
  for (std::size_t row = 0; row < kernel.batch(); ++row) {
    const Matrix in = kernel.inputs.inputs(row), dy = kernel.inputs.result_gradient(row);
    Matrix dh = kernel.inputs.state(row, 3);
    const std::size_t length = kernel.layout.length(row);
    for (std::size_t s = 0; s < length; ++s) {
      const std::size_t t = setup.reverse ? s : length - 1 - s;
      const Token token(kernel, row, t);
      Matrix next(1, hidden);
      for (std::size_t u = 0; u < hidden; ++u) {
        const double n = token.gate(kernels::gru_n, u), r = token.gate(kernels::gru_r, u),
                     z = token.gate(kernels::gru_z, u), m = token.gate(kernels::gru_m, u);
        const double all = dy(t, u) + dh(0, u), dn = all * (1 - z) * (1 - n * n);
        const double expected[] = {dn, dn * m * r * (1 - r), all * (token.h(u) - n) * z * (1 - z), dn * r};
        for (std::size_t place = 0; place < 4; ++place)
          dgates.add(static_cast<float>(token.gradient(place, u)), expected[place]);
        next(0, u) = all * z;
      }
      const auto of_input = [&](std::size_t k) {  // row k of W_ih
        return token.gradient(k < hidden       ? kernels::gru_r
                              : k < 2 * hidden ? kernels::gru_z
                                               : kernels::gru_n,
                              k % hidden);
      };
      const auto of_hidden = [&](std::size_t k) {
        return k < 2 * hidden ? of_input(k) : token.gradient(kernels::gru_m, k % hidden);
      };
      for (std::size_t k = 0; k < 3 * hidden; ++k) {
        for (std::size_t u = 0; u < hidden; ++u) {
          next(0, u) += of_hidden(k) * rounded(kernel.weights.hh(k, u));
          sums.hh(k, u) += of_hidden(k) * rounded(token.h(u));
        }
        for (std::size_t i = 0; i < setup.input; ++i) sums.ih(k, i) += of_input(k) * rounded(in(t, i));
        sums.bias_ih(0, k) += of_input(k);
        sums.bias_hh(0, k) += of_hidden(k);
      }
      for (std::size_t i = 0; i < setup.input; ++i) {
        double expected = 0;
        for (std::size_t k = 0; k < 3 * hidden; ++k)
          expected += of_input(k) * rounded(kernel.weights.ih(k, i));
        dx.add(kernel.dx[token.token * kernel.ldx() + i], expected);
      }
      dh = next;
    }
    for (std::size_t u = 0; u < padded; ++u)
      states.add(kernel.dh0[row * padded + u], u < hidden ? dh(0, u) : 0);
  }
  const auto add = [&](const std::vector<float>& found, const Matrix& expected) {
    for (std::size_t k = 0; k < found.size(); ++k) weights.add(found[k], expected.data[k]);
  };
  add(kernel.dw_ih, sums.ih);
  add(kernel.dw_hh, sums.hh);
  add(kernel.db_ih, sums.bias_ih);
  add(kernel.db_hh, sums.bias_hh);
  INFO(text(setup) << ", " << matrix_unit_name());
  REQUIRE(dgates.worst() < 4e-3);  // rounded by one in 256
  REQUIRE(dx.worst() < 1e-4);
  REQUIRE(states.worst() < 1e-4);
  REQUIRE(weights.worst() < 1e-4);
}

/// body(setup) of the form that has kernels here.
template <class Body> void for_each_reset_after(Body&& body) {
  for_each_gru_and_wide([&](const LstmSetup& setup, bool reset_after) {
    if (reset_after) body(setup);
  });
}

bool same_bytes(const Case& a, const AlignedVector<bfloat16>& left, const AlignedVector<bfloat16>& right) {
  return std::memcmp(left.data(), right.data(), a.tokens() * a.shape.gate_row() * sizeof(bfloat16)) == 0;
}

}  // namespace

TEST_CASE("gru_bf16: every step and its gradients are the textbook's with rounded factors") {
  for_each_matrix_unit([] {
    for_each_reset_after([](const LstmSetup& setup) {
      Case kernel(setup);
      kernel.forward();
      check_each_step(kernel);
      if (setup.lookup) return;
      kernel.backward();
      check_each_gradient(kernel);
    });
  });
}

TEST_CASE("gru_bf16: blocks of 32 rows, whole and not") {
  for_each_matrix_unit([] {
    for (const std::size_t rows : {15U, 16U, 17U, 31U, 32U, 33U, 49U, 64U, 70U})
      for (const bool reverse : {false, true}) {
        std::vector<std::size_t> lengths(rows, 3);
        for (std::size_t r = 0; r < rows; r += 3) lengths[r] = r % 5;
        Case kernel({37, 40, lengths, reverse});
        kernel.forward();
        kernel.backward();
        check_each_step(kernel);
        check_each_gradient(kernel);
      }
  });
}

TEST_CASE("gru_bf16: inference, any partition and any unit give the same bits") {
  for_each_reset_after([](const LstmSetup& setup) {
    Case whole(setup);
    whole.forward();
    whole.backward();
    for_each_matrix_unit([&] {
      Case other(setup);  // its weights in the order of the unit
      INFO(text(setup) << ", " << matrix_unit_name());
      other.forward(1, false);
      REQUIRE(same_bits(whole.y, other.y));
      for (const std::size_t parts : {1U, 2U, 3U, 8U})
        for (const Cut cut : {Cut::rows, Cut::panels}) {
          other.forward(parts, false, cut);
          REQUIRE(same_bits(whole.y, other.y));
          other.forward(parts, true, cut);
          REQUIRE(same_bits(whole.y, other.y));
          REQUIRE(same_bytes(whole, whole.gates, other.gates));
          other.backward(parts, parts, cut);
          REQUIRE(same_bytes(whole, whole.dgates, other.dgates));
          REQUIRE(same_bits(whole.dh0, other.dh0));
          REQUIRE(same_bits(whole.dx, other.dx));
          REQUIRE(same_bits(whole.dw_ih, other.dw_ih));
          REQUIRE(same_bits(whole.dw_hh, other.dw_hh));
          REQUIRE(same_bits(whole.db_hh, other.db_hh));
        }
    });
  });
}

TEST_CASE("gru_bf16: a sequence's bits do not depend on the batch around it, NaN stays in its own") {
  LstmSetup setup{6, 19, {5, 2, 9, 1, 0, 9, 4, 7, 3, 3, 8}};
  Case batch(setup);
  batch.forward();
  setup.nan_record = 3;
  Case dirty(setup);
  dirty.forward();
  for (std::size_t i = 0; i < setup.lengths.size(); ++i) {
    LstmSetup single = setup;
    single.lengths = {setup.lengths[i]};
    single.records = {i};
    single.nan_record = 99999;
    Case alone(single);
    alone.forward();
    const std::size_t row = batch.layout.rank(i);
    for (std::size_t t = 0; t < single.lengths[0]; ++t)
      for (std::size_t u = 0; u < setup.hidden; ++u) {
        const std::size_t k = batch.token(row, t) * batch.ldy() + u;
        REQUIRE(alone.y[t * alone.ldy() + u] == batch.y[k]);
        REQUIRE(std::isnan(dirty.y[k]) == (i == 3));
        if (i != 3) REQUIRE(dirty.y[k] == batch.y[k]);
      }
  }
}

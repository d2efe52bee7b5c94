#include <seqlstm/kernels/lstm_bf16_backward.hpp>

#include "lstm_case.hpp"
#include "matrix_units.hpp"

using namespace seqlstm;
using namespace testing;

using Case = LstmCase<float, kernels::TileKernels>;

namespace {

double number(bfloat16 v) {
  return double{static_cast<float>(v)};
}

/// Every step's gate gradients are the textbook's, from those that the kernels left in the step after, and
/// all that is made of them is: over many steps a gradient that falls to the other side of a rounding would
/// go its own way.
void check_each_step(const Case& kernel) {
  const LstmSetup& setup = kernel.setup;
  const std::size_t hidden = setup.hidden, padded = kernel.shape.padded_hidden(),
                    row = kernel.shape.gate_row();
  const kernels::PreviousToken previous{kernel.layout.view(), setup.reverse};
  const auto w_ih = [&](std::size_t k, std::size_t i) { return Case::rounded(kernel.weights.ih(k, i)); };
  const auto w_hh = [&](std::size_t k, std::size_t u) { return Case::rounded(kernel.weights.hh(k, u)); };
  Difference dgates, dx, states, weights;
  auto sums = reference::LstmWeights::zero(setup.input, hidden);
  for (std::size_t r = 0; r < kernel.batch(); ++r) {
    const Matrix in = kernel.inputs(r), dy = kernel.result_gradient(r);
    Matrix dh = kernel.state(r, 3), dc = kernel.state(r, 4);
    const std::size_t length = kernel.layout.length(r);
    for (std::size_t s = 0; s < length; ++s) {
      const std::size_t t = setup.reverse ? s : length - 1 - s, token = kernel.token(r, t),
                        before = previous(t, r);
      const bool begins = before == kernels::PreviousToken::none;
      const auto gate = [&](std::size_t g, std::size_t u) {
        return number(kernel.gates[token * row + kernel.gate_column(g, u)]);
      };
      const auto d = [&](std::size_t k) {
        return number(kernel.dgates[token * row + kernel.gate_column(k / hidden, k % hidden)]);
      };
      Matrix next(1, hidden);
      for (std::size_t u = 0; u < hidden; ++u) {
        const double i = gate(0, u), f = gate(1, u), g = gate(2, u), o = gate(3, u);
        const double tanh_c = std::tanh(double{kernel.c[token * padded + u]});
        const double c_before = begins ? kernel.state(r, 2)(0, u) : double{kernel.c[before * padded + u]};
        const double all = dy(t, u) + dh(0, u), inner = dc(0, u) + all * o * (1 - tanh_c * tanh_c);
        dgates.add(static_cast<float>(d(u)), inner * g * i * (1 - i));
        dgates.add(static_cast<float>(d(hidden + u)), inner * c_before * f * (1 - f));
        dgates.add(static_cast<float>(d(2 * hidden + u)), inner * i * (1 - g * g));
        dgates.add(static_cast<float>(d(3 * hidden + u)), all * tanh_c * o * (1 - o));
        dc(0, u) = inner * f;
      }
      for (std::size_t k = 0; k < 4 * hidden; ++k) {
        for (std::size_t u = 0; u < hidden; ++u) {
          const double h = begins ? kernel.state(r, 1)(0, u) : double{kernel.y[before * kernel.ldy() + u]};
          next(0, u) += d(k) * w_hh(k, u);
          sums.hh(k, u) += d(k) * Case::rounded(h);
        }
        for (std::size_t i = 0; i < setup.input; ++i) sums.ih(k, i) += d(k) * Case::rounded(in(t, i));
        sums.bias_ih(0, k) += d(k);
      }
      for (std::size_t i = 0; i < setup.input; ++i) {
        double expected = 0;
        for (std::size_t k = 0; k < 4 * hidden; ++k) expected += d(k) * w_ih(k, i);
        dx.add(kernel.dx[token * kernel.ldx() + i], expected);
      }
      dh = next;
    }
    for (std::size_t u = 0; u < padded; ++u) {
      states.add(kernel.dh0[r * padded + u], u < hidden ? dh(0, u) : 0);
      states.add(kernel.dc0[r * padded + u], u < hidden ? dc(0, u) : 0);
    }
  }
  for (std::size_t k = 0; k < kernel.dw_ih.size(); ++k) weights.add(kernel.dw_ih[k], sums.ih.data[k]);
  for (std::size_t k = 0; k < kernel.dw_hh.size(); ++k) weights.add(kernel.dw_hh[k], sums.hh.data[k]);
  for (std::size_t k = 0; k < kernel.db.size(); ++k) weights.add(kernel.db[k], sums.bias_ih.data[k]);
  INFO(text(setup) << ", " << matrix_unit_name());
  REQUIRE(dgates.worst() < 4e-3);  // rounded by one in 256
  REQUIRE(dx.worst() < 1e-4);
  REQUIRE(states.worst() < 1e-4);
  REQUIRE(weights.worst() < 1e-4);
}

}  // namespace

TEST_CASE("lstm_bf16_backward: every step's gradients are the textbook's with rounded factors") {
  for_each_matrix_unit([] {
    for_each_setup([](const LstmSetup& setup) {
      Case kernel(setup);
      kernel.forward();
      kernel.backward();
      check_each_step(kernel);
    });
  });
}

TEST_CASE("lstm_bf16_backward: more tokens than one block of a weight gradient's sum") {
  for (const bool reverse : {false, true}) {
    Case kernel({3, 5, {1500, 1400, 700, 1350, 0, 1}, reverse});
    kernel.forward();
    kernel.backward();
    check_each_step(kernel);
  }
}

TEST_CASE("lstm_bf16_backward: same bits for any partition and any unit") {
  for_each_setup_and_wide([](const LstmSetup& setup) {
    Case whole(setup);
    whole.forward();
    whole.backward();
    const auto same = [&](const Case& other) {
      return same_bits(whole.dx, other.dx) && same_bits(whole.dh0, other.dh0) &&
             same_bits(whole.dc0, other.dc0) && same_bits(whole.dw_ih, other.dw_ih) &&
             same_bits(whole.dw_hh, other.dw_hh) && same_bits(whole.db, other.db);
    };
    for_each_matrix_unit([&] {
      Case other(setup);  // its weights in the order of the unit
      other.forward();
      for (const std::size_t parts : {1U, 2U, 3U, 8U})
        for (const Cut cut : {Cut::rows, Cut::panels}) {
          other.backward(parts, parts, cut);
          INFO(text(setup) << ", parts " << parts << (cut == Cut::rows ? " of rows, " : " of panels, ")
                           << matrix_unit_name());
          REQUIRE(same(other));
        }
    });
  });
}

TEST_CASE("lstm_bf16_backward: NaN in one sequence stays in its own gradients and shows in the weights'") {
  for_each_matrix_unit([] {
    LstmSetup setup{4, 9, {5, 7, 3, 7, 1, 6, 2, 7, 8}};
    setup.nan_record = 3;
    Case dirty(setup);
    dirty.forward();
    dirty.backward();
    for (std::size_t r = 0; r < dirty.batch(); ++r)
      for (std::size_t u = 0; u < setup.hidden; ++u)
        REQUIRE(std::isnan(dirty.dh0[r * dirty.shape.padded_hidden() + u]) == (dirty.layout.record(r) == 3));
    for (const float v : dirty.db) REQUIRE(std::isnan(v));
  });
}

// What a pass of an LSTM's kernels is held against.
#pragma once

#include "lstm_case.hpp"

namespace testing {

/// Training's states and gates are those of plain loops in double.
template <class T, class K> void check_states(const LstmCase<T, K>& kernel, double tolerance) {
  const LstmSetup& setup = kernel.setup;
  Difference y, c, gates, padding;
  auto unused = reference::LstmWeights::zero(setup.input, setup.hidden);
  for (std::size_t r = 0; r < kernel.batch(); ++r) {
    const auto expected = kernel.expected(r, unused);
    for (std::size_t t = 0; t < kernel.layout.length(r); ++t) {
      const std::size_t token = kernel.token(r, t);
      for (std::size_t u = 0; u < setup.hidden; ++u) {
        y.add(kernel.y[token * kernel.ldy() + u], expected.y(t, u));
        c.add(kernel.c[token * kernel.shape.padded_hidden() + u], expected.c(t, u));
        for (std::size_t g = 0; g < 4; ++g)
          gates.add(kernel.gates[token * kernel.shape.gate_row() + kernel.gate_column(g, u)],
                    expected.gates(t, g * setup.hidden + u));
      }
      for (std::size_t k = setup.hidden; k < kernel.ldy(); ++k)
        padding.add(kernel.y[token * kernel.ldy() + k], 7);
      for (std::size_t u = setup.hidden; u < kernel.shape.padded_hidden(); ++u)
        padding.add(kernel.c[token * kernel.shape.padded_hidden() + u], 0);
    }
  }
  INFO(text(setup));
  REQUIRE(y.worst() <= tolerance);
  REQUIRE(c.worst() <= 4 * tolerance);
  REQUIRE(gates.worst() <= tolerance);
  REQUIRE(padding.worst() == 0);
}

/// Every gradient is that of plain loops in double.
template <class T, class K> void check_gradients(const LstmCase<T, K>& kernel, double tolerance) {
  const LstmSetup& setup = kernel.setup;
  auto gradient = reference::LstmWeights::zero(setup.input, setup.hidden);
  Difference dgates, dx, states, weights, padding;
  for (std::size_t r = 0; r < kernel.batch(); ++r) {
    const auto expected = kernel.expected(r, gradient);
    for (std::size_t t = 0; t < kernel.layout.length(r); ++t) {
      const std::size_t token = kernel.token(r, t);
      for (std::size_t k = 0; k < 4 * setup.hidden; ++k)
        dgates.add(kernel.dgates[token * kernel.shape.gate_row() +
                                 kernel.gate_column(k / setup.hidden, k % setup.hidden)],
                   expected.dgates(t, k));
      for (std::size_t i = 0; i < setup.input; ++i)
        dx.add(kernel.dx[token * kernel.ldx() + i], expected.dx(t, i));
    }
    const std::size_t padded = kernel.shape.padded_hidden();
    for (std::size_t u = 0; u < setup.hidden; ++u) {
      states.add(kernel.dh0[r * padded + u], expected.dh0(0, u));
      states.add(kernel.dc0[r * padded + u], expected.dc0(0, u));
    }
    for (std::size_t u = setup.hidden; u < padded; ++u) {
      padding.add(kernel.dh0[r * padded + u], 0);
      padding.add(kernel.dc0[r * padded + u], 0);
    }
  }
  for (std::size_t k = 0; k < kernel.dw_ih.size(); ++k) weights.add(kernel.dw_ih[k], gradient.ih.data[k]);
  for (std::size_t k = 0; k < kernel.dw_hh.size(); ++k) weights.add(kernel.dw_hh[k], gradient.hh.data[k]);
  for (std::size_t k = 0; k < kernel.db.size(); ++k) weights.add(kernel.db[k], gradient.bias_ih.data[k]);
  INFO(text(setup));
  REQUIRE(dgates.worst() <= tolerance);
  REQUIRE(dx.worst() <= tolerance);
  REQUIRE(states.worst() <= tolerance);
  REQUIRE(weights.worst() <= tolerance);
  REQUIRE(padding.worst() == 0);
}

/// What a sequence gives alone, by rows or by panels, it gives in a batch.
template <class Case> void check_alone_as_in_batch() {
  for (const bool reverse : {false, true})
    for (const bool lookup : {false, true}) {
      const LstmSetup setup{6, 19, {5, 2, 9, 1, 0, 9, 4, 7, 3, 3, 8}, reverse, lookup};
      Case batch(setup);
      batch.forward();
      for (std::size_t i = 0; i < setup.lengths.size(); ++i) {
        LstmSetup single = setup;
        single.lengths = {setup.lengths[i]};
        single.records = {i};
        Case alone(single);
        alone.forward(1, i % 2 == 0);
        for (std::size_t t = 0; t < single.lengths[0]; ++t)
          REQUIRE(std::memcmp(alone.y.data() + t * alone.ldy(),
                              batch.y.data() + batch.token(batch.layout.rank(i), t) * batch.ldy(),
                              setup.hidden * sizeof(alone.y[0])) == 0);
      }
    }
}

template <class A, class B> bool same_gradients(const A& a, const B& b) {
  return same_bits(a.dgates, b.dgates) && same_bits(a.dx, b.dx) && same_bits(a.dh0, b.dh0) &&
         same_bits(a.dc0, b.dc0) && same_bits(a.dw_ih, b.dw_ih) && same_bits(a.dw_hh, b.dw_hh) &&
         same_bits(a.db, b.db);
}

}  // namespace testing

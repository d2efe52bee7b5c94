// What every implementation is given for one shape: the same sequences, the same weights in PyTorch's layout,
// the same output gradient; and the answer in double to compare with.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/core/random.hpp>
#include <span>
#include <vector>

#include "support/shape.hpp"

namespace bench {

/// What is fed: dense rows, or token ids of a vocabulary of 1024; all sequences T long, or T/4 to T.
struct Feed {
  bool tokens = false;
  bool ragged = false;
  std::size_t group = 1;  ///< so many sequences at a time, sorted by length, get their mean length
};

struct Workload {
  static constexpr std::size_t vocabulary = 1024;

  Shape shape;
  Feed feed;
  bool bf16 = false;                                ///< factors rounded to bfloat16
  std::vector<std::size_t> lengths;                 ///< [B]
  std::vector<std::vector<seqlstm::Token>> tokens;  ///< [B][length]
  std::vector<std::vector<float>> x;   ///< [B][length * I]: the tokens' rows where tokens are fed
  std::vector<std::vector<float>> dy;  ///< [B][length * H]
  std::vector<float> table;            ///< [vocabulary * I]
  std::vector<float> weight_ih, weight_hh, bias_ih, bias_hh;  ///< gates i, f, g, o

  Workload(const Shape& s, const Feed& f, bool rounds)
      : shape(s), feed(f), bf16(rounds), lengths(s.batch, s.steps) {
    seqlstm::RandomStream random(1);
    const auto fill = [&](std::vector<float>& values, std::size_t count, double bound) {
      values.resize(count);
      for (float& v : values) v = static_cast<float>(random.uniform(-bound, bound));
    };
    if (f.ragged)
      for (auto& length : lengths) length = s.steps / 4 + random.below(s.steps - s.steps / 4 + 1);
    if (f.group > 1) even_out(f.group);
    const double bound = 1 / std::sqrt(static_cast<double>(s.hidden));
    fill(weight_ih, 4 * s.hidden * s.input, bound);
    fill(weight_hh, 4 * s.hidden * s.hidden, bound);
    fill(bias_ih, 4 * s.hidden, bound);
    fill(bias_hh, 4 * s.hidden, bound);
    if (f.tokens) fill(table, vocabulary * s.input, 1);
    x.resize(s.batch);
    dy.resize(s.batch);
    tokens.resize(s.batch);
    for (std::size_t b = 0; b < s.batch; ++b) {
      fill(x[b], lengths[b] * s.input, 1);
      fill(dy[b], lengths[b] * s.hidden, 1);
      if (!f.tokens) continue;
      for (std::size_t t = 0; t < lengths[b]; ++t) {
        const std::size_t id = random.below(vocabulary);
        tokens[b].push_back(static_cast<seqlstm::Token>(id));
        std::copy_n(&table[id * s.input], s.input, &x[b][t * s.input]);
      }
    }
  }

  [[nodiscard]] std::size_t real_tokens() const {
    std::size_t sum = 0;
    for (const std::size_t length : lengths) sum += length;
    return sum;
  }
  /// 8 operations per hidden unit and input or hidden column, for every real token.
  [[nodiscard]] double operations() const {
    return 8.0 * static_cast<double>(real_tokens()) * static_cast<double>(shape.hidden) *
           static_cast<double>(shape.input + shape.hidden);
  }

  /// h of every token of sequence b, by plain loops in double: [length * H].
  [[nodiscard]] std::vector<double> reference(std::size_t b) const {
    const std::size_t hidden = shape.hidden, input = shape.input;
    std::vector<double> h(hidden), c(hidden), gates(4 * hidden), all;
    const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
    for (std::size_t t = 0; t < lengths[b]; ++t) {
      for (std::size_t g = 0; g < 4 * hidden; ++g) {
        double sum = double{bias_ih[g]} + double{bias_hh[g]};
        for (std::size_t i = 0; i < input; ++i)
          sum += double{weight_ih[g * input + i]} * double{x[b][t * input + i]};
        for (std::size_t k = 0; k < hidden; ++k) sum += double{weight_hh[g * hidden + k]} * h[k];
        gates[g] = sum;
      }
      for (std::size_t u = 0; u < hidden; ++u) {
        c[u] = sigmoid(gates[hidden + u]) * c[u] + sigmoid(gates[u]) * std::tanh(gates[2 * hidden + u]);
        h[u] = sigmoid(gates[3 * hidden + u]) * std::tanh(c[u]);
      }
      all.insert(all.end(), h.begin(), h.end());
    }
    return all;
  }

 private:
  void even_out(std::size_t group) {
    std::sort(lengths.begin(), lengths.end());
    for (std::size_t first = 0; first < lengths.size(); first += group) {
      const auto some = std::span(lengths).subspan(first, std::min(group, lengths.size() - first));
      const std::size_t sum = std::accumulate(some.begin(), some.end(), std::size_t{0});
      std::fill(some.begin(), some.end(), sum / some.size());
    }
  }
};

}  // namespace bench

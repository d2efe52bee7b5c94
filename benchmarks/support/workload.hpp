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

enum class LayerKind { lstm, gru, convolution };

/// What is fed: dense rows, or token ids of a vocabulary of 1024; all sequences T long, or T/4 to T.
struct Feed {
  bool tokens = false;
  bool ragged = false;
  std::size_t group = 1;  ///< so many sequences at a time, sorted by length, get their mean length
  LayerKind layer = LayerKind::lstm;
};

struct Workload {
  static constexpr std::size_t vocabulary = 1024;
  static constexpr std::size_t taps = 9;  ///< of a convolution, centred: zeros beyond a sequence's ends

  Shape shape;
  Feed feed;
  bool bf16 = false;                                ///< factors rounded to bfloat16
  bool int8 = false;                                ///< factors quantised to eight bits, ours alone
  std::vector<std::size_t> lengths;                 ///< [B]
  std::vector<std::vector<seqlstm::Token>> tokens;  ///< [B][length]
  std::vector<std::vector<float>> x;   ///< [B][length * I]: the tokens' rows where tokens are fed
  std::vector<std::vector<float>> dy;  ///< [B][length * H]
  std::vector<float> table;            ///< [vocabulary * I]
  /// Gates i, f, g, o, or r, z, n. A convolution has weight_ih [H, I, taps] and bias_ih alone.
  std::vector<float> weight_ih, weight_hh, bias_ih, bias_hh;

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
    const bool recurrent = f.layer != LayerKind::convolution;
    const std::size_t rows = gates() * s.hidden, columns = recurrent ? s.input : s.input * taps;
    const double bound = 1 / std::sqrt(static_cast<double>(recurrent ? s.hidden : columns));
    fill(weight_ih, rows * columns, bound);
    if (recurrent) fill(weight_hh, rows * s.hidden, bound);
    fill(bias_ih, rows, bound);
    if (recurrent) fill(bias_hh, rows, bound);
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
  /// Rows of weights for each unit.
  [[nodiscard]] std::size_t gates() const {
    return feed.layer == LayerKind::lstm ? 4 : feed.layer == LayerKind::gru ? 3 : 1;
  }
  /// The layer's parameters in PyTorch's order.
  [[nodiscard]] std::vector<const std::vector<float>*> parameters() const {
    if (feed.layer == LayerKind::convolution) return {&weight_ih, &bias_ih};
    return {&weight_ih, &weight_hh, &bias_ih, &bias_hh};
  }
  /// 2 operations for every weight and real token.
  [[nodiscard]] double operations() const {
    return 2.0 * static_cast<double>(real_tokens()) *
           static_cast<double>(weight_ih.size() + weight_hh.size());
  }

  /// y of every token of sequence b, by plain loops in double: [length * H].
  [[nodiscard]] std::vector<double> reference(std::size_t b) const {
    return feed.layer == LayerKind::convolution ? convolution(b) : recurrence(b);
  }

 private:
  [[nodiscard]] std::vector<double> convolution(std::size_t b) const {
    const std::size_t hidden = shape.hidden, input = shape.input, left = taps / 2;
    std::vector<double> all;
    for (std::size_t t = 0; t < lengths[b]; ++t)
      for (std::size_t u = 0; u < hidden; ++u) {
        double sum = double{bias_ih[u]};
        for (std::size_t k = 0; k < taps; ++k) {
          if (t + k < left || t + k - left >= lengths[b]) continue;
          const float* row = &x[b][(t + k - left) * input];
          for (std::size_t i = 0; i < input; ++i)
            sum += double{weight_ih[(u * input + i) * taps + k]} * double{row[i]};
        }
        all.push_back(sum);
      }
    return all;
  }
  [[nodiscard]] std::vector<double> recurrence(std::size_t b) const {
    const std::size_t hidden = shape.hidden, input = shape.input, rows = gates() * hidden;
    std::vector<double> h(hidden), c(hidden), of_x(rows), of_h(rows), all;
    const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
    for (std::size_t t = 0; t < lengths[b]; ++t) {
      for (std::size_t g = 0; g < rows; ++g) {
        of_x[g] = double{bias_ih[g]};
        for (std::size_t i = 0; i < input; ++i)
          of_x[g] += double{weight_ih[g * input + i]} * double{x[b][t * input + i]};
        of_h[g] = double{bias_hh[g]};
        for (std::size_t k = 0; k < hidden; ++k) of_h[g] += double{weight_hh[g * hidden + k]} * h[k];
      }
      const auto gate = [&](std::size_t g, std::size_t u) {
        return of_x[g * hidden + u] + of_h[g * hidden + u];
      };
      for (std::size_t u = 0; u < hidden; ++u) {
        if (feed.layer == LayerKind::gru) {
          const std::size_t n = 2 * hidden + u;
          const double z = sigmoid(gate(1, u));
          h[u] = (1 - z) * std::tanh(of_x[n] + sigmoid(gate(0, u)) * of_h[n]) + z * h[u];
        } else {
          c[u] = sigmoid(gate(1, u)) * c[u] + sigmoid(gate(0, u)) * std::tanh(gate(2, u));
          h[u] = sigmoid(gate(3, u)) * std::tanh(c[u]);
        }
      }
      all.insert(all.end(), h.begin(), h.end());
    }
    return all;
  }
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

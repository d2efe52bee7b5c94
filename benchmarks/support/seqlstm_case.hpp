// One LSTM layer of ours, timed through the public interface: weights, a batch, an inference call, a training
// step.
#pragma once

#include <cmath>
#include <optional>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/module.hpp>

#include "support/shape.hpp"

namespace bench {

/// What is fed: dense rows, or token ids of a vocabulary of 1024; all sequences T long, or T/4 to T.
struct Feed {
  bool tokens = false;
  bool ragged = false;
};

class SeqlstmCase {
 public:
  SeqlstmCase(Shape shape, Feed feed, seqlstm::Mode mode)
      : shape_(shape), feed_(feed), tape_(mode), lstm_({.input = shape.input, .hidden = shape.hidden}) {
    seqlstm::RandomStream random(1);
    std::vector<std::size_t> lengths(shape.batch, shape.steps);
    if (feed.ragged)
      for (auto& length : lengths) length = shape.steps / 4 + random.below(shape.steps - shape.steps / 4 + 1);
    std::vector<std::vector<seqlstm::Token>> sequences;
    for (const std::size_t length : lengths) {
      sequences.emplace_back(length);
      for (auto& id : sequences.back()) id = static_cast<seqlstm::Token>(random.below(vocabulary));
    }
    std::vector<std::span<const seqlstm::Token>> views(sequences.begin(), sequences.end());
    batch_.assign(views);
    const std::size_t tokens = batch_.layout.tokens();
    for (auto* buffer : {&x_, &dx_}) *buffer = seqlstm::AlignedBuffer<float>(tokens * shape.input);
    dy_ = seqlstm::AlignedBuffer<float>(tokens * shape.hidden);
    for (auto* buffer : {&x_, &dy_})
      for (float& v : buffer->span()) v = static_cast<float>(random.uniform(-1, 1));
    if (feed.tokens)
      embedding_ = seqlstm::Embedding<float>({.vocabulary = vocabulary, .width = shape.input, .padding = {}});
  }

  void infer() {
    const seqlstm::FlushDenormals flush;
    tape_.reset();
    y_ = forward();
  }
  /// Forward with saved state and backward to dx (or the embedding), dh0, dc0, weights and biases; zeroing of
  /// gradients and packing of weights included.
  void train() {
    const seqlstm::FlushDenormals flush;
    tape_.reset();
    seqlstm::for_each_parameter(lstm_, [](const std::string&, auto& p) { p.edit(); });
    seqlstm::zero_gradients(lstm_);
    if (feed_.tokens) seqlstm::zero_gradients(embedding_);
    std::fill_n(dx_.data(), dx_.size(), 0.0F);
    y_ = forward();
    tape_.backward(y_, {dy_.data(), batch_.layout.tokens(), shape_.hidden});
  }

  [[nodiscard]] std::size_t tokens() const { return batch_.layout.tokens(); }
  /// 8 operations per hidden unit and input or hidden column, for every real token.
  [[nodiscard]] double operations() const {
    return 8.0 * static_cast<double>(tokens()) * static_cast<double>(shape_.hidden) *
           static_cast<double>(shape_.input + shape_.hidden);
  }

  /// Largest difference of the last call's y from plain loops in double, over up to three sequences.
  double max_difference() {
    double worst = 0;
    for (std::size_t r = 0; r < std::min<std::size_t>(3, shape_.batch); ++r)
      worst = std::max(worst, row_difference(r));
    return worst;
  }

  static constexpr std::size_t vocabulary = 1024;

 private:
  seqlstm::SeqVar<float> forward() {
    if (feed_.tokens) return lstm_(tape_, embedding_(batch_));
    const std::size_t n = tokens();
    const bool training = tape_.training();
    return lstm_(tape_.leaf(
        {x_.data(), n, shape_.input}, batch_.layout,
        training ? seqlstm::MatrixView<float>(dx_.data(), n, shape_.input) : seqlstm::MatrixView<float>()));
  }

  double row_difference(std::size_t r) {
    const std::size_t hidden = shape_.hidden;
    std::vector<const seqlstm::Parameter<float>*> p;
    seqlstm::for_each_parameter(lstm_, [&](const std::string&, auto& parameter) { p.push_back(&parameter); });
    std::vector<double> h(hidden), c(hidden), gates(4 * hidden);
    double worst = 0;
    for (std::size_t t = 0; t < batch_.layout.length(r); ++t) {
      const std::size_t token = batch_.layout.offset(t) + r;
      const float* x = feed_.tokens
                           ? embedding_.weight.view().row_data(static_cast<std::size_t>(batch_.ids[token]))
                           : x_.data() + token * shape_.input;
      for (std::size_t g = 0; g < 4 * hidden; ++g) {
        double sum = double{p[2]->data()[g]} + double{p[3]->data()[g]};
        for (std::size_t i = 0; i < shape_.input; ++i) sum += double{p[0]->view()(g, i)} * double{x[i]};
        for (std::size_t k = 0; k < hidden; ++k) sum += double{p[1]->view()(g, k)} * h[k];
        gates[g] = sum;
      }
      const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
      for (std::size_t u = 0; u < hidden; ++u) {
        c[u] = sigmoid(gates[hidden + u]) * c[u] + sigmoid(gates[u]) * std::tanh(gates[2 * hidden + u]);
        h[u] = sigmoid(gates[3 * hidden + u]) * std::tanh(c[u]);
        worst = std::max(worst, std::abs(h[u] - double{y_.value()(token, u)}));
      }
    }
    return worst;
  }

  Shape shape_;
  Feed feed_;
  seqlstm::Tape<float> tape_;
  seqlstm::Lstm<float> lstm_;
  seqlstm::Embedding<float> embedding_;
  seqlstm::TokenBatch batch_;
  seqlstm::AlignedBuffer<float> x_, dx_, dy_;
  seqlstm::SeqVar<float> y_;
};

}  // namespace bench

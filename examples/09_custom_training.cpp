// Loss, update rule, schedule and sampler of one's own in fit().
#include <seqlstm/lstm.hpp>

#include <cmath>
#include <iostream>

using namespace seqlstm;

// Huber's loss (1964): outliers pull no harder than points at a distance of 1.
LossTerm huber(double output, double target) {
  const double d = output - target;
  if (std::abs(d) <= 1) return {d * d / 2, d};
  return {std::abs(d) - 0.5, d > 0 ? 1.0 : -1.0};
}

// Lion (Chen et al. 2023): steps of one size, along the sign of a running mean.
struct Lion {
  double lr = 1e-3, beta1 = 0.9, beta2 = 0.99;
  static constexpr int arrays = 1;  // per weight, zero at first
  template <class T>
  void update(const UpdateStep& step, std::size_t n, T* weights, const T* gradients, T* mean, T*) const {
    const T b1 = static_cast<T>(beta1), b2 = static_cast<T>(beta2), rate = static_cast<T>(step.lr);
    for (std::size_t i = 0; i < n; ++i) {
      weights[i] -= std::copysign(rate, b1 * mean[i] + (1 - b1) * gradients[i]);
      mean[i] = b2 * mean[i] + (1 - b2) * gradients[i];
    }
  }
};

int main() {
  // How much of a sequence is A: a number to learn, of which a few are far off.
  RandomStream random(1);
  LabelledRecords data;
  for (std::size_t i = 0; i < 600; ++i) {
    Record record;
    record.id = std::to_string(i);
    double a = 0;
    for (std::size_t k = 0; k < 20; ++k) {
      record.sequence += "ACGT"[random.below(4)];
      a += record.sequence.back() == 'A' ? 1 : 0;
    }
    data.records.push_back(record);
    data.labels.push_back(i % 50 == 0 ? 30 : a);
  }
  const auto [train, test] = split(encode(data, dna4), {0.8, 0.2}, {.seed = 1});

  auto model = sequential(embedding(4), lstm({.hidden = 16}), mean(), dense(1));
  const auto warm_up = [](std::size_t step, std::size_t, double lr) {
    return Rate{lr * std::min(1.0, static_cast<double>(step + 1) / 50), {}};
  };
  const auto half = [rows = train.size()](std::size_t epoch) {  // every other row
    std::vector<std::size_t> read;
    for (std::size_t row = epoch % 2; row < rows; row += 2) read.push_back(row);
    return read;
  };
  const auto result = fit(model, train, test,
                          {.loss = custom_loss("huber", Task::regression,
                                               [](const auto& x, std::span<const double> t) {
                                                 return elementwise_loss(x, t, huber);
                                               }),
                           .optimizer = custom_optimizer("lion", Lion{.lr = 3e-3}),
                           .schedule = custom_schedule("warm_up", warm_up),
                           .epochs = 40,
                           .batch_size = 16,
                           .sampler = half,
                           .clip_norm = 1});
  std::cout << "half of the first loss is passed: "
            << (result.best()->valid["loss"] < result.history.front().valid["loss"] / 2 ? "yes" : "no")
            << '\n';
}

// Output:
// half of the first loss is passed: yes

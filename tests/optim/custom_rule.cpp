#include <seqlstm/optim/custom_rule.hpp>

#include "trajectory.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Lion (Chen et al. 2023, algorithm 2): the sign of a mean that runs ahead.
struct Lion {
  double lr = 1e-4, beta1 = 0.9, beta2 = 0.99, weight_decay = 0;
  static constexpr int arrays = 1;
  void check() const {
    if (!(weight_decay >= 0)) throw option_error("lion: weight_decay is below 0");
  }
  template <class T>
  void update(const UpdateStep& step, std::size_t n, T* weights, const T* gradients, T* mean, T*) const {
    const T b1 = static_cast<T>(step.momentum.value_or(beta1)), b2 = static_cast<T>(beta2),
            rate = static_cast<T>(step.lr), decay = static_cast<T>(weight_decay);
    for (std::size_t i = 0; i < n; ++i) {
      const T ahead = b1 * mean[i] + (T(1) - b1) * gradients[i];
      const T sign = static_cast<T>((ahead > 0 ? 1 : 0) - (ahead < 0 ? 1 : 0));
      weights[i] -= rate * (sign + decay * weights[i]);
      mean[i] = b2 * mean[i] + (T(1) - b2) * gradients[i];
    }
  }
};

/// A mean and a count of the updates: two arrays.
struct Counting {
  double lr = 0.5;
  static constexpr int arrays = 2;
  template <class T>
  void update(const UpdateStep& step, std::size_t n, T* weights, const T* gradients, T* first,
              T* second) const {
    for (std::size_t i = 0; i < n; ++i) {
      first[i] += gradients[i];
      second[i] += T(1);
      weights[i] = first[i] / second[i] + static_cast<T>(step.number);
    }
  }
};

}  // namespace

TEST_CASE("custom rule: one array, a schedule's momentum for beta1, the reference's weights") {
  const auto reference = [](double beta1) {
    return [beta1, m = 0.0](double& w, double g) mutable {
      const double ahead = beta1 * m + (1 - beta1) * g;
      w -= 0.01 * ((ahead > 0 ? 1 : ahead < 0 ? -1 : 0) + 0.1 * w);
      m = 0.99 * m + 0.01 * g;
    };
  };
  const auto spec = custom_optimizer("lion", Lion{.lr = 0.01, .weight_decay = 0.1});
  check_reference(spec, reference(0.9));
  check_reference(spec, reference(0.5), 0.5);
  const Optimizer<float> optimizer(spec);
  CHECK(optimizer.lr() == 0.01);
  CHECK(optimizer.momentum() == 0.9);
}

TEST_CASE("custom rule: two arrays begin at zero and are kept") {
  check_reference(custom_optimizer("counting", Counting{}),
                  [sum = 0.0, n = 0.0](double& w, double g) mutable {
                    sum += g;
                    n += 1;
                    w = sum / n + n;
                  });
  CHECK_FALSE(Optimizer<double>(custom_optimizer("counting", Counting{})).momentum());
}

TEST_CASE("custom rule: threads share the weights, with the same bits") {
  const auto gradients = random_gradients<float>(3, 70001);
  const auto spec = custom_optimizer("lion", Lion{});
  const auto one = trajectory<float>(spec, gradients);
  set_threads(3);
  CHECK(trajectory<float>(spec, gradients) == one);
  set_threads(1);
}

namespace {

/// Says whether it was given a momentum.
struct Asking {
  double lr = 1, beta = 0.9;  // no name that a schedule's momentum replaces
  static constexpr int arrays = 1;
  template <class T> void update(const UpdateStep& step, std::size_t n, T* weights, const T*, T*, T*) const {
    for (std::size_t i = 0; i < n; ++i) weights[i] = static_cast<T>(step.momentum.value_or(beta));
  }
};

}  // namespace

TEST_CASE("custom rule: a momentum of another name is the rule's own, unless a schedule has one") {
  const auto gradients = random_gradients<double>(1, 3);
  CHECK(trajectory<double>(custom_optimizer("asking", Asking{}), gradients)[0][0] == 0.9);
  CHECK(trajectory<double>(custom_optimizer("asking", Asking{}), gradients, 0.5)[0][0] == 0.5);
}

TEST_CASE("custom rule: a state of another number of arrays is refused") {
  OneVector<double> model(linspace<double>(3));
  Optimizer<double> one(custom_optimizer("lion", Lion{})), two(custom_optimizer("counting", Counting{}));
  one.step(model);
  two.state = one.state;
  CHECK_THROWS_WITH(
      two.step(model),
      "optimizer: the state of 'weights' is that of another rule, which keeps one array; begin a new "
      "training");
}

TEST_CASE("custom rule: options out of range") {
  CHECK(option_message([] { custom_optimizer("lion", Lion{.weight_decay = -1}); }) ==
        "lion: weight_decay is below 0");
  CHECK(option_message([] { Optimizer<float> optimizer(custom_optimizer("lion", Lion{.lr = -1})); }) ==
        "lion: the learning rate is -1, expected a finite number of at least 0, for instance 1e-3");
  CHECK(option_message([] { Optimizer<float> optimizer(custom_optimizer("lion", Lion{.beta1 = 1})); }) ==
        "lion: the momentum is 1, expected at least 0 and below 1");
  CHECK(option_message([] { Optimizer<float> optimizer(CustomRule{.name = "nothing"}); }) ==
        "nothing: the rule has no function");
}

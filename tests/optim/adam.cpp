#include <seqlstm/optim/adam.hpp>

#include "trajectory.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// The rule as printed in the papers, with bias-corrected moments.
struct PlainAdam {
  Adam options;
  double beta1 = options.beta1;
  double m = 0, v = 0, t = 0;
  void operator()(double& w, double g) {
    ++t;
    if (options.decoupled) {
      w -= options.lr * options.weight_decay * w;
    } else {
      g += options.weight_decay * w;
    }
    m = beta1 * m + (1 - beta1) * g;
    v = options.beta2 * v + (1 - options.beta2) * g * g;
    const double m_hat = m / (1 - std::pow(beta1, t)), v_hat = v / (1 - std::pow(options.beta2, t));
    w -= options.lr * m_hat / (std::sqrt(v_hat) + options.eps);
  }
};

}  // namespace

TEST_CASE("adam: PyTorch's trajectories", "[golden]") {
  check_golden("optim_adam", adam({.lr = 0.01, .beta2 = 0.99}));
  check_golden("optim_adamw", adamw({.lr = 0.01, .beta2 = 0.99, .weight_decay = 0.1}));
}

TEST_CASE("adam: the papers' equations, with weight decay in the gradient and decoupled from it") {
  const Adam options{.lr = 0.02, .beta1 = 0.8, .beta2 = 0.95, .eps = 1e-3, .weight_decay = 0.3};
  check_reference(adam(options), PlainAdam{options});
  Adam decoupled = options;
  decoupled.decoupled = true;
  check_reference(adamw(options), PlainAdam{decoupled});
  check_reference(adamw(), PlainAdam{{.weight_decay = 0.01, .decoupled = true}});
}

TEST_CASE("adam: a schedule's momentum is beta1") {
  const Adam options{.lr = 0.02};
  check_reference(adam(options), PlainAdam{options, 0.5}, 0.5);
}

TEST_CASE("adam: the first step has the size of the learning rate, whatever the gradient's") {
  for (const double g : {1e-3, 1.0, -1e6}) {
    const auto path = trajectory<double>(adam({.lr = 0.1}), {std::vector<double>(3, g)});
    CHECK(path[0][1] == Approx(g > 0 ? -0.1 : 0.1).epsilon(1e-4));
  }
}

TEST_CASE("adam: a zero gradient moves nothing, a NaN stays with its weight") {
  const auto still = trajectory<float>(adam(), {std::vector<float>(5, 0.0F)});
  CHECK(still[0] == linspace<float>(5));
  std::vector<float> g(20, 1.0F);
  g[3] = std::numeric_limits<float>::quiet_NaN();
  const auto path = trajectory<float>(adam(), {g});
  for (std::size_t i = 0; i < g.size(); ++i) CHECK(std::isnan(path[0][i]) == (i == 3));
}

TEST_CASE("adam: options out of range") {
  const auto message = [](const OptimizerSpec& spec) {
    return option_message([&] { Optimizer<double> optimizer(spec); });
  };
  CHECK(message(adam({.lr = std::numeric_limits<double>::infinity()})) ==
        "adam: the learning rate is inf, expected a finite number of at least 0, for instance 1e-3");
  CHECK(message(adam({.beta1 = 1})) == "adam: beta1 is 1, expected at least 0 and below 1");
  CHECK(message(adam({.beta2 = -0.1})) == "adam: beta2 is -0.1, expected at least 0 and below 1");
  CHECK(message(adam({.eps = -1e-8})) == "adam: eps is -1e-08, expected a finite number of at least 0");
  CHECK(message(adamw({.weight_decay = std::nan("")})) ==
        "adamw: weight_decay is nan, expected a finite number of at least 0");
}

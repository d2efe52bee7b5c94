#include <seqlstm/optim/sgd.hpp>

#include "trajectory.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("sgd: PyTorch's trajectories", "[golden]") {
  check_golden("optim_sgd", sgd({.lr = 0.1, .momentum = 0.9, .weight_decay = 0.01}));
  check_golden("optim_sgd_nesterov", sgd({.lr = 0.1, .momentum = 0.9, .nesterov = true}));
}

TEST_CASE("sgd: without options it is a step against the gradient") {
  const double lr = 0.25;
  check_reference(sgd({.lr = lr}), [lr](double& w, double g) { w -= lr * g; });
}

TEST_CASE("sgd: Nesterov with weight decay, and a schedule's momentum instead of the rule's") {
  const auto reference = [](double momentum) {
    return [momentum, b = 0.0](double& w, double g) mutable {
      const double decayed = g + 0.05 * w;
      b = momentum * b + decayed;
      w -= 0.1 * (decayed + momentum * b);
    };
  };
  const auto spec = sgd({.lr = 0.1, .momentum = 0.9, .nesterov = true, .weight_decay = 0.05});
  check_reference(spec, reference(0.9));
  check_reference(spec, reference(0.7), 0.7);
}

TEST_CASE("sgd: options out of range") {
  const auto message = [](const Sgd& options) {
    return option_message([&] { Optimizer<float> optimizer(sgd(options)); });
  };
  CHECK(message({.lr = std::nan("")}) ==
        "sgd: the learning rate is nan, expected a finite number of at least 0, for instance 1e-3");
  CHECK(message({.lr = -std::nan("")}) == message({.lr = std::nan("")}));
  CHECK(message({.lr = -0.5}) ==
        "sgd: the learning rate is -0.5, expected a finite number of at least 0, for instance 1e-3");
  CHECK(message({.momentum = 1}) == "sgd: momentum is 1, expected at least 0 and below 1");
  CHECK(message({.nesterov = true}) == "sgd: nesterov needs a momentum above 0, for instance 0.9");
  CHECK(message({.weight_decay = -1e-9}) ==
        "sgd: weight_decay is -1e-09, expected a finite number of at least 0");
}

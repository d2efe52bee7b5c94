#include <seqlstm/optim/rmsprop.hpp>

#include "trajectory.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("rmsprop: PyTorch's trajectory", "[golden]") {
  check_golden("optim_rmsprop", rmsprop({.lr = 0.01, .alpha = 0.95}));
}

TEST_CASE("rmsprop: the equations, with weight decay, and a schedule's momentum is ignored") {
  const RmsProp options{.lr = 0.03, .alpha = 0.7, .eps = 1e-2, .weight_decay = 0.2};
  const auto reference = [v = 0.0](double& w, double g) mutable {
    g += 0.2 * w;
    v = 0.7 * v + 0.3 * g * g;
    w -= 0.03 * g / (std::sqrt(v) + 1e-2);
  };
  check_reference(rmsprop(options), reference);
  check_reference(rmsprop(options), reference, 0.5);
}

TEST_CASE("rmsprop: options out of range") {
  const auto message = [](const RmsProp& options) {
    return option_message([&] { Optimizer<float> optimizer(rmsprop(options)); });
  };
  CHECK(message({.lr = std::nan("")}) ==
        "rmsprop: the learning rate is nan, expected a finite number of at least 0, for instance 1e-3");
  CHECK(message({.alpha = 1}) == "rmsprop: alpha is 1, expected at least 0 and below 1");
  CHECK(message({.eps = -1}) == "rmsprop: eps is -1, expected a finite number of at least 0");
  CHECK(message({.weight_decay = -1}) ==
        "rmsprop: weight_decay is -1, expected a finite number of at least 0");
}

// What every update rule's test does: run an optimizer on one vector of weights with given gradients.
#pragma once

#include <seqlstm/optim/optimizer.hpp>

#include "support/golden.hpp"
#include "support/values.hpp"

namespace testing {

/// A model that is one vector, "weights".
template <class T> struct OneVector {
  seqlstm::Parameter<T> weights;
  explicit OneVector(const std::vector<T>& values) : weights(values.size()) {
    std::copy(values.begin(), values.end(), weights.edit().data());
  }
  template <class V> void fields(V& v) { v("weights", weights); }

  void set_gradient(std::span<const T> g) { std::copy(g.begin(), g.end(), weights.gradient().data()); }
  [[nodiscard]] std::vector<T> values() const { return copy_of(weights.view()); }
};

/// Weights from -1 to 1, equally spaced.
template <class T> std::vector<T> linspace(std::size_t count) {
  std::vector<T> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = static_cast<T>(2.0 * double(i) / double(count - 1) - 1.0);
  return values;
}

/// Weights after every step from linspace(-1, 1), with the gradients of `steps` rows.
template <class T>
std::vector<std::vector<T>> trajectory(const seqlstm::OptimizerSpec& spec,
                                       const std::vector<std::vector<T>>& gradients,
                                       std::optional<double> momentum = {}) {
  OneVector<T> model(linspace<T>(gradients.front().size()));
  seqlstm::Optimizer<T> optimizer(spec);
  std::vector<std::vector<T>> result;
  for (const auto& g : gradients) {
    model.set_gradient(g);
    optimizer.step(model, optimizer.lr(), momentum);
    result.push_back(model.values());
  }
  return result;
}

template <class T> std::vector<std::vector<T>> random_gradients(std::size_t steps, std::size_t count) {
  std::vector<std::vector<T>> gradients;
  for (std::size_t s = 0; s < steps; ++s) gradients.push_back(random_values<T>(count, 100 + s));
  return gradients;
}

/// PyTorch's trajectory, in double to 1e-12 and in float to 1e-5.
inline void check_golden(const std::string& name, const seqlstm::OptimizerSpec& spec) {
  const Golden golden = Golden::load(name);
  const auto& gradients = golden.tensor("grads");
  const auto& expected = golden.tensor("trajectory").data;
  const auto check = [&]<class T>(T, double tolerance) {
    std::vector<std::vector<T>> rows(gradients.shape[0]);
    for (std::size_t i = 0; i < gradients.data.size(); ++i)
      rows[i / gradients.shape[1]].push_back(static_cast<T>(gradients.data[i]));
    std::vector<T> actual;
    for (const auto& weights : trajectory<T>(spec, rows))
      actual.insert(actual.end(), weights.begin(), weights.end());
    check_close<T>(actual, expected, tolerance, name);
  };
  check(double{}, 1e-12);
  check(float{}, 1e-5);
}

/// The trajectory that `rule(weight, gradient)`, one object per weight, gives in plain double.
template <class Rule>
void check_reference(const seqlstm::OptimizerSpec& spec, Rule rule, std::optional<double> momentum = {}) {
  const auto gradients = random_gradients<double>(9, 21);
  const auto actual = trajectory<double>(spec, gradients, momentum);
  for (std::size_t i = 0; i < 21; ++i) {
    Rule own = rule;
    double weight = linspace<double>(21)[i];
    for (std::size_t s = 0; s < gradients.size(); ++s) {
      own(weight, gradients[s][i]);
      INFO("step " << s + 1 << ", weight " << i);
      CHECK(std::abs(actual[s][i] - weight) <= 1e-13);
    }
  }
}

template <class Action> std::string option_message(Action&& action) {
  return support::message_of<seqlstm::option_error>(action);
}

}  // namespace testing

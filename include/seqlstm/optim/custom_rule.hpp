// An update rule of one's own.
//
//     struct SignSgd {
//       double lr = 1e-3;
//       static constexpr int arrays = 1;
//       template <class T>
//       void update(const UpdateStep& step, std::size_t n, T* weights, const T* gradients, T* kept, T*)
//       const;
//     };
//     fit(model, train, valid, {.optimizer = custom_optimizer("sign_sgd", SignSgd{.lr = 3e-4})});
#pragma once

#include <functional>
#include <seqlstm/optim/rule.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

/// What custom_optimizer takes: `lr`, `arrays` (1 or 2) and update() for float and double; with `momentum` or
/// `beta1` a schedule's momentum replaces that one.
template <class R>
concept UpdateRule = requires(const R& rule, const UpdateStep& step, float* f, double* d) {
  { rule.lr } -> std::convertible_to<double>;
  { R::arrays } -> std::convertible_to<int>;
  rule.update(step, std::size_t{1}, f, static_cast<const float*>(f), f, f);
  rule.update(step, std::size_t{1}, d, static_cast<const double*>(d), d, d);
};

/// A rule as functions for both number types; made by custom_rule() and custom_optimizer().
struct CustomRule {
  /// (step, n, weights, gradients, first, second), as custom_rule() hands them to the rule's update().
  template <Scalar T>
  using Update = std::function<void(const UpdateStep&, std::size_t, T*, const T*, T*, T*)>;

  std::string name;                     ///< for error messages and checkpoints
  double lr = 1e-3;                     ///< learning rate, at least 0, where no schedule gives another
  std::optional<double> momentum = {};  ///< the rule's own `momentum` or `beta1`; empty where it has neither
  int arrays = 1;                       ///< numbers kept per weight, 1 or 2
  Update<float> update_float = {};      ///< for models of float
  Update<double> update_double = {};    ///< for models of double

  /// Its own.
  [[nodiscard]] std::string rule_name() const { return name; }
  /// Calls v(name, number) for what is known of it.
  template <class V> void fields(V&& v) const {
    v("custom", true);
    v("lr", lr);
    v("arrays", arrays);
    if (momentum) v("momentum", *momentum);
  }
  /// Throws option_error for a number out of range or a function that is empty.
  void check() const;
  /// Calls update_float or update_double; `second` is null where arrays is 1.
  template <Scalar T>
  void update(const UpdateStep& step, std::size_t n, T* weights, const T* gradients, T* first,
              T* second) const {
    if constexpr (std::is_same_v<T, float>) {
      update_float(step, n, weights, gradients, first, second);
    } else {
      update_double(step, n, weights, gradients, first, second);
    }
  }
};

/// update() gets some of a parameter's weights, the gradients, and what is kept of those weights: `first`,
/// and with two arrays `second`, zeros at first; else null. Threads share the weights, so it must treat each
/// alike wherever it stands. What is kept is saved in checkpoints, which know the rule by `name` and `lr`.
template <UpdateRule Rule> CustomRule custom_rule(std::string name, Rule rule) {
  CustomRule custom{.name = std::move(name), .lr = rule.lr, .arrays = Rule::arrays};
  if constexpr (requires { rule.check(); }) rule.check();
  if constexpr (requires { double{rule.momentum}; }) custom.momentum = rule.momentum;
  if constexpr (requires { double{rule.beta1}; }) custom.momentum = rule.beta1;
  const auto update = [rule](const UpdateStep& step, std::size_t n, auto* weights, const auto* gradients,
                             auto* first,
                             auto* second) { rule.update(step, n, weights, gradients, first, second); };
  custom.update_float = update;
  custom.update_double = update;
  return custom;
}

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/optim/custom_rule.ipp>
#endif

// Losses: how far a batch's outputs are from its targets, as a 1x1 Var to call backward on.
//
// Targets are row-major numbers in the caller's order, as TokenBatch::labels holds them: a class index a row for
// cross_entropy, a number per output column for the others. Every loss is a mean, summed in double in row order. The
// derivative is formed together with the value and waits in the tape's arena.
#pragma once

#include <cmath>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/kernels/elementwise.hpp>
#include <seqlstm/kernels/reduce.hpp>
#include <span>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

struct BceWithLogitsOptions {
  std::vector<double> pos_weight = {};  ///< weight of a target of 1, per column or one for all; 1 without
};
struct BceOptions {};
struct CrossEntropyOptions {
  std::vector<double> class_weights = {};  ///< per class; 1 without
  double label_smoothing = 0;              ///< share of every target that is spread evenly over all classes, 0 to 1
};

namespace detail {

template <class>
inline constexpr bool always_false = false;

/// What a loss says to one row per token.
template <class T>
constexpr void refuse_sequence() {
  static_assert(always_false<T>,
                "seqlstm: this layer takes one row per sequence; pool the steps first: last(), mean() or max()");
}

/// "1.5" rather than "1.500000".
inline std::string number_text(double value) {
  std::string text = std::to_string(value);
  if (text.find('.') != std::string::npos) text.erase(text.find_last_not_of('0') + 1);
  if (!text.empty() && text.back() == '.') text.pop_back();
  return text;
}

inline void check_target_count(const char* loss, std::size_t rows, std::size_t cols, std::size_t per_row,
                               std::size_t found) {
  if (rows == 0) throw shape_error(std::string(loss) + ": the batch has no rows, expected at least one");
  if (found != rows * per_row)
    throw shape_error(std::string(loss) + ": got " + std::to_string(found) + " targets for an output of " +
                      shape_text(rows, cols) + ", expected " + std::to_string(rows * per_row) + " (" +
                      std::to_string(per_row) + " a row)");
}

/// A loss and its derivative by x, which term(row, column) fills in: returns the element's share of the sum. The
/// gradient of the mean over `count` is gradient / count.
template <Scalar T, class Term>
Var<T> mean_of_terms(const Var<T>& x, Term term) {
  const bool needs = x.needs_gradient();
  Var<T> loss = x.tape().make(1, 1, needs);
  const MatrixView<T> gradient = needs ? x.tape().arena().template matrix<T>(x.rows(), x.cols()) : MatrixView<T>();
  const double count = static_cast<double>(x.rows() * x.cols());
  double sum = 0;
  for (std::size_t r = 0; r < x.rows(); ++r) {
    for (std::size_t c = 0; c < x.cols(); ++c) {
      const auto [value, slope] = term(r, c, double{x.value()(r, c)});
      sum += value;
      if (needs) gradient(r, c) = static_cast<T>(slope / count);
    }
  }
  loss.node()->value(0, 0) = static_cast<T>(sum / count);
  x.tape().record(loss, [x, gradient](ConstMatrixView<T> d) {
    kernels::add_scaled<T>(d(0, 0), gradient, x.tape().gradient(x));
  });
  return loss;
}

struct TermOfLoss {
  double value, slope;
};

inline void check_probability(const char* loss, const char* what, std::size_t r, std::size_t c, double value,
                              const char* advice) {
  if (!(value >= 0 && value <= 1) && !std::isnan(value))
    throw option_error(std::string(loss) + ": row " + std::to_string(r) + ", column " + std::to_string(c) + ": " + what +
                       " " + number_text(value) + " is outside [0, 1]; " + advice);
}
inline void check_binary_targets(const char* loss, std::span<const double> targets, std::size_t cols) {
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!(targets[i] >= 0 && targets[i] <= 1))
      throw option_error(std::string(loss) + ": row " + std::to_string(i / cols) + ", column " +
                         std::to_string(i % cols) + ": target " + number_text(targets[i]) +
                         " is outside [0, 1]; classes beyond two need cross_entropy, or a column each");
  }
}

/// log(1 + e^x) without overflow.
inline double softplus(double x) { return std::log1p(std::exp(-std::abs(x))) + (x > 0 || std::isnan(x) ? x : 0.0); }
inline double logistic(double x) {
  const double e = std::exp(-std::abs(x));
  return (x >= 0 ? 1.0 : e) / (1.0 + e);
}

}  // namespace detail

/// Binary cross-entropy from logits x: mean of w t log(1 + e^-x) + (1 - t) log(1 + e^x), w = pos_weight of the column.
/// Targets t in [0, 1], one per element of x. PyTorch's BCEWithLogitsLoss.
template <Scalar T>
Var<T> bce_with_logits(const Var<T>& logits, std::span<const double> targets, const BceWithLogitsOptions& options = {}) {
  const std::size_t cols = logits.cols();
  detail::check_target_count("bce_with_logits", logits.rows(), cols, cols, targets.size());
  detail::check_binary_targets("bce_with_logits", targets, cols);
  const auto& weights = options.pos_weight;
  if (weights.size() > 1 && weights.size() != cols)
    throw shape_error("bce_with_logits: pos_weight has " + std::to_string(weights.size()) + " numbers, expected 1 or " +
                      std::to_string(cols) + ", one for each output column");
  return detail::mean_of_terms(logits, [&](std::size_t r, std::size_t c, double x) {
    const double t = targets[r * cols + c];
    const double positive = t * (weights.empty() ? 1.0 : weights[weights.size() == 1 ? 0 : c]), negative = 1 - t;
    return detail::TermOfLoss{std::fma(positive, detail::softplus(-x), negative * detail::softplus(x)),
                              std::fma(negative, detail::logistic(x), -(positive * detail::logistic(-x)))};
  });
}

/// Binary cross-entropy from probabilities p: mean of -t log p - (1 - t) log(1 - p), logarithms not below -100. Targets
/// as bce_with_logits, which is more exact. PyTorch's BCELoss.
template <Scalar T>
Var<T> bce(const Var<T>& probabilities, std::span<const double> targets, BceOptions = {}) {
  const std::size_t cols = probabilities.cols();
  detail::check_target_count("bce", probabilities.rows(), cols, cols, targets.size());
  detail::check_binary_targets("bce", targets, cols);
  return detail::mean_of_terms(probabilities, [&](std::size_t r, std::size_t c, double p) {
    detail::check_probability("bce", "probability", r, c, p, "apply sigmoid first, or use bce_with_logits");
    const double t = targets[r * cols + c];
    const double log_p = std::max(std::log(p), -100.0), log_q = std::max(std::log1p(-p), -100.0);
    return detail::TermOfLoss{-std::fma(t, log_p, (1 - t) * log_q), (p - t) / std::max((1 - p) * p, 1e-12)};
  });
}

/// Mean of (x - t)^2 over all elements. Targets: one number per element of x.
template <Scalar T>
Var<T> mse(const Var<T>& x, std::span<const double> targets) {
  const std::size_t cols = x.cols();
  detail::check_target_count("mse", x.rows(), cols, cols, targets.size());
  return detail::mean_of_terms(x, [&](std::size_t r, std::size_t c, double value) {
    const double difference = value - targets[r * cols + c];
    return detail::TermOfLoss{difference * difference, 2 * difference};
  });
}

namespace detail {

/// The class of every row, checked.
inline std::size_t class_index(std::size_t row, double target, std::size_t classes) {
  if (!(target >= 0 && target < static_cast<double>(classes)) || target != std::floor(target))
    throw option_error("cross_entropy: row " + std::to_string(row) + ": target " + number_text(target) +
                       " is not a class, expected an integer from 0 to " + std::to_string(classes - 1) +
                       "; the output needs one column per class");
  return static_cast<std::size_t>(target);
}

inline void check_options(const CrossEntropyOptions& options, std::size_t classes) {
  const auto& weights = options.class_weights;
  if (!weights.empty() && weights.size() != classes)
    throw shape_error("cross_entropy: class_weights has " + std::to_string(weights.size()) + " numbers, expected " +
                      std::to_string(classes) + ", one for each output column");
  if (!(options.label_smoothing >= 0 && options.label_smoothing <= 1))
    throw option_error("cross_entropy: label_smoothing is " + number_text(options.label_smoothing) +
                       ", expected 0 to 1");
}

}  // namespace detail

/// Softmax cross-entropy of logits [rows, C] with class indices: the mean of -log softmax(x)[class], weighted with the
/// weight of each row's class. With label smoothing s a target is (1 - s) on its class plus s / C on every class, each
/// term with its own class's weight. PyTorch's CrossEntropyLoss (Szegedy et al. 2016, section 7).
template <Scalar T>
Var<T> cross_entropy(const Var<T>& logits, std::span<const double> targets, const CrossEntropyOptions& options = {}) {
  const std::size_t rows = logits.rows(), classes = logits.cols();
  detail::check_target_count("cross_entropy", rows, classes, 1, targets.size());
  detail::check_options(options, classes);
  const auto weight = [&](std::size_t c) { return options.class_weights.empty() ? 1.0 : options.class_weights[c]; };
  double all_weights = 0, batch_weight = 0;
  for (std::size_t c = 0; c < classes; ++c) all_weights += weight(c);
  for (std::size_t r = 0; r < rows; ++r) batch_weight += weight(detail::class_index(r, targets[r], classes));

  auto& arena = logits.tape().arena();
  T* normalizer = arena.template allocate<T>(rows);
  kernels::log_sum_exp_rows<T>(logits.value(), normalizer);
  const MatrixView<T> gradient = arena.template matrix<T>(rows, classes);
  if (logits.needs_gradient()) kernels::softmax_rows<T>(logits.value(), gradient);

  const double hard = 1 - options.label_smoothing, soft = options.label_smoothing / static_cast<double>(classes);
  double sum = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    const auto target = static_cast<std::size_t>(targets[r]);
    const auto surprise = [&](std::size_t c) { return double{normalizer[r]} - double{logits.value()(r, c)}; };
    sum = std::fma(hard * weight(target), surprise(target), sum);
    for (std::size_t c = 0; soft > 0 && c < classes; ++c) sum = std::fma(soft * weight(c), surprise(c), sum);
    if (!logits.needs_gradient()) continue;
    const double mass = std::fma(hard, weight(target), soft * all_weights);
    for (std::size_t c = 0; c < classes; ++c) {
      const double wanted = weight(c) * (soft + (c == target ? hard : 0.0));
      gradient(r, c) = static_cast<T>(std::fma(mass, double{gradient(r, c)}, -wanted) / batch_weight);
    }
  }
  Var<T> loss = logits.tape().make(1, 1, logits.needs_gradient());
  loss.node()->value(0, 0) = static_cast<T>(sum / batch_weight);
  logits.tape().record(loss, [logits, gradient](ConstMatrixView<T> d) {
    kernels::add_scaled<T>(d(0, 0), gradient, logits.tape().gradient(logits));
  });
  return loss;
}

// A value per token is no output of a classifier: the compiler says what to do.
template <Scalar T, class... Rest>
Var<T> bce_with_logits(const SeqVar<T>&, Rest&&...) {
  detail::refuse_sequence<T>();
}
template <Scalar T, class... Rest>
Var<T> bce(const SeqVar<T>&, Rest&&...) {
  detail::refuse_sequence<T>();
}
template <Scalar T, class... Rest>
Var<T> mse(const SeqVar<T>&, Rest&&...) {
  detail::refuse_sequence<T>();
}
template <Scalar T, class... Rest>
Var<T> cross_entropy(const SeqVar<T>&, Rest&&...) {
  detail::refuse_sequence<T>();
}

SEQLSTM_NAMESPACE_END

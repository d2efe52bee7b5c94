// Losses: how far a batch's outputs are from its targets, as a 1x1 Var to call backward on.
//
// Targets are row-major numbers in the caller's order, as TokenBatch::labels holds them: a class index a row
// for cross_entropy, a number per output column for the others. Every loss is a mean, summed in double in row
// order; its derivative is formed along with it and waits in the tape's arena.
//
//     auto loss = bce_with_logits(logits, batch.labels);            // the loss of a batch
//     Loss chosen = bce_with_logits({.pos_weight = {3.0}});         // a choice to hand to fit()
//     auto same = chosen(logits, batch.labels);
#pragma once

#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/detail/loss_terms.hpp>
#include <variant>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

struct BceWithLogitsOptions {
  std::vector<double> pos_weight = {};  ///< weight of a target of 1: per column, or one for all; 1 without
};
struct BceOptions {};
struct CrossEntropyOptions {
  std::vector<double> class_weights = {};  ///< per class; 1 without
  double label_smoothing = 0;              ///< share of every target that is spread over all classes, 0 to 1
};
struct MseOptions {};

/// Binary cross-entropy from logits x: mean of w t log(1 + e^-x) + (1 - t) log(1 + e^x), w = pos_weight of
/// the column. Targets t in [0, 1], one per element of x. PyTorch's BCEWithLogitsLoss.
template <Scalar T>
Var<T> bce_with_logits(const Var<T>& x, std::span<const double> targets,
                       const BceWithLogitsOptions& options = {}) {
  const std::size_t cols = x.cols();
  detail::check_target_count("bce_with_logits", x.rows(), cols, cols, targets.size());
  detail::check_binary_targets("bce_with_logits", targets, cols);
  const auto& weights = options.pos_weight;
  if (weights.size() > 1 && weights.size() != cols)
    throw shape_error("bce_with_logits: pos_weight has " + std::to_string(weights.size()) +
                      " numbers, expected 1 or " + std::to_string(cols) + ", one per output column");
  detail::check_loss_weights("bce_with_logits", "pos_weight", weights);
  return detail::mean_of_terms(x, [&](std::size_t r, std::size_t c, double logit, double& sum) {
    const double t = targets[r * cols + c];
    const double positive = t * (weights.empty() ? 1.0 : weights[weights.size() == 1 ? 0 : c]),
                 negative = 1 - t;
    sum += std::fma(positive, detail::softplus(-logit), negative * detail::softplus(logit));
    return std::fma(negative, detail::logistic(logit), -(positive * detail::logistic(-logit)));
  });
}

/// Binary cross-entropy from probabilities p: mean of -t log p - (1 - t) log(1 - p), logarithms not below
/// -100. Targets as for bce_with_logits, which is more exact. PyTorch's BCELoss.
template <Scalar T> Var<T> bce(const Var<T>& p, std::span<const double> targets, BceOptions = {}) {
  const std::size_t cols = p.cols();
  detail::check_target_count("bce", p.rows(), cols, cols, targets.size());
  detail::check_binary_targets("bce", targets, cols);
  return detail::mean_of_terms(p, [&](std::size_t r, std::size_t c, double yes, double& sum) {
    detail::check_probability(r, c, yes);
    const double t = targets[r * cols + c], no = 1 - yes;
    const double log_yes = std::max(std::log(yes), -100.0), log_no = std::max(std::log1p(-yes), -100.0);
    sum -= std::fma(t, log_yes, (1 - t) * log_no);
    return (yes - t) / std::max(yes * no, 1e-12);
  });
}

/// Mean of (x - t)^2 over all elements. Targets: one number per element of x.
template <Scalar T> Var<T> mse(const Var<T>& x, std::span<const double> targets, MseOptions = {}) {
  const std::size_t cols = x.cols();
  detail::check_target_count("mse", x.rows(), cols, cols, targets.size());
  return detail::mean_of_terms(x, [&](std::size_t r, std::size_t c, double value, double& sum) {
    const double difference = value - targets[r * cols + c];
    sum = std::fma(difference, difference, sum);
    return 2 * difference;
  });
}

/// Softmax cross-entropy of logits [rows, C] with class indices: the mean of -log softmax(x)[class], weighted
/// with the weight of each row's class. With label smoothing s a target is (1 - s) on its class plus s / C on
/// every class, each term with its own class's weight (Szegedy et al. 2016, section 7). PyTorch's
/// CrossEntropyLoss.
template <Scalar T>
Var<T> cross_entropy(const Var<T>& x, std::span<const double> targets,
                     const CrossEntropyOptions& options = {}) {
  const std::size_t rows = x.rows(), classes = x.cols();
  detail::check_target_count("cross_entropy", rows, classes, 1, targets.size());
  const auto& weights = options.class_weights;
  if (!weights.empty() && weights.size() != classes)
    throw shape_error("cross_entropy: class_weights has " + std::to_string(weights.size()) +
                      " numbers, expected " + std::to_string(classes) + ", one per output column");
  detail::check_loss_weights("cross_entropy", "class_weights", weights);
  if (!(options.label_smoothing >= 0 && options.label_smoothing <= 1))
    throw option_error("cross_entropy: label_smoothing is " + detail::number_text(options.label_smoothing) +
                       ", expected 0 to 1");
  const auto weight = [&](std::size_t c) { return weights.empty() ? 1.0 : weights[c]; };
  double all_weights = 0, batch_weight = 0;
  for (std::size_t c = 0; c < classes; ++c) all_weights += weight(c);
  for (std::size_t r = 0; r < rows; ++r) batch_weight += weight(detail::class_index(r, targets[r], classes));
  if (!(batch_weight > 0))
    throw option_error("cross_entropy: all " + std::to_string(rows) +
                       " rows of the batch are of classes with weight 0, so their mean is not defined; leave "
                       "such rows out of the data");

  T* log_sum = x.tape().arena().template allocate<T>(rows);
  detail::Kernels<T>::log_sum_exp_rows(x.value(), log_sum);
  const MatrixView<T> gradient = x.tape().arena().template matrix<T>(rows, classes);  // softmax at first
  detail::Kernels<T>::softmax_rows(x.value(), gradient);
  const double hard = 1 - options.label_smoothing,
               soft = options.label_smoothing / static_cast<double>(classes);
  double sum = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    const auto target = static_cast<std::size_t>(targets[r]);
    const auto surprise = [&](std::size_t c) { return double{log_sum[r]} - double{x.value()(r, c)}; };
    sum = std::fma(hard * weight(target), surprise(target), sum);
    for (std::size_t c = 0; soft > 0 && c < classes; ++c) sum = std::fma(soft * weight(c), surprise(c), sum);
    const double mass = std::fma(hard, weight(target), soft * all_weights);
    for (std::size_t c = 0; c < classes; ++c) {
      const double wanted = weight(c) * (c == target ? soft + hard : soft);
      gradient(r, c) = static_cast<T>(std::fma(mass, double{gradient(r, c)}, -wanted) / batch_weight);
    }
  }
  return detail::loss_value(x, sum / batch_weight, gradient);
}

// A value per token is no output of a classifier: the compiler says what to do about it.
template <Scalar T>
Var<T> bce_with_logits(const SeqVar<T>&, std::span<const double>, const BceWithLogitsOptions& = {}) {
  detail::refuse_sequence<T>();
}
template <Scalar T> Var<T> bce(const SeqVar<T>&, std::span<const double>, BceOptions = {}) {
  detail::refuse_sequence<T>();
}
template <Scalar T> Var<T> mse(const SeqVar<T>&, std::span<const double>, MseOptions = {}) {
  detail::refuse_sequence<T>();
}
template <Scalar T>
Var<T> cross_entropy(const SeqVar<T>&, std::span<const double>, const CrossEntropyOptions& = {}) {
  detail::refuse_sequence<T>();
}

/// What a model's outputs mean.
enum class Task { binary, multi_class, multi_label, regression };

/// A loss as a value: which one, with its options; what fit() needs to know about it. Made by
/// bce_with_logits(), bce(), cross_entropy() and mse() without a batch.
class Loss {
 public:
  using Choice = std::variant<BceWithLogitsOptions, BceOptions, CrossEntropyOptions, MseOptions>;
  explicit Loss(Choice choice) : choice_(std::move(choice)) {}

  /// The loss of a batch: bce_with_logits(output, targets, options) and so on.
  template <template <class> class V, Scalar T>
  Var<T> operator()(const V<T>& output, std::span<const double> targets) const {
    return std::visit(
        [&](const auto& options) {
          using Options = std::decay_t<decltype(options)>;
          if constexpr (std::is_same_v<Options, BceWithLogitsOptions>)
            return bce_with_logits(output, targets, options);
          if constexpr (std::is_same_v<Options, BceOptions>) return bce(output, targets, options);
          if constexpr (std::is_same_v<Options, CrossEntropyOptions>)
            return cross_entropy(output, targets, options);
          if constexpr (std::is_same_v<Options, MseOptions>) return mse(output, targets, options);
        },
        choice_);
  }

  /// What outputs of `columns` columns mean under this loss.
  [[nodiscard]] Task task(std::size_t columns = 1) const {
    if (is<MseOptions>()) return Task::regression;
    if (is<CrossEntropyOptions>()) return Task::multi_class;
    return columns > 1 ? Task::multi_label : Task::binary;
  }
  /// Columns an output needs for `classes` classes: one per class for cross_entropy, one for two classes and
  /// one per label beyond that for the binary losses, one for mse.
  [[nodiscard]] std::size_t output_width(std::size_t classes) const {
    if (is<MseOptions>()) return 1;
    return is<CrossEntropyOptions>() || classes > 2 ? classes : 1;
  }
  /// out = what the model predicts, from its outputs: sigmoid of logits, softmax for cross_entropy, the
  /// outputs themselves for bce and mse. Both views have the same shape.
  template <class T> void probabilities(const MatrixView<T>& in, MatrixView<double> out) const {
    if (in.rows() != out.rows() || in.cols() != out.cols())
      throw shape_error("probabilities: the outputs are " + shape_text(in) + ", the result is " +
                        shape_text(out));
    for (std::size_t r = 0; r < in.rows(); ++r)
      for (std::size_t c = 0; c < in.cols(); ++c)
        out(r, c) = is<BceWithLogitsOptions>() ? detail::logistic(double{in(r, c)}) : double{in(r, c)};
    if (is<CrossEntropyOptions>()) detail::Kernels<double>::softmax_rows(out, out);
  }
  /// What the mean over these rows is divided by, so that means of batches can be joined: the number of rows,
  /// or the sum of the rows' class weights. Throws option_error for a target that is no class.
  [[nodiscard]] double total_weight(std::span<const double> targets, std::size_t rows) const {
    const auto* options = std::get_if<CrossEntropyOptions>(&choice_);
    if (options == nullptr || options->class_weights.empty()) return static_cast<double>(rows);
    const auto& weights = options->class_weights;
    double sum = 0;
    for (std::size_t r = 0; r < targets.size(); ++r)
      sum += weights[detail::class_index(r, targets[r], weights.size())];
    return sum;
  }
  /// The factory's name, "bce_with_logits".
  [[nodiscard]] const char* name() const {
    constexpr const char* names[] = {"bce_with_logits", "bce", "cross_entropy", "mse"};
    return names[choice_.index()];
  }
  [[nodiscard]] const Choice& choice() const { return choice_; }

 private:
  template <class Options> [[nodiscard]] bool is() const { return std::holds_alternative<Options>(choice_); }
  Choice choice_;
};

inline Loss bce_with_logits(BceWithLogitsOptions options = {}) {
  return Loss(std::move(options));
}
inline Loss bce(BceOptions options = {}) {
  return Loss(options);
}
inline Loss cross_entropy(CrossEntropyOptions options = {}) {
  return Loss(std::move(options));
}
inline Loss mse(MseOptions options = {}) {
  return Loss(options);
}

SEQLSTM_NAMESPACE_END

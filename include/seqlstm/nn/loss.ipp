// Definitions of loss.hpp.
#pragma once

#include <seqlstm/nn/loss.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
Var<T> bce_with_logits(const Var<T>& x, std::span<const double> targets,
                       const BceWithLogitsOptions& options) {
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

template <Scalar T> Var<T> bce(const Var<T>& p, std::span<const double> targets, BceOptions) {
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

template <Scalar T> Var<T> mse(const Var<T>& x, std::span<const double> targets, MseOptions) {
  const std::size_t cols = x.cols();
  detail::check_target_count("mse", x.rows(), cols, cols, targets.size());
  return detail::mean_of_terms(x, [&](std::size_t r, std::size_t c, double value, double& sum) {
    const double difference = value - targets[r * cols + c];
    sum = std::fma(difference, difference, sum);
    return 2 * difference;
  });
}

template <Scalar T>
Var<T> cross_entropy(const Var<T>& x, std::span<const double> targets, const CrossEntropyOptions& options) {
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

SEQLSTM_INLINE Task Loss::task(std::size_t columns) const {
  if (const auto* custom = std::get_if<CustomLoss>(&choice_)) return custom->task;
  if (is<MseOptions>()) return Task::regression;
  if (is<CrossEntropyOptions>()) return Task::multi_class;
  return columns > 1 ? Task::multi_label : Task::binary;
}

SEQLSTM_INLINE std::size_t Loss::output_width(std::size_t classes) const {
  if (task() == Task::regression) return 1;
  return task() == Task::multi_class || classes > 2 ? classes : 1;
}

SEQLSTM_INLINE bool Loss::has_logits() const {
  const auto* custom = std::get_if<CustomLoss>(&choice_);
  if (custom == nullptr) return is<BceWithLogitsOptions>();
  return custom->task == Task::binary || custom->task == Task::multi_label;
}

SEQLSTM_INLINE double Loss::total_weight(std::span<const double> targets, std::size_t rows) const {
  const auto* options = std::get_if<CrossEntropyOptions>(&choice_);
  if (options == nullptr || options->class_weights.empty()) return static_cast<double>(rows);
  const auto& weights = options->class_weights;
  double sum = 0;
  for (std::size_t r = 0; r < targets.size(); ++r)
    sum += weights[detail::class_index(r, targets[r], weights.size())];
  return sum;
}

SEQLSTM_INLINE const char* Loss::name() const {
  if (const auto* custom = std::get_if<CustomLoss>(&choice_)) return custom->name.c_str();
  constexpr const char* names[] = {"bce_with_logits", "bce", "cross_entropy", "mse"};
  return names[choice_.index()];
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                         \
  template Var<T> bce_with_logits(const Var<T>& x, std::span<const double> targets,  \
                                  const BceWithLogitsOptions& options);              \
  template Var<T> bce(const Var<T>& p, std::span<const double> targets, BceOptions); \
  template Var<T> mse(const Var<T>& x, std::span<const double> targets, MseOptions); \
  template Var<T> cross_entropy(const Var<T>& x, std::span<const double> targets,    \
                                const CrossEntropyOptions& options);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END

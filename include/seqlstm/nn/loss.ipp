// Definitions of loss.hpp.
#pragma once

#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/nn/loss.hpp>
#include <seqlstm/nn/site_loss.hpp>
#include <seqlstm/nn/whole_batch.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <Scalar T, class RowWeights>
Var<T> bce_with_logits_rows(const Variable<T>& x, std::span<const double> targets,
                            const BceWithLogitsOptions& options, const RowWeights& row_weight) {
  const std::size_t cols = x.cols();
  check_binary_targets("bce_with_logits", targets, cols, RowWeights::ignores);
  const auto& weights = options.pos_weight;
  if (weights.size() > 1 && weights.size() != cols)
    throw shape_error("bce_with_logits: pos_weight has " + std::to_string(weights.size()) +
                      " numbers, expected 1 or " + std::to_string(cols) + ", one per output column");
  check_loss_weights("bce_with_logits", "pos_weight", weights);
  return mean_of_terms(x, row_weight, [&](std::size_t r, std::size_t c, double logit, double& sum) {
    const double t = targets[r * cols + c];
    const double positive = t * (weights.empty() ? 1.0 : weights[weights.size() == 1 ? 0 : c]),
                 negative = 1 - t;
    sum += std::fma(positive, softplus(-logit), negative * softplus(logit));
    return std::fma(negative, logistic(logit), -(positive * logistic(-logit)));
  });
}

template <Scalar T, class RowWeights>
Var<T> bce_rows(const Variable<T>& p, std::span<const double> targets, const RowWeights& row_weight) {
  const std::size_t cols = p.cols();
  check_binary_targets("bce", targets, cols, RowWeights::ignores);
  return mean_of_terms(p, row_weight, [&](std::size_t r, std::size_t c, double yes, double& sum) {
    check_probability(r, c, yes);
    const double t = targets[r * cols + c], no = 1 - yes;
    const double log_yes = std::max(std::log(yes), -100.0), log_no = std::max(std::log1p(-yes), -100.0);
    sum -= std::fma(t, log_yes, (1 - t) * log_no);
    return (yes - t) / std::max(yes * no, 1e-12);
  });
}

template <Scalar T, class RowWeights>
Var<T> mse_rows(const Variable<T>& x, std::span<const double> targets, const RowWeights& row_weight) {
  const std::size_t cols = x.cols();
  return mean_of_terms(x, row_weight, [&](std::size_t r, std::size_t c, double value, double& sum) {
    const double difference = value - targets[r * cols + c];
    sum = std::fma(difference, difference, sum);
    return 2 * difference;
  });
}

template <Scalar T, class RowWeights>
Var<T> cross_entropy_rows(const Variable<T>& x, std::span<const double> targets,
                          const CrossEntropyOptions& options, const RowWeights& row_weight) {
  const std::size_t rows = x.rows(), classes = x.cols();
  const auto& weights = options.class_weights;
  if (!weights.empty() && weights.size() != classes)
    throw shape_error("cross_entropy: class_weights has " + std::to_string(weights.size()) +
                      " numbers, expected " + std::to_string(classes) + ", one per output column");
  check_loss_weights("cross_entropy", "class_weights", weights);
  if (!(options.label_smoothing >= 0 && options.label_smoothing <= 1))
    throw option_error("cross_entropy: label_smoothing is " + number_text(options.label_smoothing) +
                       ", expected 0 to 1");
  const auto weight = [&](std::size_t c) { return weights.empty() ? 1.0 : weights[c]; };
  double all_weights = 0;
  for (std::size_t c = 0; c < classes; ++c) all_weights += weight(c);
  RowTotal<T> weight_total(x);
  for (std::size_t r = 0; r < rows; ++r)
    if (const double counts = row_weight(r); counts > 0)
      weight_total.of(r) += counts * weight(class_index(r, targets[r], classes));
  const double batch_weight = weight_total.sum();
  auto& arena = x.tape().arena();
  if (!(batch_weight > 0)) {
    if (RowWeights::ignores) return loss_value(x, 0.0, arena.template zero_matrix<T>(rows, classes));
    throw option_error("cross_entropy: all " + std::to_string(rows) +
                       " rows of the batch are of classes with weight 0, so their mean is not defined; leave "
                       "such rows out of the data");
  }

  T* log_sum = arena.template allocate<T>(rows);
  Kernels<T>::log_sum_exp_rows(x.value(), log_sum);
  const MatrixView<T> gradient = arena.template matrix<T>(rows, classes);  // softmax at first
  Kernels<T>::softmax_rows(x.value(), gradient);
  const double hard = 1 - options.label_smoothing,
               soft = options.label_smoothing / static_cast<double>(classes);
  RowTotal<T> total(x);
  for (std::size_t r = 0; r < rows; ++r) {
    double& sum = total.of(r);
    const double counts = row_weight(r);
    if (!(counts > 0)) {
      std::fill_n(gradient.row_data(r), classes, T(0));  // also where logits are NaN
      continue;
    }
    const auto target = static_cast<std::size_t>(targets[r]);
    const auto surprise = [&](std::size_t c) { return double{log_sum[r]} - double{x.value()(r, c)}; };
    sum = std::fma(counts * hard * weight(target), surprise(target), sum);
    for (std::size_t c = 0; soft > 0 && c < classes; ++c)
      sum = std::fma(counts * soft * weight(c), surprise(c), sum);
    const double mass = std::fma(hard, weight(target), soft * all_weights);
    for (std::size_t c = 0; c < classes; ++c) {
      const double wanted = weight(c) * (c == target ? soft + hard : soft);
      gradient(r, c) =
          static_cast<T>(counts * std::fma(mass, double{gradient(r, c)}, -wanted) / batch_weight);
    }
  }
  return loss_value(x, total.sum() / batch_weight, gradient);
}

/// Labels by position fit the outputs: one each, and as many weights or none.
SEQLSTM_INLINE void check_positions(const char* loss, std::size_t positions, std::size_t cols,
                                    std::size_t labels, std::span<const double> weights) {
  if (labels == 0 && positions > 0)
    throw shape_error(std::string(loss) + ": the output has a row for each of " + std::to_string(positions) +
                      " positions, but there are no labels by position; pool the steps first (last(), mean() "
                      "or max()), or give the data labels by position");
  if (labels != positions)
    throw shape_error(
        std::string(loss) + ": the output has a row for each of " + std::to_string(positions) +
        " positions, but there are " + std::to_string(labels) +
        " labels; expected one each (labels of sequences need a pooling, last(), mean() or max(); "
        "layers with strides leave fewer positions than the data has)");
  if (!weights.empty() && weights.size() != positions)
    throw shape_error(std::string(loss) + ": " + std::to_string(weights.size()) + " weights for " +
                      std::to_string(positions) + " positions");
  if (cols != 1)
    throw shape_error(std::string(loss) + ": a position has " + std::to_string(cols) +
                      " outputs, but one label; expected one output, or cross_entropy of classes");
  for (const double weight : weights)
    if (!(weight >= 0 && std::isfinite(weight)))
      throw option_error(std::string(loss) + ": a position's weight is " + number_text(weight) +
                         ", expected a finite number of at least 0");
}

}  // namespace detail

template <Scalar T>
Var<T> bce_with_logits(const Var<T>& x, std::span<const double> targets,
                       const BceWithLogitsOptions& options) {
  detail::check_target_count("bce_with_logits", x.rows(), x.cols(), x.cols(), targets.size());
  return detail::bce_with_logits_rows(x, targets, options, detail::EveryRow());
}

template <Scalar T> Var<T> bce(const Var<T>& p, std::span<const double> targets, BceOptions) {
  detail::check_target_count("bce", p.rows(), p.cols(), p.cols(), targets.size());
  return detail::bce_rows(p, targets, detail::EveryRow());
}

template <Scalar T> Var<T> mse(const Var<T>& x, std::span<const double> targets, MseOptions) {
  detail::check_target_count("mse", x.rows(), x.cols(), x.cols(), targets.size());
  return detail::mse_rows(x, targets, detail::EveryRow());
}

template <Scalar T>
Var<T> cross_entropy(const Var<T>& x, std::span<const double> targets, const CrossEntropyOptions& options) {
  detail::check_target_count("cross_entropy", x.rows(), x.cols(), 1, targets.size());
  return detail::cross_entropy_rows(x, targets, options, detail::EveryRow());
}

template <Scalar T>
Var<T> bce_with_logits(const SeqVar<T>& x, std::span<const double> labels,
                       const BceWithLogitsOptions& options, std::span<const double> weights) {
  detail::check_positions("bce_with_logits", x.rows(), x.cols(), labels.size(), weights);
  return detail::bce_with_logits_rows(x, labels, options, detail::PositionWeights{labels, weights});
}

template <Scalar T>
Var<T> bce(const SeqVar<T>& p, std::span<const double> labels, BceOptions, std::span<const double> weights) {
  detail::check_positions("bce", p.rows(), p.cols(), labels.size(), weights);
  return detail::bce_rows(p, labels, detail::PositionWeights{labels, weights});
}

template <Scalar T>
Var<T> mse(const SeqVar<T>& x, std::span<const double> labels, MseOptions, std::span<const double> weights) {
  detail::check_positions("mse", x.rows(), x.cols(), labels.size(), weights);
  return detail::mse_rows(x, labels, detail::PositionWeights{labels, weights});
}

template <Scalar T>
Var<T> cross_entropy(const SeqVar<T>& x, std::span<const double> labels, const CrossEntropyOptions& options,
                     std::span<const double> weights) {
  detail::check_positions("cross_entropy", x.rows(), 1, labels.size(), weights);
  return detail::cross_entropy_rows(x, labels, options, detail::PositionWeights{labels, weights});
}

template <Scalar T> Var<T> Loss::operator()(const ModelOutput<T>& output, const BatchTargets& targets) const {
  check(output);
  const Var<T> loss = of_labels(output, targets);
  if (!(site_weight_ > 0)) return loss;
  if (targets.position_labels.empty() && output.sites().rows() > 0)
    throw shape_error(std::string(name()) +
                      " with sites: the data has no labels by position; give it sites, with set_sites()");
  const bool of_classes = targets.labels.size() == output.rows().rows();
  return loss + static_cast<T>(site_weight_) *
                    site_loss(output.sites(), targets.position_labels,
                              of_classes ? site_weights(targets.labels) : std::vector<double>());
}

template <Scalar T> Var<T> Loss::of_labels(const ModelOutput<T>& output, const BatchTargets& targets) const {
  const auto either = [&](auto&& of_rows, auto&& of_positions) {
    return output.by_position() ? of_positions(output.positions()) : of_rows(output.rows());
  };
  const std::span<const double> labels = targets.labels, at = targets.position_labels,
                                weights = targets.position_weights;
  return std::visit(
      [&](const auto& options) -> Var<T> {
        using Options = std::decay_t<decltype(options)>;
        if constexpr (std::is_same_v<Options, BceWithLogitsOptions>)
          return either([&](const Var<T>& x) { return bce_with_logits(x, labels, options); },
                        [&](const SeqVar<T>& x) { return bce_with_logits(x, at, options, weights); });
        if constexpr (std::is_same_v<Options, BceOptions>)
          return either([&](const Var<T>& x) { return bce(x, labels); },
                        [&](const SeqVar<T>& x) { return bce(x, at, {}, weights); });
        if constexpr (std::is_same_v<Options, CrossEntropyOptions>)
          return either([&](const Var<T>& x) { return cross_entropy(x, labels, options); },
                        [&](const SeqVar<T>& x) { return cross_entropy(x, at, options, weights); });
        if constexpr (std::is_same_v<Options, MseOptions>)
          return either([&](const Var<T>& x) { return mse(x, labels); },
                        [&](const SeqVar<T>& x) { return mse(x, at, {}, weights); });
        if constexpr (std::is_same_v<Options, CrfLossOptions>) {
          detail::check_positions("crf_loss", output.value().rows(), 1, at.size(), {});
          if (!weights.empty())
            throw option_error(
                "crf_loss: a path has one probability, so positions have no weights; leave them out, or make "
                "the labels that do not count NaN");
          return crf_loss(output.crf_scores(), at);
        }
        if constexpr (std::is_same_v<Options, CtcOptions>) {
          if (targets.label_sequence_offsets.size() < 2)
            throw shape_error("ctc_loss: the data has no label sequences; give each record what it spells");
          return ctc_loss(output.positions(), {targets.label_sequences, targets.label_sequence_offsets},
                          options);
        }
        if constexpr (std::is_same_v<Options, CustomLoss>) {
          if (output.by_position())
            throw option_error(
                "the loss '" + options.name +
                "' is of a row per sequence, the model has one per position; pool the steps first");
          return of_whole_batch(output.rows(), labels,
                                [&](const Var<T>& rows, std::span<const double> of_rows) {
                                  return options.template of_batch<T>(rows, of_rows);
                                });
        }
      },
      choice_);
}

SEQLSTM_INLINE Loss Loss::with_sites(double weight) const {
  if (!(weight >= 0 && std::isfinite(weight)))
    throw option_error(std::string(name()) + ": the weight of sites is " + detail::number_text(weight) +
                       ", expected a finite number of at least 0");
  Loss both = *this;
  both.site_weight_ = weight;
  return both;
}

SEQLSTM_INLINE std::vector<double> Loss::site_weights(std::span<const double> labels) const {
  std::vector<double> weights(labels.size());
  if (const auto* two = std::get_if<BceWithLogitsOptions>(&choice_)) {
    if (two->pos_weight.size() != 1) return {};
    for (std::size_t r = 0; r < labels.size(); ++r)
      weights[r] = std::fma(labels[r], two->pos_weight[0], 1 - labels[r]);
    return weights;
  }
  const auto* options = std::get_if<CrossEntropyOptions>(&choice_);
  if (options == nullptr || options->class_weights.empty()) return {};
  for (std::size_t r = 0; r < labels.size(); ++r)
    weights[r] = options->class_weights[detail::class_index(r, labels[r], options->class_weights.size())];
  return weights;
}

SEQLSTM_INLINE void Loss::check(bool by_position, bool has_crf, bool has_sites) const {
  if (site_weight_ > 0 && !has_sites)
    throw option_error(
        std::string(name()) +
        " with sites: the model scores no sites; let its forward() give RowsAndSites, or train "
        "it without their weight");
  if (is<CrfLossOptions>() && !has_crf)
    throw option_error(
        "crf_loss: the model does not end with a Crf; add one, crf() in a chain, or train it with "
        "cross_entropy()");
  if (has_crf && !is<CrfLossOptions>())
    throw option_error(std::string(name()) + ": the model ends with a Crf; train it with crf_loss()");
  if (is<CtcOptions>() && !by_position)
    throw option_error(
        "ctc_loss: the model has a row per sequence, expected one per position; leave the pooling out");
}

SEQLSTM_INLINE Task Loss::task(std::size_t columns) const {
  if (const auto* custom = std::get_if<CustomLoss>(&choice_)) return custom->task;
  if (is<MseOptions>()) return Task::regression;
  if (is<CrossEntropyOptions>() || is<CrfLossOptions>() || is<CtcOptions>()) return Task::multi_class;
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

SEQLSTM_INLINE double Loss::total_weight(const BatchTargets& targets, std::size_t sequences,
                                         bool by_position) const {
  if (is<CtcOptions>()) return static_cast<double>(sequences);
  if (!by_position) return total_weight(targets.labels, sequences);
  const auto* options = std::get_if<CrossEntropyOptions>(&choice_);
  const bool of_classes = options != nullptr && !options->class_weights.empty();
  const detail::PositionWeights weights{targets.position_labels, targets.position_weights};
  double sum = 0;
  for (std::size_t r = 0; r < targets.position_labels.size(); ++r)
    if (const double counts = weights(r); counts > 0)
      sum += of_classes ? counts * options->class_weights[detail::class_index(r, targets.position_labels[r],
                                                                              options->class_weights.size())]
                        : counts;
  return sum;
}

SEQLSTM_INLINE bool Loss::has_labels(const BatchTargets& targets, bool by_position) const {
  if (is<CtcOptions>()) return targets.label_sequence_offsets.size() > 1;
  return !(by_position ? targets.position_labels : targets.labels).empty();
}

SEQLSTM_INLINE const char* Loss::name() const {
  if (const auto* custom = std::get_if<CustomLoss>(&choice_)) return custom->name.c_str();
  constexpr const char* names[] = {"bce_with_logits", "bce", "cross_entropy", "mse", "crf_loss", "ctc_loss"};
  return names[choice_.index()];
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                                             \
  template Var<T> bce_with_logits(const Var<T>& x, std::span<const double> targets,                      \
                                  const BceWithLogitsOptions& options);                                  \
  template Var<T> bce(const Var<T>& p, std::span<const double> targets, BceOptions);                     \
  template Var<T> mse(const Var<T>& x, std::span<const double> targets, MseOptions);                     \
  template Var<T> cross_entropy(const Var<T>& x, std::span<const double> targets,                        \
                                const CrossEntropyOptions& options);                                     \
  template Var<T> bce_with_logits(const SeqVar<T>& x, std::span<const double> labels,                    \
                                  const BceWithLogitsOptions& options, std::span<const double> weights); \
  template Var<T> bce(const SeqVar<T>& p, std::span<const double> labels, BceOptions,                    \
                      std::span<const double> weights);                                                  \
  template Var<T> mse(const SeqVar<T>& x, std::span<const double> labels, MseOptions,                    \
                      std::span<const double> weights);                                                  \
  template Var<T> cross_entropy(const SeqVar<T>& x, std::span<const double> labels,                      \
                                const CrossEntropyOptions& options, std::span<const double> weights);    \
  template Var<T> Loss::operator()(const ModelOutput<T>& output, const BatchTargets& targets) const;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END

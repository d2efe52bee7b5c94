// Losses: how far a batch's outputs are from its targets, as a 1x1 Var to call backward on.
//
// Targets are row-major numbers in the caller's order, as SequenceBatch::labels holds them: a class index a
// row for cross_entropy, a number per output column for the others. Every loss is a mean, summed in double in
// row order; its derivative is formed along with it and waits in the tape's arena.
//
//     auto loss = bce_with_logits(logits, batch.labels);            // the loss of a batch
//     Loss chosen = bce_with_logits({.pos_weight = {3.0}});         // a choice to hand to fit()
//     auto same = chosen(logits, batch.labels);
#pragma once

#include <functional>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/sequence_batch.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/ctc_loss.hpp>
#include <seqlstm/nn/detail/loss_terms.hpp>
#include <seqlstm/nn/model_output.hpp>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Options of bce_with_logits().
struct BceWithLogitsOptions {
  std::vector<double> pos_weight = {};  ///< weight of a target of 1: per column, or one for all; 1 without
};
/// bce() has no options.
struct BceOptions {};
/// Options of cross_entropy() of a batch's classes.
struct CrossEntropyOptions {
  std::vector<double> class_weights = {};  ///< per class; 1 without
  double label_smoothing = 0;              ///< share of every target that is spread over all classes, 0 to 1
};
/// mse() has no options.
struct MseOptions {};

/// crf_loss() of a model that ends with a Crf has no options.
struct CrfLossOptions {};

/// Binary cross-entropy from logits x: mean of w t log(1 + e^-x) + (1 - t) log(1 + e^x), w = pos_weight of
/// the column. Targets t in [0, 1], one per element of x. PyTorch's BCEWithLogitsLoss.
template <Scalar T>
Var<T> bce_with_logits(const Var<T>& x, std::span<const double> targets,
                       const BceWithLogitsOptions& options = {});

/// Binary cross-entropy from probabilities p: mean of -t log p - (1 - t) log(1 - p), logarithms not below
/// -100. Targets as for bce_with_logits, which is more exact. PyTorch's BCELoss.
template <Scalar T> Var<T> bce(const Var<T>& p, std::span<const double> targets, BceOptions = {});

/// Mean of (x - t)^2 over all elements. Targets: one number per element of x.
template <Scalar T> Var<T> mse(const Var<T>& x, std::span<const double> targets, MseOptions = {});

/// Softmax cross-entropy of logits [rows, C] with class indices: the mean of -log softmax(x)[class], weighted
/// with the weight of each row's class. With label smoothing s a target is (1 - s) on its class plus s / C on
/// every class, each term with its own class's weight (Szegedy et al. 2016, section 7). PyTorch's
/// CrossEntropyLoss.
template <Scalar T>
Var<T> cross_entropy(const Var<T>& x, std::span<const double> targets,
                     const CrossEntropyOptions& options = {});

/// Cross-entropy at every position: logits [tokens, C], one class per packed row, NaN where a position does
/// not count. The mean is weighted with class weights and with `weights`, one for each position (none: all
/// alike). Where nothing counts the loss is 0 and has no gradient. Throws as the loss of rows does, and
/// shape_error unless there is a label for each position.
template <Scalar T>
Var<T> cross_entropy(const SeqVar<T>& x, std::span<const double> labels,
                     const CrossEntropyOptions& options = {}, std::span<const double> weights = {});
/// The same for two classes by one logit, [tokens, 1], labels in [0, 1].
template <Scalar T>
Var<T> bce_with_logits(const SeqVar<T>& x, std::span<const double> labels,
                       const BceWithLogitsOptions& options = {}, std::span<const double> weights = {});
/// The same by one probability.
template <Scalar T>
Var<T> bce(const SeqVar<T>& p, std::span<const double> labels, BceOptions = {},
           std::span<const double> weights = {});
/// The same for a real number, [tokens, 1].
template <Scalar T>
Var<T> mse(const SeqVar<T>& x, std::span<const double> labels, MseOptions = {},
           std::span<const double> weights = {});

/// An element's loss and its derivative by the output.
struct LossTerm {
  double loss = 0;        ///< of the element, before the mean
  double derivative = 0;  ///< d loss / d output
};
/// The mean of term(output, target) over all elements: for losses of one's own. Targets: one number per
/// element of x.
template <Scalar T, class Term>
requires std::is_invocable_r_v<LossTerm, Term&, double, double> Var<T> elementwise_loss(
    const Var<T>& x, std::span<const double> targets, Term term) {
  const std::size_t cols = x.cols();
  detail::check_target_count("elementwise_loss", x.rows(), cols, cols, targets.size());
  return detail::mean_of_terms(x, detail::EveryRow(),
                               [&](std::size_t r, std::size_t c, double value, double& sum) {
                                 const LossTerm element = term(value, targets[r * cols + c]);
                                 sum += element.loss;
                                 return element.derivative;
                               });
}

/// What a model's outputs mean.
enum class Task {
  binary,       ///< one column, for two classes
  multi_class,  ///< a column per class; a sequence has one class
  multi_label,  ///< a column per label; a sequence may have any of them
  regression    ///< numbers that are no probabilities
};

/// A loss of one's own behind functions; made by custom_loss.
struct CustomLoss {
  /// The loss of a batch, 1x1, from its outputs and targets.
  template <Scalar T> using OfBatch = std::function<Var<T>(const Var<T>&, std::span<const double>)>;
  std::string name;                 ///< what a checkpoint knows it by
  Task task = Task::regression;     ///< what the outputs mean
  OfBatch<float> of_floats = {};    ///< for models of floats; empty: calling the loss is an option_error
  OfBatch<double> of_doubles = {};  ///< the same for models of doubles

  /// The loss of a batch by the function for its numbers; option_error where there is none.
  template <Scalar T> Var<T> of_batch(const Var<T>& output, std::span<const double> targets) const {
    const auto& own = [this]() -> const OfBatch<T>& {
      if constexpr (std::is_same_v<T, float>) return of_floats;
      if constexpr (std::is_same_v<T, double>) return of_doubles;
    }();
    if (!own) throw option_error("the loss '" + name + "' has no function");
    return own(output, targets);
  }
};

/// A loss as a value: which one, with its options; what fit() needs to know about it. Made by
/// bce_with_logits(), bce(), cross_entropy(), mse(), crf_loss() and ctc_loss() without a batch, or by
/// custom_loss().
class Loss {
 public:
  /// Which loss, told by its options.
  using Choice = std::variant<BceWithLogitsOptions, BceOptions, CrossEntropyOptions, MseOptions,
                              CrfLossOptions, CtcOptions, CustomLoss>;
  /// The loss that these options belong to. Options are checked when a batch is given.
  explicit Loss(Choice choice) : choice_(std::move(choice)) {}

  /// The loss of a batch's outputs: bce_with_logits(output, targets, options) and so on, of the labels of
  /// sequences or of positions, as the model has a row for each of the ones or the others. Throws shape_error
  /// where the data has no labels of that kind, option_error for a loss of one's own of rows per position and
  /// where a Crf and crf_loss() do not go together.
  template <Scalar T> Var<T> operator()(const ModelOutput<T>& output, const BatchTargets& targets) const;
  /// Throws option_error where a model with such a result cannot be trained with this loss: a Crf without
  /// crf_loss(), or the other way round, for ctc_loss() of a row per sequence, and for a loss with_sites() of
  /// a model that scores none.
  template <Scalar T> void check(const ModelOutput<T>& output) const {
    check(output.by_position(), output.has_crf(), output.has_sites());
  }
  /// This loss of the rows per sequence plus `weight` times site_loss() of the scores of sites, whose labels
  /// are those by position; with class weights a sequence's site weighs as its class does. For models whose
  /// forward() gives RowsAndSites. 0: without. Throws option_error for a weight that is below 0 or not
  /// finite.
  [[nodiscard]] Loss with_sites(double weight) const;
  /// The weight of site_loss(); 0 without.
  [[nodiscard]] double site_weight() const { return site_weight_; }
  /// The same of numbers alone: those of the sequences, or of the positions.
  template <template <class> class V, Scalar T>
  requires std::derived_from<V<T>, Variable<T>> Var<T>
  operator()(const V<T>& output, std::span<const double> targets) const {
    return (*this)(ModelOutput<T>(output), BatchTargets{.labels = targets, .position_labels = targets});
  }

  /// What outputs of `columns` columns mean under this loss.
  [[nodiscard]] Task task(std::size_t columns = 1) const;
  /// Columns an output needs for `classes` classes: one per class for cross_entropy, one for two classes and
  /// one per label beyond that for the binary losses, one for mse.
  [[nodiscard]] std::size_t output_width(std::size_t classes) const;
  /// out = what the model predicts, from its outputs: sigmoid of logits, softmax for cross_entropy, the
  /// outputs themselves for bce and mse. Both views have the same shape.
  template <class T> void probabilities(const MatrixView<T>& in, MatrixView<double> out) const {
    if (in.rows() != out.rows() || in.cols() != out.cols())
      throw shape_error("probabilities: the outputs are " + shape_text(in) + ", the result is " +
                        shape_text(out));
    const bool logits = has_logits();
    for (std::size_t r = 0; r < in.rows(); ++r)
      for (std::size_t c = 0; c < in.cols(); ++c)
        out(r, c) = logits ? detail::logistic(double{in(r, c)}) : double{in(r, c)};
    if (task(in.cols()) == Task::multi_class) detail::Kernels<double>::softmax_rows(out, out);
  }
  /// Is each output the logit of a probability of its own, of which probabilities() takes the sigmoid?
  [[nodiscard]] bool has_logits() const;
  /// What the mean over these rows is divided by, so that means of batches can be joined: the number of rows,
  /// or the sum of the rows' class weights. With class weights it throws option_error for a target that is no
  /// class.
  [[nodiscard]] double total_weight(std::span<const double> targets, std::size_t rows) const;
  /// The same for a batch of so many sequences: of its positions where the model has a row for each of them.
  [[nodiscard]] double total_weight(const BatchTargets& targets, std::size_t sequences,
                                    bool by_position) const;
  /// Are there labels of the kind that a model with such rows is compared with?
  [[nodiscard]] bool has_labels(const BatchTargets& targets, bool by_position) const;
  /// The factory's name, "bce_with_logits".
  [[nodiscard]] const char* name() const;
  /// The loss's options, whose type says which loss it is.
  [[nodiscard]] const Choice& choice() const { return choice_; }

 private:
  void check(bool by_position, bool has_crf, bool has_sites) const;
  /// The loss without that of sites.
  template <Scalar T> Var<T> of_labels(const ModelOutput<T>& output, const BatchTargets& targets) const;
  /// What each sequence's site weighs; empty: all alike.
  [[nodiscard]] std::vector<double> site_weights(std::span<const double> labels) const;
  template <class Options> [[nodiscard]] bool is() const { return std::holds_alternative<Options>(choice_); }
  Choice choice_;
  double site_weight_ = 0;
};

/// bce_with_logits() of a batch, as a choice to hand to fit().
inline Loss bce_with_logits(BceWithLogitsOptions options = {}) {
  return Loss(std::move(options));
}
/// The same for bce() of a batch.
inline Loss bce(BceOptions options = {}) {
  return Loss(options);
}
/// The same for cross_entropy() of a batch's classes.
inline Loss cross_entropy(CrossEntropyOptions options = {}) {
  return Loss(std::move(options));
}
/// The same for mse() of a batch.
inline Loss mse(MseOptions options = {}) {
  return Loss(options);
}
/// The same for crf_loss() of a model that ends with a Crf.
inline Loss crf_loss() {
  return Loss(CrfLossOptions{});
}
/// The same for ctc_loss() of a model's rows per position and the data's label sequences.
inline Loss ctc_loss(CtcOptions options = {}) {
  return Loss(options);
}
/// `of_batch(output, targets)` is the loss of a batch, 1x1, a mean over its rows: a lambda of `const auto&`
/// made of operations of the tape, or of elementwise_loss. It is compiled for float and for double. `task`
/// says what outputs mean: logits of a probability each (binary, multi_label), logits of classes that exclude
/// each other (multi_class), or numbers; and with that which metrics are reported. A checkpoint knows the
/// loss by its name. In a training on ranks each has the rows of all: of_whole_batch().
template <class OfBatch> Loss custom_loss(std::string name, Task task, OfBatch of_batch) {
  return Loss(CustomLoss{std::move(name), task, of_batch, of_batch});
}

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/loss.ipp>
#endif

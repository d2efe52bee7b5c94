// The losses of nn/loss.hpp on a row per position.
#include <seqlstm/nn/loss.hpp>

#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;
using support::message_of;

namespace {

const PackedLayout layout(ragged_lengths);

/// Classes 0, 1, ... in turn; every fifth position does not count.
std::vector<double> some_labels(std::size_t classes) {
  std::vector<double> labels(ragged_tokens);
  for (std::size_t r = 0; r < labels.size(); ++r)
    labels[r] = r % 5 == 3 ? ignored_label : static_cast<double>(r % classes);
  return labels;
}
std::vector<double> some_weights() {
  std::vector<double> weights(ragged_tokens);
  for (std::size_t r = 0; r < weights.size(); ++r) weights[r] = static_cast<double>(r % 4) / 2;
  return weights;
}
double cross_entropy_of(ConstMatrixView<double> x, std::size_t row, std::size_t target) {
  double all = 0;
  for (std::size_t c = 0; c < x.cols(); ++c) all += std::exp(x(row, c));
  return std::log(all) - x(row, target);
}
/// The gradients of a loss of x, and that none reaches a position that does not count.
template <class OfBatch> void check_position_loss(std::size_t cols, OfBatch&& of_batch, double shift = 0) {
  Input<double> x(ragged_tokens, cols);
  for (double& v : x.values) v = shift == 0 ? v : shift + 0.3 * v;
  const auto report = check_gradient([&](Tape<double>& tape) { return of_batch(x.on(tape, layout)); },
                                     {{"x", x.view(), x.gradient()}});
  INFO(report);
  CHECK(report);
  for (std::size_t c = 0; c < cols; ++c) {
    CHECK(x.gradient()(3, c) == 0);
    CHECK(x.gradient()(2, c) != 0);
  }
}

}  // namespace

TEST_CASE("position loss: cross-entropy is the weighted mean over the positions that count") {
  constexpr std::size_t classes = 3;
  const auto labels = some_labels(classes), weights = some_weights();
  const std::vector<double> class_weights = {0.5, 2, 1};
  Input<double> x(ragged_tokens, classes);
  double sum = 0, total = 0, plain = 0, count = 0;
  for (std::size_t r = 0; r < ragged_tokens; ++r) {
    if (std::isnan(labels[r])) continue;
    const auto target = static_cast<std::size_t>(labels[r]);
    const double weight = weights[r] * class_weights[target];
    sum += weight * cross_entropy_of(x.view(), r, target);
    total += weight;
    plain += cross_entropy_of(x.view(), r, target);
    ++count;
  }
  Tape<double> tape;
  const auto y = x.on(tape, layout);
  CHECK(cross_entropy(y, labels).value()(0, 0) == Approx(plain / count).epsilon(1e-14));
  CHECK(cross_entropy(y, labels, {.class_weights = class_weights}, weights).value()(0, 0) ==
        Approx(sum / total).epsilon(1e-14));
  const Loss loss = cross_entropy({.class_weights = class_weights});
  const BatchTargets targets{.position_labels = labels, .position_weights = weights};
  CHECK(loss(ModelOutput<double>(y), targets).value()(0, 0) == Approx(sum / total).epsilon(1e-14));
  CHECK(loss.total_weight(targets, ragged_lengths.size(), true) == Approx(total).epsilon(1e-14));
  CHECK(cross_entropy().total_weight(BatchTargets{.position_labels = labels}, 6, true) == count);
}

TEST_CASE("position loss: gradients of every loss, with and without weights") {
  const auto labels = some_labels(3), two = some_labels(2);
  auto weights = some_weights();
  weights[2] = 0.7;
  for (const auto& w : {std::vector<double>(), weights}) {
    check_position_loss(3, [&](const SeqVar<double>& x) { return cross_entropy(x, labels, {}, w); });
    check_position_loss(3, [&](const SeqVar<double>& x) {
      return cross_entropy(x, labels, {.class_weights = {1, 0.25, 2}, .label_smoothing = 0.2}, w);
    });
    check_position_loss(
        1, [&](const SeqVar<double>& x) { return bce_with_logits(x, two, {.pos_weight = {3}}, w); });
    check_position_loss(
        1, [&](const SeqVar<double>& x) { return bce(x, two, {}, w); }, 0.5);
    check_position_loss(1, [&](const SeqVar<double>& x) { return mse(x, labels, {}, w); });
  }
}

TEST_CASE("position loss: NaN outputs at positions that do not count change nothing, at others they show") {
  const auto labels = some_labels(2);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Loss& loss : {cross_entropy(), bce_with_logits(), mse()}) {
    const std::size_t cols = loss.task() == Task::multi_class ? 2 : 1;
    Input<double> x(ragged_tokens, cols);
    const auto value = [&] {
      Tape<double> tape;
      const auto result = loss(x.on(tape, layout), labels);
      tape.backward(result);
      return result.value()(0, 0);
    };
    const double before = value();
    CHECK(std::isfinite(before));
    x.view()(3, 0) = nan;
    CHECK(value() == before);
    x.view()(4, 0) = nan;
    CHECK(std::isnan(value()));
  }
}

TEST_CASE("position loss: where nothing counts it is 0 and has no gradient") {
  const std::vector<double> none(ragged_tokens, ignored_label);
  for (const Loss& loss : {cross_entropy(), bce_with_logits(), mse()}) {
    const std::size_t cols = loss.task() == Task::multi_class ? 2 : 1;
    Input<double> x(ragged_tokens, cols);
    Tape<double> tape;
    const auto result = loss(x.on(tape, layout), none);
    CHECK(result.value()(0, 0) == 0);
    tape.backward(result);
    CHECK(x.gradients == std::vector<double>(x.values.size()));
    CHECK(loss.total_weight(BatchTargets{.position_labels = none}, 6, true) == 0);
  }
}

TEST_CASE("position loss: labels of another kind or number get one sentence") {
  Input<float> x(ragged_tokens, 2);
  Tape<float> tape;
  const auto y = x.on(tape, layout);
  const std::vector<double> labels(ragged_tokens), of_records(ragged_lengths.size());
  CHECK(message_of<shape_error>([&] { cross_entropy()(ModelOutput<float>(y), {.labels = of_records}); }) ==
        "cross_entropy: the output has a row for each of 16 positions, but there are no labels by position; "
        "pool the steps first (last(), mean() or max()), or give the data labels by position");
  CHECK(message_of<shape_error>([&] { cross_entropy(y, of_records); }) ==
        "cross_entropy: the output has a row for each of 16 positions, but there are 6 labels; expected one "
        "each (labels of sequences need a pooling, last(), mean() or max(); layers with strides leave fewer "
        "positions than the data has)");
  CHECK(message_of<shape_error>([&] { bce_with_logits(y, labels); }) ==
        "bce_with_logits: a position has 2 outputs, but one label; expected one output, or cross_entropy of "
        "classes");
  CHECK(message_of<shape_error>([&] { cross_entropy(y, labels, {}, of_records); }) ==
        "cross_entropy: 6 weights for 16 positions");
  std::vector<double> weights(ragged_tokens, 1);
  weights[5] = -1;
  CHECK(message_of<option_error>([&] { cross_entropy(y, labels, {}, weights); }) ==
        "cross_entropy: a position's weight is -1, expected a finite number of at least 0");
  std::vector<double> wrong = labels;
  wrong[7] = 2;
  CHECK_THROWS_WITH(cross_entropy(y, wrong), ContainsSubstring("row 7: target 2 is not a class"));
  const Loss own = custom_loss("own", Task::regression,
                               [](const auto& v, std::span<const double> t) { return mse(v, t); });
  CHECK(message_of<option_error>([&] { own(y, labels); }) ==
        "the loss 'own' is of a row per sequence, the model has one per position; pool the steps first");
}

#include <seqlstm/nn/loss.hpp>

#include <seqlstm/autograd/gradcheck.hpp>

#include "support/golden.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

template <class T> struct LossCase {
  const Golden& golden;
  double tolerance;

  /// Compares loss(x, targets) and its gradient with the tensors `name` and d_`name`.
  template <class F> void operator()(const std::string& input, const std::string& name, F loss) const {
    const auto& x = golden.tensor(input);
    std::vector<T> values(x.data.begin(), x.data.end()), dx(values.size());
    const std::size_t rows = x.shape[0], cols = x.shape[1];
    Tape<T> tape;
    const Var<T> result = loss(tape.leaf({values.data(), rows, cols}, {dx.data(), rows, cols}));
    check_close<T>(copy_of(result.value()), golden.tensor(name).data, tolerance, name);
    tape.backward(result);
    check_close<T>(dx, golden.tensor("d_" + name).data, tolerance, "d_" + name);
  }
};

template <class T> void check_golden(double tolerance) {
  const Golden g = Golden::load("losses");
  const LossCase<T> check{g, tolerance};
  const auto& target = g.tensor("target").data;
  const auto& target_b = g.tensor("target_b").data;
  const CrossEntropyOptions weighted{.class_weights = g.tensor("class_weight").data};
  const BceWithLogitsOptions positive{.pos_weight = g.tensor("pos_weight").data};
  check("logits", "ce", [&](auto x) { return cross_entropy(x, target, weighted); });
  check("logits", "ce_smooth", [&](auto x) { return cross_entropy(x, target, {.label_smoothing = 0.1}); });
  check("logits_b", "bce", [&](auto x) { return bce_with_logits(x, target_b, positive); });
  check("logits_b", "mse", [&](auto x) { return mse(x, target_b); });
  // The same by value.
  check("logits", "ce", [&](auto x) { return cross_entropy(weighted)(x, target); });
  check("logits_b", "bce", [&](auto x) { return bce_with_logits(positive)(x, target_b); });
  check("logits_b", "mse", [&](auto x) { return mse()(x, target_b); });
}

template <class F>
void check_loss_gradient(F loss, std::size_t rows, std::size_t cols, bool probabilities = false) {
  Input<double> x(rows, cols);
  for (auto& v : x.values) v = probabilities ? 0.5 + 0.45 * v : 3 * v;
  const auto report = check_gradient([&](Tape<double>& tape) { return Var<double>(loss(x.on(tape))); },
                                     {{"x", x.view(), x.gradient()}});
  INFO(report);
  CHECK(report);
}

/// loss of a single row.
template <class F> double value_of(std::vector<double> x, F loss) {
  Tape<double> tape;
  return loss(tape.leaf({x.data(), 1, x.size()})).value()(0, 0);
}

const std::vector<double> classes = {0, 2, 1, 2};
const std::vector<double> soft = {0, 1, 0.3, 1, 0, 0.5};

}  // namespace

TEST_CASE("loss: PyTorch's values and gradients", "[golden]") {
  check_golden<double>(1e-10);
  check_golden<float>(1e-5);
}

TEST_CASE("loss: gradients") {
  check_loss_gradient([](auto x) { return mse(x, soft); }, 3, 2);
  check_loss_gradient([](auto x) { return bce(x, soft); }, 3, 2, true);
  check_loss_gradient([](auto x) { return bce_with_logits(x, soft); }, 3, 2);
  check_loss_gradient([](auto x) { return bce_with_logits(x, soft, {.pos_weight = {3}}); }, 3, 2);
  check_loss_gradient([](auto x) { return bce_with_logits(x, soft, {.pos_weight = {3, 0.5}}); }, 3, 2);
  check_loss_gradient([](auto x) { return cross_entropy(x, classes); }, 4, 3);
  check_loss_gradient(
      [](auto x) {
        return cross_entropy(x, classes, {.class_weights = {1, 0.5, 3}, .label_smoothing = 0.2});
      },
      4, 3);
  check_loss_gradient([](auto x) { return cross_entropy(x, classes, {.label_smoothing = 1}); }, 4, 3);
}

TEST_CASE("loss: hand-computed values") {
  const std::vector<double> one = {1}, zero = {0}, third = {2};
  CHECK(value_of({0.25}, [&](auto x) { return bce(x, one); }) == Approx(std::log(4.0)).epsilon(1e-15));
  CHECK(value_of({0.25}, [&](auto x) { return bce(x, zero); }) == Approx(std::log(4.0 / 3.0)).epsilon(1e-15));
  CHECK(value_of({0.0}, [&](auto x) { return bce_with_logits(x, one); }) ==
        Approx(std::log(2.0)).epsilon(1e-15));
  CHECK(value_of({0.0}, [&](auto x) { return bce_with_logits(x, one, {.pos_weight = {4}}); }) ==
        Approx(4 * std::log(2.0)).epsilon(1e-15));
  CHECK(value_of({5, 5, 5}, [&](auto x) { return cross_entropy(x, third); }) ==
        Approx(std::log(3.0)).epsilon(1e-15));
  CHECK(value_of({5}, [&](auto x) { return mse(x, third); }) == 9.0);
}

TEST_CASE("loss: extreme outputs neither overflow nor lose their gradient") {
  const std::vector<double> one = {1}, zero = {0}, second = {1};
  CHECK(value_of({1000}, [&](auto x) { return bce_with_logits(x, zero); }) == 1000.0);
  CHECK(value_of({-1000}, [&](auto x) { return bce_with_logits(x, one); }) == 1000.0);
  CHECK(value_of({1000}, [&](auto x) { return bce_with_logits(x, one); }) == 0.0);
  CHECK(value_of({0.0}, [&](auto x) { return bce(x, one); }) == 100.0);  // PyTorch clamps logarithms at -100
  CHECK(value_of({1.0}, [&](auto x) { return bce(x, zero); }) == 100.0);
  CHECK(value_of({1.0}, [&](auto x) { return bce(x, one); }) == 0.0);
  CHECK(value_of({1e4, 0}, [&](auto x) { return cross_entropy(x, second); }) == 1e4);
  std::vector<double> x = {-1000}, dx = {0};
  Tape<double> tape;
  tape.backward(bce_with_logits(tape.leaf({x.data(), 1, 1}, {dx.data(), 1, 1}), one));
  CHECK(dx[0] == -1.0);
}

TEST_CASE("loss: NaN makes the loss NaN") {
  const double nan_value = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> one = {1};
  CHECK(std::isnan(value_of({nan_value}, [&](auto x) { return bce(x, one); })));
  CHECK(std::isnan(value_of({nan_value}, [&](auto x) { return bce_with_logits(x, one); })));
  CHECK(std::isnan(value_of({nan_value}, [&](auto x) { return mse(x, one); })));
  CHECK(std::isnan(value_of({0, nan_value, 0}, [&](auto x) { return cross_entropy(x, one); })));
}

TEST_CASE("loss: bad targets are named by row, found and expected") {
  Tape<float> tape;
  std::vector<float> numbers(6, 0.5F);
  const auto x = tape.leaf({numbers.data(), 3, 2});
  const std::vector<double> few = {0, 1}, outside = {0, 1, 2}, fraction = {0, 0.5, 1}, negative = {0, -1, 1},
                            not_a_number = {0, std::numeric_limits<double>::quiet_NaN(), 0},
                            not_binary = {0, 1, 0, 3, 1, 1};
  CHECK_THROWS_WITH(cross_entropy(x, few),
                    "cross_entropy: got 2 targets for an output of 3x2, expected 3 (1 a row)");
  CHECK_THROWS_AS(cross_entropy(x, few), shape_error);
  CHECK_THROWS_WITH(mse(x, outside), "mse: got 3 targets for an output of 3x2, expected 6 (2 a row)");
  CHECK_THROWS_WITH(
      cross_entropy(x, outside),
      "cross_entropy: row 2: target 2 is not a class, expected an integer from 0 to 1; the output needs "
      "one column per class");
  CHECK_THROWS_WITH(cross_entropy(x, fraction), ContainsSubstring("row 1: target 0.5 is not a class"));
  CHECK_THROWS_WITH(cross_entropy(x, negative), ContainsSubstring("row 1: target -1 is not a class"));
  CHECK_THROWS_WITH(cross_entropy(x, not_a_number), ContainsSubstring("row 1: target nan is not a class"));
  CHECK_THROWS_WITH(
      bce_with_logits(x, not_binary),
      "bce_with_logits: row 1, column 1: target 3 is not within [0, 1]; three classes or more need "
      "cross_entropy, or a column each");
  CHECK_THROWS_AS(bce(x, not_binary), option_error);
  numbers[4] = 1.25F;
  const std::vector<double> fine(6, 1.0);
  CHECK_THROWS_WITH(
      bce(x, fine),
      "bce: row 2, column 0: probability 1.25 is not within [0, 1]; apply sigmoid first, or use "
      "bce_with_logits");
  const auto empty = tape.leaf({numbers.data(), 0, 2});
  CHECK_THROWS_WITH(mse(empty, {}), "mse: the batch has no rows, expected at least one");
}

TEST_CASE("loss: bad options are named") {
  Tape<float> tape;
  std::vector<float> numbers(6);
  const auto x = tape.leaf({numbers.data(), 2, 3});
  const std::vector<double> targets(6);
  CHECK_THROWS_WITH(bce_with_logits(x, targets, {.pos_weight = {1, 2}}),
                    "bce_with_logits: pos_weight has 2 numbers, expected 1 or 3, one per output column");
  CHECK_THROWS_WITH(cross_entropy(x, std::span(targets).first(2), {.class_weights = {1, 2}}),
                    "cross_entropy: class_weights has 2 numbers, expected 3, one per output column");
  CHECK_THROWS_WITH(cross_entropy(x, std::span(targets).first(2), {.label_smoothing = 1.5}),
                    "cross_entropy: label_smoothing is 1.5, expected 0 to 1");
}

TEST_CASE("loss: weights are finite, not negative, and not all 0") {
  Tape<double> tape;
  std::vector<double> logits = {0.3, -0.2, 0.1, 0.4}, one = {0.3, -0.2};
  const std::vector<double> classes = {0, 0}, binary = {1, 0};
  const auto x = tape.leaf(MatrixView<double>(logits.data(), 2, 2));
  const auto y = tape.leaf(MatrixView<double>(one.data(), 2, 1));
  const double nan = std::nan(""), inf = std::numeric_limits<double>::infinity();
  for (const double bad : {-1.0, nan, inf}) {
    CHECK_THROWS_WITH(cross_entropy(x, classes, {.class_weights = {1, bad}}),
                      "cross_entropy: class_weights 1 is " + detail::number_text(bad) +
                          ", expected a finite number of at least 0");
    CHECK_THROWS_WITH(bce_with_logits(y, binary, {.pos_weight = {bad}}),
                      "bce_with_logits: pos_weight 0 is " + detail::number_text(bad) +
                          ", expected a finite number of at least 0");
  }
  CHECK_THROWS_WITH(cross_entropy(x, classes, {.class_weights = {0, 0}}),
                    "cross_entropy: all class_weights are 0, so nothing counts; expected one above 0");
  CHECK_THROWS_WITH(bce_with_logits(y, binary, {.pos_weight = {0}}),
                    "bce_with_logits: all pos_weight are 0, so nothing counts; expected one above 0");
  CHECK_THROWS_WITH(
      cross_entropy(x, classes, {.class_weights = {0, 1}}),
      "cross_entropy: all 2 rows of the batch are of classes with weight 0, so their mean is not defined; "
      "leave such rows out of the data");
  CHECK(std::isfinite(cross_entropy(x, std::vector<double>{0, 1}, {.class_weights = {0, 1}}).value()(0, 0)));
}

TEST_CASE("loss: a Loss knows its task, its output's width and what outputs mean") {
  CHECK(bce_with_logits().task() == Task::binary);
  CHECK(bce_with_logits().task(4) == Task::multi_label);
  CHECK(bce().task() == Task::binary);
  CHECK(cross_entropy().task(4) == Task::multi_class);
  CHECK(mse().task() == Task::regression);
  CHECK(bce_with_logits().output_width(2) == 1);
  CHECK(bce_with_logits().output_width(5) == 5);
  CHECK(cross_entropy().output_width(2) == 2);
  CHECK(mse().output_width(7) == 1);
  CHECK(std::string(cross_entropy().name()) == "cross_entropy");

  const std::vector<float> outputs = {0, 2, -1, 1000, 0, 0};
  std::vector<double> p(6);
  const ConstMatrixView<float> in(outputs.data(), 2, 3);
  const MatrixView<double> out(p.data(), 2, 3);
  bce_with_logits().probabilities(in, out);
  for (std::size_t i = 0; i < 6; ++i)
    CHECK(p[i] == Approx(1 / (1 + std::exp(-double{outputs[i]}))).epsilon(1e-14));
  cross_entropy().probabilities(in, out);
  CHECK(p[0] + p[1] + p[2] == Approx(1.0).epsilon(1e-14));
  CHECK(p[1] / p[0] == Approx(std::exp(2.0)).epsilon(1e-13));
  CHECK(p[3] == 1.0);
  mse().probabilities(in, out);
  CHECK(p == std::vector<double>(outputs.begin(), outputs.end()));
  bce().probabilities(in, out);
  CHECK(p[2] == -1.0);
  CHECK_THROWS_WITH(mse().probabilities(in, MatrixView<double>(p.data(), 3, 2)),
                    "probabilities: the outputs are 2x3, the result is 3x2");
}

TEST_CASE("loss: steps after the second allocate nothing") {
  Input<float> x(4, 3);
  const Loss weighted = cross_entropy({.class_weights = {1, 2, 3}});
  check_no_allocation<float>([&](Tape<float>& tape) { tape.backward(weighted(x.on(tape), classes)); });
}

namespace {

/// Huber's loss with threshold 1 (1964): quadratic near the target, linear beyond.
LossTerm huber(double x, double t) {
  const double difference = x - t, distance = std::abs(difference);
  if (distance <= 1) return {difference * difference / 2, difference};
  return {distance - 0.5, difference > 0 ? 1.0 : -1.0};
}

}  // namespace

TEST_CASE("loss: one's own, element by element") {
  const Loss loss = custom_loss(
      "huber", Task::regression,
      [](const auto& x, std::span<const double> targets) { return elementwise_loss(x, targets, huber); });
  check_loss_gradient([&](auto x) { return loss(x, soft); }, 3, 2);
  const std::vector<double> zero = {0, 0};
  CHECK(value_of({0.5, 3}, [&](auto x) { return loss(x, zero); }) == (0.125 + 2.5) / 2);
  CHECK(std::string(loss.name()) == "huber");
  CHECK(loss.task(2) == Task::regression);
  CHECK(loss.output_width(7) == 1);
  CHECK(loss.total_weight(zero, 2) == 2);
  std::vector<float> single = {0.5F, 3.0F};
  Tape<float> tape;
  CHECK(loss(tape.leaf({single.data(), 1, 2}), zero).value()(0, 0) == Approx(1.3125));
  CHECK_THROWS_WITH(loss(tape.leaf({single.data(), 2, 1}), std::vector<double>{1}),
                    ContainsSubstring("elementwise_loss"));
}

TEST_CASE("loss: one's own made of operations, and what its outputs mean") {
  const auto squares = [](const auto& x, std::span<const double> targets) { return mse(x, targets); };
  const Loss number = custom_loss("same", Task::regression, squares);
  check_loss_gradient([&](auto x) { return number(x, soft); }, 3, 2);
  std::vector<double> logits = {0, std::log(3.0)}, answers(2);
  const MatrixView<double> in(logits.data(), 1, 2), out(answers.data(), 1, 2);
  const auto answer = [&](Task task) {
    custom_loss("same", task, squares).probabilities(in, out);
    return answers;
  };
  CHECK(answer(Task::regression) == logits);
  CHECK(answer(Task::multi_label)[1] == Approx(0.75));
  CHECK(answer(Task::binary)[0] == 0.5);
  CHECK(answer(Task::multi_class)[0] == Approx(0.25));
  CHECK(custom_loss("same", Task::multi_class, squares).output_width(5) == 5);
  CHECK(custom_loss("same", Task::binary, squares).output_width(2) == 1);
}

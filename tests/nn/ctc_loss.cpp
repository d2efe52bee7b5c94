#include <seqlstm/nn/ctc_loss.hpp>

#include <seqlstm/autograd/gradcheck.hpp>

#include "support/ctc.hpp"
#include "support/golden.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Labels of a batch behind one another.
struct Targets {
  std::vector<Token> ids;
  std::vector<std::size_t> offsets = {0};

  Targets() = default;
  explicit Targets(const std::vector<reference::Labels>& records) {
    for (const auto& labels : records) {
      ids.insert(ids.end(), labels.begin(), labels.end());
      offsets.push_back(ids.size());
    }
  }
  operator CtcTargets() const { return {ids, offsets}; }  // NOLINT(google-explicit-constructor)
};

/// Six records of 0 to 9 frames: equal labels side by side, no labels, nothing at all, one frame.
const PackedLayout layout(std::vector<std::size_t>{4, 9, 0, 1, 6, 3});
constexpr std::size_t frames = 23;
const std::vector<reference::Labels> few_labels = {{1, 1}, {3, 2, 2, 1, 3}, {}, {2}, {}, {1, 2, 3}};

/// A batch with its loss and gradient.
template <class T> struct Batch {
  PackedLayout layout;
  Targets targets;
  Input<T> x;

  Batch(PackedLayout records, const std::vector<reference::Labels>& labels, std::size_t classes,
        double range = 3, std::uint64_t seed = 1)
      : layout(std::move(records)), targets(labels), x(layout.tokens(), classes, seed) {
    for (T& v : x.values) v *= static_cast<T>(range);
  }
  double loss(const CtcOptions& options = {}) {
    std::fill(x.gradients.begin(), x.gradients.end(), T(0));
    Tape<T> tape;
    const auto value = ctc_loss(x.on(tape, layout), targets, options);
    tape.backward(value);
    return double{value.value()(0, 0)};
  }
  /// The logits of record `index`.
  [[nodiscard]] reference::Matrix logits(std::size_t index) const {
    const auto rows = sequence_of(x.values, x.cols, layout, index);
    reference::Matrix m(rows.size() / x.cols, x.cols);
    m.data.assign(rows.begin(), rows.end());
    return m;
  }
};

/// Holds a batch of one record against what is known of it.
void check_record(const reference::Matrix& logits, const reference::Labels& labels, std::size_t blank,
                  const reference::CtcAnswer& expected, double tolerance) {
  Batch<double> batch(PackedLayout(std::vector<std::size_t>{logits.rows}), {labels}, logits.cols);
  batch.x.values = logits.data;
  const auto share = 1 / static_cast<double>(std::max<std::size_t>(labels.size(), 1));
  REQUIRE(batch.loss({.blank = blank}) == Approx(-share * expected.log_probability).epsilon(tolerance));
  const auto log_p = reference::log_softmax(logits);
  for (std::size_t i = 0; i < logits.data.size(); ++i)
    REQUIRE(batch.x.gradients[i] ==
            Approx(share * (std::exp(log_p.data[i]) - expected.posteriors.data[i])).margin(10 * tolerance));
}

template <class T> void check_golden(const std::string& end, double tolerance) {
  const Golden g = Golden::load("ctc");
  const auto lengths = g.config[end.empty() ? "lengths" : "short_lengths"].get<std::vector<std::size_t>>();
  const auto counts = g.config["target_lengths"].get<std::vector<std::size_t>>();
  Targets targets;
  const auto& ids = g.tensor("targets").data;
  for (const double id : ids) targets.ids.push_back(static_cast<Token>(id));
  for (const std::size_t count : counts) targets.offsets.push_back(targets.offsets.back() + count);
  const auto& logits = g.tensor("logits");  // [time, batch, classes]
  const std::size_t batch = logits.shape[1], classes = logits.shape[2];
  const PackedLayout records(lengths);
  Input<T> x(records.tokens(), classes);
  const auto padded_place = [&](std::size_t t, std::size_t r) {
    return (t * batch + records.order(r)) * classes;
  };
  for (std::size_t r = 0; r < batch; ++r)
    for (std::size_t t = 0; t < records.length(r); ++t)
      for (std::size_t c = 0; c < classes; ++c)
        x.view()(records.offset(t) + r, c) = static_cast<T>(logits.data[padded_place(t, r) + c]);
  Tape<T> tape;
  const auto loss = ctc_loss(x.on(tape, records), targets,
                             {.blank = g.config["blank"].get<std::size_t>(), .zero_infinity = !end.empty()});
  tape.backward(loss);
  check_close<T>(copy_of(loss.value()), g.tensor("loss" + end).data, tolerance, "loss" + end);
  std::vector<T> gradient(logits.data.size());
  for (std::size_t r = 0; r < batch; ++r)
    for (std::size_t t = 0; t < records.length(r); ++t)
      std::copy_n(x.gradient().row_data(records.offset(t) + r), classes, &gradient[padded_place(t, r)]);
  check_close<T>(gradient, g.tensor("d_logits" + end).data, tolerance, "d_logits" + end);
}

/// `count` labels of classes 1 to `classes` - 1.
reference::Labels random_labels(std::size_t count, std::size_t classes, std::uint64_t seed) {
  RandomStream random(seed);
  reference::Labels labels(count);
  for (auto& label : labels) label = static_cast<Token>(1 + random.below(classes - 1));
  return labels;
}

}  // namespace

TEST_CASE("ctc loss: the probability of all paths, and its gradient, by enumeration") {
  for (std::size_t length = 1; length <= 6; ++length)
    for (const std::size_t blank : {0U, 1U, 2U}) {
      auto logits = reference::random_matrix(length, 3, length);
      for (double& v : logits.data) v *= 2;
      const auto answers = reference::ctc_by_paths(reference::log_softmax(logits), static_cast<Token>(blank));
      for (const auto& [labels, expected] : answers) check_record(logits, labels, blank, expected, 1e-13);
    }
}

TEST_CASE("ctc loss: PyTorch's loss and gradient", "[golden]") {
  check_golden<double>("", 1e-10);
  check_golden<float>("", 1e-5);
  check_golden<double>("_short", 1e-10);  // with zero_infinity
  check_golden<float>("_short", 1e-5);
}

TEST_CASE("ctc loss: the mean over records of their losses by number of labels") {
  Batch<double> batch(layout, few_labels, 4);
  double sum = 0;
  for (std::size_t i = 0; i < few_labels.size(); ++i) {
    if (layout.length(layout.rank(i)) == 0) continue;  // nothing to read and nothing read
    const auto answer = reference::ctc_by_lattice(reference::log_softmax(batch.logits(i)), few_labels[i], 0);
    sum -= answer.log_probability / static_cast<double>(std::max<std::size_t>(few_labels[i].size(), 1));
  }
  CHECK(batch.loss() == Approx(sum / 6).epsilon(1e-14));
}

TEST_CASE("ctc loss: gradients over ragged records") {
  for (const std::size_t blank : {0U, 4U}) {
    Batch<double> batch(layout, few_labels, 5, 2);
    const auto report = check_gradient(
        [&](Tape<double>& tape) {
          return ctc_loss(batch.x.on(tape, layout), batch.targets, {.blank = blank});
        },
        {{"logits", batch.x.view(), batch.x.gradient()}});
    INFO(report);
    CHECK(report);
    CHECK(report.checked == frames * 5);
  }
}

TEST_CASE("ctc loss: the gradient of a loss that is part of a larger one") {
  Batch<double> batch(layout, few_labels, 4);
  const auto report = check_gradient(
      [&](Tape<double>& tape) { return probe<double>(ctc_loss(batch.x.on(tape, layout), batch.targets)); },
      {{"logits", batch.x.view(), batch.x.gradient()}});
  INFO(report);
  CHECK(report);
}

TEST_CASE("ctc loss: float is close to double") {
  const PackedLayout records(std::vector<std::size_t>{200, 61, 130});
  const std::vector<reference::Labels> labels = {random_labels(40, 7, 1), random_labels(20, 7, 2), {}};
  Batch<float> narrow(records, labels, 7, 5);
  Batch<double> wide(records, labels, 7);
  wide.x.values.assign(narrow.x.values.begin(), narrow.x.values.end());
  CHECK(narrow.loss() == Approx(wide.loss()).epsilon(2e-7));
  for (std::size_t i = 0; i < wide.x.gradients.size(); ++i)
    REQUIRE(std::abs(double{narrow.x.gradients[i]} - wide.x.gradients[i]) < 1e-6);
}

// One scale for a frame would not do here: the states that lead to the end are up to e^1000 behind the best
// of their frame.
TEST_CASE("ctc loss: 5000 frames, logits that say little and logits that say much") {
  for (const auto& [range, count] : {std::pair(0.5, std::size_t{1000}), std::pair(6.0, std::size_t{500})}) {
    INFO(count << " labels, logits to " << range);
    const auto labels = random_labels(count, 5, count);
    Batch<double> batch(PackedLayout(std::vector<std::size_t>{5000}), {labels}, 5, range, count);
    const auto log_p = reference::log_softmax(batch.logits(0));
    const auto expected = reference::ctc_by_lattice(log_p, labels, 0);
    const auto share = 1 / static_cast<double>(count);
    CHECK(batch.loss() == Approx(-share * expected.log_probability).epsilon(1e-12));
    double worst = 0;
    for (std::size_t i = 0; i < log_p.data.size(); ++i)
      worst = std::max(worst, std::abs(batch.x.gradients[i] / share -
                                       (std::exp(log_p.data[i]) - expected.posteriors.data[i])));
    CHECK(worst < 1e-9);
  }
}

TEST_CASE("ctc loss: a record's gradient has the same bits in every batch") {
  Batch<float> all(layout, few_labels, 4);
  all.loss();
  for (std::size_t i = 0; i < few_labels.size(); ++i) {
    const std::size_t length = layout.length(layout.rank(i));
    // One of three has twice the share that it has as one of six.
    Batch<float> three(PackedLayout(std::vector<std::size_t>{length, length, length}),
                       {few_labels[i], few_labels[i], few_labels[i]}, 4);
    const auto own = all.logits(i);
    for (std::size_t t = 0; t < length; ++t)
      for (std::size_t k = 0; k < 3; ++k)
        for (std::size_t c = 0; c < 4; ++c)
          three.x.view()(three.layout.offset(t) + k, c) = static_cast<float>(own(t, c));
    three.loss();
    auto here = sequence_of(all.x.gradients, 4, layout, i);
    for (float& g : here) g *= 2;
    for (std::size_t k = 0; k < 3; ++k)
      CHECK(same_bits(sequence_of(three.x.gradients, 4, three.layout, k), here));
  }
}

TEST_CASE("ctc loss: the same bits for any number of threads") {
  std::vector<std::size_t> lengths;
  std::vector<reference::Labels> labels;
  for (std::size_t i = 0; i < 23; ++i) {
    lengths.push_back(i * 17 % 60 + 30);
    labels.push_back(random_labels(i % 15, 6, i));
  }
  Batch<float> batch(PackedLayout(lengths), labels, 6);
  check_threads([&] {
    const double loss = batch.loss();
    auto result = batch.x.gradients;
    result.push_back(static_cast<float>(loss));
    return result;
  });
}

TEST_CASE("ctc loss: without a gradient the same value") {
  Batch<float> batch(layout, few_labels, 4);
  Tape<float> inference(Mode::inference);
  const auto value = ctc_loss(batch.x.on(inference, layout), batch.targets);
  CHECK(double{value.value()(0, 0)} == batch.loss());
  Tape<float> training;
  const auto constant = training.leaf(batch.x.view(), layout);
  CHECK(double{ctc_loss(constant, batch.targets).value()(0, 0)} == batch.loss());
}

TEST_CASE("ctc loss: steps after the second allocate nothing") {
  Batch<float> batch(layout, few_labels, 4);
  check_no_allocation<float>(
      [&](Tape<float>& tape) { tape.backward(ctc_loss(batch.x.on(tape, layout), batch.targets)); });
}

TEST_CASE("ctc loss: large logits stay finite") {
  Batch<float> batch(layout, few_labels, 4, 1e30);
  CHECK(std::isfinite(batch.loss()));
  for (const float g : batch.x.gradients) CHECK(std::abs(g) <= 1.0F);
}

TEST_CASE("ctc loss: a NaN shows in the loss and in its own record's gradient only") {
  Batch<double> clean(layout, few_labels, 4), batch(layout, few_labels, 4);
  clean.loss();
  batch.x.view()(layout.offset(2) + layout.rank(1), 3) = not_a_number;
  CHECK(std::isnan(batch.loss()));
  for (std::size_t i = 0; i < few_labels.size(); ++i) {
    const auto found = sequence_of(batch.x.gradients, 4, layout, i);
    if (i == 1) {
      CHECK(std::isnan(found[2 * 4 + 3]));
    } else {
      CHECK(same_bits(found, sequence_of(clean.x.gradients, 4, layout, i)));
    }
  }
}

TEST_CASE("ctc loss: classes with a logit of minus infinity") {
  Batch<double> batch(layout, few_labels, 4);
  for (std::size_t t = 0; t < 9; ++t) batch.x.view()(layout.offset(t) + layout.rank(1), 2) = -inf;  // has 2s
  CHECK(batch.loss() == inf);
  CHECK(std::isnan(sequence_of(batch.x.gradients, 4, layout, 1)[0]));
  CHECK(!std::isnan(sequence_of(batch.x.gradients, 4, layout, 0)[0]));
  CHECK(std::isfinite(batch.loss({.zero_infinity = true})));
  CHECK(sequence_of(batch.x.gradients, 4, layout, 1) == std::vector<double>(9 * 4, 0.0));

  Batch<double> other(layout, few_labels, 4), finite(layout, few_labels, 4);  // the third record has no 3
  for (std::size_t t = 0; t < 4; ++t) {
    other.x.view()(layout.offset(t) + layout.rank(0), 3) = -inf;
    finite.x.view()(layout.offset(t) + layout.rank(0), 3) = -800;
  }
  CHECK(other.loss() == Approx(finite.loss()).epsilon(1e-14));
  for (std::size_t k = 0; k < frames * 4; ++k)
    CHECK(other.x.gradients[k] == Approx(finite.x.gradients[k]).margin(1e-14));
}

TEST_CASE("ctc loss: too few frames are an error that names the record, or count as 0") {
  PackedLayout records;
  records.assign(std::vector<std::size_t>{7, 3, 2}, std::vector<std::uint64_t>{40, 41, 42});
  const std::vector<reference::Labels> labels = {{1, 2}, {2, 2, 1}, {1, 2}};
  Batch<double> batch(records, labels, 3);
  CHECK_THROWS_AS(batch.loss(), shape_error);
  CHECK_THROWS_WITH(
      batch.loss(),
      "ctc_loss: record 41 has 3 frames, but its 3 labels, with a blank between equal ones, need "
      "4; give the network fewer strides, leave the record out, or set zero_infinity");
  const double loss = batch.loss({.zero_infinity = true});
  double sum = 0;
  for (const std::size_t i : {0U, 2U})
    sum -=
        reference::ctc_by_lattice(reference::log_softmax(batch.logits(i)), labels[i], 0).log_probability / 2;
  CHECK(loss == Approx(sum / 3).epsilon(1e-14));
  CHECK(sequence_of(batch.x.gradients, 3, records, 1) == std::vector<double>(9, 0.0));

  Batch<double> nothing(PackedLayout(std::vector<std::size_t>{0, 4}), {{1}, {1}}, 3);
  CHECK_THROWS_WITH(nothing.loss(), ContainsSubstring("record 0 has 0 frames, but its 1 labels"));
  CHECK(std::isfinite(nothing.loss({.zero_infinity = true})));
}

TEST_CASE("ctc loss: a batch without frames or labels is 0") {
  Batch<double> batch(PackedLayout(std::vector<std::size_t>{0, 0}), {{}, {}}, 3);
  CHECK(batch.loss() == 0);
}

TEST_CASE("ctc loss: mistakes are named") {
  PackedLayout records;
  records.assign(std::vector<std::size_t>{4, 5}, std::vector<std::uint64_t>{12, 7});
  const auto message = [&](const std::vector<reference::Labels>& labels, const CtcOptions& options = {}) {
    Batch<float> batch(records, labels, 3);
    Tape<float> tape;
    ctc_loss(batch.x.on(tape, records), batch.targets, options);
  };
  CHECK_THROWS_AS(message({{1}, {2, 0}}), token_error);
  CHECK_THROWS_WITH(message({{1}, {2, 0}}), "ctc_loss: record 7: label 1 is 0, the blank, which is no label");
  CHECK_THROWS_WITH(message({{1, 3}, {2}}),
                    "ctc_loss: record 12: label 1 is 3, expected one of the classes [0, 3)");
  CHECK_THROWS_WITH(message({{-1}, {2}}),
                    "ctc_loss: record 12: label 0 is -1, expected one of the classes [0, 3)");
  CHECK_THROWS_AS(message({{1}, {2}}, {.blank = 3}), option_error);
  CHECK_THROWS_WITH(message({{1}, {2}}, {.blank = 3}),
                    "ctc_loss: the blank is class 3, the logits have 3 columns");
  CHECK_THROWS_AS(message({{1}}), shape_error);
  CHECK_THROWS_WITH(message({{1}}), "ctc_loss: got 2 offsets for 2 records, expected 3");

  Batch<float> batch(records, {{1}, {2}}, 3);
  batch.targets.offsets = {0, 2, 1};
  CHECK_THROWS_WITH(
      batch.loss(),
      "ctc_loss: the labels of place 1 of the batch are 2 to before 1, expected a range within the 2 "
      "ids");
  batch.targets.offsets = {0, 1, 3};
  CHECK_THROWS_WITH(batch.loss(), ContainsSubstring("place 1 of the batch are 1 to before 3"));
  Batch<float> none(PackedLayout(std::vector<std::size_t>{}), {}, 3);
  CHECK_THROWS_WITH(none.loss(), "ctc_loss: the batch has no records, expected at least one");
}

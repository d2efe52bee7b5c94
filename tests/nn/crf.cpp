#include <seqlstm/nn/crf.hpp>

#include <numeric>

#include "support/crf.hpp"
#include "support/golden.hpp"
#include "support/layers.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Rows and labels of many sequences of up to 40 positions; some labels are not known. One sequence needs
/// logarithms: label 1, which alone may follow itself, is far behind in its midst.
struct ManySequences {
  std::vector<std::size_t> lengths;
  Crf<float> crf{
      {.labels = 9, .forbidden = {{0, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}, {7, 1}, {8, 1}}}};
  std::vector<std::vector<float>> x;
  std::vector<std::vector<double>> labels;

  ManySequences() {
    RandomStream random(4);
    for (std::size_t index = 0; index < 70; ++index) {
      lengths.push_back(index % 9 == 4 ? 0 : index == 8 ? 21 : random.below(40) + 1);
      x.push_back(random_values<float>(lengths.back() * 9, index + 1));
      labels.emplace_back(lengths.back());
      for (auto& label : labels.back()) label = static_cast<double>(random.below(7) + 2);
      for (std::size_t t = index % 5; index % 3 == 0 && t < lengths.back(); t += 5)
        labels.back()[t] = unknown;
    }
    for (std::size_t j = 0; j < 9; ++j) x[8][(lengths[8] / 2) * 9 + j] = j == 1 ? -400.0F : 400.0F;
  }
};

/// Log likelihoods, probabilities and best paths of some of them in one batch, sequence by sequence.
std::vector<std::vector<double>> results_of(const ManySequences& many,
                                            const std::vector<std::size_t>& which) {
  std::vector<std::size_t> lengths;
  for (const std::size_t index : which) lengths.push_back(many.lengths[index]);
  const PackedLayout layout(lengths);
  std::vector<float> x(layout.tokens() * 9);
  std::vector<double> labels(layout.tokens()), log_p(which.size()), marginals(x.size());
  std::vector<std::int32_t> best(layout.tokens());
  for (std::size_t k = 0; k < which.size(); ++k)
    for (std::size_t t = 0; t < lengths[k]; ++t) {
      const std::size_t token = layout.offset(t) + layout.rank(k);
      std::copy_n(&many.x[which[k]][t * 9], 9, &x[token * 9]);
      labels[token] = many.labels[which[k]][t];
    }
  Tape<float> tape(Mode::inference);
  const auto scores = many.crf(tape.leaf({x.data(), layout.tokens(), 9}, layout));
  crf_log_likelihood<float>(scores, labels, log_p);
  crf_marginals<float>(scores, {marginals.data(), layout.tokens(), 9});
  viterbi<float>(scores, best);
  std::vector<std::vector<double>> results;
  for (std::size_t k = 0; k < which.size(); ++k) {
    results.push_back(sequence_of(marginals, 9, layout, k));
    for (const std::int32_t label : sequence_of(best, 1, layout, k)) results.back().push_back(label);
    results.back().push_back(log_p[k]);
  }
  return results;
}

}  // namespace

TEST_CASE("crf: what is forbidden does not depend on its parameter") {
  CrfCase batch(crf_options_of(4)[1], Known::some, 2);
  const auto all = [&] {
    Tape<double> tape;
    zero_gradients(batch.crf);
    std::fill(batch.x.gradients.begin(), batch.x.gradients.end(), 0.0);
    const auto loss = batch.loss(tape);
    tape.backward(loss);
    auto result = batch.x.gradients;
    result.push_back(loss.value()(0, 0));
    for_each_parameter(batch.crf, [&](const std::string&, Parameter<double>& p) {
      const auto g = copy_of(p.gradient());
      result.insert(result.end(), g.begin(), g.end());
    });
    std::vector<std::int32_t> best(ragged_tokens);
    viterbi<double>(batch.on(tape), best);
    result.insert(result.end(), best.begin(), best.end());
    return result;
  };
  const auto before = all();
  batch.crf.transitions.edit()(0, 2) = 1e6;
  batch.crf.transitions.edit()(1, 1) = -1e6;
  batch.crf.start_transitions.edit()(0, 2) = 1e6;
  batch.crf.end_transitions.edit()(0, 1) = unknown;
  CHECK(same_bits(all(), before));
}

TEST_CASE("crf: phases of codons, which follow each other in one way") {
  CrfOptions options{.labels = 3, .forbidden_start = {1, 2}, .forbidden_end = {0, 1}};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      if (j != (i + 1) % 3) options.forbidden.emplace_back(i, j);
  Crf<float> crf(options);
  Tape<float> tape;
  Input<float> x(9, 3);
  const PackedLayout whole(std::vector<std::size_t>{6, 3}), cut(std::vector<std::size_t>{4, 5});
  std::vector<double> labels(9), log_p(2);
  std::vector<std::int32_t> best(9);
  for (std::size_t t = 0; t < 6; ++t)
    for (std::size_t r = 0; r < whole.active(t); ++r) labels[whole.offset(t) + r] = double(t % 3);
  const auto scores = crf(x.on(tape, whole));
  viterbi<float>(scores, best);
  CHECK(std::equal(best.begin(), best.end(), labels.begin()));
  crf_log_likelihood<float>(scores, labels, log_p);
  for (const double p : log_p) CHECK(std::abs(p) < 1e-13);
  const std::string message =
      "crf: record 1 has 5 positions, and no sequence of so many labels is allowed; allow more transitions, "
      "or leave the record out";
  const auto none = crf(x.on(tape, cut));
  std::vector<double> marginals(27), some(9, unknown);
  some[0] = 0;
  some[1] = 0;
  CHECK_THROWS_WITH(viterbi<float>(none, best), message);
  CHECK_THROWS_WITH(crf_loss<float>(none, some), message);
  CHECK_THROWS_WITH(crf_marginals<float>(none, {marginals.data(), 9, 3}), message);
  CHECK_THROWS_AS(crf_loss<float>(none, some), option_error);
}

TEST_CASE("crf: in float as in double") {
  CrfCase batch(crf_options_of(4)[1], Known::some, 2);
  Crf<float> crf(crf_options_of(4)[1]);
  const auto copy = [](const Parameter<double>& from, Parameter<float>& to) {
    for (std::size_t i = 0; i < from.size(); ++i) to.edit().data()[i] = static_cast<float>(from.data()[i]);
  };
  copy(batch.crf.start_transitions, crf.start_transitions);
  copy(batch.crf.end_transitions, crf.end_transitions);
  copy(batch.crf.transitions, crf.transitions);
  Input<float> x(ragged_tokens, 4);
  for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] = static_cast<float>(batch.x.values[i]);
  Tape<float> tape;
  Tape<double> exact;
  const auto loss = crf_loss<float>(crf(x.on(tape, batch.layout)), batch.labels);
  const auto expected = batch.loss(exact);
  tape.backward(loss);
  exact.backward(expected);
  CHECK(double{loss.value()(0, 0)} == Approx(expected.value()(0, 0)).epsilon(1e-6));
  check_close<float>(x.gradients, batch.x.gradients, 1e-6, "x");
  check_close<float>(copy_of(crf.transitions.gradient()), copy_of(batch.crf.transitions.gradient()), 1e-6,
                     "transitions");
}

TEST_CASE("crf: pytorch-crf's loss, gradients and best paths", "[golden]") {
  const auto golden = Golden::load("crf");
  const std::vector<std::size_t> lengths = golden.config.at("lengths");
  const std::size_t labels = golden.config.at("labels"), sequences = lengths.size();
  const PackedLayout layout(lengths);
  Crf<double> crf({.labels = labels});
  for_each_parameter(crf, [&](const std::string& name, Parameter<double>& p) {
    std::copy_n(golden.tensor(name).data.begin(), p.size(), p.edit().data());
  });
  Input<double> x(layout.tokens(), labels);
  std::vector<double> tags(layout.tokens()), path(layout.tokens()), gradients, log_p(sequences);
  for (std::size_t t = 0; t < layout.steps(); ++t)
    for (std::size_t r = 0; r < layout.active(t); ++r) {
      const std::size_t from = t * sequences + layout.order(r), token = layout.offset(t) + r;
      std::copy_n(&golden.tensor("x").data[from * labels], labels, x.view().row_data(token));
      const double* d = &golden.tensor("d_x").data[from * labels];
      gradients.insert(gradients.end(), d, d + labels);
      tags[token] = golden.tensor("tags").data[from];
      path[token] = golden.tensor("path").data[from];
    }
  Tape<double> tape;
  const auto scores = crf(x.on(tape, layout));
  const auto loss = crf_loss<double>(scores, tags);
  check_close<double>({loss.value().data(), 1}, golden.tensor("loss").data, 1e-10, "loss");
  crf_log_likelihood<double>(scores, tags, log_p);
  check_close<double>(log_p, golden.tensor("log_likelihood").data, 1e-10, "log_likelihood");
  tape.backward(loss);
  check_close<double>(x.gradients, gradients, 1e-10, "d_x");
  for_each_parameter(crf, [&](const std::string& name, Parameter<double>& p) {
    check_close<double>(copy_of(p.gradient()), golden.tensor("d_" + name).data, 1e-10, name);
  });
  std::vector<std::int32_t> best(layout.tokens());
  viterbi<double>(scores, best);
  CHECK(std::equal(best.begin(), best.end(), path.begin()));
}

TEST_CASE("crf: the same bits for any number of threads") {
  const ManySequences many;
  const PackedLayout layout(many.lengths);
  Input<float> x(layout.tokens(), 9);
  std::vector<double> labels(layout.tokens());
  for (std::size_t k = 0; k < many.lengths.size(); ++k)
    for (std::size_t t = 0; t < many.lengths[k]; ++t) {
      const std::size_t token = layout.offset(t) + layout.rank(k);
      std::copy_n(&many.x[k][t * 9], 9, x.view().row_data(token));
      labels[token] = many.labels[k][t];
    }
  Crf<float> crf = many.crf;
  check_threads([&] {
    Tape<float> tape;
    zero_gradients(crf);
    x.gradients.assign(x.gradients.size(), 0);
    const auto loss = crf_loss<float>(crf(x.on(tape, layout)), labels);
    tape.backward(loss);
    auto result = x.gradients;
    result.push_back(loss.value()(0, 0));
    for_each_parameter(crf, [&](const std::string&, Parameter<float>& p) {
      const auto g = copy_of(p.gradient());
      result.insert(result.end(), g.begin(), g.end());
    });
    for (const float v : result) REQUIRE(std::isfinite(v));
    return result;
  });
  std::vector<std::size_t> all(many.lengths.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  check_threads([&] {
    std::vector<double> flat;
    for (const auto& one : results_of(many, all)) flat.insert(flat.end(), one.begin(), one.end());
    return flat;
  });
}

TEST_CASE("crf: a sequence's bits do not depend on its batch") {
  const ManySequences many;
  std::vector<std::size_t> all(many.lengths.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const auto together = results_of(many, all);
  for (const std::size_t index : all) CHECK(same_bits(results_of(many, {index})[0], together[index]));
  const auto pair = results_of(many, {8, 3});
  CHECK(same_bits(pair[0], together[8]));
  CHECK(same_bits(pair[1], together[3]));
}

TEST_CASE("crf: sequences without a label count nothing, and a batch of them gives 0 and no gradient") {
  CrfCase batch({.labels = 3}, Known::all, 2);
  Tape<double> tape;
  for (std::size_t t = 0; t < ragged_lengths[4]; ++t) {
    batch.labels[batch.token(4, t)] = unknown;
    batch.x.view()(batch.token(4, t), 1) = unknown;  // NaN there changes nothing either
  }
  const auto loss = batch.loss(tape);
  tape.backward(loss);
  std::vector<double> log_p(ragged_lengths.size());
  crf_log_likelihood<double>(batch.on(tape), batch.labels, log_p);
  CHECK(log_p[4] == 0);
  double sum = 0;
  for (const double p : log_p) sum -= p;
  CHECK(loss.value()(0, 0) == Approx(sum / 11).epsilon(1e-14));
  for (std::size_t t = 0; t < ragged_lengths[4]; ++t)
    for (std::size_t j = 0; j < 3; ++j) CHECK(batch.x.gradient()(batch.token(4, t), j) == 0);

  std::fill(batch.labels.begin(), batch.labels.end(), unknown);
  std::fill(batch.x.gradients.begin(), batch.x.gradients.end(), 0.0);
  zero_gradients(batch.crf);
  Tape<double> other;
  const auto nothing = batch.loss(other);
  other.backward(nothing);
  CHECK(nothing.value()(0, 0) == 0);
  CHECK(batch.x.gradients == std::vector<double>(batch.x.gradients.size()));
  CHECK(copy_of(batch.crf.transitions.gradient()) == std::vector<double>(9));
}

TEST_CASE("crf: NaN in emissions or transitions shows in the loss, and in the gradient of its sequence") {
  for (const Known known : {Known::all, Known::some}) {
    CrfCase batch({.labels = 3}, known, 2);
    batch.x.view()(batch.token(1, 2), 0) = unknown;
    Tape<double> tape;
    const auto loss = batch.loss(tape);
    tape.backward(loss);
    CHECK(std::isnan(loss.value()(0, 0)));
    CHECK(std::isnan(batch.x.gradient()(batch.token(1, 2), 1)));
    for (std::size_t j = 0; j < 3; ++j) CHECK(std::isfinite(batch.x.gradient()(batch.token(4, 2), j)));
    CHECK(std::isnan(batch.crf.transitions.gradient()(0, 0)));
  }
  CrfCase batch({.labels = 3}, Known::all, 2);
  batch.crf.transitions.edit()(2, 2) = unknown;
  Tape<double> tape;
  CHECK(std::isnan(batch.loss(tape).value()(0, 0)));
}

TEST_CASE("crf: frozen parameters and constant emissions get no gradient") {
  CrfCase batch({.labels = 3}, Known::all, 2);
  batch.crf.transitions.trainable = false;
  Tape<double> tape;
  tape.backward(batch.loss(tape));
  CHECK(copy_of(batch.crf.transitions.gradient()) == std::vector<double>(9));
  CHECK(copy_of(batch.crf.start_transitions.gradient()) != std::vector<double>(3));
  CHECK(batch.x.gradients != std::vector<double>(batch.x.gradients.size()));
  const auto constant = [&] {
    return crf_loss(batch.crf(tape.leaf(batch.x.view(), batch.layout)), batch.labels);
  };
  CHECK(constant().needs_gradient());
  set_trainable(batch.crf, "", false);
  CHECK_FALSE(constant().needs_gradient());
  CHECK(constant().value()(0, 0) == batch.loss(tape).value()(0, 0));
}

TEST_CASE("crf: batches without any position") {
  const PackedLayout layout(std::vector<std::size_t>{0, 0});
  Crf<float> crf({.labels = 3});
  Tape<float> tape;
  const auto scores = crf(tape.leaf({nullptr, 0, 3}, layout));
  const auto loss = crf_loss<float>(scores, {});
  tape.backward(loss);
  CHECK(loss.value()(0, 0) == 0);
  std::vector<double> log_p = {1, 1};
  crf_log_likelihood<float>(scores, {}, log_p);
  CHECK(log_p == std::vector<double>{0, 0});
  viterbi<float>(scores, {});
  crf_marginals<float>(scores, {nullptr, 0, 3});
}

TEST_CASE("crf: steps after the second allocate nothing") {
  const PackedLayout layout(ragged_lengths);
  Crf<float> crf({.labels = 5});
  Input<float> x(ragged_tokens, 5);
  std::vector<double> labels(ragged_tokens, 3);
  labels[4] = unknown;
  std::vector<std::int32_t> best(ragged_tokens);
  check_no_allocation<float>([&](Tape<float>& tape) {
    const auto scores = crf(x.on(tape, layout));
    viterbi<float>(scores, best);
    tape.backward(crf_loss<float>(scores, labels));
  });
}

TEST_CASE("crf: copies, moves, assignments and swaps keep the transitions") {
  CrfCase batch({.labels = 3}, Known::all, 2);
  Crf<double> other({.labels = 3});
  other.initialize({.seed = 7});
  check_rule_of_five(batch.crf, other, [&](Crf<double>& crf) {
    Tape<double> tape;
    const auto loss = crf_loss(crf(batch.x.on(tape, batch.layout)), batch.labels);
    return std::vector<double>{loss.value()(0, 0)};
  });
}

TEST_CASE("crf: pytorch-crf's names, shapes and bounds") {
  Crf<double> crf({.labels = 20});
  std::vector<std::string> names;
  for_each_parameter(crf, [&](const std::string& name, Parameter<double>& p) {
    names.push_back(name);
    const auto values = copy_of(p.view());
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    CHECK(*low >= -0.1);
    CHECK(*high <= 0.1);
    CHECK(*high - *low > 0.15);
  });
  CHECK(names == std::vector<std::string>{"start_transitions", "end_transitions", "transitions"});
  CHECK(crf.transitions.shape() == std::vector<std::size_t>{20, 20});
  CHECK(crf.start_transitions.shape() == std::vector<std::size_t>{20});
}

TEST_CASE("crf: options that cannot be are named") {
  const auto make = [](CrfOptions options) { return Crf<float>(std::move(options)); };
  CHECK_THROWS_WITH(make({}), "crf: labels is 0, expected at least 1");
  CHECK_THROWS_AS(make({}), option_error);
  CHECK_THROWS_WITH(
      make({.labels = 3, .forbidden = {{1, 3}}, .name = "tags"}),
      "crf 'tags': the forbidden transition 1 -> 3 has a label that is not there, expected 0 to 2");
  CHECK_THROWS_WITH(make({.labels = 3, .forbidden_end = {4}}),
                    "crf: forbidden_end has label 4, expected 0 to 2");
  CHECK_THROWS_WITH(make({.labels = 2, .forbidden_start = {0, 1}}),
                    "crf: forbidden_start has every label, expected at least one that is allowed");
  CHECK_THROWS_WITH(make({.labels = 2, .forbidden_end = {0, 1}}),
                    "crf: forbidden_end has every label, expected at least one that is allowed");
  CHECK_THROWS_WITH(
      make({.labels = 3, .forbidden = {{0, 2}, {1, 2}}, .forbidden_start = {2}, .forbidden_end = {0, 1}}),
      "crf: no sequence of labels is allowed: none that may end is reached from one that may "
      "start; allow more transitions");
}

TEST_CASE("crf: mistakes are named") {
  const std::vector<std::uint64_t> records = {30, 31, 32};
  PackedLayout layout;
  layout.assign(std::vector<std::size_t>{2, 3, 1}, records);
  Crf<float> crf(
      {.labels = 3, .forbidden = {{0, 2}}, .forbidden_start = {1}, .forbidden_end = {0}, .name = "tags"});
  Input<float> x(6, 3), wide(6, 4);
  Tape<float> tape;
  CHECK_THROWS_WITH(crf(wide.on(tape, layout)),
                    "crf 'tags': the emissions have 4 columns, expected 3, one for each label");
  CHECK_THROWS_AS(crf(wide.on(tape, layout)), shape_error);
  const auto scores = crf(x.on(tape, layout));
  // Packed: records 31 30 32 | 31 30 | 31.
  const auto loss = [&](const std::vector<double>& labels) { return crf_loss<float>(scores, labels); };
  CHECK_THROWS_WITH(loss({1, 2}),
                    "crf 'tags': got 2 labels for 6 positions, expected one for each (NaN where "
                    "it is not known)");
  CHECK_THROWS_AS(loss({1, 2}), shape_error);
  CHECK_THROWS_WITH(loss({0, 0, 2, 1, 2, 1}),
                    "crf 'tags': record 30, position 1: label 2 after label 0 is a forbidden transition; "
                    "correct the labels, or allow it");
  CHECK_THROWS_AS(loss({0, 0, 2, 1, 2, 1}), option_error);
  CHECK_THROWS_WITH(
      loss({0, 1, 2, 1, 2, 1}),
      "crf 'tags': record 30, position 0: label 1 is in forbidden_start; correct the labels, or "
      "allow it");
  CHECK_THROWS_WITH(loss({0, 0, 0, 1, 1, 1}),
                    "crf 'tags': record 32, position 0: label 0 is in forbidden_end; correct the labels, or "
                    "allow it");
  for (const double wrong : {3.0, -1.0, 0.5, infinity})
    CHECK_THROWS_WITH(loss({0, 0, wrong, 1, 1, 1}),
                      "crf 'tags': record 32, position 0: label " + seqlstm::detail::number_text(wrong) +
                          " is not a class, expected an integer from 0 to 2, or NaN where it is not known");
  CHECK(std::isfinite(loss({0, unknown, 2, 1, 2, 1}).value()(0, 0)));
  std::vector<double> log_p(2);
  CHECK_THROWS_WITH(crf_log_likelihood<float>(scores, std::vector<double>(6, unknown), log_p),
                    "crf_log_likelihood: room for 2 numbers, expected 3, one for each sequence");
  std::vector<double> marginals(12);
  CHECK_THROWS_WITH(crf_marginals<float>(scores, {marginals.data(), 4, 3}),
                    "crf_marginals: the result is 4x3, expected 6x3, a row for each position");
  std::vector<std::int32_t> best(5);
  CHECK_THROWS_WITH(viterbi<float>(scores, best),
                    "viterbi: room for 5 labels, expected 6, one for each position");

  Crf<float> strict({.labels = 3, .forbidden = {{0, 0}, {0, 1}, {1, 1}, {2, 1}}});
  CHECK_THROWS_WITH(
      crf_loss<float>(strict(x.on(tape, layout)), std::vector<double>{0, 0, 2, unknown, 2, 1}),
      "crf: record 31: no allowed sequence of labels has those that are known; correct them, or "
      "allow more transitions");
}

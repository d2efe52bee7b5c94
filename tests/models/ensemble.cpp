// Several networks that answer as one.
#include <seqlstm/infer/predict.hpp>
#include <seqlstm/models/any_classifier.hpp>
#include <seqlstm/models/ensemble.hpp>
#include <seqlstm/models/feature_models.hpp>

#include "support/catch.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;
using Net = Ensemble<AnyClassifier>;

TEST_CASE("ensemble: joined networks answer with the mean of their outputs, and keep their own weights") {
  const AnyClassifierOptions options = SequenceClassifierOptions{.hidden = 4, .layers = 1};
  const auto data = tiny_data(7, 1);
  std::vector<std::vector<double>> alone;
  const auto output = [&](Net& net) { return predict(net, data, mse()).values; };  // as it is, no sigmoid
  Net joined(options);
  initialize(joined, 1);
  alone.push_back(output(joined));
  for (const std::uint64_t seed : {2, 3}) {
    Net next(options);
    initialize(next, seed);
    alone.push_back(output(next));
    joined.join(std::move(next));
  }
  REQUIRE(joined.size() == 3);
  const auto mean = output(joined);
  double apart = 0;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    CHECK(mean[i] == Approx((alone[0][i] + alone[1][i] + alone[2][i]) / 3).epsilon(1e-6));
    apart = std::max(apart, std::abs(alone[0][i] - alone[1][i]));
  }
  CHECK(apart > 1e-3);
  for (std::size_t m = 0; m < 3; ++m) CHECK(predict(joined[m], data, mse()).values == alone[m]);
  std::size_t own = 0;
  for_each_parameter(joined,
                     [&](const std::string& name, auto&) { own += name.starts_with("member2.") ? 1 : 0; });
  Net single(options);
  std::size_t each = 0;
  for_each_parameter(single,
                     [&](const std::string& name, auto&) { each += name.starts_with("member") ? 100 : 1; });
  CHECK(own == each);
}

TEST_CASE("ensemble: in prediction several networks take the room of one") {
  const AnyClassifierOptions options = SequenceClassifierOptions{.hidden = 4, .layers = 1};
  const Net single(options), joined(options, 3);
  const std::vector<Token> tokens(5000, 2);
  const std::span<const Token> sequence(tokens);
  SequenceBatch batch;
  batch.assign(std::span(&sequence, 1));
  Tape<float> tape(Mode::inference);
  single.forward(tape, batch);
  const std::size_t one = tape.arena().bytes_used();
  CHECK(one > 5000 * 8 * sizeof(float));
  tape.reset();
  joined.forward(tape, batch);
  CHECK(tape.arena().bytes_used() < one / 10);
  CHECK(tape.scratch().arena().bytes_used() <= one);
}

TEST_CASE("ensemble: members of rows of numbers, and none at all") {
  const Ensemble<LinearModel> two({LinearModel(3, 1), LinearModel(3, 1)});
  FeatureBatch batch{2, 3, {1, 2, 3, 4, 5, 6}, {}, {0, 1}};
  Tape<float> tape(Mode::inference);
  CHECK(two.forward(tape, batch).rows() == 2);
  CHECK_THROWS_WITH(Ensemble<LinearModel>(std::vector<LinearModel>()),
                    "ensemble: no members, expected at least one network");
  CHECK_THROWS_AS(Net(AnyClassifierOptions(), 0), option_error);
}

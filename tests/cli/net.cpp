// Several networks that answer as one.
#include "../../examples/programs/support/net.hpp"

#include "support/catch.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;
using examples::Net;

TEST_CASE("net: joined networks answer with the mean of their outputs, and keep their own weights") {
  const examples::NetOptions options = examples::SequenceNetOptions{.hidden = 4, .layers = 1};
  const auto data = tiny_data(7, 1);
  std::vector<std::vector<double>> alone;
  const auto output = [&](Net& net) { return predict_all(net, data, mse()).values; };  // as it is, no sigmoid
  Net joined(options);
  initialize(joined, 1);
  alone.push_back(output(joined));
  for (const std::uint64_t seed : {2, 3}) {
    Net next(options);
    initialize(next, seed);
    alone.push_back(output(next));
    joined.join(std::move(next));
  }
  REQUIRE(joined.members() == 3);
  const auto mean = output(joined);
  double apart = 0;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    CHECK(mean[i] == Approx((alone[0][i] + alone[1][i] + alone[2][i]) / 3).epsilon(1e-6));
    apart = std::max(apart, std::abs(alone[0][i] - alone[1][i]));
  }
  CHECK(apart > 1e-3);
  CHECK(joined.visit_all([](auto&) { return 1; }).size() == 3);
  std::size_t own = 0;
  for_each_parameter(joined,
                     [&](const std::string& name, auto&) { own += name.starts_with("member2.") ? 1 : 0; });
  Net single(options);
  std::size_t each = 0;
  for_each_parameter(single,
                     [&](const std::string& name, auto&) { each += name.starts_with("member") ? 100 : 1; });
  CHECK(own == each);
}

TEST_CASE("net: in prediction several networks take the room of one") {
  const examples::NetOptions options = examples::SequenceNetOptions{.hidden = 4, .layers = 1};
  Net single(options), joined(options);
  joined.join(Net(options));
  joined.join(Net(options));
  const std::vector<Token> tokens(5000, 2);
  const std::span<const Token> sequence(tokens);
  TokenBatch batch;
  batch.assign(std::span(&sequence, 1));
  Tape<float> tape(Mode::inference);
  single.forward(tape, batch);
  const std::size_t one = tape.arena().bytes_used();
  CHECK(one > 5000 * 8 * sizeof(float));
  tape.reset();
  joined.forward(tape, batch);
  CHECK(tape.arena().bytes_used() < one / 10);
}

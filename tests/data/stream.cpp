#include <seqlstm/data/stream.hpp>

#include <numeric>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

std::vector<Token> counting(std::size_t count) {
  std::vector<Token> tokens(count);
  std::iota(tokens.begin(), tokens.end(), Token(0));
  return tokens;
}

}  // namespace

TEST_CASE("streams: every token but the last of each stream is read once, in order, with its successor") {
  TokenStreams streams(counting(103), {.batch_size = 4, .bptt = 7});  // 25 tokens a stream
  CHECK(streams.tokens() == 96);
  CHECK(streams.windows() == 4);
  StreamBatch batch;
  std::vector<std::vector<Token>> read(4);
  std::size_t windows = 0;
  while (streams.next(batch)) {
    ++windows;
    REQUIRE(batch.tokens.layout.sequences() == 4);
    REQUIRE(batch.next.size() == batch.tokens.ids.size());
    for (std::size_t t = 0; t < batch.tokens.layout.steps(); ++t)
      for (std::size_t b = 0; b < 4; ++b) {
        const std::size_t row = batch.tokens.layout.offset(t) + batch.tokens.layout.rank(b);
        read[b].push_back(batch.tokens.ids[row]);
        CHECK(batch.next[row] == batch.tokens.ids[row] + 1);
      }
  }
  CHECK(windows == 4);
  CHECK(batch.tokens.layout.steps() == 3);
  for (std::size_t b = 0; b < 4; ++b) {
    REQUIRE(read[b].size() == 24);
    for (std::size_t t = 0; t < 24; ++t) CHECK(read[b][t] == static_cast<Token>(b * 25 + t));
  }
}

TEST_CASE("streams: random windows have about the wanted length, follow seed and epoch, and can be resumed") {
  const StreamOptions options = {.batch_size = 2, .bptt = 50, .random_length = true, .seed = 3};
  const auto lengths = [](const StreamOptions& o, std::size_t epoch) {
    TokenStreams streams(counting(40000), o, epoch);
    StreamBatch batch;
    std::vector<std::size_t> all;
    while (streams.next(batch)) all.push_back(batch.tokens.layout.steps());
    CHECK(all.size() == streams.windows());
    return all;
  };
  const auto first = lengths(options, 1);
  CHECK(std::accumulate(first.begin(), first.end(), std::size_t{0}) == 19999);
  CHECK(*std::min_element(first.begin(), first.end() - 1) >= 5);
  CHECK(*std::max_element(first.begin(), first.end()) <= 70);
  CHECK(static_cast<double>(first.size()) > 19999.0 / 55);
  CHECK(static_cast<double>(first.size()) < 19999.0 / 42);
  CHECK(lengths(options, 1) == first);
  CHECK(lengths(options, 2) != first);
  auto other = options;
  other.seed = 4;
  CHECK(lengths(other, 1) != first);

  TokenStreams streams(counting(40000), options, 1), resumed(counting(40000), options, 1);
  StreamBatch batch, again;
  for (int i = 0; i < 10; ++i) streams.next(batch);
  resumed.seek(streams.position());
  while (streams.next(batch)) {
    REQUIRE(resumed.next(again));
    CHECK(again.tokens.ids == batch.tokens.ids);
    CHECK(again.next == batch.next);
  }
  CHECK_FALSE(resumed.next(again));
}

TEST_CASE("streams: a part has the tokens and successors of its streams, in their order") {
  std::vector<Token> tokens(21);
  std::iota(tokens.begin(), tokens.end(), Token{0});
  TokenStreams streams(tokens, {.batch_size = 3, .bptt = 4});
  StreamBatch batch, part;
  REQUIRE(streams.next(batch));
  const std::vector<std::size_t> own = {2, 0};
  part.assign_part(batch, own);
  CHECK(part.tokens.ids == std::vector<Token>{14, 0, 15, 1, 16, 2, 17, 3});
  CHECK(part.next == std::vector<Token>{15, 1, 16, 2, 17, 3, 18, 4});
}

TEST_CASE("streams: windows of one step stay windows of one step or more") {
  TokenStreams streams(counting(500), {.batch_size = 2, .bptt = 1, .random_length = true});
  StreamBatch batch;
  std::size_t read = 0;
  while (streams.next(batch)) read += batch.tokens.layout.steps();
  CHECK(read == 249);
}

TEST_CASE("streams: mistakes are named") {
  CHECK_THROWS_WITH(
      TokenStreams(counting(7), {.batch_size = 4, .bptt = 7}),
      "streams: 7 tokens are too few for 4 streams of at least two; use fewer streams or more data");
  CHECK_THROWS_AS(TokenStreams(counting(7), {.batch_size = 0}), option_error);
  CHECK_THROWS_AS(TokenStreams(counting(7), {.batch_size = 1, .bptt = 0}), option_error);
  TokenStreams streams(counting(10), {.batch_size = 1});
  CHECK_THROWS_WITH(streams.seek({1, 10}), ContainsSubstring("token 10 is behind the end"));
}

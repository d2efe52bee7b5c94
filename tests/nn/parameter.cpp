#include <seqlstm/nn/parameter.hpp>

#include <cstdint>
#include <seqlstm/models/awd_lstm.hpp>
#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/dense.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("parameter: shapes are PyTorch's, values and gradients begin at zero") {
  Parameter<float> matrix(3, 2), vector(5);
  CHECK(matrix.shape() == std::vector<std::size_t>{3, 2});
  CHECK(vector.shape() == std::vector<std::size_t>{5});
  CHECK(vector.rows() == 1);
  CHECK(vector.cols() == 5);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(matrix.data()[i] == 0);
    CHECK(matrix.gradient().data()[i] == 0);
  }
}

TEST_CASE("parameter: edit changes the version, reading does not, and no two edits share one") {
  Parameter<float> a(2, 2), b(2, 2);
  CHECK(a.version() != b.version());
  const auto before = a.version();
  static_cast<void>(a.view());
  static_cast<void>(a.gradient());
  CHECK(a.version() == before);
  a.edit()(1, 1) = 4;
  CHECK(a.version() != before);
  CHECK(a.version() != b.version());
  CHECK(a.view()(1, 1) == 4);
}

TEST_CASE("parameter: a copy is deep and of the same version until one is edited") {
  Parameter<double> a(2, 2);
  a.edit()(0, 1) = 1;
  Parameter<double> copy = a;
  CHECK(copy.version() == a.version());
  copy.edit()(0, 1) = 2;
  CHECK(a.view()(0, 1) == 1);
  CHECK(copy.version() != a.version());
}

TEST_CASE("buffer: a vector has a shape, a scalar has none") {
  Buffer<float> vector(3, 0.5F);
  CHECK(vector.shape() == std::vector<std::size_t>{3});
  CHECK(vector.values()[2] == 0.5F);
  const auto scalar = Buffer<std::int64_t>::scalar(7);
  CHECK(scalar.shape().empty());
  CHECK(scalar.values().size() == 1);
  CHECK(scalar.values()[0] == 7);
}

TEST_CASE("parameter: copies of the library count from places of their own") {
  const int here = 0, there = 0;  // stand for the counters of two shared libraries
  const std::uint64_t a = detail::first_version(&here), b = detail::first_version(&there);
  const std::uint64_t apart = a > b ? a - b : b - a;
  CHECK(apart > (std::uint64_t{1} << 32U));
}

TEST_CASE("parameter: more than two dimensions are a matrix with a row for each of the first") {
  Parameter<double> p(std::vector<std::size_t>{4, 3, 5});
  CHECK(p.shape() == std::vector<std::size_t>{4, 3, 5});
  CHECK(p.rows() == 4);
  CHECK(p.cols() == 15);
  CHECK(p.size() == 60);
  CHECK(p.untouched());
  for (std::size_t r = 0; r < 4; ++r)
    for (std::size_t c = 0; c < 15; ++c) {
      CHECK(p.view()(r, c) == 0);
      CHECK(p.gradient()(r, c) == 0);
    }
  p.edit()(1, 2 * 5 + 3) = 7;  // [1][2][3]
  CHECK(p.data()[1 * 15 + 13] == 7);
  const Parameter<double> copy = p;
  CHECK(copy.shape() == p.shape());
  CHECK(copy.view()(1, 13) == 7);
  const Parameter<double> vector(std::vector<std::size_t>{6}), matrix(std::vector<std::size_t>{2, 3}),
      empty(std::vector<std::size_t>{0, 3, 2});
  CHECK(vector.shape() == std::vector<std::size_t>{6});
  CHECK(vector.rows() == 1);
  CHECK(vector.cols() == 6);
  CHECK(matrix.rows() == 2);
  CHECK(matrix.cols() == 3);
  CHECK(empty.size() == 0);
  const std::size_t huge = std::size_t{1} << 61U;
  CHECK_THROWS_WITH(
      Parameter<float>({2, huge, 8}, "conv1d"),
      "conv1d: 2 x 2305843009213693952 x 8 numbers are more than this machine can address; choose smaller "
      "sizes");
  CHECK_THROWS_WITH(Parameter<float>(std::vector<std::size_t>{}),
                    "parameter: its shape has no dimension, expected at least one");
}

TEST_CASE("parameter: sizes whose product wraps around are named, in every layer") {
  const std::size_t huge = std::size_t{1} << 61U;
  const std::string advice = " numbers are more than this machine can address; choose smaller sizes";
  CHECK_THROWS_WITH(Parameter<float>(huge, 8), "parameter: 2305843009213693952 x 8" + advice);
  CHECK_THROWS_WITH(Embedding<float>({.vocabulary = huge, .dim = 100}),
                    "embedding: 2305843009213693952 x 100" + advice);
  CHECK_THROWS_WITH(Dense<float>(huge, 16), "dense: 16 x 2305843009213693952" + advice);
  CHECK_THROWS_WITH(Lstm<float>({.input = 3, .hidden = 2 * huge, .layers = 2}),
                    "lstm: 2 x 1 x 4 x 4611686018427387904 x 3" + advice);
  CHECK_THROWS_AS(Lstm<float>({.input = 1, .hidden = SIZE_MAX}), option_error);
  CHECK_THROWS_AS(Lstm<float>({.input = SIZE_MAX, .hidden = 1}), option_error);
  CHECK_THROWS_AS(BatchNorm<float>(huge), option_error);
  CHECK_THROWS_AS(TiedDecoder<float>(huge), option_error);
  CHECK_THROWS_AS(Lstm<float>({.input = 3, .hidden = 4}).initial_state(huge), option_error);
}

TEST_CASE("parameter: a network larger than memory is named before it is made") {
  require_memory(1e6);
  if (usable_memory() > 0)
    CHECK_THROWS_WITH(require_memory(1e18),
                      ContainsSubstring("a network of 1e+18 numbers needs 1.49012e+10 GiB to be trained") &&
                          ContainsSubstring("; choose a smaller one: hidden, layers, embedding_dim"));
}

TEST_CASE("parameter: the number of parameters that options imply is that of the network") {
  for (const std::size_t layers : {1, 2, 5})
    for (const bool both : {false, true}) {
      const LstmOptions o{.input = 3, .hidden = 4, .layers = layers, .bidirectional = both};
      Lstm<float> lstm(o);
      CHECK(expected_parameters(o) == static_cast<double>(parameter_count(lstm)));
    }
  for (const std::size_t layers : {1, 2, 4}) {
    const AwdLstmOptions o{.vocabulary = 5, .embedding_dim = 3, .hidden = 4, .layers = layers};
    AwdLstm<float> awd(o);
    CHECK(expected_parameters(o) == static_cast<double>(parameter_count(awd)));
  }
  CHECK(expected_parameters(LstmOptions{.input = SIZE_MAX, .hidden = SIZE_MAX}) > 1e38);
}

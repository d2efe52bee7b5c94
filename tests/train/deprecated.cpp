#include <seqlstm/deprecated.hpp>

#include "support/catch.hpp"
#include "support/tiny.hpp"
#include "support/values.hpp"

// What is used here is deprecated, and still does what its new name does.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

using namespace seqlstm;
using namespace testing;

TEST_CASE("deprecated names of types are the new types") {
  STATIC_REQUIRE(std::is_same_v<TokenDataset, SequenceDataset>);
  STATIC_REQUIRE(std::is_same_v<TokenBatch, SequenceBatch>);
  STATIC_REQUIRE(std::is_same_v<ReadingFrames, KmerPhases>);
  STATIC_REQUIRE(std::is_same_v<Position<double>, PositionalEmbedding<double>>);
  STATIC_REQUIRE(std::is_same_v<PositionOptions, PositionalEmbeddingOptions>);
  STATIC_REQUIRE(std::is_same_v<PositionRecipe, PositionalEmbeddingRecipe>);
  STATIC_REQUIRE(std::is_same_v<TokenMask, TokenDropout>);
  STATIC_REQUIRE(std::is_same_v<TokenMaskOptions, TokenDropoutOptions>);
  STATIC_REQUIRE(std::is_same_v<LayerGroups, ParameterGroups>);
  STATIC_REQUIRE(std::is_same_v<StepFactor, LrScale>);
  STATIC_REQUIRE(std::is_same_v<Fold, Partition>);
  STATIC_REQUIRE(std::is_same_v<RowParts, Partition>);
}

TEST_CASE("deprecated functions do what the new ones do") {
  const auto data = tiny_data(20, 1);
  auto model = sequential(embedding(4) + position(), lstm({.hidden = 5}), mean(), dense(1));
  fit(model, data, {.epochs = 1, .progress = nullptr});
  CHECK(predict_all(model, data, bce_with_logits()).values == predict(model, data).values);

  SequenceBatch batch, same;
  batch.assign(std::vector<std::span<const Token>>{data.sequence(0), data.sequence(1)});
  same = batch;
  hide_tokens(batch, {1, 2, 3}, 0.5, 4);
  mask_tokens(same, {1, 2, 3}, 0.5, 4);
  CHECK(batch.ids == same.ids);

  Tape<float> tape(Mode::inference);
  Embedding<float> vectors({.vocabulary = 5, .dim = 3});
  initialize(vectors, 1);
  const auto rows = dense_rows(tape, vectors(batch));
  CHECK(copy_of(means(rows, 2).value()) == copy_of(adaptive_mean(rows, 2).value()));

  const ParameterGroups groups = {{"0"}, {"1", "3"}};
  CHECK(step_factors(groups)("0.token.weight").lr == lr_scales(groups)("0.token.weight").lr);

  std::vector<double> left = {0.2, 0.8}, right = left;
  temper({left.data(), 1, 2}, 2);
  apply_temperature({right.data(), 1, 2}, 2);
  CHECK(left == right);
}

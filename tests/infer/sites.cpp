#include <seqlstm/infer/sites.hpp>

#include <seqlstm/models/any_classifier.hpp>
#include <seqlstm/ranks/thread_ranks.hpp>
#include <seqlstm/train/fit.hpp>

#include "support/catch.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Letters of which one is a T: the site. The class is whether it stands in the first half.
SequenceDataset single_t(std::size_t count, std::uint64_t seed) {
  RandomStream random(seed);
  SequenceDataset data;
  data.tokenizer = Tokenizer(dna4);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t length = 6 + random.below(6), site = random.below(length);
    Record record{.id = "r" + std::to_string(i)};
    for (std::size_t t = 0; t < length; ++t) record.sequence += t == site ? 'T' : "ACG"[random.below(3)];
    std::vector<double> positions(length);
    positions[site] = 1;
    const double first = 2 * site < length ? 1 : 0;
    data.add(record, RecordLabels{.record = std::span(&first, 1), .positions = positions});
  }
  return data;
}

}  // namespace

TEST_CASE("predicted sites: learned beside the class, whatever the batches, alone and by an ensemble") {
  const auto train = single_t(300, 1), test = single_t(50, 2);
  const AnyClassifierOptions options = SequenceClassifierOptions{
      .embedding_dim = 6, .hidden = 8, .layers = 1, .token_dropout = 0, .sites = true};
  ClassifierNet net(options);
  const Loss loss = bce_with_logits().with_sites(1);
  fit(net, train, test,
      {.loss = loss,
       .optimizer = adam({.lr = 2e-2}),
       .epochs = 8,
       .batch_size = 16,
       .seed = 1,
       .progress = nullptr});
  const auto sites = predict_sites(net, test);
  REQUIRE(sites.size() == 50);
  std::size_t right = 0;
  for (std::size_t i = 0; i < 50; ++i) {
    right += test.position_labels[test.offsets[i] + sites[i].position] == 1 ? 1 : 0;
    CHECK(sites[i].probability > 0);
    CHECK(sites[i].probability <= 1);
  }
  CHECK(right >= 48);
  CHECK(predict_sites(net, test, 0, {.batch_size = 7}) == sites);
  const auto skipped = predict_sites(net, test, 2);
  for (std::size_t i = 0; i < 50; ++i)
    if (sites[i].position >= 2) CHECK(skipped[i].position + 2 == sites[i].position);
  ClassifierNet twice(options);
  initialize(twice, 9);
  const auto other = predict_sites(twice, test);
  ClassifierNet same = net;
  same.join(net);
  const auto mean = predict_sites(same, test);
  for (std::size_t i = 0; i < 50; ++i) CHECK(mean[i].position == sites[i].position);
  CHECK(predict(same, test, loss).loss == Approx(predict(net, test, loss).loss).epsilon(1e-5));
  CHECK(other != sites);
  std::vector<std::vector<PredictedSite>> shared(3);
  run_as_ranks(3, [&](Communicator& communicator) {
    const ClassifierNet own = net;
    shared[communicator.rank()] = predict_sites(own, test, 0, {.batch_size = 7}, communicator);
  });
  for (const auto& heard : shared) CHECK(heard == sites);
}

TEST_CASE("predicted sites: a model without them is refused, in training too") {
  const auto data = single_t(20, 1);
  ClassifierNet net(AnyClassifierOptions(SequenceClassifierOptions{.hidden = 3, .layers = 1}));
  initialize(net, 1);
  CHECK_THROWS_WITH(predict_sites(net, data), ContainsSubstring("the model scores no sites"));
  CHECK_THROWS_WITH(fit(net, data, {.loss = bce_with_logits().with_sites(1), .progress = nullptr}),
                    ContainsSubstring("bce_with_logits with sites: the model scores no sites"));
}

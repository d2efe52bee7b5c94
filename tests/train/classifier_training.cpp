#include <seqlstm/train/classifier_training.hpp>

#include <numeric>
#include <sstream>

#include "support/catch.hpp"
#include "support/labelled.hpp"
#include "support/layers.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Small enough for a test, and silent.
ClassifierTraining small() {
  ClassifierTraining training;
  training.hidden = 6;
  training.layers = 1;
  training.epochs = 2;
  training.learning_rate = 2e-2;
  training.progress = nullptr;
  return training;
}

/// fit() itself, whose fit number `last` stops before its first update; `count` is told how many there were.
FitSeries ending_after(std::size_t last, std::size_t& count) {
  return {[last, &count](ClassifierNet& net, const SequenceDataset& train, const SequenceDataset& valid,
                         FitOptions fit) {
            if (++count == last) fit.stop = [] { return true; };
            return seqlstm::fit(net, train, valid, fit);
          },
          [last, &count] { return count >= last; }};
}

/// `first` and so on, below `end`.
std::vector<std::size_t> numbers_from(std::size_t first, std::size_t end) {
  std::vector<std::size_t> numbers(end - first);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

}  // namespace

TEST_CASE("classifier training: of networks with and without positions validation chooses one") {
  const auto data = ending_parts(200, 8, 1);
  auto training = small();
  training.epochs = 6;
  std::vector<std::string> said;
  training.say = [&](const std::string& line) { said.push_back(line); };
  const auto trained = ClassifierTrainer(training).train(data);
  CHECK(said == std::vector<std::string>{"without positions, 15 % of letters hidden, dropout 0.5:",
                                         "with positions, 15 % of letters hidden, dropout 0.5:"});
  CHECK(trained.good());
  CHECK(trained.net.size() == 1);
  CHECK(trained.plan.train_rows == 160);
  CHECK(trained.plan.epochs == 6);
  CHECK(trained.fitted.history.size() == 6);
  const auto test = data.objective.evaluate(trained.net, data.test);
  CHECK(test["accuracy"] > 0.8);
  CHECK(trained.valid_loss == predict(trained.net, data.valid, data.objective.loss()).loss);

  training.positions = ClassifierTraining::Positions::none;
  said.clear();
  const auto plain = ClassifierTrainer(training).train(data);
  CHECK(said.size() == 1);
  CHECK(plain.net[0].positions() == 0);
  training.positions = ClassifierTraining::Positions::absolute;
  CHECK(ClassifierTrainer(training).train(data).net[0].positions() == 8);
}

TEST_CASE("classifier training: the same seed gives the same network, another one another") {
  const auto data = ending_parts(60, 6, 1);
  auto training = small();
  training.positions = ClassifierTraining::Positions::none;
  auto a = ClassifierTrainer(training).train(data), b = ClassifierTrainer(training).train(data);
  CHECK(everything(a.net) == everything(b.net));
  training.seed = 2;
  auto c = ClassifierTrainer(training).train(data);
  CHECK(everything(a.net) != everything(c.net));
}

TEST_CASE("classifier training: an ensemble answers with the mean of networks of one kind") {
  const auto data = ending_parts(60, 6, 1);
  auto training = small();
  training.ensemble = 3;
  auto trained = ClassifierTrainer(training).train(data);
  REQUIRE(trained.net.size() == 3);
  CHECK(everything(trained.net[0]) != everything(trained.net[1]));
  CHECK(everything(trained.net[1]) != everything(trained.net[2]));
  CHECK(trained.net[1].positions() == trained.net[0].positions());
  CHECK(trained.valid_loss == predict(trained.net, data.valid, data.objective.loss()).loss);
  training.ensemble = 0;
  CHECK_THROWS_WITH(ClassifierTrainer(training), "ensemble is 0, expected at least 1");
}

TEST_CASE("classifier training: of architectures validation chooses one") {
  using Architecture = ClassifierTraining::Architecture;
  const auto data = ending_parts(60, 6, 1);
  auto training = small();
  training.positions = ClassifierTraining::Positions::none;
  training.architecture = Architecture::automatic;
  std::vector<std::string> said;
  training.say = [&](const std::string& line) { said.push_back(line); };
  const auto chosen = ClassifierTrainer(training).train(data);
  CHECK(said == std::vector<std::string>{
                    "without positions, 15 % of letters hidden, dropout 0.5:",
                    "without positions, convolutions, 15 % of letters hidden, dropout 0.5:",
                    "without positions, convolutions and attention, 15 % of letters hidden, dropout 0.5:"});
  double lowest = chosen.valid_loss;
  for (const auto one : {Architecture::recurrent, Architecture::convolution, Architecture::attention}) {
    training.architecture = one;
    const auto trained = ClassifierTrainer(training).train(data);
    const auto* net = trained.net[0].get_if<SequenceClassifier<float>>();
    CHECK((net->options().filters > 0) == (one != Architecture::recurrent));
    CHECK((net->options().attention_heads > 0) == (one == Architecture::attention));
    lowest = std::min(lowest, trained.valid_loss);
  }
  CHECK(chosen.valid_loss == lowest);
  training.encoder = EncoderStart{.options = MaskedLanguageModelOptions{}};
  CHECK_THROWS_WITH(ClassifierTrainer(training), ContainsSubstring("an encoder has its own network"));
}

TEST_CASE("classifier training: in a committee every part of training and validation validates once") {
  auto data = ending_parts(60, 6, 1);
  auto training = small();
  training.committee = 3;
  std::vector<std::string> said;
  training.say = [&](const std::string& line) { said.push_back(line); };
  const auto trained = ClassifierTrainer(training).train(data);
  CHECK(said.size() == 5);  // with and without positions, then three
  CHECK(said[2] == "network 1 of 3, validated on 18 of 54 sequences:");
  CHECK(trained.net.size() == 3);
  CHECK(trained.held_out.rows == 54);
  CHECK(trained.held_out_labels.size() == 54);
  CHECK(trained.valid_loss == trained.held_out.loss);

  training.positions = ClassifierTraining::Positions::none;
  training.ensemble = 2;
  training.committee = 2;
  said.clear();
  for (std::size_t i = 0; i < data.train.size(); ++i) data.groups.push_back(i < 20 ? "a" : "b");
  data.groups.resize(54, "c");
  auto grouped = ClassifierTrainer(training).train(data);
  REQUIRE(grouped.net.size() == 4);
  // What is held out is what each network says of the group that it did not learn from.
  const auto all = concat(data.train, data.valid);
  std::vector<double> expected, labels;
  for (std::size_t n = 0; n < 4; ++n) {
    const auto own = all.subset(n < 2 ? numbers_from(0, 20) : numbers_from(20, 48));
    const auto answers = predict(grouped.net[n], own, data.objective.loss(), prediction_batches(own));
    expected.insert(expected.end(), answers.values.begin(), answers.values.end());
    labels.insert(labels.end(), own.labels.begin(), own.labels.end());
  }
  CHECK(grouped.held_out.values == expected);
  CHECK(grouped.held_out_labels == labels);
  CHECK(said == std::vector<std::string>{"network 1 of 4, validated on 20 of 54 sequences:",
                                         "network 2 of 4, validated on 20 of 54 sequences:",
                                         "network 3 of 4, validated on 28 of 54 sequences:",
                                         "network 4 of 4, validated on 28 of 54 sequences:"});
  training.committee = 1;
  CHECK_THROWS_WITH(ClassifierTrainer(training), ContainsSubstring("committee is 1"));
  training.committee = 2;
  training.self_training = 1;
  CHECK_THROWS_WITH(ClassifierTrainer(training), ContainsSubstring("committee and self_training exclude"));
}

TEST_CASE("classifier training: a committee that cannot be is refused before anything is trained") {
  auto data = ending_parts(60, 6, 1);
  auto training = small();  // with and without positions: there is a choice to train for
  std::size_t fits = 0;
  const FitSeries counted = ending_after(100, fits);
  for (std::size_t i = 0; i < 54; ++i) data.groups.push_back(i < 20 ? "a" : i < 40 ? "b" : "c");
  training.committee = 4;
  CHECK_THROWS_WITH(ClassifierTrainer(training, counted).train(data), ContainsSubstring("4 of 3 groups"));
  CHECK_THROWS_WITH(ClassifierTrainer(training, counted).plan(data), ContainsSubstring("4 of 3 groups"));
  data.groups.clear();
  training.committee = 55;
  CHECK_THROWS_AS(ClassifierTrainer(training, counted).train(data), option_error);
  CHECK(fits == 0);
}

TEST_CASE(
    "classifier training: an interrupted committee is what there is of it, or the network chosen before") {
  const auto data = ending_parts(60, 6, 1);
  auto training = small();
  training.committee = 3;
  std::size_t fits = 0;
  // Two fits choose, the third one is the committee's first.
  const auto chosen = ClassifierTrainer(training, ending_after(3, fits)).train(data);
  CHECK(fits == 3);
  CHECK(chosen.good());
  CHECK(chosen.net.size() == 1);
  CHECK(chosen.held_out.rows == 0);
  CHECK(chosen.valid_loss == predict(chosen.net, data.valid, data.objective.loss()).loss);
  const auto begun = ClassifierTrainer(training, ending_after(5, fits = 0)).train(data);
  CHECK(fits == 5);
  CHECK(begun.good());
  CHECK(begun.net.size() == 2);
  CHECK(begun.held_out.rows == 36);
  CHECK(begun.valid_loss == begun.held_out.loss);
  training.positions = ClassifierTraining::Positions::none;  // no choice: its first network is all there is
  const auto none = ClassifierTrainer(training, ending_after(1, fits = 0)).train(data);
  CHECK_FALSE(none.good());
  CHECK(std::isinf(none.valid_loss));
}

TEST_CASE("classifier training: self-training and sites exclude each other") {
  auto parts = split_parts(ending_records(200, 6, 1), Task::binary, 1);
  keep_train_rows(parts, 30);
  auto data = encode_parts(parts, objective_for(parts.task, parts.train), Tokenizer(dna4), {}, "data");
  data.objective.site_weight = 1;
  auto training = small();
  training.self_training = 1;
  std::size_t fits = 0;
  CHECK_THROWS_WITH(ClassifierTrainer(training, ending_after(100, fits)).train(data),
                    "self_training and sites exclude each other: rows without labels have no sites");
  CHECK(fits == 0);
}

TEST_CASE("classifier training: rounds of self-training are kept while the validation loss falls") {
  auto parts = split_parts(ending_records(200, 6, 1), Task::binary, 1);
  keep_train_rows(parts, 30);
  const auto data = encode_parts(parts, objective_for(parts.task, parts.train), Tokenizer(dna4), {}, "data");
  auto training = small();
  training.positions = ClassifierTraining::Positions::none;
  training.self_training = 2;
  std::vector<std::string> said;
  training.say = [&](const std::string& line) { said.push_back(line); };
  const auto trained = ClassifierTrainer(training).train(data);
  REQUIRE(said.size() >= 4);
  CHECK(said[1] == "self-training on 160 rows:");
  // Which rounds are kept follows from the losses that are told.
  std::size_t kept = 0;
  bool more = true;
  std::string best;
  for (const auto& line : said) {
    std::istringstream words(line);
    std::string before, after, verdict, skip;
    if (!line.starts_with("validation loss ")) continue;
    CHECK(more);  // nothing is tried after a round that was not kept
    words >> skip >> skip >> before >> skip >> after >> skip;
    std::getline(words, verdict);
    if (!best.empty()) CHECK(before == best);
    more = std::stod(after) < std::stod(before);
    CHECK(verdict == (more ? " kept" : " not kept"));
    kept += more ? 1 : 0;
    best = more ? after : before;
  }
  CHECK((kept == 2 || !more));
  CHECK(trained.self_training == kept);
  CHECK(trained.plan.train_rows == (kept > 0 ? 160 : 30));
  CHECK(detail::number_text(trained.valid_loss) == best);
  CHECK(trained.valid_loss == predict(trained.net, data.valid, data.objective.loss()).loss);
  const auto whole = ending_parts(60, 6, 1);
  CHECK_THROWS_WITH(ClassifierTrainer(training).train(whole),
                    "self_training needs two classes, and rows that train_rows left out");
}

TEST_CASE("classifier training: on a language model's encoder, in stages from the top") {
  const auto data = ending_parts(60, 6, 1);
  auto training = small();
  bool loaded = false;
  training.encoder =
      EncoderStart{AwdLstmOptions{.vocabulary = 4, .embedding_dim = 5, .hidden = 6, .layers = 2},
                   [&](AnyClassifier& net, const Tokenizer& tokenizer) {
                     loaded = true;
                     CHECK(tokenizer.vocabulary() == 4);
                     REQUIRE(net.get_if<EncoderClassifier<float>>() != nullptr);
                   }};
  const ClassifierTrainer trainer(training);
  const auto plan = trainer.plan(data);
  REQUIRE(plan.stages.size() == 3);
  CHECK(plan.stages[0].first_group == 2);
  CHECK(plan.stages[2].first_group == 0);
  CHECK(plan.stages[2].epochs == 2);
  CHECK(plan.rate_decay == 2.6);
  CHECK(plan.passes_per_epoch == 2);  // of 6 batches of 8
  CHECK(plan.epochs == plan.stages[0].epochs + plan.stages[1].epochs + 2);
  const auto trained = trainer.train(data);
  CHECK(loaded);
  CHECK(trained.fitted.history.size() == plan.epochs);

  training.encoder->load = nullptr;  // from scratch: one stage at one rate
  const auto anew = ClassifierTrainer(training).plan(data);
  REQUIRE(anew.stages.size() == 1);
  CHECK(anew.stages[0].first_group == 0);
  CHECK(anew.rate_decay == 1);
  auto with_inputs = data;
  with_inputs.inputs.columns = {"organism"};
  with_inputs.inputs.values = {{"a", "b"}};
  CHECK_THROWS_WITH(trainer.train(with_inputs),
                    "categorical inputs and an encoder exclude each other: the encoder reads letters");
}

TEST_CASE("classifier training: on a masked model's encoder, the head alone and then everything") {
  const auto data = ending_parts(60, 6, 1);
  auto training = small();
  training.epochs = 5;
  std::size_t loads = 0;
  training.encoder =
      EncoderStart{MaskedLanguageModelOptions{.vocabulary = 4, .embedding_dim = 5, .hidden = 6, .layers = 1},
                   [&](AnyClassifier& net, const Tokenizer&) {
                     ++loads;
                     CHECK(net.get_if<SequenceClassifier<float>>()->options().hidden == 6);
                   }};
  training.ensemble = 2;
  const auto trained = ClassifierTrainer(training).train(data);
  CHECK(loads == 2);
  REQUIRE(trained.plan.stages.size() == 2);
  CHECK(trained.plan.stages[0].epochs == 1);
  CHECK(trained.plan.epochs == 6);
}

TEST_CASE("classifier training: one network of given options, and a series of fits that ends") {
  const auto data = ending_parts(60, 6, 1);
  const auto training = small();
  const SequenceClassifierOptions options{.vocabulary = 4, .embedding_dim = 4, .hidden = 5, .layers = 1};
  const auto trained =
      ClassifierTrainer(training).train(options, data, {.optimizer = adam(), .epochs = 3, .clip_norm = 1});
  CHECK(trained.fitted.history.size() == 3);
  CHECK(trained.plan.epochs == 3);
  CHECK(std::get<SequenceClassifierOptions>(trained.net[0].options()).hidden == 5);

  std::size_t fits = 0;
  FitSeries stopped{
      [&](ClassifierNet& net, const SequenceDataset& train, const SequenceDataset& valid, FitOptions fit) {
        ++fits;
        fit.stop = [] { return true; };
        return seqlstm::fit(net, train, valid, fit);
      },
      [&] { return fits > 0; }};
  auto several = training;
  several.ensemble = 3;
  const auto early = ClassifierTrainer(several, stopped).train(data);
  CHECK(fits == 1);
  CHECK_FALSE(early.good());
  CHECK(std::isinf(early.valid_loss));
}

TEST_CASE("classifier training: positions of sequences of several lengths are refused, or left out") {
  auto records = ending_records(60, 6, 1);
  records.records[0].sequence += "A";
  const auto parts = split_parts(records, Task::binary, 1);
  const auto data = encode_parts(parts, objective_for(parts.task, parts.train), Tokenizer(dna4), {}, "data");
  auto training = small();
  CHECK(ClassifierTrainer(training).train(data).net[0].positions() == 0);
  training.positions = ClassifierTraining::Positions::absolute;
  CHECK_THROWS_WITH(ClassifierTrainer(training).train(data),
                    "positions need sequences of one length; train without positions");
}

#include <seqlstm/data/sites.hpp>
#include <seqlstm/train/objective.hpp>

#include "support/catch.hpp"

using namespace seqlstm;
using Labels = std::vector<std::string>;

TEST_CASE("objective: labels say what is to be learned") {
  CHECK(seqlstm::inferred_task(Labels{"0", "1", "1"}) == Task::binary);
  CHECK(seqlstm::inferred_task(Labels{"plant", "animal"}) == Task::binary);
  CHECK(seqlstm::inferred_task(Labels{"0", "1", "2"}) == Task::multi_class);
  CHECK(seqlstm::inferred_task(Labels{"0.5", "1", "2.25"}) == Task::regression);
  CHECK(seqlstm::inferred_task(Labels{"0.5", "1", "low"}) == Task::regression);  // whose reader refuses "low"
  CHECK(seqlstm::inferred_task(Labels{"1.5", "low", "high"}) == Task::multi_class);
  CHECK(seqlstm::inferred_task(Labels{"-1.1", "+0.53", " 0.53", "2"}) == Task::regression);
  CHECK(seqlstm::inferred_task(Labels{"1", "1.0", "0", " 1"}) == Task::binary);
  CHECK(seqlstm::inferred_task(Labels{"TRUE", "True", " True", "false", "False"}) == Task::binary);
}

TEST_CASE(
    "objective: predictions read 64 sequences of usual length, and no more tokens than fit into memory") {
  const auto data = [](std::size_t count, std::size_t length) {
    SequenceDataset made;
    for (std::size_t i = 0; i < count; ++i) {
      made.ids.resize(made.ids.size() + length);
      made.offsets.push_back(made.ids.size());
    }
    return made;
  };
  CHECK(prediction_batches(data(10, 100)).max_tokens == 6400);
  CHECK(prediction_batches(data(10, 1024)).max_tokens == 65536);
  CHECK(prediction_batches(data(10, 35000)).max_tokens == 65536);
  CHECK(prediction_batches(data(0, 0)).max_tokens == 1);
  CHECK(prediction_batches(FeatureDataset()).max_tokens == 0);
}

TEST_CASE("objective: names of tasks") {
  for (const Task task : {Task::binary, Task::multi_class, Task::multi_label, Task::regression})
    CHECK(task_named(task_name(task)) == task);
  CHECK_THROWS_WITH(task_named("ranking"),
                    "task 'ranking' is not known; expected binary, multi-class, multi-label or regression");
  CHECK(has_classes(Task::multi_class));
  CHECK_FALSE(has_classes(Task::multi_label));
}

TEST_CASE("objective: losses and outputs of each task") {
  Objective objective;
  CHECK(std::string(objective.loss().name()) == "bce_with_logits");
  CHECK(objective.outputs() == 1);
  objective.one_hot = true;
  CHECK(std::string(objective.loss().name()) == "bce");
  CHECK(objective.outputs() == 2);
  CHECK_FALSE(objective.has_temperature());
  objective = {Task::multi_class, 5};
  CHECK(std::string(objective.loss().name()) == "cross_entropy");
  CHECK(objective.outputs() == 5);
  CHECK(std::string(objective.metric()) == "mcc");
  objective = {Task::multi_label, 3};
  CHECK(std::string(objective.loss().name()) == "bce_with_logits");
  CHECK(objective.outputs() == 3);
  objective = {Task::regression};
  CHECK(std::string(objective.loss().name()) == "mse");
  CHECK(objective.outputs() == 1);
  CHECK(std::string(objective.metric()) == "r2");
  objective.class_weights = {1, 2};
  objective.temperature = 3;
  CHECK(objective.plain().class_weights.empty());
  CHECK(objective.plain().temperature == 1);
}

TEST_CASE("objective: labels as they are learned, and back") {
  struct Rows {
    std::vector<double> labels;
    std::size_t label_width = 1;
  };
  const Objective columns{Task::multi_class, 3, 0, 1, {}, true};
  CHECK_THROWS_AS(columns.learned(Rows{{3}}), option_error);
  CHECK_THROWS_AS((Objective{Task::binary, 2, 0, 1, {1}}.loss()), option_error);
  const auto learned = columns.learned(Rows{{2, 0, 1}});
  CHECK(learned.labels == std::vector<double>{0, 0, 1, 1, 0, 0, 0, 1, 0});
  CHECK(learned.label_width == 3);
  CHECK(columns.original(learned.labels) == std::vector<double>{2, 0, 1});
  LabelledRecords train;
  train.labels = {1, 3, 5, 7};
  const auto numbers = objective_for(Task::regression, train);
  CHECK(numbers.mean == 4);
  CHECK(numbers.stddev == Approx(std::sqrt(5.0)));
  const auto scaled = numbers.learned(Rows{{4, 9}});
  CHECK(scaled.labels[0] == 0);
  CHECK(scaled.labels[1] == Approx(std::sqrt(5.0)));
  CHECK(numbers.original(scaled.labels)[1] == Approx(9));
  train.labels = {2, 2};
  CHECK_THROWS_WITH(objective_for(Task::regression, train), ContainsSubstring("there is nothing to learn"));
  train.label_names = {"a", "b", "c"};
  CHECK(objective_for(Task::multi_class, train).classes == 3);
  CHECK(objective_for(Task::multi_class, train.labels, 3).classes == 3);
  CHECK(objective_for(Task::binary, train.labels, 0).classes == 2);
}

TEST_CASE("objective: predictions of columns are judged as classes") {
  const Objective columns{Task::multi_class, 2, 0, 1, {}, true};
  Predictions predictions{2, 2, {0.9, 0.2, 0.3, 0.8}, 0.25};
  const auto report = columns.evaluate(predictions, std::vector<double>{0, 1}, {"a", "b"});
  CHECK(report["loss"] == 0.25);
  CHECK(report["accuracy"] == 1);
}

TEST_CASE("objective: metrics of some rows are those of these rows alone, without the loss") {
  Objective objective;
  const Predictions predictions{4, 1, {0.9, 0.2, 0.8, 0.1}, 0.5};
  const std::vector<double> labels = {1, 1, 0, 0};
  const std::vector<std::size_t> rows = {0, 3};
  const auto some = objective.evaluate_rows(predictions, labels, rows, {"no", "yes"});
  CHECK(some["accuracy"] == 1);
  CHECK(some.metrics.front().first == "accuracy");
  CHECK(objective.evaluate(predictions, labels, {"no", "yes"})["accuracy"] == 0.5);
  objective.task = Task::multi_label;
  objective.classes = 2;
  const Predictions several{2, 2, {0.9, 0.2, 0.8, 0.1}, 0.5};
  const std::vector<std::size_t> second = {1};
  CHECK(objective.evaluate_rows(several, labels, second, {"a", "b"})["accuracy"] ==
        0.5);  // of the labels 0, 0
}

TEST_CASE("objective: sites are learned beside classes that exclude each other") {
  LabelledRecords data;
  for (int i = 0; i < 3; ++i) data.records.push_back({.id = "r", .sequence = "ACGT"});
  data.labels = {0, 1, 2};
  Objective objective{.task = Task::multi_class, .classes = 3};
  CHECK_THROWS_WITH(objective.learn_sites(data, 1),
                    ContainsSubstring("no record of the training part has a site"));
  set_sites(data, std::vector<std::optional<std::size_t>>{1, {}, 3});
  objective.learn_sites(data, 0.5);
  CHECK(objective.site_classes == std::vector<std::size_t>{0, 2});
  CHECK(objective.loss().site_weight() == 0.5);
  CHECK(objective.plain().loss().site_weight() == 0);
  Objective number{.task = Task::regression};
  CHECK_THROWS_WITH(number.learn_sites(data, 1), ContainsSubstring("the labels are a regression task"));
}

TEST_CASE("objective: weights that make classes count alike, or half so") {
  const std::vector<double> labels = {0, 0, 0, 1};
  CHECK(balanced_class_weights(labels, 2) == std::vector<double>{4.0 / 6, 2});
  CHECK(balanced_class_weights(labels, 2, 0.5)[1] == std::sqrt(2.0));
  CHECK(balanced_class_weights(labels, 2, 0) == std::vector<double>{1, 1});
  CHECK(balanced_class_weights(labels, 3)[2] == 4.0 / 3);
  CHECK_THROWS_AS(balanced_class_weights(labels, 1), option_error);
}

#include <seqlstm/io/labelled_table.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

io::TableOptions table_of(const std::string& path) {
  io::TableOptions options;
  options.data = path;
  return options;
}
LabelledParts read(const std::string& path, const io::LabelReading& reading = {}) {
  io::Notes notes;
  return io::read_labelled_parts(table_of(path), reading, 1, notes);
}

/// `count` rows of each label.
std::string rows(const std::vector<std::string>& labels, std::size_t count) {
  std::string text = "id,sequence,label\n";
  for (std::size_t i = 0; i < count; ++i)
    for (const auto& label : labels)
      text += label + std::to_string(i) + ",ACGT" + std::string(i, 'A') + "," + label + "\n";
  return text;
}

}  // namespace

TEST_CASE("labelled table: classes as they look, split by seed") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("x.csv", rows({"AMP", "nonAMP"}, 10));
  const auto parts = read(path);
  CHECK(parts.task == Task::binary);
  CHECK(parts.drawn);
  CHECK(parts.train.label_names == std::vector<std::string>{"nonAMP", "AMP"});
  CHECK(parts.train.size() + parts.valid.size() + parts.test.size() == 20);
  CHECK(io::fingerprint(parts) == io::fingerprint(read(path)));
  CHECK(io::fingerprint(parts) != io::fingerprint(read(path, {.positive_label = "nonAMP"})));
}

TEST_CASE("labelled table: parts that the table names, extra columns, and a model's classes") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("x.csv",
                                 "id,sequence,label,set,organism\n"
                                 "a,ACGT,TRUE,train,yeast\nb,ACGA,FALSE,train,E. coli\n"
                                 "c,ACGC,TRUE,valid,yeast\nd,ACGG,FALSE,valid,yeast\n"
                                 "e,CCGC,TRUE,test,yeast\nf,CCGG,FALSE,test,yeast\n");
  const auto parts = read(path, {.extra_columns = {"organism"}, .class_names = {"true", "false"}});
  CHECK_FALSE(parts.drawn);
  CHECK(parts.train.size() == 2);
  CHECK(parts.train.label_names == std::vector<std::string>{"true", "false"});
  CHECK(parts.train.labels == std::vector<double>{0, 1});
  CHECK(description_value(parts.train.records[1].description, "organism") == "E. coli");
  const auto without = folder.write("y.csv", rows({"a", "b"}, 4));
  CHECK_THROWS_WITH(read(without, {.split_required = true}), ContainsSubstring("'set'"));
}

TEST_CASE("labelled table: numbers, and several labels a row") {
  const support::TemporaryFolder folder;
  std::string numbers = "sequence,label\n", lists = "sequence,label\n";
  for (int i = 0; i < 10; ++i) {
    numbers += "ACGT" + std::string(static_cast<std::size_t>(i), 'A') + "," + std::to_string(i) + ".5\n";
    lists += "ACGT" + std::string(static_cast<std::size_t>(i), 'A') + "," + (i % 2 == 0 ? "a;b" : "b") + "\n";
  }
  const auto regression = read(folder.write("n.csv", numbers));
  CHECK(regression.task == Task::regression);
  CHECK(regression.train.label_names.empty());
  const auto several = read(folder.write("l.csv", lists), {.task = Task::multi_label});
  CHECK(several.task == Task::multi_label);
  CHECK(several.train.label_width == 2);
  CHECK_THAT(message_of<option_error>([&] { read(folder.path("n.csv"), {.positive_label = "a"}); }),
             ContainsSubstring("n.csv: positive_label names one of two classes, but the labels are numbers"));
}

TEST_CASE("labelled table: notes on what was made of the labels") {
  const support::TemporaryFolder folder;
  io::Notes notes;
  io::read_labelled_parts(table_of(folder.write("x.csv", rows({"soluble", "membrane"}, 4))), {}, 1, notes);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0] ==
        "precision, recall and F1 are of class 'soluble', the later one by name; positive_label chooses "
        "another");
}

TEST_CASE("labelled table: labels that a task cannot have are named with their file") {
  const support::TemporaryFolder folder;
  const auto refused = [&](const std::string& text, const io::LabelReading& reading,
                           const std::string& expected) {
    const auto path = folder.write("x.csv", text);
    CHECK_THAT(message_of<option_error>([&] { read(path, reading); }),
               ContainsSubstring("x.csv: " + expected));
  };
  refused(rows({"a"}, 4), {},
          "all rows have the label 'a' in column 'label', expected at least two classes; name another "
          "label_column");
  refused(rows({"a", "b", "c"}, 4), {.task = Task::binary},
          "column 'label' has 3 labels, a binary task expects two; choose rows with filters");
  refused(rows({"a", "b"}, 2), {}, "label 'a' has 2 records, expected at least 3");
  refused(rows({"a", "b"}, 4), {.positive_label = "c"}, "positive_label 'c' must be one of two labels");
  refused(rows({"a"}, 4), {.task = Task::multi_label},
          "column 'label' has 1 different labels, a multi-label task expects at least two");
  refused("sequence,label,set\nACGT,a,train\nACGA,b,train\n", {}, "no row has 'test' in column 'set'");
  refused("sequence,label\nA,caf\xE9\nC,caf\xE9\nG,caf\xE9\nAA,b\nCC,b\nGG,b\n", {},
          "column 'label' has 'caf\\xE9', which is not UTF-8 text");
  auto options = table_of(folder.write("n.csv", "sequence,label\nA,1.5\nC,2.5\nG,3.5\n"));
  options.min_class_size = 1;
  io::Notes notes;
  CHECK_THAT(message_of<option_error>([&] { io::read_labelled_parts(options, {}, 1, notes); }),
             ContainsSubstring("n.csv: min_class_size counts classes, the labels are a regression task"));
}

TEST_CASE(
    "labelled table: folds are the parts of a cross-validation, with the groups of what is learned from") {
  const support::TemporaryFolder folder;
  std::string text = "id,sequence,label,fold,site\n";
  for (const char* fold : {"f1", "f2", "f3", "f4"})
    for (int i = 0; i < 4; ++i)
      text += std::string(fold) + std::to_string(i) + ",ACGT" +
              std::string(static_cast<std::size_t>(i), 'A') + "," + (i % 2 == 0 ? "yes" : "no") + "," + fold +
              "," +
              (i % 2 == 0 ? "2"
               : i == 1   ? "0"
                          : "") +
              "\n";
  const auto path = folder.write("x.csv", text);
  io::Notes notes;
  const auto folds =
      io::read_labelled_folds(table_of(path), {.fold_column = "fold", .site_column = "site"}, 1, notes);
  REQUIRE(folds.size() == 4);
  CHECK(folds[1].test.records[0].id == "f20");
  CHECK(folds[1].valid.records[0].id == "f30");
  CHECK(folds[1].train.size() == 8);
  REQUIRE(folds[1].groups.size() == 12);
  CHECK(folds[1].groups[0] == "f1");
  CHECK(folds[1].groups[4] == "f4");
  CHECK(folds[1].groups[11] == "f3");
  CHECK(sites_of(folds[1].test) == std::vector<std::optional<std::size_t>>{1, {}, 1, {}});
  auto parts = folds[1];
  keep_train_rows(parts, 4);
  CHECK(parts.groups.size() == 8);
  CHECK(message_of<option_error>([&] {
          io::read_labelled_folds(table_of(path), {.fold_column = "label"}, 1, notes);
        }).starts_with(path + ": the folds have 2 values"));
  const auto bad = folder.write("y.csv", "id,sequence,label,site\na,ACGT,x,5\nb,ACGT,y,0\n");
  CHECK(message_of<parse_error>([&] { read(bad, {.task = Task::multi_class, .site_column = "site"}); }) ==
        bad +
            ":2: column 'site' has '5', expected a letter from 1 to 4, or 0 where the record has no "
            "site");
}

TEST_CASE("labelled table: a site is a number however it is written, and 0 is none") {
  const support::TemporaryFolder folder;
  std::string text = "id,sequence,label,set,site\n";
  const char* sites[] = {"2.0", "0.0", "0", "", "NA", "3"};
  for (std::size_t i = 0; i < 6; ++i)
    text += "r" + std::to_string(i) + ",ACGT" + std::string(i, 'A') + "," + (i % 2 == 0 ? "yes" : "no") +
            "," + (i < 4 ? "train" : "test") + "," + sites[i] + "\n";
  text += "v,ACGTTT,yes,valid,1\nw,ACGTTG,no,valid,4\n";
  const auto parts = read(folder.write("x.csv", text), {.site_column = "site"});
  CHECK(sites_of(parts.train) == std::vector<std::optional<std::size_t>>{1, {}, {}, {}});
  CHECK(sites_of(parts.test) == std::vector<std::optional<std::size_t>>{{}, 2});
  CHECK(sites_of(parts.valid) == std::vector<std::optional<std::size_t>>{0, 3});
  const auto refused = folder.write("y.csv", "id,sequence,label,site\na,ACGT,x,1.5\nb,ACGT,y,0\n");
  CHECK_THAT(message_of<parse_error>([&] { read(refused, {.site_column = "site"}); }),
             ContainsSubstring("y.csv:2: column 'site' has '1.5', expected a letter from 1 to 4"));
}

TEST_CASE("labelled table: a row without a fold is refused, and so is a column of ids as folds") {
  const support::TemporaryFolder folder;
  const auto folds_of = [&](const std::string& text, const std::string& column) {
    io::Notes notes;
    io::read_labelled_folds(table_of(folder.write("x.csv", text)), {.fold_column = column}, 1, notes);
  };
  const std::string header = "id,sequence,label,fold\na,ACGT,x,f1\nb,ACGA,y,f2\n";
  CHECK_THAT(message_of<parse_error>([&] { folds_of(header + "c,ACGC,x,\n", "fold"); }),
             ContainsSubstring("x.csv:4: column 'fold' is empty, expected the fold of the row"));
  CHECK_THAT(message_of<parse_error>([&] { folds_of(header + "c,ACGC,x, \n", "fold"); }),
             ContainsSubstring("x.csv:4: column 'fold' is empty"));
  CHECK_THAT(message_of<parse_error>([&] { folds_of(header + "c,ACGC,x,NA\n", "fold"); }),
             ContainsSubstring("x.csv:4: column 'fold' is 'NA', expected the fold of the row"));
  std::string ids = "id,sequence,label\n";
  for (std::size_t i = 0; i < 101; ++i)
    ids += "r" + std::to_string(i) + ",ACGT" + std::string(i, 'A') + "," + (i % 2 == 0 ? "x" : "y") + "\n";
  CHECK_THAT(message_of<option_error>([&] { folds_of(ids, "id"); }),
             ContainsSubstring("x.csv: column 'id' has 101 values, expected at most 100 folds"));
}

// How are two proteins related, when no alignment of their letters says so? `sequence_alignment proteins`:
// learns from pairs of related proteins, searches proteins of other groups, and is compared with mmseqs.
#pragma once

#include <iomanip>
#include <optional>
#include <seqlstm/io/masked_encoder.hpp>
#include <seqlstm/plot/figure.hpp>
#include <seqlstm/plot/page.hpp>
#include <sstream>

#include "protein_relations.hpp"
#include "protein_training.hpp"
#include "support/program.hpp"
#include "support/whole_number.hpp"

namespace examples {

struct ProteinOptions {
  RelationTable table;
  seqlstm::ProteinAlignerOptions net;
  ProteinBudget budget;
  std::string pretrained;
  std::vector<std::string> align;  // two ids
  RunOptions run;                  // seed, threads, json, report

  void add_to(CLI::App& app);
  void check();
  [[nodiscard]] seqlstm::io::FilePlan files() const;

 private:
  const CLI::App* app_ = nullptr;
};

inline void ProteinOptions::add_to(CLI::App& app) {
  app_ = &app;
  app.add_option("--data", table.data,
                 "table (.gz) of proteins and their ranks; without: simulated families");
  app.add_option("--id-column", table.id_column, "column of the ids")->capture_default_str();
  app.add_option("--sequence-column", table.sequence_column, "column of the sequences")
      ->capture_default_str();
  app.add_option(
         "--split-column", table.split_column,
         "column with train, valid, test, which should share no group; a tenth of the training groups "
         "validates where none is valid")
      ->capture_default_str();
  app.add_option("--ranks", table.ranks, "columns of the classification, from the widest")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--group", table.group, "the rank whose members are to find each other")
      ->capture_default_str();
  app.add_option("--pretrained", pretrained,
                 "start from this masked residue model (protein_classification pretrain), whose sizes count");
  const auto number = [&](const char* name, std::size_t& value, std::uint64_t most, const char* help) {
    app.add_option(name, value, help)->check(whole_number(most))->capture_default_str();
  };
  number("--updates", budget.updates, most_counted, "of the weights");
  number("--anchors", budget.anchors, 1000,
         "related pairs drawn per update; all pairs of their proteins count");
  number("--checks", budget.checks, most_counted,
         "searches of the validation part, of which the best counts");
  app.add_option("--learning-rate", budget.learning_rate, "highest rate of the one-cycle schedule")
      ->capture_default_str();
  number("--width", net.embedding_dim, most_units, "of residue vectors");
  number("--hidden", net.hidden, most_units, "units of each direction of the LSTM");
  number("--layers", net.layers, most_layers, "LSTM layers");
  number("--states", net.states, most_units, "numbers of a position that are compared");
  number("--stride", net.stride, most_units, "neighbouring positions that are compared as one");
  app.add_option("--align", align, "print the alignment of the two test proteins with these ids")
      ->expected(2);
  app.add_option("--seed", run.seed, "draws pairs, weights and dropout")
      ->check(seed_number())
      ->capture_default_str();
  run.MachineOptions::add_to(app);
  app.add_option("--json", run.json, "write metrics and configuration to this file");
  run.add_page_to(app);
}

inline void ProteinOptions::check() {
  run.check_page();
  for (const auto& [name, value] : {std::pair{"--updates", budget.updates},
                                    {"--anchors", budget.anchors},
                                    {"--checks", budget.checks},
                                    {"--width", net.embedding_dim},
                                    {"--hidden", net.hidden},
                                    {"--layers", net.layers},
                                    {"--states", net.states},
                                    {"--stride", net.stride}})
    check_at_least_one(name, value);
  if (!(budget.learning_rate > 0 && std::isfinite(budget.learning_rate)))
    throw seqlstm::option_error("--learning-rate is " + std::to_string(budget.learning_rate) +
                                ", expected a finite number above 0, for instance 0.003");
  if (table.data.empty()) {
    for (const char* option : {"--id-column", "--sequence-column", "--split-column", "--ranks", "--group"})
      if (app_->count(option) > 0)
        throw seqlstm::option_error(std::string(option) + " needs a table: --data CSV");
    table.ranks = {"family"};
    table.group = "family";
  }
  static_cast<void>(table.rank());
  for (const char* option : {"--width", "--hidden", "--layers"})
    if (!pretrained.empty() && app_->count(option) > 0)
      throw seqlstm::option_error(std::string(option) +
                                  " and --pretrained exclude each other: the model has its own");
}

inline seqlstm::io::FilePlan ProteinOptions::files() const {
  seqlstm::io::FilePlan files;
  files.input("--data", table.data);
  files.input("--pretrained", pretrained);
  files.output("--json", run.json);
  files.output("--report", run.report);
  return files;
}

/// One way to search, for all queries and for those that mmseqs finds nothing significant for.
struct SearchRow {
  std::string name, key;
  seqlstm::RetrievalScore all, without_hit;
};

struct ProteinResults {
  std::vector<ProteinCheck> checks;
  std::vector<SearchRow> rows;                       // the network first
  std::vector<std::pair<std::string, double>> aucs;  // of the network, by rank
  std::size_t parameters = 0, train = 0, valid = 0, test = 0;
  double seconds = 0, residues_per_second = 0, encode_seconds = 0, score_seconds = 0, mmseqs_seconds = 0;
  std::string alignment;  // two lines of letters each, or nothing

  [[nodiscard]] double pairs_per_second() const {
    const auto count = static_cast<double>(test);
    return count * (count + 1) / 2 / std::max(1e-9, score_seconds);
  }
  [[nodiscard]] const SearchRow* row(const std::string& key) const {
    for (const auto& own : rows)
      if (own.key == key) return &own;
    return nullptr;
  }
};

/// The whole life of the subcommand.
class ProteinAlignment {
 public:
  explicit ProteinAlignment(const ProteinOptions& options)
      : options_(options), tokenizer_(seqlstm::aa21, {.unknown = seqlstm::unknown::map}) {}

  void run() {
    const auto start = Clock::now();
    parts_ = options_.table.data.empty() ? simulated_parts(options_.run.seed)
                                         : read_related_parts(options_.table, options_.run.seed, std::cout);
    tell_unknown_letters(std::cout, tokenizer_,
                         {&parts_.train.records, &parts_.valid.records, &parts_.test.records});
    const auto pair = pair_to_align();  // before the work
    ProteinNet net = made();
    train(net);
    search(net);
    if (pair) results_.alignment = alignment(net, *pair);
    results_.seconds = seconds_since(start);
    print();
    write();
  }

 private:
  using Clock = std::chrono::steady_clock;
  static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }
  static std::string number_text(double value) {
    std::ostringstream text;
    text << std::setprecision(4) << value;
    return text.str();
  }

  ProteinNet made() {
    auto shape = options_.net;
    shape.vocabulary = tokenizer_.vocabulary();
    shape.levels = options_.table.ranks.size() + 1;
    if (options_.pretrained.empty()) {
      ProteinNet net(shape);
      seqlstm::initialize(net, options_.run.seed);
      return net;
    }
    const seqlstm::io::ModelFile file(options_.pretrained);
    if (!seqlstm::io::is_masked_model(file))
      throw seqlstm::format_error(
          options_.pretrained +
          ": is no masked residue model; make one with protein_classification pretrain");
    const auto masked = seqlstm::io::masked_model_options(file);
    if (masked.vocabulary != shape.vocabulary || file.tokenizer().to_config() != tokenizer_.to_config())
      throw seqlstm::format_error(options_.pretrained +
                                  ": the model reads other letters than the 20 amino acids and X");
    seqlstm::MaskedLanguageModel<float> trained(masked);
    file.load(trained);
    ProteinNet net(seqlstm::aligner_options(masked, shape));
    seqlstm::initialize(net, options_.run.seed);
    net.start_from(trained);
    return net;
  }

  void train(ProteinNet& net) {
    const auto proteins = seqlstm::encode(parts_.train.records, tokenizer_),
               held_out = seqlstm::encode(parts_.valid.records, tokenizer_);
    const auto relations = parts_.train.relations();
    ValidationProteins valid{&held_out, groups_of(parts_.valid), {}};
    valid.queries = seqlstm::rows_with_relatives(valid.groups);
    if (valid.queries.empty())
      throw seqlstm::option_error("the validation part has no two proteins of one " + options_.table.group +
                                  "; nothing can be chosen by it");
    results_.parameters = seqlstm::parameter_count(net);
    results_.train = parts_.train.size();
    results_.valid = parts_.valid.size();
    results_.test = parts_.test.size();
    options_.run.apply_training(net);
    std::cout << results_.train << " training, " << results_.valid << " validation and " << results_.test
              << " test proteins; " << options_.budget.updates << " updates, " << results_.parameters
              << " parameters; " << options_.run.text() << std::endl;
    const SignalWatch watch;
    double seconds = 0;
    std::size_t residues = 0;
    train_proteins(
        net, options_.budget, proteins, relations, valid, {options_.run.seed, pair_stream, 0},
        [] { SignalWatch::check("nothing is written"); },
        [&](const ProteinCheck& check) {
          results_.checks.push_back(check);
          seconds += check.seconds;
          residues += check.residues;
          std::cout << "update " << check.update << ": train loss " << check.loss
                    << ", validation mean average precision " << check.valid.mean_average_precision
                    << ", top-1 " << check.valid.top_1 << ", AUC " << check.valid.roc_auc << ", "
                    << seqlstm::duration_text(check.seconds) << std::endl;
        });
    options_.run.apply(net);
    results_.residues_per_second = static_cast<double>(residues) / std::max(1e-9, seconds);
  }

  [[nodiscard]] std::vector<std::size_t> groups_of(const RelatedProteins& part) const {
    return part.relations().groups(options_.table.rank() + 1);
  }

  /// Searches the test part in every way.
  void search(const ProteinNet& net) {
    const auto proteins = seqlstm::encode(parts_.test.records, tokenizer_);
    const auto groups = groups_of(parts_.test);
    const auto queries = seqlstm::rows_with_relatives(groups);
    if (queries.empty())
      throw seqlstm::option_error("the test part has no two proteins of one " + options_.table.group);
    auto start = Clock::now();
    const auto states = seqlstm::state_sequences(net, proteins);
    results_.encode_seconds = seconds_since(start);
    start = Clock::now();
    const SearchScores by_network = scores_by_states(states);
    results_.score_seconds = seconds_since(start);
    std::optional<MmseqsScores> mmseqs = by_mmseqs();
    const auto without = mmseqs ? mmseqs->without_hit(queries) : std::vector<std::size_t>();
    const auto add = [&](const std::string& name, const std::string& key, const SearchScores& scores) {
      results_.rows.push_back({name, key, seqlstm::retrieval_score(scores.view(), groups, queries),
                               seqlstm::retrieval_score(scores.view(), groups, without)});
    };
    add("network", "network", by_network);
    if (mmseqs) {
      add("mmseqs2 -s 7.5", "mmseqs", mmseqs->scores);
      add("mmseqs2's significant hits, then the network", "mmseqs_then_network",
          first_then(mmseqs->significant, by_network));
    }
    add("cosine of 3-mer counts", "words", scores_by_words(parts_.test.sequences()));
    const auto relations = parts_.test.relations();
    for (std::size_t level = 1; level < relations.levels(); ++level) {
      const auto& own = relations.groups(level);
      results_.aucs.emplace_back(
          options_.table.ranks[level - 1],
          seqlstm::retrieval_score(by_network.view(), own, seqlstm::rows_with_relatives(own)).roc_auc);
    }
  }
  std::optional<MmseqsScores> by_mmseqs() {
#if defined(_WIN32)
    return {};
#else
    if (!seqlstm::io::on_path("mmseqs")) {
      std::cout << "note: mmseqs is not installed (package mmseqs2); there is no comparison with it\n";
      return {};
    }
    auto found = scores_by_mmseqs(parts_.test.sequences(), options_.run.threads);
    results_.mmseqs_seconds = found.seconds;
    return found;
#endif
  }

  // ---- one pair

  struct TestPair {
    std::size_t a, b;
  };
  [[nodiscard]] std::optional<TestPair> pair_to_align() const {
    if (options_.align.empty()) return {};
    const auto row_of = [&](const std::string& id) {
      const auto& records = parts_.test.records;
      const auto found =
          std::find_if(records.begin(), records.end(), [&](const auto& record) { return record.id == id; });
      if (found == records.end())
        throw seqlstm::option_error("--align names '" + id + "', which is no protein of the test part");
      return static_cast<std::size_t>(found - records.begin());
    };
    return TestPair{row_of(options_.align[0]), row_of(options_.align[1])};
  }
  [[nodiscard]] std::string alignment(const ProteinNet& net, const TestPair& pair) const {
    const std::vector<seqlstm::Record> both = {parts_.test.records[pair.a], parts_.test.records[pair.b]};
    const auto states =
        seqlstm::state_sequences(net, seqlstm::encode(both, tokenizer_), seqlstm::StateKind::positions);
    const std::size_t rows = states.of(0).rows(), cols = states.of(1).rows();
    std::vector<double> weights(rows * cols);
    seqlstm::soft_alignment_weights(states.of(0), states.of(1), {weights.data(), rows, cols});
    return alignment_text(both[0], both[1], seqlstm::soft_alignment_path({weights.data(), rows, cols}));
  }

 public:
  /// The two sequences below each other, 60 columns a line, gaps as -, | between equal letters.
  static std::string alignment_text(const seqlstm::Record& a, const seqlstm::Record& b,
                                    const std::vector<std::int32_t>& path) {
    std::string top, middle, bottom;
    const auto put = [&](char x, char y) {
      top += x;
      bottom += y;
      middle += x == y ? '|' : ' ';
    };
    std::size_t next = 0;
    for (std::size_t i = 0; i < a.sequence.size(); ++i) {
      const std::int32_t j = i < path.size() ? path[i] : -1;
      for (; j >= 0 && next < static_cast<std::size_t>(j); ++next) put('-', b.sequence[next]);
      put(a.sequence[i], j < 0 ? '-' : b.sequence[next]);
      next += j < 0 ? 0 : 1;
    }
    for (; next < b.sequence.size(); ++next) put('-', b.sequence[next]);
    std::string text;
    for (std::size_t at = 0; at < top.size(); at += 60)
      text += top.substr(at, 60) + '\n' + middle.substr(at, 60) + '\n' + bottom.substr(at, 60) + "\n\n";
    return text;
  }

 private:
  // ---- what is written

  void print() const {
    const SearchRow& network = results_.rows.front();
    std::cout << "\ntest part, " << network.all.queries << " queries with a relative, "
              << network.without_hit.queries << " of them without a significant hit of mmseqs:\n";
    for (const auto& row : results_.rows)
      std::cout << row.name << ": mean average precision " << row.all.mean_average_precision << ", top-1 "
                << row.all.top_1 << ", AUC " << row.all.roc_auc << "; without hit "
                << row.without_hit.mean_average_precision << ", " << row.without_hit.top_1 << ", "
                << row.without_hit.roc_auc << '\n';
    const SearchRow* mmseqs = results_.row("mmseqs");
    if (mmseqs != nullptr && !(network.all.mean_average_precision > mmseqs->all.mean_average_precision))
      std::cout << "This result is below its floor: mmseqs ranks relatives higher.\n";
    std::cout << "AUC by rank:";
    for (const auto& auc : results_.aucs) std::cout << ' ' << auc.first << ' ' << auc.second;
    std::cout << "\n\n"
              << seqlstm::duration_text(results_.seconds) << ", training "
              << std::lround(results_.residues_per_second) << " residues/s, encoding the test part "
              << number_text(results_.encode_seconds) << " s, " << std::lround(results_.pairs_per_second())
              << " pairs/s, mmseqs " << number_text(results_.mmseqs_seconds) << " s\n";
    if (!results_.alignment.empty())
      std::cout << '\n' << options_.align[0] << " and " << options_.align[1] << ":\n\n" << results_.alignment;
  }

  static nlohmann::json score_json(const seqlstm::RetrievalScore& score) {
    nlohmann::json json = {{"queries", score.queries}};
    const auto put = [&](const char* name, double value) {
      json[name] = std::isnan(value) ? nlohmann::json() : nlohmann::json(value);
    };
    put("mean_average_precision", score.mean_average_precision);
    put("top_1", score.top_1);
    put("roc_auc", score.roc_auc);
    return json;
  }
  [[nodiscard]] nlohmann::json to_json() const {
    nlohmann::json json = {
        {"metrics", score_json(results_.rows.front().all)},
        {"floor", nullptr},
        {"parameters", results_.parameters},
        {"proteins", {{"train", results_.train}, {"valid", results_.valid}, {"test", results_.test}}},
        {"seconds", results_.seconds},
        {"residues_per_second", results_.residues_per_second},
        {"encode_seconds", results_.encode_seconds},
        {"pairs_per_second", results_.pairs_per_second()},
        {"mmseqs_seconds", results_.mmseqs_seconds}};
    if (const SearchRow* mmseqs = results_.row("mmseqs"); mmseqs != nullptr)
      json["floor"] = score_json(mmseqs->all);
    for (const auto& row : results_.rows)
      json["searches"][row.key] = {{"all", score_json(row.all)},
                                   {"without_hit", score_json(row.without_hit)}};
    for (const auto& auc : results_.aucs) json["auc_by_rank"][auc.first] = auc.second;
    for (const auto& check : results_.checks)
      json["checks"].push_back(
          {{"update", check.update}, {"loss", check.loss}, {"valid", score_json(check.valid)}});
    json["config"] = {{"data", seqlstm::io::utf8_text(options_.table.data)},
                      {"split_column", options_.table.split_column},
                      {"ranks", options_.table.ranks},
                      {"group", options_.table.group},
                      {"pretrained", seqlstm::io::utf8_text(options_.pretrained)},
                      {"updates", options_.budget.updates},
                      {"anchors", options_.budget.anchors},
                      {"checks", options_.budget.checks},
                      {"learning_rate", options_.budget.learning_rate},
                      {"hidden", options_.net.hidden},
                      {"layers", options_.net.layers},
                      {"states", options_.net.states},
                      {"stride", options_.net.stride}};
    json["seed"] = options_.run.seed;
    options_.run.note(json);
    return json;
  }

  [[nodiscard]] std::string page(const nlohmann::json& json) const {
    seqlstm::plot::Page made("sequence_alignment: proteins and their relatives");
    made.code(command_line());
    std::vector<std::vector<std::string>> cells;
    for (const auto& row : results_.rows)
      cells.push_back({row.name, number_text(row.all.mean_average_precision), number_text(row.all.top_1),
                       number_text(row.all.roc_auc), number_text(row.without_hit.mean_average_precision),
                       number_text(row.without_hit.top_1), number_text(row.without_hit.roc_auc)});
    made.heading("Relatives found")
        .table({"search", "mean average precision", "top-1", "AUC", "without hit: mean average precision",
                "top-1", "AUC"},
               cells)
        .paragraph(std::to_string(results_.rows.front().all.queries) + " queries among " +
                   std::to_string(results_.test) + " test proteins; " +
                   std::to_string(results_.rows.front().without_hit.queries) +
                   " of them have no significant hit of mmseqs.");
    seqlstm::plot::Series valid{"validation", {}, {}};
    for (const auto& check : results_.checks) {
      valid.x.push_back(static_cast<double>(check.update));
      valid.y.push_back(check.valid.mean_average_precision);
    }
    made.heading("Training")
        .figure(
            seqlstm::plot::figure_svg({valid}, {.x_title = "updates", .y_title = "mean average precision"}),
            "Search of the validation part.");
    if (!results_.alignment.empty())
      made.heading(options_.align[0] + " and " + options_.align[1]).code(results_.alignment);
    made.heading("Configuration").code(seqlstm::io::json_text(json.at("config")));
    return made.html();
  }
  void write() const {
    const auto json = to_json();
    const RunOptions& run = options_.run;
    if (!run.json.empty()) seqlstm::io::write_file_atomically(run.json, seqlstm::io::json_text(json));
    if (run.writes_page()) seqlstm::io::write_file_atomically(run.report, page(json));
  }

  static constexpr std::uint32_t pair_stream = 0x50414952U;
  const ProteinOptions& options_;
  seqlstm::Tokenizer tokenizer_;
  RelatedParts parts_;
  ProteinResults results_;
};

}  // namespace examples

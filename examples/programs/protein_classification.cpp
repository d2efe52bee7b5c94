// What family is this protein of, where does it go, how soluble is it? Trains a bidirectional LSTM on
// labelled sequences and says how good it is where that means something: on test sequences without relatives
// in the training part, beside models that see composition alone.
//
//     protein_classification                                                  simulated families
//     protein_classification --data targeting.csv.gz --extra-column organism --save model.safetensors
//     protein_classification --load model.safetensors --predict new.fa
//     protein_classification pretrain --data all.fa.gz --save residues.safetensors
//     protein_classification --data targeting.csv.gz --encoder residues.safetensors
//     protein_classification --data chains.csv --labels structures.csv --id-column structureId
//         --label-column classification --filter macromoleculeType=Protein --unique --min-class-size 1000

#include <seqlstm/data/simulated.hpp>

#include "support/class_report.hpp"
#include "support/leakage_audit.hpp"
#include "support/linear_floor.hpp"
#include "support/pretrain.hpp"
#include "support/sequence_recipe.hpp"

namespace {

using namespace examples;

struct Options : SequenceOptions {
  std::string model = "default", class_weights = "none", audit = "auto";

  void add_to(CLI::App& app) {
    SequenceOptions::add_to(app, "the 20 amino acids (--model reference: beside A to Z)", 'X');
    app.add_option("--model", model, "default, or reference: a published network, trained as published")
        ->check(CLI::IsMember({"default", "reference"}))
        ->capture_default_str();
    app.add_option("--extra-column", data.extra_columns,
                   "a column of categories that is read beside the sequence (may be repeated)");
    app.add_option("--class-weights", class_weights,
                   "none, or balanced: rare classes count as much as others")
        ->check(CLI::IsMember({"none", "balanced"}))
        ->capture_default_str();
    app.add_option("--audit", audit,
                   "how relatives of test sequences are found: mmseqs, kmers, none, or auto")
        ->check(CLI::IsMember({"auto", "mmseqs", "kmers", "none"}))
        ->capture_default_str();
    app.add_option(
        "--report", run.report,
        "FILE.html: write figures, tables and configuration to this page; else PREFIX of "
        "PREFIX.predictions.tsv of "
        "the test part, of classes also PREFIX.confusion.svg, of classes and labels PREFIX.roc.svg");
    auto& training = run.training_options;
    training.insert(training.end(), {"--model", "--extra-column", "--class-weights"});
  }
  [[nodiscard]] Files files() const {
    Files files = SequenceOptions::files();
    if (!run.writes_page())
      files.outputs("--report", run.report, {".predictions.tsv", ".confusion.svg", ".roc.svg"});
    return files;
  }
  void check(const CLI::App& app) const {
    SequenceOptions::check(app);
    run.check_report_has_labels();
    if (audit == "mmseqs") seqlstm::io::require_program("mmseqs", "mmseqs2", "pass --audit kmers");
    if (model == "default") return;
    for (const char* option :
         {"--encoder", "--learning-rate", "--position", "--k", "--stride", "--hidden", "--layers",
          "--extra-column", "--class-weights", "--ensemble", "--self-training"})
      if (app.count(option) > 0)
        throw seqlstm::option_error(std::string(option) +
                                    " and --model reference exclude each other: that network is fixed");
  }
};

/// Letters of proteins: the 20 amino acids, and X for all others.
inline constexpr seqlstm::Alphabet aa21("aa21", "ACDEFGHIKLMNPQRSTVWYX", {.any = 'X'});

class ProteinRecipe : public SequenceRecipe {
 public:
  static constexpr const char* kind = "protein_classification";
  static constexpr bool calibrates = true;

  explicit ProteinRecipe(const Options& options)
      : SequenceRecipe(options, options.model == "reference" ? seqlstm::aa27 : aa21, true),
        options_(options) {}

  [[nodiscard]] static seqlstm::LabelledRecords simulated(std::uint64_t seed) {
    return seqlstm::simulated_families(5000, seed);
  }
  [[nodiscard]] seqlstm::Objective plan(const Parts& parts) const {
    seqlstm::Objective plan = SequenceRecipe::plan(parts);
    if (options_.model == "reference") {
      if (!seqlstm::has_classes(plan.task))
        throw seqlstm::option_error("--model reference is a classifier, the labels are a " +
                                    seqlstm::task_name(plan.task) + " task");
      plan.one_hot = true;
    }
    if (options_.class_weights == "balanced") {
      if (!seqlstm::has_classes(plan.task))
        throw seqlstm::option_error("--class-weights balanced needs classes, the labels are a " +
                                    seqlstm::task_name(plan.task) + " task");
      const auto counts = seqlstm::class_counts(parts.train.labels);
      for (std::size_t c = 0; c < plan.classes; ++c) {
        const double members = c < counts.size() ? static_cast<double>(counts[c]) : 0;
        plan.class_weights.push_back(static_cast<double>(parts.train.records.size()) /
                                     (static_cast<double>(plan.classes) * std::max(1.0, members)));
      }
    }
    return plan;
  }
  [[nodiscard]] Candidate train(const Encoded& data, Fits& fits) const {
    if (options_.model == "default") return SequenceRecipe::train(data, fits);
    return train_net(seqlstm::ReferenceProteinNetOptions{.vocabulary = data.vocabulary(),
                                                         .classes = data.objective.classes},
                     data, options_.run, fits,
                     {.optimizer = seqlstm::adam({.lr = reference_rate}), .epochs = epochs(data)});
  }
  [[nodiscard]] static std::vector<seqlstm::Baseline> baselines(const Parts& parts, const Encoded& data) {
    return {
        linear_floor("linear model on composition", parts, data.objective, seqlstm::ProteinFeatures(false)),
        linear_floor("linear model on composition and pairs", parts, data.objective,
                     seqlstm::ProteinFeatures(true))};
  }

  [[nodiscard]] nlohmann::json config(const Encoded& data) const {
    auto json = SequenceRecipe::config(data);
    json["model"] = options_.model;
    json["class_weights"] = data.objective.class_weights;
    if (options_.model == "reference") json["learning_rate"] = reference_rate;
    return json;
  }

  /// Relatives of the test part; none where there is no training part.
  using Known = std::optional<seqlstm::io::Audit>;
  [[nodiscard]] Known examine(const Parts& parts) const {
    if (options_.audit == "none" || parts.train.records.empty()) return {};
    std::vector<std::string> trained, test;
    for (const auto* part : {&parts.train, &parts.valid})
      for (const auto& record : part->records) trained.push_back(record.sequence);
    for (const auto& record : parts.test.records) test.push_back(record.sequence);
    return seqlstm::io::audit(audit_method(options_.audit), test, trained, options_.run.threads);
  }
  /// The figures that relatives in the training part do not flatter lead.
  void say_before(const Judged& judged, const Known& known, nlohmann::json& json) const {
    if (!known) return;
    const seqlstm::io::Audit& found = *known;
    std::cout << '\n';
    print_audit(std::cout, found);
    json["leakage"] = audit_json(found);
    const auto clean = found.clean();
    tell_rows(judged, clean, found, json["leakage"]);
    std::cout << judged.data.objective.metric() << " by band:\n";
    std::size_t b = 0;
    for (const auto& band : found.bands()) {
      auto& place = json["leakage"]["bands"][b++]["metrics"];
      if (band.rows.empty()) continue;
      const auto report =
          report_of_rows(judged.data.objective, judged.predictions, judged.parts.test, band.rows);
      std::cout << "  " << std::lround(100 * band.low) << " to " << std::lround(100 * band.high)
                << " %: " << judged.data.objective.metric() << ' ' << report[judged.data.objective.metric()]
                << '\n';
      place = to_json(report);
    }
    const double share = static_cast<double>(found.leaks()) / static_cast<double>(found.relatives.size());
    if (share > leak_warning)
      std::cout << "warning: " << found.sentence()
                << "; the figures of all test sequences below say how well relatives are recognised\n";
  }
  void say_behind(const Judged& judged, nlohmann::json& json) const {
    const auto& plan = judged.data.objective;
    const auto& test = judged.parts.test;
    if (plan.task != seqlstm::Task::regression) {
      const auto classes =
          seqlstm::per_class_metrics(test.labels, judged.predictions.view(), test.label_names);
      print_classes(std::cout, classes);
      json["classes"] = classes_json(classes);
      if (writes_files()) {
        seqlstm::io::write_file_atomically(options_.run.report + ".roc.svg",
                                           roc_svg(test.labels, judged.predictions.view(), classes));
        if (plan.task != seqlstm::Task::multi_label)
          seqlstm::io::write_file_atomically(
              options_.run.report + ".confusion.svg",
              seqlstm::plot::confusion_svg(judged.report.confusion, test.label_names));
      }
    }
    if (plan.has_temperature()) {
      tell_calibration(judged, json);
    } else if (plan.task != seqlstm::Task::regression) {
      std::cout << "calibration: none, a temperature is for classes of which one is true\n";
    }
    if (writes_files()) {
      std::ostringstream table;
      seqlstm::io::write_predictions(table, plan, judged.data.test.names, judged.predictions,
                                     test.label_names);
      seqlstm::io::write_file_atomically(options_.run.report + ".predictions.tsv", table.str());
    }
  }

 private:
  [[nodiscard]] bool writes_files() const {
    return !options_.run.report.empty() && !options_.run.writes_page();
  }
  /// The test sequences without relatives, beside the baselines on the same ones.
  static void tell_rows(const Judged& judged, const std::vector<std::size_t>& clean,
                        const seqlstm::io::Audit& found, nlohmann::json& json) {
    const auto& plan = judged.data.objective;
    std::cout << clean.size() << " test sequences have no " << found.relative();
    if (clean.empty()) {
      std::cout << "; nothing can be said of new families\n";
      return;
    }
    const auto report = report_of_rows(plan, judged.predictions, judged.parts.test, clean);
    std::cout << ":\n" << report;
    json["metrics_without_relatives"] = to_json(report);
    for (const auto& [name, predictions, ignored] : judged.baselines) {
      const auto simpler = report_of_rows(plan.plain(), predictions, judged.parts.test, clean);
      std::cout << name << ", the same sequences: " << plan.metric() << ' ' << simpler[plan.metric()] << '\n';
      json["baselines_without_relatives"][name] = to_json(simpler);
      if (!(report[plan.metric()] > simpler[plan.metric()]))
        std::cout << "On sequences without relatives the network is not above it.\n";
    }
  }
  static void tell_calibration(const Judged& judged, nlohmann::json& json) {
    const auto& labels = judged.parts.test.labels;
    auto tempered = judged.predictions;
    const double temperature = judged.data.objective.temperature,
                 before = seqlstm::expected_calibration_error(labels, tempered.view());
    seqlstm::temper({tempered.values.data(), tempered.rows, tempered.cols}, temperature);
    const double after = seqlstm::expected_calibration_error(labels, tempered.view());
    std::cout << "calibration: temperature " << temperature << ", expected error " << before << " before, "
              << after << " after\n";
    json["calibration"] = {{"temperature", temperature}, {"error_before", before}, {"error_after", after}};
  }

  static constexpr double reference_rate = 1e-3;
  const Options& options_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Protein classification with a bidirectional LSTM", ProteinRecipe::kind);
  Options options;
  options.unknown = "map";
  options.layers = 1;
  options.ensemble = 3;
  options.add_to(app);
  PretrainOptions pretraining;
  auto* pretrained = app.add_subcommand("pretrain", "read proteins without labels, some residues hidden");
  pretraining.add_to(*pretrained);
  return run_program(app, argc, argv, [&] {
    check_alone(app);
    if (pretrained->parsed()) return Pretraining(pretraining, aa21).run();
    options.check(app);
    options.files().check();
    const ProteinRecipe recipe(options);
    Classifier(recipe, options).run();
  });
}

// What family is this protein of, where does it go, how soluble is it? Trains a bidirectional LSTM on
// labelled sequences and says how good it is where that means something: on test sequences without relatives
// in the training part, beside models that see composition alone.
//
//     protein_classification                                                  simulated families
//     protein_classification --data targeting.csv.gz --extra-column organism --save model.safetensors
//     protein_classification --load model.safetensors --predict new.fa
//     protein_classification --data targeting.csv.gz --folds fold --committee 4 --site-column cleavage_site
//     protein_classification pretrain --data all.fa.gz --save residues.safetensors
//     protein_classification --data targeting.csv.gz --encoder residues.safetensors
//     protein_classification --data chains.csv --labels structures.csv --id-column structureId
//         --label-column classification --filter macromoleculeType=Protein --unique --min-class-size 1000

#include <seqlstm/data/simulated.hpp>
#include <seqlstm/data/sites.hpp>
#include <seqlstm/io/leakage_audit.hpp>
#include <seqlstm/metrics/sites.hpp>
#include <seqlstm/plot/confusion.hpp>
#include <seqlstm/plot/curves.hpp>

#include "protein_pretraining.hpp"
#include "support/sequence_classifier.hpp"

namespace {

using namespace examples;

/// A warning is due where more of the test part leaks.
constexpr double leak_warning = 0.05;

struct Options : SequenceOptions {
  std::string model = "default", class_weights = "none", audit = "auto";
  double site_weight = 1;  ///< of the loss of sites beside that of classes

  void add_to(CLI::App& app) {
    SequenceOptions::add_to(app, "the 20 amino acids (--model reference: beside A to Z)", 'X');
    app.add_option("--model", model, "default, or reference: a published network, trained as published")
        ->check(CLI::IsMember({"default", "reference"}))
        ->group(of_training)
        ->capture_default_str();
    app.add_option("--extra-column", data.labels.extra_columns,
                   "a column of categories that is read beside the sequence (may be repeated)")
        ->group(of_training);
    app.add_option("--site-column", data.labels.site_column,
                   "column with the place of one residue (from 1; empty: none), as a cleavage site, which is "
                   "learned beside the classes");
    app.add_option("--site-weight", site_weight, "of the loss of sites beside that of classes")
        ->group(of_training)
        ->capture_default_str();
    app.add_option(
           "--class-weights", class_weights,
           "none; balanced: rare classes count as much as others; or sqrt: the roots of these weights")
        ->check(CLI::IsMember({"none", "balanced", "sqrt"}))
        ->group(of_training)
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
  }
  [[nodiscard]] seqlstm::io::FilePlan files() const {
    auto files = SequenceOptions::files();
    if (!run.writes_page())
      files.outputs("--report", run.report, {".predictions.tsv", ".confusion.svg", ".roc.svg"});
    return files;
  }
  void check(const CLI::App& app) const {
    SequenceOptions::check(app);
    run.check_report_has_labels();
    if (app.count("--site-weight") > 0 && data.labels.site_column.empty())
      throw seqlstm::option_error("--site-weight needs --site-column: the sites that are learned");
    if (!(site_weight > 0 && std::isfinite(site_weight)))
      throw seqlstm::option_error("--site-weight is " + seqlstm::detail::number_text(site_weight) +
                                  ", expected a finite number above 0");
    check_site_column();
    if (!data.labels.site_column.empty() && k * stride > 1)
      throw seqlstm::option_error("--site-column needs a token for each residue: --k 1 and --stride 1");
    if (audit == "mmseqs") seqlstm::io::require_program("mmseqs", "mmseqs2", "pass --audit kmers");
    if (model == "default") return;
    for (const char* option : {"--encoder", "--learning-rate", "--position", "--k", "--stride", "--hidden",
                               "--layers", "--extra-column", "--class-weights", "--ensemble",
                               "--self-training", "--architecture", "--committee", "--site-column"})
      if (app.count(option) > 0)
        throw seqlstm::option_error(std::string(option) +
                                    " and --model reference exclude each other: that network is fixed");
  }

 private:
  /// Sites are of a table's rows.
  void check_site_column() const {
    if (data.labels.site_column.empty()) return;
    if (!run.predict.empty())
      throw seqlstm::option_error(
          "--predict and --site-column exclude each other: predictions need no labels");
    if (data.table.data.empty()) throw seqlstm::option_error("--site-column needs a table: --data CSV");
    if (self_training > 0)
      throw seqlstm::option_error(
          "--self-training and --site-column exclude each other: rows without labels have no sites");
  }
};

constexpr const char* program_name = "protein_classification";

class ProteinKind : public SequenceKind {
 public:
  explicit ProteinKind(const Options& options)
      : SequenceKind(program_name, options, options.model == "reference" ? seqlstm::aa27 : seqlstm::aa21,
                     true),
        options_(options) {}

  [[nodiscard]] bool calibrates() const override { return true; }
  [[nodiscard]] seqlstm::LabelledRecords simulated(std::uint64_t seed) const override {
    return seqlstm::simulated_families(5000, seed);
  }
  [[nodiscard]] seqlstm::Objective objective(const LabelledParts& parts) const override {
    seqlstm::Objective objective = SequenceKind::objective(parts);
    if (options_.model == "reference") {
      if (!seqlstm::has_classes(objective.task))
        throw seqlstm::option_error("--model reference is a classifier, the labels are a " +
                                    seqlstm::task_name(objective.task) + " task");
      objective.one_hot = true;
    }
    if (options_.class_weights != "none") {
      if (!seqlstm::has_classes(objective.task))
        throw seqlstm::option_error("--class-weights " + options_.class_weights +
                                    " needs classes, the labels are a " + seqlstm::task_name(objective.task) +
                                    " task");
      objective.class_weights = seqlstm::balanced_class_weights(parts.train.labels, objective.classes,
                                                                options_.class_weights == "sqrt" ? 0.5 : 1);
    }
    if (!options_.data.labels.site_column.empty()) objective.learn_sites(parts.train, options_.site_weight);
    return objective;
  }
  [[nodiscard]] seqlstm::TrainedClassifier train(const EncodedParts& data,
                                                 const seqlstm::FitSeries& fits) const override {
    if (options_.model == "default") return SequenceKind::train(data, fits);
    const seqlstm::ClassifierTrainer trainer(training(data), fits);
    return trainer.train(
        seqlstm::ReferenceProteinNetOptions{.vocabulary = data.vocabulary(),
                                            .classes = data.objective.classes},
        data, {.optimizer = seqlstm::adam({.lr = reference_rate}), .epochs = trainer.epochs(data)});
  }
  [[nodiscard]] std::vector<seqlstm::Baseline> baselines(const LabelledParts& parts, const EncodedParts& data,
                                                         bool refit) const override {
    return {linear_baseline("linear model on composition", parts, data.objective,
                            seqlstm::ProteinFeatures(false), refit),
            linear_baseline("linear model on composition and pairs", parts, data.objective,
                            seqlstm::ProteinFeatures(true), refit)};
  }

  [[nodiscard]] nlohmann::json config(const EncodedParts& data,
                                      const seqlstm::ClassifierPlan& plan) const override {
    auto json = SequenceKind::config(data, plan);
    json["model"] = options_.model;
    json["class_weights"] = data.objective.class_weights;
    if (options_.model == "reference") json["learning_rate"] = reference_rate;
    return json;
  }

  /// Relatives of the test part; none where there is no training part.
  [[nodiscard]] std::optional<seqlstm::io::Audit> audit(const LabelledParts& parts) const override {
    if (options_.audit == "none" || parts.train.records.empty()) return {};
    std::vector<std::string> trained, test;
    for (const auto* part : {&parts.train, &parts.valid})
      for (const auto& record : part->records) trained.push_back(record.sequence);
    for (const auto& record : parts.test.records) test.push_back(record.sequence);
    return seqlstm::io::audit(seqlstm::io::audit_method(options_.audit), test, trained, options_.run.threads);
  }
  /// The figures that relatives in the training part do not flatter lead.
  void report_before(const Evaluated& result, nlohmann::json& json) const override {
    if (!result.audit) return;
    const seqlstm::io::Audit& found = *result.audit;
    std::cout << '\n';
    std::cout << found;
    json["leakage"] = found;
    const auto clean = found.clean();
    report_rows(result, clean, found, json["leakage"]);
    std::cout << result.data.objective.metric() << " by band:\n";
    std::size_t b = 0;
    for (const auto& band : found.bands()) {
      auto& place = json["leakage"]["bands"][b++]["metrics"];
      if (band.rows.empty()) continue;
      const auto report = result.data.objective.evaluate_rows(result.predictions, result.parts.test.labels,
                                                              band.rows, result.parts.test.label_names);
      std::cout << "  " << std::lround(100 * band.low) << " to " << std::lround(100 * band.high)
                << " %: " << result.data.objective.metric() << ' ' << report[result.data.objective.metric()]
                << '\n';
      place = report;
    }
    const double share = static_cast<double>(found.leaks()) / static_cast<double>(found.relatives.size());
    if (share > leak_warning)
      std::cout << "warning: " << found.sentence()
                << "; the figures of all test sequences below say how well relatives are recognised\n";
  }
  void report_after(const Evaluated& result, nlohmann::json& json) const override {
    const auto& plan = result.data.objective;
    const auto& test = result.parts.test;
    if (plan.task != seqlstm::Task::regression) {
      const auto classes =
          seqlstm::per_class_metrics(test.labels, result.predictions.view(), test.label_names);
      std::cout << classes;
      json["classes"] = classes;
      if (writes_files()) {
        seqlstm::io::write_file_atomically(
            options_.run.report + ".roc.svg",
            seqlstm::plot::roc_svg(test.labels, result.predictions.view(), classes));
        if (plan.task != seqlstm::Task::multi_label)
          seqlstm::io::write_file_atomically(
              options_.run.report + ".confusion.svg",
              seqlstm::plot::confusion_svg(result.report.confusion, test.label_names));
      }
    }
    if (!result.sites.empty()) report_sites(result, json);
    if (result.folds > 1) {
      std::cout << "calibration: every fold's probabilities are at a temperature of its own\n";
    } else if (plan.has_temperature()) {
      report_calibration(result, json);
    } else if (plan.task != seqlstm::Task::regression) {
      std::cout << "calibration: none, a temperature is for classes of which one is true\n";
    }
    if (writes_files()) {
      std::ostringstream table;
      seqlstm::io::write_predictions(table, plan, result.data.test.names, result.predictions,
                                     test.label_names, true, result.sites);
      seqlstm::io::write_file_atomically(options_.run.report + ".predictions.tsv", table.str());
    }
  }

 private:
  [[nodiscard]] bool writes_files() const {
    return !options_.run.report.empty() && !options_.run.writes_page();
  }
  /// The test sequences without relatives, beside the baselines on the same ones.
  static void report_rows(const Evaluated& result, const std::vector<std::size_t>& clean,
                          const seqlstm::io::Audit& found, nlohmann::json& json) {
    const auto& plan = result.data.objective;
    const auto& test = result.parts.test;
    std::cout << clean.size() << " test sequences have no " << found.relative();
    if (clean.empty()) {
      std::cout << "; nothing can be said of new families\n";
      return;
    }
    const auto report = plan.evaluate_rows(result.predictions, test.labels, clean, test.label_names);
    std::cout << ":\n" << report;
    json["metrics_without_relatives"] = report;
    for (const auto& [name, predictions, ignored] : result.baselines) {
      const auto simpler = plan.plain().evaluate_rows(predictions, test.labels, clean, test.label_names);
      std::cout << name << ", the same sequences: " << plan.metric() << ' ' << simpler[plan.metric()] << '\n';
      json["baselines_without_relatives"][name] = simpler;
      if (!(report[plan.metric()] > simpler[plan.metric()]))
        std::cout << "On sequences without relatives the network is not above it.\n";
    }
  }
  /// Sites of the test part by class, exactly right and nearly.
  static void report_sites(const Evaluated& result, nlohmann::json& json) {
    const auto& test = result.parts.test;
    std::vector<std::optional<std::size_t>> found(test.size());
    std::vector<std::size_t> classes, said;
    for (std::size_t i = 0; i < test.size(); ++i) {
      classes.push_back(static_cast<std::size_t>(test.labels[i]));
      said.push_back(static_cast<std::size_t>(result.predictions.classes(i).front()));
      if (result.data.objective.has_site(said[i])) found[i] = result.sites[i].position;
    }
    const auto observed = seqlstm::sites_of(test);
    for (const auto& [title, name, tolerance] : {std::tuple("exact", "exact", 0),
                                                 {"within 2 residues", "within_2", 2},
                                                 {"within 5 residues", "within_5", 5}}) {
      const auto scores = seqlstm::site_scores(observed, classes, found, said, test.label_names.size(),
                                               static_cast<std::size_t>(tolerance));
      seqlstm::DetectionScore all;
      std::cout << "sites, " << title << ':';
      for (std::size_t c = 0; c < scores.size(); ++c) {
        if (!result.data.objective.has_site(c)) continue;
        all += scores[c];
        json["sites"][name][test.label_names[c]] = score_json(scores[c]);
        std::cout << "  " << seqlstm::printable(test.label_names[c]) << " precision " << scores[c].precision()
                  << ", recall " << scores[c].recall();
      }
      json["sites"][name]["all"] = score_json(all);
      std::cout << "  all precision " << all.precision() << ", recall " << all.recall() << '\n';
    }
  }
  static nlohmann::json score_json(const seqlstm::DetectionScore& score) {
    return {{"observed", score.observed},
            {"predicted", score.predicted},
            {"right", score.right},
            {"precision", score.precision()},
            {"recall", score.recall()}};
  }
  static void report_calibration(const Evaluated& result, nlohmann::json& json) {
    const auto& labels = result.parts.test.labels;
    auto tempered = result.predictions;
    const double temperature = result.data.objective.temperature,
                 before = seqlstm::expected_calibration_error(labels, tempered.view());
    seqlstm::apply_temperature({tempered.values.data(), tempered.rows, tempered.cols}, temperature);
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
  CLI::App app("Protein classification with a bidirectional LSTM", program_name);
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
    if (pretrained->parsed()) return Pretraining(pretraining, seqlstm::aa21).run();
    options.check(app);
    check_files(options.files());
    Classifier(ProteinKind(options), options).run();
  });
}

// What is in an embedding? Rows of numbers (mean-pooled states of a saved network, or a matrix from
// elsewhere) are looked at with principal components and learned from with linear models and a multilayer
// perceptron, with rare classes, or rare regions of a number, over-sampled in several ways.
//
//     embedding_analysis --data targeting.csv.gz --encoder proteins.safetensors
//     embedding_analysis --data targeting.csv.gz --embeddings esm.npy --json table.json --report esm

#include <seqlstm/data/label_regions.hpp>
#include <seqlstm/data/simulated.hpp>
#include <seqlstm/explain/pca.hpp>
#include <seqlstm/io/embeddings.hpp>
#include <seqlstm/io/matrix.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/plot/scatter.hpp>

#include "support/classifier.hpp"

namespace {

using namespace examples;
using seqlstm::FeatureDataset;

struct Options : ClassifierOptions {
  std::string encoder, embeddings, report;
  std::size_t components = 10, neighbours = 5;
  std::vector<double> percents = {100, 200, 300};

  void add_to(CLI::App& app) {
    data.add_to(app);
    run.add_to(app, "200, until validation stops it");
    app.add_option("--encoder", encoder,
                   "a saved language model or classifier whose mean states are looked at");
    app.add_option(
        "--embeddings", embeddings,
        "a matrix (.npy, or safetensors) with a row for each row that is left of --data, in its order");
    app.add_option("--components", components, "principal components to tell of")
        ->check(whole_number())
        ->capture_default_str();
    app.add_option("--over-sampling", percents, "N: N/100 more rows for every row of a rare class or region")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--neighbours", neighbours, "k of SMOTE and ADASYN")
        ->check(whole_number())
        ->capture_default_str();
    app.add_option("--report", report, "PREFIX of PREFIX.tsv (the table) and PREFIX.pca.svg");
  }
  void check() const {
    if (!encoder.empty() && !embeddings.empty())
      throw seqlstm::option_error("--encoder and --embeddings exclude each other");
    for (const char* option : {"--save", "--load", "--predict", "--learning-rate"})
      if (data.given(option))
        throw seqlstm::option_error(std::string(option) +
                                    " is of no use here: small models are trained as published and not kept");
    if (data.by_folds())
      throw seqlstm::option_error(
          "--folds is of no use here: one test part is looked at; name the parts with --split-column");
    if (data.train_rows > 0)
      throw seqlstm::option_error("--train-rows: rows of a matrix stand for all rows of the data");
    if (data.table.data.empty() && !embeddings.empty())
      throw seqlstm::option_error("--embeddings needs the labels of its rows: --data FILE");
    check_at_least_one("--components", components);
    run.check();
    auto named = files();
    named.input("--encoder", encoder);
    named.input("--embeddings", embeddings);
    named.outputs("--report", report, {".tsv", ".pca.svg"});
    check_files(named);
  }
};

/// Training, validation and test rows, in units of the training part's standard deviation.
struct Rows {
  FeatureDataset train, valid, test;
};

void standardise(Rows& rows) {
  const std::size_t width = rows.train.width;
  const auto count = static_cast<double>(rows.train.size());
  for (std::size_t c = 0; c < width; ++c) {
    double mean = 0, square = 0;
    for (std::size_t r = 0; r < rows.train.size(); ++r)
      mean += double{rows.train.values[r * width + c]} / count;
    for (std::size_t r = 0; r < rows.train.size(); ++r) {
      const double step = double{rows.train.values[r * width + c]} - mean;
      square += step * step / count;
    }
    const double scale = square > 0 ? 1 / std::sqrt(square) : 0;
    for (auto* part : {&rows.train, &rows.valid, &rows.test})
      for (std::size_t r = 0; r < part->size(); ++r) {
        float& value = part->values[r * width + c];
        value = static_cast<float>((double{value} - mean) * scale);
      }
  }
}

/// A way to make the training part larger.
struct Resampling {
  std::string name;
  double percent = 0;
};

class Analysis {
 public:
  explicit Analysis(const Options& options) : options_(options) {}

  void run() {
    options_.run.start();
    DataOptions data = options_.data;
    if (!options_.encoder.empty()) {
      encoder_.emplace(options_.encoder);
      data.labels.extra_columns = seqlstm::io::categorical_columns(*encoder_);
    }
    parts_ = load_parts(data, options_.run.seed,
                        [](std::uint64_t seed) { return seqlstm::simulated_families(1000, seed); });
    if (!seqlstm::has_classes(parts_.task) && parts_.task != seqlstm::Task::regression)
      throw seqlstm::option_error("labels of a " + seqlstm::task_name(parts_.task) +
                                  " task have no rare classes; give one class a row, or numbers");
    plan_ = seqlstm::objective_for(parts_.task, parts_.train);
    embed();
    standardise(rows_);
    std::cout << rows_.train.size() << " training, " << rows_.valid.size() << " validation, "
              << rows_.test.size() << " test rows of " << rows_.train.width << " numbers, "
              << seqlstm::task_name(parts_.task) << "; " << options_.run.text() << std::endl;
    components();
    if (parts_.task == seqlstm::Task::regression) regions();
    table();
    write();
  }

 private:
  struct Outcome {
    Resampling resampling;
    std::string model;
    std::size_t rows;
    double valid;  ///< the metric that counts, on validation
    seqlstm::Report test;
    std::vector<double> recall;  ///< of every class, or region of a number
    double rare = 0;             ///< mean of those that are over-sampled
  };

  // ---- rows of numbers

  [[nodiscard]] seqlstm::FeatureDataset embedded(const std::vector<seqlstm::Record>& records) const {
    auto made = seqlstm::io::sequence_embeddings(*encoder_, records, options_.run.of_networks());
    for (const auto& note : made.notes) std::cout << "note: " << note << '\n';
    return std::move(made.rows);
  }
  void embed() {
    if (!options_.embeddings.empty()) {
      take_matrix();
    } else {
      const auto states = [&](const seqlstm::LabelledRecords& part) {
        auto rows = options_.encoder.empty() ? seqlstm::ProteinFeatures(true)(part) : embedded(part.records);
        rows.labels = part.labels;
        return plan_.learned(std::move(rows));
      };
      rows_ = {states(parts_.train), states(parts_.valid), states(parts_.test)};
    }
    if (options_.encoder.empty() && options_.embeddings.empty())
      std::cout << "no --encoder or --embeddings: composition and pairs of residues stand in\n";
  }
  /// Rows stand in the order of the table, which is that of the records' lines.
  void take_matrix() {
    const auto matrix = seqlstm::io::read_matrix(options_.embeddings);
    for (std::size_t i = 0; i < matrix.values.size(); ++i)
      if (!std::isfinite(matrix.values[i]))
        throw seqlstm::option_error(
            options_.embeddings + ": row " + std::to_string(i / matrix.cols + 1) +
            " has a number that is not finite; leave the row out there and in the data");
    std::vector<std::size_t> lines;
    for (const auto* part : {&parts_.train, &parts_.valid, &parts_.test})
      for (const auto& record : part->records) lines.push_back(record.line);
    std::sort(lines.begin(), lines.end());
    if (matrix.rows != lines.size())
      throw seqlstm::option_error(options_.embeddings + ": " + std::to_string(matrix.rows) + " rows, " +
                                  options_.data.source() + " has " + std::to_string(lines.size()) +
                                  "; a row for each is needed, in the same order");
    const auto rows_of = [&](const seqlstm::LabelledRecords& part) {
      FeatureDataset rows{matrix.cols, {}, part.labels, 1};
      for (const auto& record : part.records) {
        const auto row = static_cast<std::size_t>(std::lower_bound(lines.begin(), lines.end(), record.line) -
                                                  lines.begin());
        const auto first = matrix.values.begin() + static_cast<std::ptrdiff_t>(row * matrix.cols);
        rows.values.insert(rows.values.end(), first, first + static_cast<std::ptrdiff_t>(matrix.cols));
      }
      return plan_.learned(std::move(rows));
    };
    rows_ = {rows_of(parts_.train), rows_of(parts_.valid), rows_of(parts_.test)};
  }

  // ---- looks

  void components() {
    const auto found = seqlstm::pca(rows_.train, options_.components);
    double sum = 0;
    std::cout << "principal components of the training part, share of the variance:";
    for (const double share : found.variance_share) {
      std::cout << ' ' << std::round(1000 * share) / 10 << " %";
      sum += share;
    }
    std::cout << "; together " << std::round(1000 * sum) / 10 << " %\n";
    json_["pca"] = {{"variance_share", found.variance_share}};
    if (options_.report.empty() || found.count() < 2) return;
    const auto places = found.transform(rows_.test);
    std::vector<double> x, y;
    for (std::size_t r = 0; r < rows_.test.size(); ++r) {
      x.push_back(places[r * found.count()]);
      y.push_back(places[r * found.count() + 1]);
    }
    seqlstm::io::write_file_atomically(
        options_.report + ".pca.svg",
        seqlstm::plot::scatter_svg(
            x, y, parts_.test.labels, parts_.test.label_names,
            "component 1 (" + std::to_string(std::lround(100 * found.variance_share[0])) + " %)",
            "component 2 (" + std::to_string(std::lround(100 * found.variance_share[1])) + " %)"));
  }
  void regions() {
    regions_ = seqlstm::label_regions(parts_.train.labels);
    std::cout << "distribution of the labels in training:\n";
    for (const auto& region : regions_) {
      std::cout << "  " << std::setw(10) << region.low << " to " << std::setw(10) << region.high
                << std::setw(7) << region.rows << (region.sparse ? "  sparse" : "") << '\n';
      json_["regions"].push_back(
          {{"low", region.low}, {"high", region.high}, {"rows", region.rows}, {"sparse", region.sparse}});
    }
  }

  // ---- the table

  void table() {
    std::vector<Resampling> ways = {{"none", 0}};
    const std::vector<std::string> methods = parts_.task == seqlstm::Task::regression
                                                 ? std::vector<std::string>{"copies"}
                                                 : std::vector<std::string>{"copies", "SMOTE", "ADASYN"};
    for (const auto& method : methods)
      for (const double percent : options_.percents)
        if (percent > 0) ways.push_back({method, percent});
    const auto any = rare();
    if (std::find(any.begin(), any.end(), true) == any.end())
      std::cout << "note: no "
                << (parts_.task == seqlstm::Task::regression ? "region of the labels" : "class")
                << " is rare, so nothing is over-sampled and there is no rare recall (-)\n";
    print_head();
    for (const auto& way : ways) {
      FeatureDataset train;
      try {
        train = resampled(way);
      } catch (const seqlstm::option_error& error) {
        std::cout << "note: " << way.name << " " << way.percent << " %: " << error.what() << '\n';
        continue;
      }
      add(way, "linear", train, linear(train));
      add(way, "perceptron", train, perceptron(train));
    }
  }
  [[nodiscard]] FeatureDataset resampled(const Resampling& way) const {
    if (way.percent == 0) return rows_.train;
    const std::uint64_t seed = options_.run.seed;
    if (parts_.task == seqlstm::Task::regression)
      return rows_.train.subset(
          seqlstm::over_sampled_regions(parts_.train.labels, regions_, way.percent, seed));
    const auto percent = seqlstm::percent_of_rare(rows_.train.labels, way.percent);
    if (way.name == "SMOTE") return seqlstm::smote(rows_.train, percent, {options_.neighbours, seed});
    if (way.name == "ADASYN") return seqlstm::adasyn(rows_.train, percent, {options_.neighbours, seed});
    return rows_.train.subset(seqlstm::over_sampled_rows(rows_.train.labels, percent, seed));
  }
  [[nodiscard]] seqlstm::FitOptions fit_options() const {
    seqlstm::FitOptions fit;
    fit.loss = plan_.loss();
    fit.epochs = options_.run.epochs.value_or(200);
    fit.seed = options_.run.seed;
    fit.patience = 15;
    fit.progress = nullptr;  // many brief ones
    return fit;
  }
  /// Logistic or linear regression by stochastic gradient descent; the decay validation likes best.
  [[nodiscard]] seqlstm::LinearModel linear(const FeatureDataset& train) const {
    std::optional<seqlstm::LinearModel> best;
    double best_loss = 0;
    for (const double decay : {1e-4, 1e-3, 1e-2, 1e-1}) {
      seqlstm::LinearModel model(train.width, plan_.outputs());
      auto fit = fit_options();
      fit.optimizer = seqlstm::sgd({.lr = 0.01, .momentum = 0.9, .weight_decay = decay});
      fit.clip_norm = 1;
      seqlstm::fit(model, train, rows_.valid, fit);
      const double loss = seqlstm::predict(model, rows_.valid, plan_.loss()).loss;
      if (best && !(loss < best_loss)) continue;
      best_loss = loss;
      best.emplace(std::move(model));
    }
    return std::move(*best);
  }
  [[nodiscard]] seqlstm::Mlp perceptron(const FeatureDataset& train) const {
    seqlstm::Mlp model(train.width, plan_.outputs());
    seqlstm::initialize(model, options_.run.seed);
    options_.run.apply_training(model);
    auto fit = fit_options();
    fit.optimizer = seqlstm::adam({.lr = 1e-3, .beta1 = 0.9, .beta2 = 0.99});
    seqlstm::fit(model, train, rows_.valid, fit);
    options_.run.apply(model);
    return model;
  }
  template <class Model>
  void add(const Resampling& way, const char* name, const FeatureDataset& train, Model model) {
    const auto predictions = plan_.predict(model, rows_.test);
    auto report = plan_.evaluate(predictions, parts_.test.labels, parts_.test.label_names);
    outcomes_.push_back({way,
                         name,
                         train.size(),
                         plan_.evaluate(model, rows_.valid)[plan_.metric()],
                         std::move(report),
                         {},
                         0});
    auto& outcome = outcomes_.back();
    if (parts_.task == seqlstm::Task::regression)
      outcome.recall = seqlstm::region_recall(parts_.test.labels, predictions.values, regions_);
    for (std::size_t c = 0; c < outcome.test.confusion.classes(); ++c)
      outcome.recall.push_back(seqlstm::recall(outcome.test.confusion, c));
    outcome.rare = mean_of_rare(outcome.recall);
    print_row(outcome);
  }
  /// Which classes (or regions) are over-sampled.
  [[nodiscard]] std::vector<bool> rare() const {
    std::vector<bool> rare;
    for (const auto& region : regions_) rare.push_back(region.sparse);
    if (parts_.task != seqlstm::Task::regression)
      for (const double percent : seqlstm::percent_of_rare(rows_.train.labels, 100))
        rare.push_back(percent > 0);
    return rare;
  }
  /// Over those; NaN where none is rare.
  [[nodiscard]] double mean_of_rare(const std::vector<double>& recall) const {
    double sum = 0, count = 0;
    const auto of = rare();
    for (std::size_t c = 0; c < recall.size() && c < of.size(); ++c)
      if (of[c] && !std::isnan(recall[c])) sum += recall[c], count += 1;
    return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
  }
  /// "-" where there is no number.
  [[nodiscard]] static std::string number_or_dash(double value, int decimals) {
    if (std::isnan(value)) return "-";
    std::ostringstream text;
    if (decimals > 0) text << std::fixed << std::setprecision(decimals);
    text << value;
    return text.str();
  }

  // ---- telling

  void print_head() const {
    std::cout << "\nresampling      model          rows";
    for (const char* name : metric_names()) std::cout << std::setw(11) << name;
    std::cout << "  rare recall\n";
  }
  void print_row(const Outcome& outcome) const {
    const auto& [way, model, rows, valid, test, recall, rare] = outcome;
    std::ostringstream line;
    line << std::left << std::setw(16)
         << (way.percent == 0 ? way.name : way.name + " " + std::to_string(std::lround(way.percent)) + " %")
         << std::setw(11) << model << std::right << std::setw(8) << rows << std::fixed
         << std::setprecision(4);
    for (const char* name : metric_names()) line << std::setw(11) << test[name];
    line << std::setw(13) << number_or_dash(rare, 4);
    std::cout << line.str() << std::endl;
  }
  [[nodiscard]] std::vector<const char*> metric_names() const {
    if (parts_.task == seqlstm::Task::regression) return {"mse", "mae", "r2", "spearman"};
    return {"accuracy", "precision", "recall", "f1", "mcc", "roc_auc"};
  }
  [[nodiscard]] nlohmann::json row_json(const Outcome& outcome) const {
    nlohmann::json row = {{"resampling", outcome.resampling.name},
                          {"percent", outcome.resampling.percent},
                          {"model", outcome.model},
                          {"train_rows", outcome.rows},
                          {"valid", outcome.valid},
                          {"metrics", outcome.test},
                          {"rare_recall", outcome.rare},  // NaN is null
                          {"recall", outcome.recall}};
    return row;
  }
  /// What the recalls are of.
  [[nodiscard]] std::vector<std::string> recall_names() const {
    std::vector<std::string> names = parts_.train.label_names;
    for (const auto& region : regions_) {
      std::ostringstream name;
      name << region.low << " to " << region.high;
      names.push_back(name.str());
    }
    return names;
  }
  void write() {
    // Linear and not over-sampled: the floor. What validation likes best: the result.
    const Outcome* best = &outcomes_[0];
    for (const auto& outcome : outcomes_)
      if (outcome.valid > best->valid) best = &outcome;
    std::cout << "\nbest on validation: " << best->model << ", " << best->resampling.name << " "
              << best->resampling.percent << " %\n"
              << best->test;
    if (!(best->test[plan_.metric()] > outcomes_[0].test[plan_.metric()]))
      std::cout << "This result is not above its floor: the linear model of all rows does as well.\n";
    std::cout << "recall, without resampling and best:\n";
    const auto names = recall_names();
    for (std::size_t c = 0; c < names.size(); ++c)
      std::cout << "  " << seqlstm::printable(names[c]) << ": " << number_or_dash(outcomes_[0].recall[c], 0)
                << ", " << number_or_dash(best->recall[c], 0) << '\n';
    if (!options_.report.empty()) write_tsv();
    if (options_.run.json.empty()) return;
    auto json = result_json(best->test, outcomes_[0].test, {}, options_.run);
    json["config"] = {{"data", options_.data.source()},
                      {"encoder", std::filesystem::path(options_.encoder).filename().string()},
                      {"embeddings", std::filesystem::path(options_.embeddings).filename().string()},
                      {"width", rows_.train.width},
                      {"missing", options_.data.table.missing_labels().words()},
                      {"neighbours", options_.neighbours},
                      {"model", best->model},
                      {"resampling", best->resampling.name},
                      {"percent", best->resampling.percent}};
    json["label_names"] = parts_.train.label_names;
    for (const auto& outcome : outcomes_) json["table"].push_back(row_json(outcome));
    json.update(json_);
    seqlstm::io::write_file_atomically(options_.run.json, seqlstm::io::json_text(json));
  }
  void write_tsv() const {
    std::ostringstream out;
    out << "resampling\tpercent\tmodel\ttrain_rows";
    for (const char* name : metric_names()) out << '\t' << name;
    out << "\trare_recall";
    for (const auto& name : recall_names()) out << "\trecall of " << seqlstm::printable(name);
    out << '\n';
    for (const auto& o : outcomes_) {
      out << o.resampling.name << '\t' << o.resampling.percent << '\t' << o.model << '\t' << o.rows;
      for (const char* name : metric_names()) out << '\t' << o.test[name];
      out << '\t' << number_or_dash(o.rare, 0);
      for (const double value : o.recall) out << '\t' << number_or_dash(value, 0);
      out << '\n';
    }
    seqlstm::io::write_file_atomically(options_.report + ".tsv", out.str());
  }

  const Options& options_;
  LabelledParts parts_;
  std::optional<seqlstm::io::ModelFile> encoder_;
  seqlstm::Objective plan_;
  Rows rows_;
  std::vector<seqlstm::LabelRegion> regions_;
  std::vector<Outcome> outcomes_;
  nlohmann::json json_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("What is in an embedding", "embedding_analysis");
  Options options;
  options.add_to(app);
  return run_program(app, argc, argv, [&] {
    options.check();
    Analysis(options).run();
  });
}

// What sequence_labelling says of whole records: whether their type is right, and where a stretch ends.
#pragma once

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <seqlstm/data/position_labels.hpp>
#include <seqlstm/infer/predict.hpp>
#include <seqlstm/metrics/classification.hpp>
#include <seqlstm/metrics/sites.hpp>
#include <string>
#include <vector>

namespace examples {

/// The types and sites of records, as they are and as a model says.
class RecordTypes {
 public:
  /// Sites are the ends of stretches of `site_letters`; none without.
  RecordTypes(const seqlstm::LabelAlphabet& labels, const std::string& site_letters)
      : labels_(labels), names_(labels.type_names()) {
    for (std::size_t c = 0; c < labels.classes(); ++c)
      if (site_letters.find(labels.letters[c]) != std::string::npos)
        site_classes_.push_back(static_cast<std::int32_t>(c));
  }

  /// A further record: its labels, its type (empty without types), what it belongs to (empty: nothing), and
  /// what is said of it.
  void add(std::span<const double> labels, const std::string& type, const std::string& group,
           const seqlstm::Predictions& said, std::size_t i) {
    std::vector<std::int32_t> observed;
    for (const double label : labels)
      observed.push_back(std::isnan(label) ? -1 : static_cast<std::int32_t>(label));
    groups_.push_back(group);
    if (!site_classes_.empty()) {
      // Where a label is masked nobody knows where a stretch ends.
      const bool known = std::find(observed.begin(), observed.end(), -1) == observed.end();
      using Site = std::optional<std::size_t>;
      observed_sites_.push_back(known ? seqlstm::last_position_of(observed, site_classes_) : Site());
      predicted_sites_.push_back(known ? seqlstm::last_position_of(said.classes(i), site_classes_) : Site());
    }
    if (names_.empty()) {
      types_.push_back(0);
      predicted_types_.push_back(0);
      return;
    }
    types_.push_back(static_cast<int>(std::find(names_.begin(), names_.end(), type) - names_.begin()));
    predicted_types_.push_back(predicted(labels_, said.of_record(i)));
  }

  /// The number of the likeliest type of a record with these probabilities.
  static int predicted(const seqlstm::LabelAlphabet& labels, seqlstm::ConstMatrixView<double> rows) {
    const auto probabilities = seqlstm::type_probabilities(labels, rows);
    return static_cast<int>(std::max_element(probabilities.begin(), probabilities.end()) -
                            probabilities.begin());
  }

  /// A row for each type, of all records and of those of each group.
  [[nodiscard]] nlohmann::json json() const {
    nlohmann::json out = {{"all", table({})}};
    std::vector<std::string> groups = groups_;
    std::sort(groups.begin(), groups.end());
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    if (groups.size() > 1)
      for (const auto& group : groups) out["by"][group] = table(group);
    return out;
  }

 private:
  [[nodiscard]] nlohmann::json table(const std::string& group) const {
    std::vector<int> truth, said;
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < types_.size(); ++i)
      if (group.empty() || groups_[i] == group) rows.push_back(i);
    for (const std::size_t i : rows) {
      truth.push_back(types_[i]);
      said.push_back(predicted_types_[i]);
    }
    const std::size_t count = std::max<std::size_t>(1, names_.size());
    const seqlstm::ConfusionMatrix counts(truth, said, count);
    const auto sites = site_table(rows, count);
    auto out = nlohmann::json::array();
    for (std::size_t type = 0; type < count; ++type) {
      nlohmann::json row = nlohmann::json::object();
      if (!names_.empty()) {
        if (counts.support(type) + counts.predicted(type) == 0) continue;
        row = {{"type", names_[type]},
               {"records", counts.support(type)},
               {"mcc", seqlstm::matthews_correlation(counts, type)},
               {"precision", seqlstm::precision(counts, type)},
               {"recall", seqlstm::recall(counts, type)}};
      }
      if (!sites.empty() && sites[type].observed + sites[type].predicted > 0)
        row["sites"] = {{"observed", sites[type].observed},
                        {"predicted", sites[type].predicted},
                        {"exact", sites[type].right},
                        {"precision", sites[type].precision()},
                        {"recall", sites[type].recall()}};
      out.push_back(row);
    }
    return out;
  }
  [[nodiscard]] std::vector<seqlstm::DetectionScore> site_table(const std::vector<std::size_t>& rows,
                                                                std::size_t count) const {
    if (site_classes_.empty()) return {};
    std::vector<std::optional<std::size_t>> observed, predicted;
    std::vector<std::size_t> types, predicted_types;
    for (const std::size_t i : rows) {
      observed.push_back(observed_sites_[i]);
      predicted.push_back(predicted_sites_[i]);
      types.push_back(static_cast<std::size_t>(types_[i]));
      predicted_types.push_back(static_cast<std::size_t>(predicted_types_[i]));
    }
    return seqlstm::site_scores(observed, types, predicted, predicted_types, count);
  }

  const seqlstm::LabelAlphabet& labels_;
  std::vector<std::string> names_, groups_;
  std::vector<std::int32_t> site_classes_;
  std::vector<int> types_, predicted_types_;
  std::vector<std::optional<std::size_t>> observed_sites_, predicted_sites_;
};

/// The tables, a line for each type.
inline void print_record_types(std::ostream& out, const nlohmann::json& types) {
  const auto print = [&](const std::string& title, const nlohmann::json& rows) {
    out << title << '\n';
    for (const auto& row : rows) {
      out << "  ";
      if (row.contains("type"))
        out << row.at("type").get<std::string>() << ": " << row.at("records") << " records, mcc "
            << row.at("mcc").get<double>() << ", precision " << row.at("precision").get<double>()
            << ", recall " << row.at("recall").get<double>() << "; ";
      if (row.contains("sites"))
        out << "sites: " << row.at("sites").at("exact") << " of " << row.at("sites").at("observed")
            << " exact, " << row.at("sites").at("predicted") << " predicted";
      out << '\n';
    }
  };
  print("whole records:", types.at("all"));
  if (types.contains("by"))
    for (const auto& [group, rows] : types.at("by").items()) print("of " + group + ":", rows);
}

}  // namespace examples

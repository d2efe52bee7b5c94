// An objective as model files keep it, and its predictions as a table.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <seqlstm/core/text.hpp>
#include <seqlstm/infer/sites.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/metrics/calibration.hpp>
#include <seqlstm/train/objective.hpp>
#include <span>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// All members of an Objective, the task by name; those of sites where it has them.
inline void to_json(nlohmann::json& j, const Objective& objective) {
  j = {{"task", task_name(objective.task)},
       {"classes", objective.classes},
       {"mean", objective.mean},
       {"deviation", objective.stddev},
       {"class_weights", objective.class_weights},
       {"one_hot", objective.one_hot},
       {"temperature", objective.temperature}};
  if (objective.site_weight > 0)
    j.update({{"site_weight", objective.site_weight}, {"site_classes", objective.site_classes}});
}
/// Reads them. Throws format_error for what is missing, out of range, or does not fit the task.
inline void from_json(const nlohmann::json& j, Objective& objective) {
  using io::number_from;
  objective = {
      task_named(io::text_from(j, "task")), io::size_from(j, "classes", 1),       number_from(j, "mean"),
      number_from(j, "deviation"),          io::numbers_from(j, "class_weights"), io::flag_from(j, "one_hot"),
      number_from(j, "temperature")};
  if (j.contains("site_weight")) {
    objective.site_weight = number_from(j, "site_weight", 0);
    objective.site_classes = io::sizes_from(j, "site_classes", objective.classes - 1, 0);
  }
  if (!(objective.stddev > 0) || !(objective.temperature > 0))
    throw format_error("'deviation' and 'temperature' must be above 0; train the model again");
  if (objective.task == Task::binary && objective.classes != 2)
    throw format_error("'classes' is " + std::to_string(objective.classes) +
                       " of a binary task, expected 2; train the model again");
  const std::size_t weights = objective.class_weights.size();
  if (weights > 0 && weights != objective.classes)
    throw format_error("'class_weights' has " + std::to_string(weights) + " numbers for " +
                       std::to_string(objective.classes) + " classes; train the model again");
}

namespace io {

/// Tab-separated: id, then what the task predicts (a value; a probability and a label; a label, or labels
/// with ; between them, and a probability for each class). `predictions` are in the data's own units; without
/// `header` rows alone, of a table that goes on. Tabs, line breaks and other control characters of ids and
/// names are escaped. With `sites`, one for each row, the last column is the place of the site, from 1, or 0
/// where the predicted class has none. Probabilities are those at the objective's temperature: the table
/// applies it. Throws shape_error unless there is an id for each row.
inline void write_predictions(std::ostream& out, const Objective& objective,
                              const std::vector<std::string>& ids, Predictions predictions,
                              const std::vector<std::string>& label_names, bool header = true,
                              std::span<const PredictedSite> sites = {}) {
  if (ids.size() != predictions.rows || (!sites.empty() && sites.size() != predictions.rows))
    throw shape_error("predictions: " + std::to_string(ids.size()) + " ids and " +
                      std::to_string(sites.size()) + " sites for " + std::to_string(predictions.rows) +
                      " rows");
  if (objective.has_temperature())
    apply_temperature({predictions.values.data(), predictions.rows, predictions.cols}, objective.temperature);
  const auto name = [&](std::size_t c) {
    return c < label_names.size() ? printable(label_names[c]) : std::to_string(c);
  };
  const auto with_site = [&](std::size_t i, std::size_t of_class) {
    if (!sites.empty()) out << '\t' << (objective.has_site(of_class) ? sites[i].position + 1 : 0);
    out << '\n';
  };
  const char* const end_of_header = sites.empty() ? "\n" : "\tsite\n";
  const auto precision_before = out.precision(17);
  if (objective.task == Task::regression) {
    if (header) out << "id\tvalue\n";
    for (std::size_t i = 0; i < ids.size(); ++i)
      out << printable(ids[i]) << '\t' << predictions.values[i] << '\n';
  } else if (objective.task == Task::binary && predictions.cols == 1) {
    if (header) out << "id\tprobability\tlabel" << end_of_header;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const std::size_t said = predictions.values[i] >= 0.5 ? 1 : 0;
      out << printable(ids[i]) << '\t' << predictions.values[i] << '\t' << name(said);
      with_site(i, said);
    }
  } else {
    const bool several = objective.task == Task::multi_label;
    if (header) {
      out << (several ? "id\tlabels" : "id\tlabel");
      for (std::size_t c = 0; c < predictions.cols; ++c) out << "\tprobability_" << name(c);
      out << end_of_header;
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto row = predictions.view().row(i);
      std::string said;
      for (std::size_t c = 0; several && c < row.size(); ++c)
        if (row[c] >= 0.5) said += (said.empty() ? "" : ";") + name(c);
      const auto likeliest = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
      if (!several) said = name(likeliest);
      out << printable(ids[i]) << '\t' << said;
      for (const double p : row) out << '\t' << p;
      with_site(i, likeliest);
    }
  }
  out.precision(precision_before);
}

}  // namespace io

SEQLSTM_NAMESPACE_END

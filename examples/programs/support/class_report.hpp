// What a classifier does with every class: a table, and ROC curves.
#pragma once

#include <algorithm>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <ostream>
#include <seqlstm/core/text.hpp>
#include <seqlstm/metrics/per_class.hpp>
#include <seqlstm/plot/all.hpp>
#include <span>
#include <string>
#include <vector>

namespace examples {

inline void print_classes(std::ostream& out, const std::vector<seqlstm::ClassMetrics>& results) {
  std::size_t width = 5;
  for (const auto& result : results) width = std::max(width, seqlstm::printable(result.name).size());
  const auto old = out.precision(4);
  out << std::left << std::setw(static_cast<int>(width)) << "class" << std::right
      << "   members precision    recall        f1   roc_auc\n"
      << std::fixed;
  for (const auto& r : results)
    out << std::left << std::setw(static_cast<int>(width)) << seqlstm::printable(r.name) << std::right
        << std::setw(10) << r.members << std::setw(10) << r.precision << std::setw(10) << r.recall
        << std::setw(10) << r.f1 << std::setw(10) << r.roc_auc << '\n';
  out << std::defaultfloat;
  out.precision(old);
}
inline nlohmann::json classes_json(const std::vector<seqlstm::ClassMetrics>& results) {
  auto json = nlohmann::json::array();
  for (const auto& r : results)
    json.push_back({{"class", r.name},
                    {"members", r.members},
                    {"precision", r.precision},
                    {"recall", r.recall},
                    {"f1", r.f1},
                    {"roc_auc", r.roc_auc}});
  return json;
}

/// ROC curves, one colour a class; of two classes that of class 1.
inline std::string roc_svg(std::span<const double> labels, seqlstm::ConstMatrixView<double> probabilities,
                           const std::vector<seqlstm::ClassMetrics>& results) {
  std::vector<seqlstm::plot::Series> curves;
  const std::size_t first = probabilities.cols() == 1 ? 1 : 0;
  for (std::size_t c = 0; c < results.size(); ++c) {
    const auto one = seqlstm::one_against_rest(labels, probabilities, first + c);
    curves.push_back(seqlstm::plot::roc_series(results[c].name, one.truth, one.scores));
  }
  return seqlstm::plot::figure_svg(curves, seqlstm::plot::roc_axes());
}

}  // namespace examples

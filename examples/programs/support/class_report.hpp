// What a classifier does with every class: a table, and ROC curves.
#pragma once

#include <iomanip>
#include <nlohmann/json.hpp>
#include <seqlstm/metrics/report.hpp>
#include <seqlstm/plot/all.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/task.hpp"

namespace examples {

/// One class (or label) against the rest. The curve has its corners alone.
struct ClassResult {
  std::string name;
  std::size_t members = 0;
  double precision = 0, recall = 0, f1 = 0, roc_auc = 0;
  std::vector<seqlstm::RocPoint> curve;
};

namespace detail {

inline ClassResult class_result(std::string name, const std::vector<int>& truth, const std::vector<int>& said,
                                const std::vector<double>& scores) {
  const seqlstm::ConfusionMatrix m(truth, said, 2);
  return {std::move(name),
          m.support(1),
          seqlstm::precision(m, 1),
          seqlstm::recall(m, 1),
          seqlstm::f1(m, 1),
          seqlstm::roc_auc(truth, scores),
          seqlstm::plot::corners(seqlstm::roc_curve(truth, scores))};
}

}  // namespace detail

/// Every class of a task with classes or labels; class 1 alone of two.
inline std::vector<ClassResult> class_results(const TaskPlan& plan, const seqlstm::Predictions& predictions,
                                              const seqlstm::LabelledRecords& test) {
  std::vector<ClassResult> results;
  const bool several = plan.task == Task::multi_label, one = predictions.cols == 1;
  std::vector<std::size_t> likeliest;
  for (std::size_t r = 0; r < predictions.rows; ++r) {
    const auto row = predictions.view().row(r);
    likeliest.push_back(static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin()));
  }
  for (std::size_t c = one ? 1 : 0; c < (one ? 2 : predictions.cols); ++c) {
    std::vector<int> truth, said;
    std::vector<double> scores;
    for (std::size_t r = 0; r < predictions.rows; ++r) {
      const double score = predictions.view()(r, one ? 0 : c);
      truth.push_back(several ? static_cast<int>(test.labels[r * test.label_width + c])
                              : (test.labels[r] == static_cast<double>(c) ? 1 : 0));
      said.push_back((several || one ? score >= 0.5 : likeliest[r] == c) ? 1 : 0);
      scores.push_back(score);
    }
    results.push_back(detail::class_result(
        c < test.label_names.size() ? test.label_names[c] : std::to_string(c), truth, said, scores));
  }
  return results;
}

inline void print_classes(std::ostream& out, const std::vector<ClassResult>& results) {
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
inline nlohmann::json classes_json(const std::vector<ClassResult>& results) {
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

/// ROC curves, one colour a class.
inline std::string roc_svg(const std::vector<ClassResult>& results) {
  std::vector<seqlstm::plot::Series> curves;
  for (const auto& result : results) {
    std::ostringstream name;
    name << result.name << ", area " << result.roc_auc;
    auto& curve = curves.emplace_back(seqlstm::plot::Series{name.str(), {}, {}});
    for (const auto& point : result.curve) {
      curve.x.push_back(point.false_positive_rate);
      curve.y.push_back(point.true_positive_rate);
    }
  }
  return seqlstm::plot::figure_svg(curves, seqlstm::plot::roc_axes());
}

}  // namespace examples

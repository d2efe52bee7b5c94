// What a classifier does with every class: a table, and pictures (SVG) of confusions and ROC curves.
#pragma once

#include <iomanip>
#include <nlohmann/json.hpp>
#include <seqlstm/metrics/report.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/svg.hpp"
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

/// Without the points between two others on a horizontal or vertical line: of a class with few members few
/// are left.
inline std::vector<seqlstm::RocPoint> corners(const std::vector<seqlstm::RocPoint>& curve) {
  std::vector<seqlstm::RocPoint> kept;
  const auto between = [](const auto& a, const auto& b, const auto& c) {
    return (a.false_positive_rate == b.false_positive_rate &&
            b.false_positive_rate == c.false_positive_rate) ||
           (a.true_positive_rate == b.true_positive_rate && b.true_positive_rate == c.true_positive_rate);
  };
  for (std::size_t i = 0; i < curve.size(); ++i)
    if (i == 0 || i + 1 == curve.size() || !between(kept.back(), curve[i], curve[i + 1]))
      kept.push_back(curve[i]);
  return kept;
}

inline ClassResult class_result(std::string name, const std::vector<int>& truth, const std::vector<int>& said,
                                const std::vector<double>& scores) {
  const seqlstm::ConfusionMatrix m(truth, said, 2);
  return {std::move(name),
          m.support(1),
          seqlstm::precision(m, 1),
          seqlstm::recall(m, 1),
          seqlstm::f1(m, 1),
          seqlstm::roc_auc(truth, scores),
          corners(seqlstm::roc_curve(truth, scores))};
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
  constexpr double left = 50, top = 20, side = 300;
  std::ostringstream svg;
  svg << std::setprecision(5);
  begin_svg(svg, 620, std::max<std::size_t>(370, 40 + 16 * results.size()));
  svg << "<rect x=\"" << left << "\" y=\"" << top << "\" width=\"" << side << "\" height=\"" << side
      << "\" fill=\"none\" stroke=\"black\"/>\n<line x1=\"" << left << "\" y1=\"" << top + side << "\" x2=\""
      << left + side << "\" y2=\"" << top << "\" stroke=\"#bbb\"/>\n<text x=\"" << left + side / 2
      << "\" y=\"" << top + side + 32
      << "\" text-anchor=\"middle\">false positive rate</text>\n<text transform=\"translate(16,"
      << top + side / 2 << ") rotate(-90)\" text-anchor=\"middle\">true positive rate</text>\n";
  for (const double tick : {0.0, 0.5, 1.0})
    svg << "<text x=\"" << left + side * tick << "\" y=\"" << top + side + 15 << "\" text-anchor=\"middle\">"
        << tick << "</text>\n<text x=\"" << left - 5 << "\" y=\"" << top + side * (1 - tick) + 4
        << "\" text-anchor=\"end\">" << tick << "</text>\n";
  for (std::size_t c = 0; c < results.size(); ++c) {
    const std::string colour = class_colour(c, results.size());
    svg << "<polyline fill=\"none\" stroke=\"" << colour << "\" points=\"";
    for (const auto& point : results[c].curve)
      if (std::isfinite(point.false_positive_rate) && std::isfinite(point.true_positive_rate))
        svg << left + side * point.false_positive_rate << ',' << top + side * (1 - point.true_positive_rate)
            << ' ';
    svg << "\"/>\n<text x=\"" << left + side + 15 << "\" y=\"" << top + 12 + 16 * static_cast<double>(c)
        << "\" fill=\"" << colour << "\">" << escaped(results[c].name) << ", area " << results[c].roc_auc
        << "</text>\n";
  }
  svg << "</svg>\n";
  return svg.str();
}

/// The confusion matrix, rows of true classes, shaded by their share of the row. Of more than 100 classes
/// only pairs that occur are drawn.
inline std::string confusion_svg(const seqlstm::ConfusionMatrix& m, const std::vector<std::string>& names) {
  constexpr std::size_t readable = 100;
  const bool all = m.classes() <= readable;
  const auto name = [&](std::size_t c) {
    return c < names.size() ? seqlstm::printable(names[c]) : std::to_string(c);
  };
  std::size_t longest = 4;
  for (std::size_t c = 0; c < m.classes(); ++c) longest = std::max(longest, name(c).size());
  const std::size_t cell = 44, left = 30 + 7 * longest, top = 30 + 7 * longest;
  std::ostringstream svg;
  begin_svg(svg, left + cell * m.classes() + 20, top + cell * m.classes() + 20);
  svg << "<text x=\"8\" y=\"16\">row: true, column: predicted</text>\n";
  for (std::size_t r = 0; r < m.classes(); ++r) {
    const std::size_t y = top + cell * r, middle = left + cell * r + cell / 2;
    svg << "<text x=\"" << left - 6 << "\" y=\"" << y + cell / 2 + 4 << "\" text-anchor=\"end\">"
        << escaped(name(r)) << "</text>\n<text transform=\"translate(" << middle + 4 << ',' << top - 6
        << ") rotate(-90)\">" << escaped(name(r)) << "</text>\n";
    for (std::size_t c = 0; c < m.classes(); ++c) {
      if (!all && m(r, c) == 0) continue;
      const double share =
          m.support(r) == 0 ? 0 : static_cast<double>(m(r, c)) / static_cast<double>(m.support(r));
      const auto fade = static_cast<int>(std::lround(255 * (1 - share)));
      svg << "<rect x=\"" << left + cell * c << "\" y=\"" << y << "\" width=\"" << cell << "\" height=\""
          << cell << "\" stroke=\"#ddd\" fill=\"rgb(" << fade << ',' << fade << ",255)\"/>\n<text x=\""
          << left + cell * c + cell / 2 << "\" y=\"" << y + cell / 2 + 4
          << "\" text-anchor=\"middle\" fill=\"" << (share > 0.6 ? "white" : "black") << "\">" << m(r, c)
          << "</text>\n";
    }
  }
  svg << "</svg>\n";
  return svg.str();
}

}  // namespace examples

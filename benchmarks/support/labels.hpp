// Losses of label sequences: what every implementation is given, and what it is asked.
#pragma once

#include <memory>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/core/random.hpp>
#include <vector>

#include "support/shape.hpp"

namespace bench {

/// How labels stand to positions: H of them somewhere among T (connectionist temporal classification, class 0
/// the blank), or one at each (a linear-chain conditional random field, H = T).
enum class LabelModel { ctc, crf };

/// Scores of I classes at T positions of B sequences, and H labels of each.
struct LabelTask {
  LabelModel model;
  Shape shape;
  std::vector<float> scores;              ///< [T * B * I]
  std::vector<seqlstm::Token> labels;     ///< [B * H]
  std::vector<float> start, end, follow;  ///< transitions of the field: [I], [I], [I * I]

  LabelTask(LabelModel which, const Shape& s) : model(which), shape(s) {
    seqlstm::RandomStream random(1);
    const auto fill = [&](std::vector<float>& values, std::size_t count, double bound) {
      values.resize(count);
      for (float& v : values) v = static_cast<float>(random.uniform(-bound, bound));
    };
    const std::size_t classes = s.input, first = which == LabelModel::ctc ? 1 : 0;
    fill(scores, s.steps * s.batch * classes, 2);
    fill(start, classes, 0.1);
    fill(end, classes, 0.1);
    fill(follow, classes * classes, 0.1);
    labels.resize(s.batch * s.hidden);
    for (auto& label : labels) label = static_cast<seqlstm::Token>(first + random.below(classes - first));
  }
};

class LabelLoss {
 public:
  virtual ~LabelLoss() = default;
  LabelLoss() = default;
  LabelLoss(const LabelLoss&) = delete;
  LabelLoss& operator=(const LabelLoss&) = delete;

  /// The loss, and its gradients to the scores and to transitions.
  virtual double step() = 0;
  /// Root of the sum of squares of the last gradient to the scores.
  [[nodiscard]] virtual double gradient_norm() const = 0;
};

/// An implementation: its name in benchmark names, and how to make a loss of it.
struct LabelImplementation {
  const char* name;
  std::unique_ptr<LabelLoss> (*make)(const LabelTask& task, std::size_t threads);
};

std::unique_ptr<LabelLoss> make_seqlstm_loss(const LabelTask& task, std::size_t threads);
std::unique_ptr<LabelLoss> make_libtorch_loss(const LabelTask& task, std::size_t threads);

}  // namespace bench

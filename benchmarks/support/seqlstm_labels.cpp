// Ours, through the public interface.
#include <cmath>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/nn/crf.hpp>
#include <seqlstm/nn/ctc_loss.hpp>
#include <seqlstm/nn/module.hpp>

#include "support/labels.hpp"

namespace bench {
namespace {

class SeqlstmLoss final : public LabelLoss {
 public:
  explicit SeqlstmLoss(const LabelTask& task)
      : task_(&task), layout_(std::vector<std::size_t>(task.shape.batch, task.shape.steps)) {
    const auto& s = task.shape;
    scores_ = seqlstm::AlignedBuffer<float>(task.scores.size());
    std::copy(task.scores.begin(), task.scores.end(), scores_.data());
    if (task.model == LabelModel::ctc) {
      for (std::size_t b = 0; b <= s.batch; ++b) offsets_.push_back(b * s.hidden);
      return;
    }
    crf_ = seqlstm::Crf<float>({.labels = s.input});
    std::copy(task.start.begin(), task.start.end(), crf_.start_transitions.edit().data());
    std::copy(task.end.begin(), task.end.end(), crf_.end_transitions.edit().data());
    std::copy(task.follow.begin(), task.follow.end(), crf_.transitions.edit().data());
    for (std::size_t t = 0; t < s.steps; ++t)
      for (std::size_t b = 0; b < s.batch; ++b) labels_.push_back(task.labels[b * s.hidden + t]);
  }

  double step() override {
    const seqlstm::FlushDenormals flush;
    tape_.reset();
    x_ = tape_.input({scores_.data(), layout_.tokens(), task_->shape.input}, layout_);
    seqlstm::Var<float> loss;
    if (task_->model == LabelModel::ctc) {
      loss = ctc_loss(x_, {task_->labels, offsets_});
    } else {
      seqlstm::zero_gradients(crf_);
      loss = crf_loss(crf_(x_), labels_);
    }
    tape_.backward(loss);
    return double{loss.value()(0, 0)};
  }
  [[nodiscard]] double gradient_norm() const override {
    const auto gradient = x_.gradient();
    double sum = 0;
    for (std::size_t r = 0; r < gradient.rows(); ++r)
      for (std::size_t c = 0; c < gradient.cols(); ++c) sum += std::pow(double{gradient(r, c)}, 2);
    return std::sqrt(sum);
  }

 private:
  const LabelTask* task_;
  seqlstm::PackedLayout layout_;  // all sequences equally long: row t * B + b
  seqlstm::AlignedBuffer<float> scores_;
  std::vector<std::size_t> offsets_;
  std::vector<double> labels_;
  seqlstm::Crf<float> crf_;
  seqlstm::Tape<float> tape_{seqlstm::Mode::training};
  seqlstm::SeqVar<float> x_;
};

}  // namespace

std::unique_ptr<LabelLoss> make_seqlstm_loss(const LabelTask& task, std::size_t threads) {
  seqlstm::set_threads(threads);
  return std::make_unique<SeqlstmLoss>(task);
}

}  // namespace bench

// libtorch's CTC loss, and a conditional random field of tensor operations: over sequences and labels at
// once, a loop over positions, gradients by autograd.
#include <ATen/Parallel.h>

#include "peers/libtorch_tensors.hpp"
#include "support/labels.hpp"

namespace bench {
namespace {

using torch::Tensor;

class LibtorchLoss final : public LabelLoss {
 public:
  explicit LibtorchLoss(const LabelTask& task) : task_(&task) {
    at::globalContext().setFlushDenormal(true);  // as ours
    const auto [steps, batch, classes, labels] = task.shape;
    scores_ = leaf(task.scores, {number(steps), number(batch), number(classes)});
    start_ = leaf(task.start, {number(classes)});
    end_ = leaf(task.end, {number(classes)});
    follow_ = leaf(task.follow, {number(classes), number(classes)});
    labels_ = torch::empty({number(batch), number(labels)}, torch::kLong);
    std::copy(task.labels.begin(), task.labels.end(), labels_.data_ptr<std::int64_t>());
    if (task.model == LabelModel::crf) labels_ = labels_.t().contiguous();  // [T, B]
    steps_ = torch::full({number(batch)}, number(steps), torch::kLong);
    counts_ = torch::full({number(batch)}, number(labels), torch::kLong);
  }

  double step() override {
    for (auto* leaf : {&scores_, &start_, &end_, &follow_}) clear_gradient(*leaf);
    const Tensor loss = task_->model == LabelModel::ctc ? ctc() : crf();
    loss.backward();
    return loss.item<double>();
  }
  [[nodiscard]] double gradient_norm() const override {
    return scores_.grad().to(torch::kDouble).norm().item<double>();
  }

 private:
  static Tensor leaf(const std::vector<float>& values, at::IntArrayRef sizes) {
    Tensor tensor = torch::empty(sizes);
    std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
    return tensor.set_requires_grad(true);
  }
  [[nodiscard]] Tensor ctc() const {
    return torch::ctc_loss(torch::log_softmax(scores_, 2), labels_, steps_, counts_, 0, at::Reduction::Mean);
  }
  /// Divided by the number of labels, as ours.
  [[nodiscard]] Tensor crf() const {
    const auto steps = labels_.size(0);
    const Tensor of_labels = scores_.gather(2, labels_.unsqueeze(2)).sum() +
                             start_.index_select(0, labels_[0]).sum() +
                             end_.index_select(0, labels_[-1]).sum() +
                             follow_.index({labels_.slice(0, 0, -1), labels_.slice(0, 1)}).sum();
    const auto at = scores_.unbind(0);
    Tensor sums = start_ + at[0];  // [B, I]
    for (std::size_t t = 1; t < at.size(); ++t)
      sums = torch::logsumexp(sums.unsqueeze(2) + follow_, 1) + at[t];
    const Tensor of_all = torch::logsumexp(sums + end_, 1).sum();
    return (of_all - of_labels) / static_cast<double>(steps * labels_.size(1));
  }

  const LabelTask* task_;
  Tensor scores_, start_, end_, follow_, labels_, steps_, counts_;
};

}  // namespace

std::unique_ptr<LabelLoss> make_libtorch_loss(const LabelTask& task, std::size_t threads) {
  at::set_num_threads(static_cast<int>(threads));
  return std::make_unique<LibtorchLoss>(task);
}

}  // namespace bench

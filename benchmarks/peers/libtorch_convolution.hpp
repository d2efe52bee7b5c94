// libtorch's nn::Conv1d, in its own order of rows [B, I, T]; ragged workloads padded.
#pragma once

#include "peers/libtorch_tensors.hpp"
#include "support/layer.hpp"

namespace bench {

class LibtorchConvolution final : public Layer {
 public:
  LibtorchConvolution(const Workload& work, bool training)
      : work_(&work),
        convolution_(
            torch::nn::Conv1dOptions(number(work.shape.input), number(work.shape.hidden), number(work.taps))
                .padding(number(work.taps / 2))) {
    at::globalContext().setFlushDenormal(true);  // as ours
    copy_parameters(work, *convolution_);
    x_ = padded(work, work.x, work.shape.input).permute({1, 2, 0}).contiguous().set_requires_grad(training);
    dy_ = padded(work, work.dy, work.shape.hidden).permute({1, 2, 0}).contiguous();
  }

  void infer() override {
    const torch::NoGradGuard no_grad;
    y_ = convolution_->forward(x_);
  }
  void train() override {
    clear_gradients(*convolution_);
    clear_gradient(x_);
    y_ = convolution_->forward(x_);
    y_.backward(dy_);
  }
  [[nodiscard]] const float* output(std::size_t b, std::size_t t) const override {
    const auto& shape = work_->shape;
    row_.resize(shape.hidden);
    for (std::size_t u = 0; u < shape.hidden; ++u)
      row_[u] = y_.data_ptr<float>()[(b * shape.hidden + u) * shape.steps + t];
    return row_.data();
  }

 private:
  const Workload* work_;
  torch::nn::Conv1d convolution_;
  torch::Tensor x_, dy_, y_;
  mutable std::vector<float> row_;
};

}  // namespace bench

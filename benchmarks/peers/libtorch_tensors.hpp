// What libtorch's layers share: workloads as padded tensors, and gradients that are cleared.
#pragma once

#include <torch/torch.h>

#include "support/workload.hpp"

namespace bench {

inline std::int64_t number(std::size_t n) {
  return static_cast<std::int64_t>(n);
}

/// The values of all sequences as [T, B, width]; zeros behind a sequence's end.
inline torch::Tensor padded(const Workload& work, const std::vector<std::vector<float>>& values,
                            std::size_t width) {
  auto tensor = torch::zeros({number(work.shape.steps), number(work.shape.batch), number(width)});
  for (std::size_t b = 0; b < values.size(); ++b)
    for (std::size_t t = 0; t < work.lengths[b]; ++t)
      std::copy_n(&values[b][t * width], width,
                  tensor.data_ptr<float>() + (t * work.shape.batch + b) * width);
  return tensor;
}

/// Gives a module the workload's parameters.
inline void copy_parameters(const Workload& work, torch::nn::Module& module) {
  const torch::NoGradGuard no_grad;
  const auto weights = work.parameters();
  std::size_t next = 0;
  for (auto& p : module.parameters()) {
    std::copy(weights[next]->begin(), weights[next]->end(), p.data_ptr<float>());
    ++next;
  }
}

inline void clear_gradient(torch::Tensor& leaf) {
  if (leaf.defined() && leaf.grad().defined()) leaf.mutable_grad().zero_();
}
inline void clear_gradients(torch::nn::Module& module) {
  for (auto& p : module.parameters()) clear_gradient(p);
}

}  // namespace bench

// libtorch's nn::LSTM: no_grad for inference; ragged workloads padded, and packed as its users are told to.
#include <ATen/Config.h>
#include <ATen/Parallel.h>
#include <torch/torch.h>

#include "support/layer.hpp"

namespace bench {
namespace {

namespace rnn = torch::nn::utils::rnn;

class LibtorchLayer final : public Layer {
 public:
  LibtorchLayer(const Workload& work, bool training, bool packed)
      : work_(&work),
        packed_(packed),
        lstm_(torch::nn::LSTMOptions(number(work.shape.input), number(work.shape.hidden))) {
    at::globalContext().setFlushDenormal(true);  // as ours
    const torch::NoGradGuard no_grad;
    const std::vector<float>* weights[] = {&work.weight_ih, &work.weight_hh, &work.bias_ih, &work.bias_hh};
    std::size_t next = 0;
    for (auto& p : lstm_->parameters()) {
      std::copy(weights[next]->begin(), weights[next]->end(), p.data_ptr<float>());
      ++next;
    }
    x_ = rows(work.x, work.shape.input).set_requires_grad(training && !work.feed.tokens);
    dy_ = rows(work.dy, work.shape.hidden);
    lengths_ = torch::empty({number(work.shape.batch)}, torch::kLong);
    for (std::size_t b = 0; b < work.shape.batch; ++b) lengths_[number(b)] = number(work.lengths[b]);
    h0_ = torch::zeros({1, number(work.shape.batch), number(work.shape.hidden)}).set_requires_grad(training);
    c0_ = torch::zeros_like(h0_).set_requires_grad(training);
    if (!work.feed.tokens) return;
    table_ = torch::empty({number(Workload::vocabulary), number(work.shape.input)});
    std::copy(work.table.begin(), work.table.end(), table_.data_ptr<float>());
    table_.set_requires_grad(training);
    ids_ = torch::zeros({number(work.shape.steps), number(work.shape.batch)}, torch::kLong);
    for (std::size_t b = 0; b < work.shape.batch; ++b)
      for (std::size_t t = 0; t < work.lengths[b]; ++t) ids_[number(t)][number(b)] = work.tokens[b][t];
  }

  void infer() override {
    const torch::NoGradGuard no_grad;
    forward();
  }
  void train() override {
    for (auto& p : lstm_->parameters()) clear(p);
    for (auto* leaf : {&x_, &table_, &h0_, &c0_})
      if (leaf->defined()) clear(*leaf);
    forward();
    y_.backward(dy_);
  }
  [[nodiscard]] const float* output(std::size_t b, std::size_t t) const override {
    return y_.data_ptr<float>() + (t * work_->shape.batch + b) * work_->shape.hidden;
  }

 private:
  static std::int64_t number(std::size_t n) { return static_cast<std::int64_t>(n); }
  static void clear(torch::Tensor& leaf) {
    if (leaf.grad().defined()) leaf.mutable_grad().zero_();
  }
  /// [T, B, width]; zeros behind a sequence's end.
  [[nodiscard]] torch::Tensor rows(const std::vector<std::vector<float>>& values, std::size_t width) const {
    auto tensor = torch::zeros({number(work_->shape.steps), number(work_->shape.batch), number(width)});
    for (std::size_t b = 0; b < values.size(); ++b)
      for (std::size_t t = 0; t < work_->lengths[b]; ++t)
        std::copy_n(&values[b][t * width], width,
                    tensor.data_ptr<float>() + (t * work_->shape.batch + b) * width);
    return tensor;
  }
  void forward() {
    const auto x = work_->feed.tokens ? torch::embedding(table_, ids_) : x_;
    const std::tuple<torch::Tensor, torch::Tensor> state{h0_, c0_};
    if (!packed_) {
      y_ = std::get<0>(lstm_->forward(x, state));
      return;
    }
    const auto sequence =
        rnn::pack_padded_sequence(x, lengths_, /*batch_first=*/false, /*enforce_sorted=*/false);
    const auto y = std::get<0>(lstm_->forward_with_packed_input(sequence, state));
    y_ = std::get<0>(rnn::pad_packed_sequence(y, false, 0.0, number(work_->shape.steps)));
  }

  const Workload* work_;
  bool packed_;
  torch::nn::LSTM lstm_;
  torch::Tensor x_, dy_, y_, lengths_, h0_, c0_, table_, ids_;
};

}  // namespace

std::unique_ptr<Layer> make_libtorch_padded(const Workload& work, bool training, std::size_t threads) {
  at::set_num_threads(static_cast<int>(threads));
  return std::make_unique<LibtorchLayer>(work, training, false);
}
std::unique_ptr<Layer> make_libtorch_packed(const Workload& work, bool training, std::size_t threads) {
  if (!work.feed.ragged) return nullptr;
  at::set_num_threads(static_cast<int>(threads));
  return std::make_unique<LibtorchLayer>(work, training, true);
}

std::string libtorch_version() {
  const std::string config = at::show_config(), key = "BLAS_INFO=";
  const auto blas = config.find(key);
  const std::string name =
      blas == std::string::npos
          ? "unknown"
          : config.substr(blas + key.size(), config.find_first_of(",\n", blas) - blas - key.size());
  return "libtorch " TORCH_VERSION ", BLAS " + name;
}

}  // namespace bench

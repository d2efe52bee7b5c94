// libtorch's layers: no_grad for inference; ragged workloads padded, and of nn::LSTM and nn::GRU packed as
// its users are told to.
#include <ATen/Config.h>
#include <ATen/Parallel.h>

#include "peers/libtorch_convolution.hpp"

namespace bench {
namespace {

namespace rnn = torch::nn::utils::rnn;

/// Net is nn::LSTM or nn::GRU.
template <class Net> class LibtorchLayer final : public Layer {
 public:
  LibtorchLayer(const Workload& work, bool training, bool packed)
      : work_(&work), packed_(packed), net_(number(work.shape.input), number(work.shape.hidden)) {
    at::globalContext().setFlushDenormal(true);  // as ours
    copy_parameters(work, *net_);
    x_ = padded(work, work.x, work.shape.input).set_requires_grad(training && !work.feed.tokens);
    dy_ = padded(work, work.dy, work.shape.hidden);
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
    clear_gradients(*net_);
    for (auto* leaf : {&x_, &table_, &h0_, &c0_}) clear_gradient(*leaf);
    forward();
    y_.backward(dy_);
  }
  [[nodiscard]] const float* output(std::size_t b, std::size_t t) const override {
    return y_.data_ptr<float>() + (t * work_->shape.batch + b) * work_->shape.hidden;
  }

 private:
  void forward() {
    const auto x = work_->feed.tokens ? torch::embedding(table_, ids_) : x_;
    const auto state = [&] {
      if constexpr (std::is_same_v<Net, torch::nn::GRU>) {
        return h0_;
      } else {
        return std::tuple(h0_, c0_);
      }
    }();
    if (!packed_) {
      y_ = std::get<0>(net_->forward(x, state));
      return;
    }
    const auto sequence =
        rnn::pack_padded_sequence(x, lengths_, /*batch_first=*/false, /*enforce_sorted=*/false);
    const auto y = std::get<0>(net_->forward_with_packed_input(sequence, state));
    y_ = std::get<0>(rnn::pad_packed_sequence(y, false, 0.0, number(work_->shape.steps)));
  }

  const Workload* work_;
  bool packed_;
  Net net_;
  torch::Tensor x_, dy_, y_, lengths_, h0_, c0_, table_, ids_;
};

std::unique_ptr<Layer> make(const Workload& work, bool training, bool packed, std::size_t threads) {
  at::set_num_threads(static_cast<int>(threads));
  if (work.feed.layer == LayerKind::gru)
    return std::make_unique<LibtorchLayer<torch::nn::GRU>>(work, training, packed);
  return std::make_unique<LibtorchLayer<torch::nn::LSTM>>(work, training, packed);
}

}  // namespace

std::unique_ptr<Layer> make_libtorch_padded(const Workload& work, bool training, std::size_t threads) {
  if (work.feed.layer != LayerKind::convolution) return make(work, training, false, threads);
  at::set_num_threads(static_cast<int>(threads));
  return std::make_unique<LibtorchConvolution>(work, training);
}
std::unique_ptr<Layer> make_libtorch_packed(const Workload& work, bool training, std::size_t threads) {
  if (!work.feed.ragged || work.feed.layer == LayerKind::convolution) return nullptr;
  return make(work, training, true, threads);
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

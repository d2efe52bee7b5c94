// The same networks in libtorch: padded, and packed as its users are told to.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <torch/torch.h>

#include "support/model.hpp"

namespace bench {
namespace {

namespace nn = torch::nn;
namespace rnn = torch::nn::utils::rnn;
using torch::Tensor;

std::int64_t number(std::size_t n) {
  return static_cast<std::int64_t>(n);
}

/// A batch as libtorch wants it: ids and next ids [T, B] with zeros behind a sequence's end, and lengths.
struct Batch {
  Tensor ids, next, lengths;
  bool packed;

  Batch(const Task& task, bool pack) : packed(pack) {
    ids = torch::zeros({number(task.longest), number(task.batch)}, torch::kLong);
    next = torch::zeros_like(ids);
    lengths = torch::empty({number(task.batch)}, torch::kLong);
    for (std::size_t b = 0; b < task.batch; ++b) {
      const auto& sequence = task.sequences[b];
      lengths[number(b)] = number(sequence.size());
      for (std::size_t t = 0; t < sequence.size(); ++t) {
        ids[number(t)][number(b)] = sequence[t];
        next[number(t)][number(b)] = task.next[b][t];
      }
    }
  }
};

/// y [T, B, columns] and h_n of one LSTM.
std::pair<Tensor, Tensor> run(nn::LSTM& lstm, const Tensor& x, const Batch& batch) {
  if (!batch.packed) {
    const auto [y, state] = lstm->forward(x);
    return {y, std::get<0>(state)};
  }
  const auto sequence = rnn::pack_padded_sequence(x, batch.lengths, false, false);
  const auto [y, state] = lstm->forward_with_packed_input(sequence);
  return {std::get<0>(rnn::pad_packed_sequence(y, false, 0.0, x.size(0))), std::get<0>(state)};
}

struct ProteinNetImpl : nn::Module {
  nn::Embedding embedding{nn::EmbeddingOptions(27, 100).padding_idx(0)};
  nn::LSTM lstm{nn::LSTMOptions(100, 32).num_layers(4).bidirectional(true).dropout(0.2)};
  nn::Linear hidden{64, 50}, output{50, 20};
  nn::BatchNorm1d norm1{50}, norm2{20};

  ProteinNetImpl() {
    register_module("embedding", embedding);
    register_module("lstm", lstm);
    register_module("hidden", hidden);
    register_module("norm1", norm1);
    register_module("output", output);
    register_module("norm2", norm2);
  }
  Tensor loss(const Batch& batch, const Tensor& labels) {
    const auto h = run(lstm, embedding(batch.ids), batch).second;
    const auto last = torch::cat({h[-2], h[-1]}, 1);
    const auto p = torch::sigmoid(norm2(output(torch::sigmoid(norm1(hidden(last))))));
    return torch::binary_cross_entropy(p, torch::one_hot(labels, 20).to(torch::kFloat));
  }
};

struct EncoderImpl : nn::Module {
  nn::Embedding embedding{nn::EmbeddingOptions(1025, 400).padding_idx(0)};
  nn::LSTM lstm1{400, 1150}, lstm2{1150, 1150}, lstm3{1150, 400};

  EncoderImpl() {
    register_module("embedding", embedding);
    register_module("lstm1", lstm1);
    register_module("lstm2", lstm2);
    register_module("lstm3", lstm3);
  }
  /// y [T, B, 400] and h_n of the last LSTM.
  std::pair<Tensor, Tensor> forward(const Batch& batch) {
    auto y = run(lstm1, embedding(batch.ids), batch).first;
    y = run(lstm2, y, batch).first;
    return run(lstm3, y, batch);
  }
};
TORCH_MODULE(Encoder);

struct PromoterNetImpl : nn::Module {
  Encoder encoder;
  nn::BatchNorm1d norm1{1200}, norm2{50};
  nn::Linear hidden{1200, 50}, output{50, 2};

  PromoterNetImpl() {
    register_module("encoder", encoder);
    register_module("norm1", norm1);
    register_module("hidden", hidden);
    register_module("norm2", norm2);
    register_module("output", output);
  }
  Tensor loss(const Batch& batch, const Tensor& labels) {
    const auto [y, last] = encoder(batch);
    const auto pooled = torch::cat({last[0], std::get<0>(y.max(0)), y.mean(0)}, 1);
    return torch::cross_entropy_loss(output(norm2(torch::relu(hidden(norm1(pooled))))), labels);
  }
};

struct AwdNetImpl : nn::Module {
  Encoder encoder;
  Tensor bias;

  AwdNetImpl() {
    register_module("encoder", encoder);
    bias = register_parameter("bias", torch::zeros({1025}));
  }
  Tensor loss(const Batch& batch, const Tensor&) {
    const auto y = encoder(batch).first;
    const auto logits = torch::linear(y, encoder->embedding->weight, bias);
    return torch::cross_entropy_loss(logits.flatten(0, 1), batch.next.flatten());
  }
};

TORCH_MODULE(ProteinNet);
TORCH_MODULE(PromoterNet);
TORCH_MODULE(AwdNet);

template <class Net> class LibtorchModel final : public Model {
 public:
  LibtorchModel(const Task& task, bool packed)
      : batch_(task, packed), optimizer_(net_->parameters(), torch::optim::AdamOptions(1e-3)) {
    labels_ = torch::empty({number(task.batch)}, torch::kLong);
    for (std::size_t b = 0; b < task.batch; ++b) labels_[number(b)] = number(task.labels[b]);
  }
  double step() override {
    optimizer_.zero_grad();
    const auto loss = net_->loss(batch_, labels_);
    loss.backward();
    optimizer_.step();
    return loss.template item<double>();
  }

 private:
  Net net_;
  Batch batch_;
  Tensor labels_;
  torch::optim::Adam optimizer_;
};

std::unique_ptr<Model> make(const Task& task, std::size_t threads, bool packed) {
  at::globalContext().setFlushDenormal(true);  // as ours
  at::set_num_threads(static_cast<int>(threads));
  if (task.network == Network::protein) return std::make_unique<LibtorchModel<ProteinNet>>(task, packed);
  if (task.network == Network::awd) return std::make_unique<LibtorchModel<AwdNet>>(task, packed);
  return std::make_unique<LibtorchModel<PromoterNet>>(task, packed);
}

}  // namespace

std::unique_ptr<Model> make_libtorch_padded_model(const Task& task, std::size_t threads) {
  return make(task, threads, false);
}
std::unique_ptr<Model> make_libtorch_packed_model(const Task& task, std::size_t threads) {
  return make(task, threads, true);
}

}  // namespace bench

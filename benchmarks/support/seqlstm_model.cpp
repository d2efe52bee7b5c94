// Ours, through the public interface.
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/nn/all.hpp>
#include <seqlstm/optim/optimizer.hpp>

#include "support/model.hpp"

namespace bench {
namespace {

using seqlstm::Var;

struct ProteinNet {
  static constexpr bool per_token = false;
  Var<float> forward(seqlstm::Tape<float>& tape, const seqlstm::SequenceBatch& batch) {
    const auto h = final_states(lstm(tape, embedding(batch)));
    return sigmoid(norm2(output(sigmoid(norm1(hidden(h))))));
  }
  template <class V> void fields(V& v) {
    v("embedding", embedding);
    v("lstm", lstm);
    v("hidden", hidden);
    v("norm1", norm1);
    v("output", output);
    v("norm2", norm2);
  }

  seqlstm::Embedding<float> embedding{{.vocabulary = 27, .dim = 100, .padding = 0}};
  seqlstm::Lstm<float> lstm{
      {.input = 100, .hidden = 32, .layers = 4, .bidirectional = true, .dropout = 0.2, .forget_bias = {}}};
  seqlstm::Dense<float> hidden{64, 50}, output{50, 20};
  seqlstm::BatchNorm<float> norm1{50}, norm2{20};
  seqlstm::Loss loss = seqlstm::bce();
};

/// 400-1150-1150-400, as in AWD-LSTM.
struct Encoder {
  seqlstm::SeqVar<float> operator()(seqlstm::Tape<float>& tape, const seqlstm::SequenceBatch& batch) {
    return lstm3(lstm2(lstm1(tape, embedding(batch))));
  }
  template <class V> void fields(V& v) {
    v("embedding", embedding);
    v("lstm1", lstm1);
    v("lstm2", lstm2);
    v("lstm3", lstm3);
  }

  seqlstm::Embedding<float> embedding{{.vocabulary = 1025, .dim = 400, .padding = 0}};
  seqlstm::Lstm<float> lstm1{{.input = 400, .hidden = 1150}}, lstm2{{.input = 1150, .hidden = 1150}},
      lstm3{{.input = 1150, .hidden = 400}};
};

struct PromoterNet {
  static constexpr bool per_token = false;
  Var<float> forward(seqlstm::Tape<float>& tape, const seqlstm::SequenceBatch& batch) {
    const auto y = encoder(tape, batch);
    return output(norm2(relu(hidden(norm1(concat(last(y), max(y), mean(y)))))));
  }
  template <class V> void fields(V& v) {
    v("encoder", encoder);
    v("norm1", norm1);
    v("hidden", hidden);
    v("norm2", norm2);
    v("output", output);
  }

  Encoder encoder;
  seqlstm::BatchNorm<float> norm1{1200}, norm2{50};
  seqlstm::Dense<float> hidden{1200, 50}, output{50, 2};
  seqlstm::Loss loss = seqlstm::cross_entropy();
};

struct AwdNet {
  static constexpr bool per_token = true;
  seqlstm::SeqVar<float> forward(seqlstm::Tape<float>& tape, const seqlstm::SequenceBatch& batch) {
    return decoder(encoder(tape, batch), encoder.embedding);
  }
  template <class V> void fields(V& v) {
    v("encoder", encoder);
    v("decoder", decoder);
  }

  Encoder encoder;
  seqlstm::TiedDecoder<float> decoder{1025};
};

template <class Net> class SeqlstmModel final : public Model {
 public:
  /// `task` stays where it is.
  SeqlstmModel(const Task& task, seqlstm::Precision precision) {
    seqlstm::initialize(net_, 1);
    seqlstm::set_precision(net_, precision);
    sequences_.assign(task.sequences.begin(), task.sequences.end());
    if (Net::per_token) {
      batch_.assign(sequences_);
      const auto& layout = batch_.layout;
      next_.resize(layout.tokens());
      for (std::size_t b = 0; b < task.batch; ++b)
        for (std::size_t t = 0; t < task.next[b].size(); ++t)
          next_[layout.offset(t) + layout.rank(b)] = task.next[b][t];
    }
    const bool columns = task.network == Network::protein;  // one-hot targets, else class numbers
    for (const std::size_t label : task.labels) {
      if (!columns) targets_.push_back(static_cast<double>(label));
      for (std::size_t c = 0; columns && c < task.classes(); ++c) targets_.push_back(c == label ? 1 : 0);
    }
  }
  double step() override {
    const seqlstm::FlushDenormals flush;
    batch_.assign(sequences_);  // sorting and packing are part of a step, as for the peer
    tape_.reset();
    seqlstm::zero_gradients(net_);
    const auto output = net_.forward(tape_, batch_);
    Var<float> loss;
    if constexpr (Net::per_token) {
      loss = cross_entropy(output, next_);
    } else {
      loss = net_.loss(output, targets_);
    }
    tape_.backward(loss);
    optimizer_.step(net_);
    return double{loss.value()(0, 0)};
  }

 private:
  Net net_;
  seqlstm::Tape<float> tape_{seqlstm::Mode::training};
  seqlstm::Optimizer<float> optimizer_{seqlstm::adam()};
  std::vector<std::span<const seqlstm::Token>> sequences_;
  seqlstm::SequenceBatch batch_;
  std::vector<double> targets_;
  std::vector<seqlstm::Token> next_;  // by packed token
};

std::unique_ptr<Model> make(const Task& task, std::size_t threads, seqlstm::Precision precision) {
  seqlstm::set_threads(threads);
  if (task.network == Network::protein) return std::make_unique<SeqlstmModel<ProteinNet>>(task, precision);
  if (task.network == Network::awd) return std::make_unique<SeqlstmModel<AwdNet>>(task, precision);
  return std::make_unique<SeqlstmModel<PromoterNet>>(task, precision);
}

}  // namespace

std::unique_ptr<Model> make_seqlstm_model(const Task& task, std::size_t threads) {
  return make(task, threads, seqlstm::Precision::f32);
}
std::unique_ptr<Model> make_seqlstm_bf16_model(const Task& task, std::size_t threads) {
  return make(task, threads, seqlstm::Precision::bf16);
}

}  // namespace bench

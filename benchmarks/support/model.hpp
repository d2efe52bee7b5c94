// One training step of a whole model: what every implementation is given, and what it is asked.
#pragma once

#include <memory>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/core/random.hpp>
#include <string>
#include <vector>

namespace bench {

/// Which network. The first two end in one row per sequence, the last in one per token.
///   protein:  Embedding(27, 100), 4 bidirectional LSTM(32) with dropout 0.2, last states, Dense 50,
///             BatchNorm, Sigmoid, Dense 20, BatchNorm, Sigmoid; binary cross-entropy on 20 columns
///   promoter: Embedding(1025, 400), LSTM 1150, LSTM 1150, LSTM 400, last and max and mean, BatchNorm,
///             Dense 50, ReLU, BatchNorm, Dense 2; cross-entropy
///   awd:      Embedding(1025, 400), LSTM 1150, LSTM 1150, LSTM 400, decoder tied to the embedding;
///             cross-entropy of a (random) next token each (Merity et al. 2018, without its dropouts)
enum class Network { protein, promoter, awd };

/// A batch of sequences, lengths uniform in [shortest, longest], and its labels.
struct Task {
  Network network;
  std::size_t shortest, longest, batch;
  std::vector<std::vector<seqlstm::Token>> sequences = {};  ///< ids from 1 on; 0 pads
  std::vector<std::size_t> labels = {};                     ///< a class per sequence
  std::vector<std::vector<seqlstm::Token>> next = {};       ///< a token per token

  [[nodiscard]] std::string name() const {
    constexpr const char* names[] = {"protein", "promoter", "awd"};
    return std::string(names[static_cast<std::size_t>(network)]) + "/lengths:" + std::to_string(shortest) +
           "-" + std::to_string(longest) + "/B:" + std::to_string(batch);
  }
  [[nodiscard]] std::size_t vocabulary() const { return network == Network::protein ? 27 : 1025; }
  [[nodiscard]] std::size_t classes() const { return network == Network::protein ? 20 : 2; }

  void draw() {
    seqlstm::RandomStream random(1);
    for (std::size_t b = 0; b < batch; ++b) {
      auto& ids = sequences.emplace_back(shortest + random.below(longest - shortest + 1));
      auto& following = next.emplace_back(ids.size());
      for (auto* tokens : {&ids, &following})
        for (auto& id : *tokens) id = static_cast<seqlstm::Token>(1 + random.below(vocabulary() - 1));
      labels.push_back(random.below(classes()));
    }
  }
  [[nodiscard]] std::size_t tokens() const {
    std::size_t sum = 0;
    for (const auto& s : sequences) sum += s.size();
    return sum;
  }
};

class Model {
 public:
  virtual ~Model() = default;
  Model() = default;
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  /// Forward, loss, backward and an update by Adam; returns the loss.
  virtual double step() = 0;
};

std::unique_ptr<Model> make_seqlstm_model(const Task& task, std::size_t threads);
std::unique_ptr<Model> make_seqlstm_bf16_model(const Task& task, std::size_t threads);
std::unique_ptr<Model> make_libtorch_padded_model(const Task& task, std::size_t threads);
std::unique_ptr<Model> make_libtorch_packed_model(const Task& task, std::size_t threads);

}  // namespace bench

// The networks that memory_length compares: one recurrent layer, and an answer at every position.
#pragma once

#include <array>
#include <seqlstm/nn/channels.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/gru.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/rnn.hpp>
#include <variant>

namespace examples {

enum class MemoryCell { rnn, lstm_forget_0, lstm_forget_1, gru, lstm_layer_norm };

struct MemoryCellName {
  MemoryCell cell;
  const char *key,  ///< on command lines and in JSON
      *title;
};
inline constexpr std::array<MemoryCellName, 5> memory_cells = {{
    {MemoryCell::rnn, "rnn", "RNN"},
    {MemoryCell::lstm_forget_0, "lstm0", "LSTM, forget bias 0"},
    {MemoryCell::lstm_forget_1, "lstm1", "LSTM, forget bias 1"},
    {MemoryCell::gru, "gru", "GRU"},
    {MemoryCell::lstm_layer_norm, "lstm_norm", "LSTM, layer norm, forget bias 1"},
}};

/// A recurrent layer and a Dense, from rows of real numbers.
class MemoryNet {
 public:
  MemoryNet(MemoryCell cell, std::size_t inputs, std::size_t hidden, std::size_t outputs)
      : layer_(layer_of(cell, inputs, hidden)), head_(hidden, outputs) {}

  /// [tokens, outputs], from rows on a tape.
  seqlstm::SeqVar<float> operator()(const seqlstm::SeqVar<float>& x) const {
    return head_(std::visit([&](const auto& layer) { return layer(x); }, layer_));
  }
  seqlstm::SeqVar<float> forward(seqlstm::Tape<float>& tape, const seqlstm::SequenceBatch& batch) const {
    return (*this)(seqlstm::channels(tape, batch));
  }
  template <class V> void fields(V& v) {
    std::visit([&](auto& layer) { v("layer", layer); }, layer_);
    v("head", head_);
  }

 private:
  using Layer = std::variant<seqlstm::Rnn<float>, seqlstm::Lstm<float>, seqlstm::Gru<float>>;

  static Layer layer_of(MemoryCell cell, std::size_t inputs, std::size_t hidden) {
    using namespace seqlstm;
    if (cell == MemoryCell::rnn) return Rnn<float>({.input = inputs, .hidden = hidden});
    if (cell == MemoryCell::gru) return Gru<float>({.input = inputs, .hidden = hidden});
    return Lstm<float>({.input = inputs,
                        .hidden = hidden,
                        .forget_bias = cell == MemoryCell::lstm_forget_0 ? 0.0 : 1.0,
                        .layer_norm = cell == MemoryCell::lstm_layer_norm});
  }

  Layer layer_;
  seqlstm::Dense<float> head_;
};

}  // namespace examples

// A network that reads raw signals of pores, of the size of DeepNano-blitz (Boza et al. 2020): every third
// sample begins a step of four GRUs of 48 units, and each step has scores of four bases and a blank.
#pragma once

#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/core/random.hpp>
#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/conv1d.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/gru.hpp>
#include <seqlstm/nn/module.hpp>
#include <vector>

namespace bench {

/// That network, and a batch of signals of equal length.
class SignalReader {
 public:
  static constexpr std::size_t batch = 64, samples = 3000;

  SignalReader() : layout_(std::vector<std::size_t>(batch, samples)), x_(batch * samples) {
    seqlstm::RandomStream random(1);
    for (std::size_t i = 0; i < x_.size(); ++i) x_.data()[i] = static_cast<float>(random.uniform(-2, 2));
  }
  /// Scores of all steps from all samples; returns the first.
  float read() {
    const seqlstm::FlushDenormals flush;
    tape_.reset();
    const auto x = tape_.leaf({x_.data(), x_.size(), 1}, layout_);
    return output_(gru_(tanh(convolution_(x)))).value()(0, 0);
  }

 private:
  static constexpr std::size_t units = 48;
  seqlstm::Conv1d<float> convolution_{{.input = 1, .output = units, .kernel = 9, .stride = 3}};
  seqlstm::Gru<float> gru_{{.input = units, .hidden = units, .layers = 4}};
  seqlstm::Dense<float> output_{units, 5};
  seqlstm::PackedLayout layout_;
  seqlstm::AlignedBuffer<float> x_;
  seqlstm::Tape<float> tape_{seqlstm::Mode::inference};
};

}  // namespace bench

// Reading signals: 64 reads of 4,000 samples by a Basecaller, from frames to the labels of the best path.
#pragma once

#include <seqlstm/infer/predict.hpp>
#include <seqlstm/models/basecaller.hpp>
#include <vector>

namespace bench {

class SignalReader {
 public:
  SignalReader() {
    seqlstm::RandomStream random(1);
    std::vector<float> signal(samples);
    for (std::size_t i = 0; i < reads; ++i) {
      for (float& x : signal) x = static_cast<float>(random.normal());
      data_.add("read", seqlstm::signal_frames(signal, net_.options().stride));
    }
  }
  /// Labels read.
  std::size_t read() {
    return seqlstm::predict(net_, data_, net_.loss(), {.batch_size = reads}).decoded.size();
  }
  [[nodiscard]] std::size_t size() const { return data_.tokens() * net_.options().stride; }

 private:
  static constexpr std::size_t reads = 64, samples = 4000;
  seqlstm::Basecaller<float> net_{{.stride = 4, .filters = 48, .kernel = 5, .hidden = 48, .layers = 4}};
  seqlstm::SequenceDataset data_;
};

}  // namespace bench

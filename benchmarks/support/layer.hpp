// One implementation of an LSTM layer, ready to be timed on a workload.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "support/workload.hpp"

namespace bench {

class Layer {
 public:
  virtual ~Layer() = default;
  Layer() = default;
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;

  /// y from x (or from token ids).
  virtual void infer() = 0;
  /// One token of every sequence where T is 1: from the state the last call left where there is such a call,
  /// else from zero.
  virtual void step() { infer(); }
  /// Forward with saved state, then backward from dy to dx (or the embedding's gradient), dh0, dc0, weight
  /// and bias gradients; clearing of gradients and packing of weights included.
  virtual void train() = 0;
  /// What the last training step's forward pass stored for the backward pass besides y, in bytes; 0 where it
  /// cannot be known.
  [[nodiscard]] virtual std::size_t saved_bytes() const { return 0; }
  /// h of token t of sequence b after the last call: H numbers.
  virtual const float* output(std::size_t b, std::size_t t) const = 0;
};

/// The largest difference from the reference in double, over up to three sequences.
inline double max_difference(const Layer& layer, const Workload& work) {
  double worst = 0;
  for (std::size_t b = 0; b < std::min<std::size_t>(3, work.shape.batch); ++b) {
    const auto expected = work.reference(b);
    for (std::size_t t = 0; t < work.lengths[b]; ++t)
      for (std::size_t u = 0; u < work.shape.hidden; ++u) {
        const double difference =
            std::abs(double{layer.output(b, t)[u]} - expected[t * work.shape.hidden + u]);
        worst = std::isnan(difference) ? difference : std::max(worst, difference);
      }
  }
  return worst;
}

/// An implementation: its name in benchmark names, and how to make a layer of it. `make` may return null for
/// a workload it has no answer to.
struct Implementation {
  std::string name;
  std::function<std::unique_ptr<Layer>(const Workload& work, bool training, std::size_t threads)> make;
  bool has_bf16 = false;  ///< whether it answers workloads in bfloat16
  bool has_int8 = false;  ///< whether it answers workloads in int8

  /// Whether it answers such workloads; nobody trains in int8.
  [[nodiscard]] bool runs(seqlstm::Precision precision, bool training) const {
    if (precision == seqlstm::Precision::int8) return has_int8 && !training;
    return precision == seqlstm::Precision::f32 || has_bf16;
  }
};

std::unique_ptr<Layer> make_seqlstm(const Workload& work, bool training, std::size_t threads);
/// The same, of a program without -march that calls the compiled kernels: of the tier that is first in use,
/// or of one of tiers().
std::unique_ptr<Layer> make_linked(const Workload& work, bool training, std::size_t threads);
std::unique_ptr<Layer> make_of_tier(const std::string& tier, const Workload& work, bool training,
                                    std::size_t threads);
std::vector<std::string> tiers();
/// cpu_report() there.
std::string linked_report();
std::unique_ptr<Layer> make_onednn(const Workload& work, bool training, std::size_t threads);
std::unique_ptr<Layer> make_libtorch_padded(const Workload& work, bool training, std::size_t threads);
std::unique_ptr<Layer> make_libtorch_packed(const Workload& work, bool training, std::size_t threads);

}  // namespace bench

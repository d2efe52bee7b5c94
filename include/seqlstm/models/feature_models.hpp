// Models of rows of numbers, which cannot read in order: what networks are held against, and heads on
// embeddings.
#pragma once

#include <algorithm>
#include <seqlstm/data/features.hpp>
#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/dropout.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Weighted sums of the features and a bias; the weights are zero at first.
struct LinearModel {
  Dense<float> output;  ///< its weight is [outputs, width]
  /// Reads rows of `width` features.
  LinearModel(std::size_t width, std::size_t outputs) : output(width, outputs) {
    const auto weights = output.weight.edit();
    std::fill_n(weights.data(), weights.size(), 0.0F);
  }
  /// [rows, outputs]. The batch must outlive the tape's step.
  Var<float> forward(Tape<float>& tape, const FeatureBatch& batch) const {
    return output(tape.constant({batch.values.data(), batch.rows, batch.width}));
  }
  template <class V> void fields(V& v) { v("output", output); }
};

/// A multilayer perceptron: three times Dense 200, BatchNorm, ReLU, Dropout; then a linear output.
class Mlp {
 public:
  /// Reads rows of `width` features; `dropout` is the probability of its three Dropouts.
  Mlp(std::size_t width, std::size_t outputs, double dropout = 0.2)
      : dense1_(width, units),
        dense2_(units, units),
        dense3_(units, units),
        norm1_(units),
        norm2_(units),
        norm3_(units),
        dropout1_(dropout),
        dropout2_(dropout),
        dropout3_(dropout),
        output_(units, outputs) {}

  /// [rows, outputs]. The batch must outlive the tape's step.
  Var<float> forward(Tape<float>& tape, const FeatureBatch& batch) const {
    const auto x = tape.constant({batch.values.data(), batch.rows, batch.width});
    const auto a = dropout1_(relu(norm1_(dense1_(x))));
    const auto b = dropout2_(relu(norm2_(dense2_(a))));
    return output_(dropout3_(relu(norm3_(dense3_(b)))));
  }
  template <class V> void fields(V& v) {
    v("dense1", dense1_);
    v("norm1", norm1_);
    v("dropout1", dropout1_);
    v("dense2", dense2_);
    v("norm2", norm2_);
    v("dropout2", dropout2_);
    v("dense3", dense3_);
    v("norm3", norm3_);
    v("dropout3", dropout3_);
    v("output", output_);
  }

 private:
  static constexpr std::size_t units = 200;
  Dense<float> dense1_, dense2_, dense3_;
  BatchNorm<float> norm1_, norm2_, norm3_;
  Dropout<float> dropout1_, dropout2_, dropout3_;
  Dense<float> output_;
};

SEQLSTM_NAMESPACE_END

// What a network says of random batches, whatever kind of answer it has.
#pragma once

#include <seqlstm/nn/model_output.hpp>
#include <vector>

#include "onnx/every_model.hpp"

namespace testing {

inline void append_values(std::vector<float>& to, seqlstm::ConstMatrixView<float> values) {
  for (std::size_t r = 0; r < values.rows(); ++r)
    to.insert(to.end(), values.row_data(r), values.row_data(r) + values.cols());
}

/// All numbers that forward() gives of the batch of a seed, in inference.
template <class Model>
std::vector<float> outputs_of(const Model& model, const BatchKind& kind, std::uint64_t seed) {
  using namespace seqlstm;
  Tape<float> tape(Mode::inference);
  std::vector<float> values;
  if constexpr (RunsOn<const Model, Tape<float>, FeatureBatch>) {
    if (kind.features) {
      const auto batch = random_features(kind, seed);
      append_values(values, ModelOutput<float>(model.forward(tape, batch)).value());
      return values;
    }
  }
  if constexpr (RunsOn<const Model, Tape<float>, SequenceBatch>) {
    const auto batch = random_batch(kind, seed);
    const ModelOutput<float> output = model.forward(tape, batch);
    append_values(values, output.value());
    if (output.has_sites()) append_values(values, output.sites().value());
  }
  return values;
}

}  // namespace testing

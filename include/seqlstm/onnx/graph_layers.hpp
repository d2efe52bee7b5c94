// What a node of a LayerGraph can be: a layer with weights, or one of the functions that models join layers
// with, as a type.
#pragma once

#include <cstddef>
#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/channels.hpp>
#include <seqlstm/nn/conv1d.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/gru.hpp>
#include <seqlstm/nn/layer_norm.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/merge_directions.hpp>
#include <seqlstm/nn/one_hot.hpp>
#include <seqlstm/nn/pool1d.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <seqlstm/nn/positional_embedding.hpp>
#include <seqlstm/nn/rnn.hpp>
#include <variant>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// The real numbers of a batch as they are, channels(tape, batch). No input.
struct RawChannels {
  std::size_t channels = 0;  ///< F: numbers at each position
};
/// The rows of a batch of features. No input.
struct FeatureRows {
  std::size_t width = 0;  ///< features per row
};
/// dense_rows() of token vectors, which other layers would look up.
struct DenseRows {};
/// adaptive_mean(): one bin is mean().
struct AdaptiveMean {
  std::size_t bins = 1;  ///< means of each sequence
};
/// softmax_steps().
struct StepSoftmax {};
/// weighted_sum() of two inputs: the weights, then what they weigh.
struct WeightedSum {};
/// log(1 + length), [sequences, 1]. No input.
struct LogLengths {};
/// reversed().
struct Reversal {};
/// The sum of two inputs.
struct Addition {};
/// The input times a number.
struct Scaling {
  float factor = 1;  ///< the number
};
/// concat() of the inputs.
struct SideBySide {};

/// One of them. A value: its weights are its own.
using GraphLayer =
    std::variant<Embedding<float>, OneHot<float>, PositionalEmbedding<float>, DenseRows, RawChannels,
                 ChannelInput<float>, FeatureRows, Lstm<float>, Gru<float>, Rnn<float>, Conv1d<float>,
                 MaxPool1d, AvgPool1d, Dense<float>, BatchNorm<float>, LayerNorm<float>, Sigmoid, Tanh, Relu,
                 Softmax, Last, Max, AdaptiveMean, StepSoftmax, WeightedSum, LogLengths, Reversal, Addition,
                 Scaling, SideBySide, MergeDirections>;

}  // namespace io
SEQLSTM_NAMESPACE_END

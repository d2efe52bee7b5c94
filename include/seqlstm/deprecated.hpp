// Names of 0.1.0's first months, for code that was written with them; the next version drops this header.
// Members of options changed their names, too, and have no second one: CHANGELOG.md lists all.
#pragma once

#include <seqlstm/data/kmer_phases.hpp>
#include <seqlstm/data/split.hpp>
#include <seqlstm/infer/predict.hpp>
#include <seqlstm/metrics/calibration.hpp>
#include <seqlstm/nn/parameter_groups.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <seqlstm/nn/positional_embedding.hpp>
#include <seqlstm/nn/sequential.hpp>
#include <seqlstm/nn/token_dropout.hpp>
#include <seqlstm/optim/optimizer.hpp>
#include <seqlstm/train/transfer.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Old name of SequenceDataset.
using TokenDataset [[deprecated("SequenceDataset")]] = SequenceDataset;
/// Old name of SequenceBatch.
using TokenBatch [[deprecated("SequenceBatch")]] = SequenceBatch;
/// Old name of KmerPhases.
using ReadingFrames [[deprecated("KmerPhases")]] = KmerPhases;
/// Old name of PositionalEmbedding.
template <Scalar T = float> using Position [[deprecated("PositionalEmbedding")]] = PositionalEmbedding<T>;
/// Old name of PositionalEmbeddingOptions.
using PositionOptions [[deprecated("PositionalEmbeddingOptions")]] = PositionalEmbeddingOptions;
/// Old name of PositionalEmbeddingRecipe.
using PositionRecipe [[deprecated("PositionalEmbeddingRecipe")]] = PositionalEmbeddingRecipe;
/// Old name of TokenDropout.
using TokenMask [[deprecated("TokenDropout")]] = TokenDropout;
/// Old name of TokenDropoutOptions.
using TokenMaskOptions [[deprecated("TokenDropoutOptions")]] = TokenDropoutOptions;
/// Old name of ParameterGroups.
using LayerGroups [[deprecated("ParameterGroups")]] = ParameterGroups;
/// Old name of LrScale.
using StepFactor [[deprecated("LrScale")]] = LrScale;
/// Old name of Partition.
using Fold [[deprecated("Partition")]] = Partition;
/// Old name of Partition.
using RowParts [[deprecated("Partition")]] = Partition;

/// Old name of positional_embedding().
[[deprecated("positional_embedding")]] inline auto position(std::size_t length = 0) {
  return positional_embedding(length);
}
/// Old name of adaptive_mean().
template <Scalar T> [[deprecated("adaptive_mean")]] Var<T> means(const SeqVar<T>& x, std::size_t pieces) {
  return adaptive_mean(x, pieces);
}
/// Old name of mask_tokens().
[[deprecated("mask_tokens")]] inline void hide_tokens(SequenceBatch& batch, const RandomKey& key, double p,
                                                      Token id, std::vector<Token>* hidden = nullptr) {
  mask_tokens(batch, key, p, id, hidden);
}
/// Old name of lr_scales().
[[deprecated("lr_scales")]] inline auto step_factors(const ParameterGroups& groups,
                                                     const GroupDecay& decay = {}) {
  return lr_scales(groups, decay);
}
/// Old name of apply_temperature().
[[deprecated("apply_temperature")]] inline void temper(MatrixView<double> probabilities, double temperature) {
  apply_temperature(probabilities, temperature);
}
/// Old name of predict().
template <class Model, detail::Dataset Data>
[[deprecated("predict")]] Predictions predict_all(Model& model, const Data& data, const Loss& loss,
                                                  const BatchOptions& options = {}) {
  return predict(model, data, loss, options);
}

SEQLSTM_NAMESPACE_END

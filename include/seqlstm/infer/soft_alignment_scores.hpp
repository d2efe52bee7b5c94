// Softly aligning every two of many sequences: each is encoded once, then all pairs are scored.
//
//     const StateSequences states = state_sequences(aligner, data);
//     soft_alignment_scores(states, scores);              // [sequences, sequences]
#pragma once

#include <cstddef>
#include <cstdint>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/core/view.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/models/protein_aligner.hpp>
#include <span>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// States of many sequences, one after the other.
struct StateSequences {
  std::size_t width = 0;                   ///< numbers of a state
  std::vector<float> values;               ///< [states of all, width]
  std::vector<std::size_t> offsets = {0};  ///< [sequences + 1]: where each one's states begin

  /// Number of sequences.
  [[nodiscard]] std::size_t size() const { return offsets.size() - 1; }
  /// The states of one, [length, width].
  [[nodiscard]] ConstMatrixView<float> of(std::size_t sequence) const {
    return {values.data() + offsets[sequence] * width, offsets[sequence + 1] - offsets[sequence], width};
  }
};

/// Which of an aligner's states are compared.
enum class StateKind {
  windows,   ///< ProteinAligner::states(), what it learned to compare
  positions  ///< ProteinAligner::position_states(), one for each letter
};

/// The states of all sequences, in their order. A sequence's states do not depend on the others. Throws
/// token_error for a token outside the aligner's vocabulary.
StateSequences state_sequences(const ProteinAligner<float>& aligner, const SequenceDataset& data,
                               StateKind kind = StateKind::windows);

/// scores(a, b) = the soft symmetric alignment of sequences a and b, as soft_symmetric_alignment() of
/// pair_distances() has it but for rounding; 0 where one is empty. Pairs are computed once, on all threads,
/// with the same bits for any number of them. Throws shape_error where scores are not [sequences, sequences].
/// Allocates a second copy of the states, and for each thread twice the cells of its pair.
void soft_alignment_scores(const StateSequences& states, MatrixView<double> scores);

/// scores(a, b), symmetric, becomes the mean of two z-scores: by how many standard deviations it is above the
/// mean of a's scores with all others, and of b's. What is short or common resembles many; it takes more
/// there to stand out. The diagonal is made a z-score too, but counts in no mean or deviation; where all
/// others of a row are equal, z is 0. Throws shape_error where scores are not square.
void standardize_scores(MatrixView<double> scores);

/// weights(i, j) = alpha + beta - alpha beta of positions i and j, the weight that the soft alignment of a
/// and b gives them: near 1 where each is the other's only partner. Throws shape_error where weights are not
/// [rows of a, rows of b] or a and b differ in width.
void soft_alignment_weights(ConstMatrixView<float> a, ConstMatrixView<float> b, MatrixView<double> weights);

/// An alignment that keeps order, read from such weights: for each row a column, rising, or -1. The path
/// whose weights, each less `least`, add up to most: a pair of positions pays where its weight is above
/// `least`. Throws option_error for a `least` that is not finite.
std::vector<std::int32_t> soft_alignment_path(ConstMatrixView<double> weights, double least = 0.1);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/infer/soft_alignment_scores.ipp>
#endif

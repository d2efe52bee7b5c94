// Sequences of a batch that a conditional random field computes together, and the room for that.
#pragma once

#include <cstdint>
#include <seqlstm/core/arena.hpp>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/kernels/set.hpp>
#include <span>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Some sequences of a batch that are computed together, and the room for that. Tokens are packed as in a
/// batch of these sequences alone.
struct CrfRun {
  LayoutView layout;                         // of these sequences
  std::size_t *running, *offsets, *lengths;  // its arrays
  std::int32_t* observed;                    // [tokens]: the label that paths must have; -1: any
  MatrixView<double> values;                 // [tokens, K] in: emissions; out: probabilities
  MatrixView<double> factors;                // [tokens, K] e^x, then that times scaled beta
  MatrixView<double> before;                 // [tokens, K] scaled alpha of the token before
  MatrixView<double> ends;                   // [sequences, K] scaled alpha of the last token
  MatrixView<double> sums;                   // [sequences, K] of the step: over labels before, behind
  MatrixView<double> outer;                  // [K, K]
  double* outer_room;                        // scratch memory
  double *taken, *scale;                     // [tokens]: out of e^x, as a logarithm; out of alpha
  double *total, *log_sum;                   // [sequences]: Z but for what was taken out; log Z
  bool* scaled;                              // [sequences]: not computed by logarithms

  /// The packed token of step t of sequence k.
  [[nodiscard]] std::size_t token(std::size_t t, std::size_t k) const { return layout.offset(t) + k; }
};

/// Room for `sequences` sequences of so many tokens in all, the longest of `steps`.
CrfRun crf_run(Arena& arena, std::size_t labels, std::size_t tokens, std::size_t sequences,
               std::size_t steps);
/// Lays out `rows` of a batch, longest first. Values and observed labels are to be filled then.
void lay_out_run(CrfRun& run, const PackedLayout& layout, std::span<const std::size_t> rows);

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/crf_run.ipp>
#endif

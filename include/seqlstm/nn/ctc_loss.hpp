// The loss of models that read a label now and then, and nobody knows where: connectionist temporal
// classification (Graves et al. 2006). A path names a class for each frame, one of them the blank; its labels
// are what remains after repeats are merged and then blanks left out. The loss is -log of the probability of
// all paths with the record's labels, every frame drawn from the softmax of its logits.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/nn/detail/loss_terms.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Options of ctc_loss().
struct CtcOptions {
  std::size_t blank = 0;       ///< the class that is no label
  bool zero_infinity = false;  ///< a record that no path fits counts as 0, with no gradient; else an error
};

/// Labels of a batch: those of record i (the caller's order) are ids[offsets[i]] to before
/// ids[offsets[i + 1]]. Owns nothing.
struct CtcTargets {
  std::span<const Token> ids;            ///< labels of one record behind those of another
  std::span<const std::size_t> offsets;  ///< [records + 1], not falling; the last is at most ids.size()

  /// The labels of record i.
  [[nodiscard]] std::span<const Token> of(std::size_t i) const {
    return ids.subspan(offsets[i], offsets[i + 1] - offsets[i]);
  }
};

/// The mean over the records of -log P(labels) / max(1, number of labels), from logits [frames, classes]:
/// PyTorch's CTCLoss(reduction="mean") of their log_softmax. The lattice is computed in double with
/// logarithms, so any length does. A record without frames and labels adds 0; without labels all its frames
/// are blank.
///
/// Memory of the tape: frames x (classes + 1) numbers, and for each thread the lattice of the largest record,
/// 2 x (labels + 1) doubles a frame. A loss that needs no gradient keeps two frames of it and no classes.
/// Throws
/// - shape_error for offsets that fit neither the batch nor the ids, and for a batch without records,
/// - option_error for a blank that is no class,
/// - token_error for a label that is the blank or no class,
/// - shape_error for a record with fewer frames than its labels and the blanks between equal ones take,
///   unless zero_infinity.
/// Where only logits of minus infinity leave no path, the loss is infinite and the record's gradient NaN;
/// with zero_infinity the record adds nothing.
template <Scalar T>
Var<T> ctc_loss(const SeqVar<T>& logits, const CtcTargets& targets, const CtcOptions& options = {});

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/ctc_loss.ipp>
#endif

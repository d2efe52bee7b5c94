// What a model that was trained with ctc_loss() reads: labels from the logits of every frame.
//
// A path names a class for each frame; its labels are what remains after repeats are merged and then blanks
// left out. ctc_greedy() takes the best path. The best labels may have many paths, none of them the best:
// ctc_beam_search() adds their probabilities up.
//
//     auto labels = ctc_greedy(logits);                                  // of every record of a batch
//     auto readings = ctc_beam_search(frames, {.beam_width = 16});       // of one record, the best first
#pragma once

#include <functional>
#include <seqlstm/autograd/variable.hpp>
#include <seqlstm/core/concepts.hpp>
#include <seqlstm/core/view.hpp>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Options of ctc_beam_search().
struct CtcBeamOptions {
  std::size_t beam_width = 8;  ///< beginnings of labels that are kept from frame to frame, at least 1
  std::size_t blank = 0;       ///< the class that is no label
  /// Classes less likely than this in a frame begin no label there, but for the likeliest; from 0 to 1. 0:
  /// none is left out. With many classes 1e-3 saves most of the time.
  double prune = 0;
  /// Added to the logarithm of a beginning's probability where label `next` follows `before` (-1 at the
  /// first), as a language model would; minus infinity forbids it. Called by several threads at once for
  /// several records.
  std::function<double(Token before, Token next)> extension = {};
};

/// Labels that a record may have.
struct CtcReading {
  std::vector<Token> labels;  ///< without blanks
  /// log of the probability of all their paths, but for those that left the beam; with what `extension`
  /// added.
  double log_probability = 0;
};

/// The labels of the best path, the likeliest class of every frame; of equal ones the first. `logits`
/// [frames, classes] of one record: logits, or probabilities or their logarithms, which have the same order.
/// Throws option_error for a blank that is no class, numeric_error for a NaN.
template <Scalar T> std::vector<Token> ctc_greedy(ConstMatrixView<T> logits, std::size_t blank = 0);
/// The same of every record of a batch, in the caller's order.
template <Scalar T>
std::vector<std::vector<Token>> ctc_greedy(const SeqVar<T>& logits, std::size_t blank = 0);

/// The likeliest labels of one record, the best first, at most beam_width of them: prefix beam search (Hannun
/// et al. 2014, algorithm 1). `logits` [frames, classes]: logits, or logarithms of probabilities, which are
/// their own logits. With a beam that holds every beginning, probabilities are exact. Of equally likely
/// beginnings those stay that were there before, then those of the better beginning and the lower class.
///
/// Time: frames x beam_width x classes. Memory: 20 bytes for each beginning that was ever kept, at most
/// frames x beam_width. Throws option_error for a beam of 0, a blank that is no class and a prune outside [0,
/// 1], numeric_error for logits that are no distribution (NaN, infinity) and where nothing remains possible.
template <Scalar T>
std::vector<CtcReading> ctc_beam_search(ConstMatrixView<T> logits, const CtcBeamOptions& options = {});
/// The same of every record of a batch, in the caller's order; threads share the records.
template <Scalar T>
std::vector<std::vector<CtcReading>> ctc_beam_search(const SeqVar<T>& logits,
                                                     const CtcBeamOptions& options = {});

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/infer/ctc_decode.ipp>
#endif

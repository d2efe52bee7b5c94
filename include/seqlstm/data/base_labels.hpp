// The bases of a nanopore read as a network is taught them: as a sequence for ctc_loss(), or as a label at
// every frame for a conditional random field.
#pragma once

#include <seqlstm/core/sequence_batch.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/data/nanopore_signal.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// How bases 0 to 3 are written.
enum class BaseCode {
  ctc,  ///< base + 1, class 0 being the blank: 5 classes, and a read is the sequence of its bases
  crf   ///< at each frame: base b begins, b, or goes on, b + 4: 8 labels
};

/// Number of a code's classes.
constexpr std::size_t base_classes(BaseCode code) {
  return code == BaseCode::ctc ? 5 : 8;
}

/// The labels of a read's frames of `stride` samples, BaseCode::crf. Each base begins in the frame of its
/// first sample; where that frame has one already, in the next one that has none, so that short dwells lose
/// no base but for those that would begin after the last frame. Throws option_error for a stride of 0.
std::vector<double> frame_labels(const NanoporeRead& read, std::size_t stride);

/// The bases, 0 to 3, that classes of a code name: labels of ctc_greedy() or ctc_beam_search(), or the label
/// of every frame.
std::vector<Token> bases_of_labels(std::span<const Token> labels, BaseCode code);

/// Letters A, C, G and T of bases 0 to 3.
std::string base_letters(std::span<const Token> bases);

/// Appends a read to a data set as a network is trained on it: signal_frames() of its standardised signal,
/// and its bases. Throws as those do, and option_error where BaseCode::ctc needs more frames than there are:
/// one for each base, and one between equal ones.
void add_read(SequenceDataset& data, std::string name, const NanoporeRead& read, std::size_t stride,
              BaseCode code);

/// `count` reads of a simulator, numbered from 0, as a data set to train or to validate on: what add_read()
/// makes of each. Threads share the work; the result is a function of the arguments alone.
SequenceDataset simulated_reads(const NanoporeSimulator& simulator, std::size_t count, const RandomKey& key,
                                std::size_t stride, BaseCode code);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/base_labels.ipp>
#endif

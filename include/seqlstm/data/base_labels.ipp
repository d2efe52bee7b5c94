// Definitions of base_labels.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/data/base_labels.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::vector<double> frame_labels(const NanoporeRead& read, std::size_t stride) {
  const std::size_t frames = signal_frames(read.signal, stride).rows();
  std::vector<double> labels(frames);
  std::size_t frame = 0;
  for (std::size_t event = 0; event < read.bases.size() && frame < frames; ++event) {
    for (const std::size_t first = std::min(frames, read.starts[event] / stride); frame < first; ++frame)
      labels[frame] = static_cast<double>(read.bases[event - 1] + 4);
    if (frame < frames) labels[frame++] = static_cast<double>(read.bases[event]);
  }
  for (; frame < frames; ++frame) labels[frame] = static_cast<double>(read.bases.back() + 4);
  return labels;
}

SEQLSTM_INLINE std::vector<Token> bases_of_labels(std::span<const Token> labels, BaseCode code) {
  std::vector<Token> bases;
  for (const Token label : labels) {
    if (code == BaseCode::ctc) bases.push_back(label - 1);
    if (code == BaseCode::crf && label < 4) bases.push_back(label);
  }
  return bases;
}

SEQLSTM_INLINE std::string base_letters(std::span<const Token> bases) {
  std::string letters;
  for (const Token base : bases) letters += "ACGT"[base];
  return letters;
}

namespace detail {

/// CTC takes a frame for each label, and one for the blank between equal ones.
inline void check_ctc_frames(const std::string& name, std::size_t frames, std::span<const Token> bases,
                             std::size_t stride) {
  std::size_t needed = bases.size();
  for (std::size_t i = 1; i < bases.size(); ++i) needed += bases[i] == bases[i - 1] ? 1 : 0;
  if (frames < needed)
    throw option_error(name + " has " + std::to_string(frames) + " frames of " + std::to_string(stride) +
                       " samples, but CTC needs " + std::to_string(needed) + ": one for each of its " +
                       std::to_string(bases.size()) +
                       " bases and one between equal ones; choose a smaller stride or a longer dwell");
}

}  // namespace detail

SEQLSTM_INLINE void add_read(SequenceDataset& data, std::string name, const NanoporeRead& read,
                             std::size_t stride, BaseCode code) {
  const std::vector<float> signal = standardised_signal(read.signal);
  const auto frames = signal_frames(signal, stride);
  if (code == BaseCode::crf) {
    const auto labels = frame_labels(read, stride);
    data.add(std::move(name), frames, {.positions = labels});
  } else {
    detail::check_ctc_frames(name, frames.rows(), read.bases, stride);
    std::vector<Token> labels = read.bases;
    for (Token& label : labels) ++label;
    data.add(std::move(name), frames, {.sequence = labels});
  }
}

SEQLSTM_INLINE SequenceDataset simulated_reads(const NanoporeSimulator& simulator, std::size_t count,
                                               const RandomKey& key, std::size_t stride, BaseCode code) {
  SequenceDataset data;
  std::vector<NanoporeRead> reads(256);  // at once
  for (std::size_t begin = 0; begin < count; begin += reads.size()) {
    const std::size_t some = std::min(reads.size(), count - begin);
    parallel_for(some, [&](std::size_t i) { reads[i] = simulator.read(key, begin + i); });
    for (std::size_t i = 0; i < some; ++i)
      add_read(data, "read" + std::to_string(begin + i), reads[i], stride, code);
  }
  return data;
}

SEQLSTM_NAMESPACE_END

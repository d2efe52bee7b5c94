// Definitions of base_labels.hpp.
#pragma once

#include <algorithm>
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

SEQLSTM_INLINE void add_read(SequenceDataset& data, std::string name, const NanoporeRead& read,
                             std::size_t stride, BaseCode code) {
  const std::vector<float> signal = standardised_signal(read.signal);
  const auto frames = signal_frames(signal, stride);
  if (code == BaseCode::crf) {
    const auto labels = frame_labels(read, stride);
    data.add(std::move(name), frames, {.positions = labels});
  } else {
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

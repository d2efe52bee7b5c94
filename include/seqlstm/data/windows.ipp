// Definitions of windows.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/data/windows.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Values of positions [begin, end); none where the data set has none.
template <class T>
std::span<const T> stretch(const std::vector<T>& values, std::size_t begin, std::size_t end) {
  return values.empty() ? std::span<const T>() : std::span<const T>(values).subspan(begin, end - begin);
}

/// Appends positions [begin, end) of all records to `to`; labels outside of [first, last) do not count.
SEQLSTM_INLINE void append_stretch(SequenceDataset& to, const SequenceDataset& from, std::size_t begin,
                                   std::size_t end, std::size_t first, std::size_t last) {
  const auto append = [](auto& values, auto more) { values.insert(values.end(), more.begin(), more.end()); };
  append(to.ids, stretch(from.ids, begin, end));
  append(to.channels, stretch(from.channels, begin * from.channel_count, end * from.channel_count));
  append(to.position_weights, stretch(from.position_weights, begin, end));
  if (!from.position_labels.empty())
    for (std::size_t t = begin; t < end; ++t)
      to.position_labels.push_back(t < first || t >= last ? ignored_label : from.position_labels[t]);
  to.offsets.push_back(to.offsets.back() + end - begin);
}

}  // namespace detail

SEQLSTM_INLINE Windows cut_into_windows(const SequenceDataset& data, const WindowOptions& options) {
  if (options.length == 0) throw option_error("windows: a length of 0, expected at least 1");
  if (!data.label_sequences.empty())
    throw option_error(
        "windows: the records have label sequences, which cannot be cut; give labels by position");
  data.check();
  Windows windows;
  windows.data.tokenizer = data.tokenizer;
  windows.data.channel_count = data.channel_count;
  windows.data.position_label_names = data.position_label_names;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const std::size_t start = data.offsets[i], stop = data.offsets[i + 1];
    std::size_t first = start;
    do {
      const std::size_t last = std::min(stop, first + std::min(options.length, stop - first)),
                        before = std::min(options.margin, first - start),
                        behind = std::min(options.margin, stop - last);
      detail::append_stretch(windows.data, data, first - before, last + behind, first, last);
      windows.data.names.push_back(data.names[i] + ":" + std::to_string(first - start) + "-" +
                                   std::to_string(last - start));
      windows.records.push_back(i);
      windows.begins.push_back(first - start);
      windows.skipped.push_back(before);
      windows.lengths.push_back(last - first);
      first = last;
    } while (first < stop);
  }
  return windows;
}

SEQLSTM_NAMESPACE_END

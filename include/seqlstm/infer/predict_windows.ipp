// Definitions of predict_windows.hpp.
#pragma once

#include <seqlstm/infer/predict_windows.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE Predictions joined(const Predictions& said, const Windows& windows, std::size_t records) {
  if (!said.by_position() && windows.data.size() > 0)
    throw option_error("predict_windows: the model has a row per record, expected one per position");
  const std::size_t count = windows.data.size();
  for (std::size_t w = 0; w < count; ++w)
    if (said.offsets[w + 1] - said.offsets[w] != windows.data.length(w))
      throw option_error("predict_windows: the model has " +
                         std::to_string(said.offsets[w + 1] - said.offsets[w]) + " rows for " +
                         std::to_string(windows.data.length(w)) +
                         " positions; windows can be joined where there is one each");
  if (!said.decoded_offsets.empty() && said.decoded_offsets != said.offsets)
    throw option_error(
        "predict_windows: the model spells sequences (ctc_loss), which cannot be joined; expected a label "
        "for "
        "each position");
  Predictions all;
  all.cols = said.cols;
  all.loss = said.loss;
  all.loss_weight = said.loss_weight;
  all.offsets.assign(1, 0);
  const bool decodes = !said.decoded_offsets.empty();
  for (std::size_t w = 0; w < count; ++w) {
    const std::size_t from = said.offsets[w] + windows.skipped[w], to = from + windows.lengths[w];
    const auto at = [&](const auto& values, std::size_t row) {
      return values.begin() + static_cast<std::ptrdiff_t>(row);
    };
    all.values.insert(all.values.end(), at(said.values, from * said.cols), at(said.values, to * said.cols));
    if (decodes) all.decoded.insert(all.decoded.end(), at(said.decoded, from), at(said.decoded, to));
    all.rows += windows.lengths[w];
    if (w + 1 == count || windows.records[w + 1] != windows.records[w]) all.offsets.push_back(all.rows);
  }
  if (decodes) all.decoded_offsets = all.offsets;
  if (all.offsets.size() != records + 1)
    throw option_error("predict_windows: windows of " + std::to_string(all.offsets.size() - 1) +
                       " records, expected " + std::to_string(records));
  return all;
}

}  // namespace detail

SEQLSTM_NAMESPACE_END

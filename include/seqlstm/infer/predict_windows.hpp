// Models that say something of every position, on records too long to be read at once.
#pragma once

#include <seqlstm/data/windows.hpp>
#include <seqlstm/infer/predict.hpp>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {
/// What was said of windows as if it had been said of the records that they are of.
Predictions joined(const Predictions& of_windows, const Windows& windows, std::size_t records);
}  // namespace detail

/// predict() of the windows of each record, put together: a row, and where the model ends with a Crf a label,
/// for each position, from the window in which it counts. The loss is that of the windows. Memory: a copy of
/// the data set with its margins, and twice the answer, 8 bytes a class of each position. Throws option_error
/// for a model that has a row per record, whose rows are not those of the positions (as after a stride), or
/// that spells sequences (ctc_loss()). `ranks` share the windows, as in predict().
template <class Model>
Predictions predict_windows(Model& model, const SequenceDataset& data, const Loss& loss,
                            const WindowOptions& windows, const BatchOptions& options = {},
                            CommunicatorRef ranks = {}) {
  const Windows cut = cut_into_windows(data, windows);
  return detail::joined(predict(model, cut.data, loss, options, ranks), cut, data.size());
}

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/infer/predict_windows.ipp>
#endif

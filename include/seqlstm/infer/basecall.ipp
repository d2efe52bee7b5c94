// Definitions of basecall.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <seqlstm/infer/basecall.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::vector<Token> called_bases(const Predictions& said, std::size_t record, BaseCode code,
                                               std::size_t beam_width) {
  if (beam_width == 0) return bases_of_labels(said.classes(record), code);
  if (code != BaseCode::ctc)
    throw option_error("called_bases: a beam is of CTC; labels of a random field have one best path");
  const auto rows = said.of_record(record);
  std::vector<double> logs(rows.size());
  // A probability that was rounded to 0 is tiny, not impossible.
  std::transform(rows.data(), rows.data() + rows.size(), logs.begin(),
                 [](double p) { return std::log(std::max(p, double{std::numeric_limits<float>::min()})); });
  const auto readings = ctc_beam_search(ConstMatrixView<double>(logs.data(), rows.rows(), rows.cols()),
                                        {.beam_width = beam_width});
  return bases_of_labels(readings.front().labels, code);
}

SEQLSTM_NAMESPACE_END

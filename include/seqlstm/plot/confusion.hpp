// A confusion matrix as a picture.
#pragma once

#include <seqlstm/metrics/classification.hpp>
#include <seqlstm/plot/svg.hpp>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace plot {

/// Rows of true classes, columns of predicted ones, shaded by their share of the row. Of more than 100
/// classes only pairs that occur are drawn. Classes without a name have their number.
std::string confusion_svg(const ConfusionMatrix& matrix, const std::vector<std::string>& names);

}  // namespace plot

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/plot/confusion.ipp>
#endif

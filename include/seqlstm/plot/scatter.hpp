// Points of a plane, coloured by class or by a number.
#pragma once

#include <seqlstm/plot/svg.hpp>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace plot {

/// `labels` are class indices where there are `names`, else numbers, from blue to red. Points that are not
/// finite are left out. Throws shape_error unless there are as many x, y and labels.
std::string scatter_svg(const std::vector<double>& x, const std::vector<double>& y,
                        const std::vector<double>& labels, const std::vector<std::string>& names,
                        const std::string& x_title, const std::string& y_title);

}  // namespace plot

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/plot/scatter.ipp>
#endif

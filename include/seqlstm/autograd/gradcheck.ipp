// Definitions of gradcheck.hpp.
#pragma once

#include <seqlstm/autograd/gradcheck.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::ostream& operator<<(std::ostream& out, const GradientReport& report) {
  out << report.checked << " derivatives checked, worst difference " << report.worst << '\n';
  for (const auto& m : report.mismatches)
    out << "  " << m.name << '[' << m.row << ", " << m.col << "]: backward says " << m.analytic
        << ", central difference " << m.numeric << '\n';
  return out;
}

SEQLSTM_NAMESPACE_END

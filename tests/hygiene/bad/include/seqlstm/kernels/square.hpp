// Names xsimd outside simd.hpp, includes Eigen, and has an argument named as a macro of <complex.h>.
#pragma once

#include <Eigen/Core>

using xsimd::sqrt;
template <int I> using Number = int;

// Names xsimd outside simd.hpp, and includes Eigen.
#pragma once

#include <Eigen/Core>

using xsimd::sqrt;

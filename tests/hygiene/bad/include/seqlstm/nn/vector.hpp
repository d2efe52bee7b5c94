// Includes xsimd and intrinsics outside kernels, and sorts with a buffer.
#pragma once

#include <xmmintrin.h>

#include <xsimd/xsimd.hpp>

using std::stable_sort;

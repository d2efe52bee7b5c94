// Includes xsimd and intrinsics outside kernels.
#pragma once

#include <xmmintrin.h>

#include <xsimd/xsimd.hpp>

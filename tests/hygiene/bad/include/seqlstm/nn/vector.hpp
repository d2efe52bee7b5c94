// Includes xsimd outside kernels.
#pragma once

#include <xsimd/xsimd.hpp>

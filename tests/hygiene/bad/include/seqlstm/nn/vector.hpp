// Includes xsimd, intrinsics and MPI where they do not belong, and sorts with a buffer.
#pragma once

#include <mpi.h>
#include <xmmintrin.h>

#include <xsimd/xsimd.hpp>

using std::stable_sort;

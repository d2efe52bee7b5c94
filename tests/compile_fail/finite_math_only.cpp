// expect: compile without -ffast-math, -Ofast, -ffinite-math-only
#undef __FINITE_MATH_ONLY__
#define __FINITE_MATH_ONLY__ 1
#include <seqlstm/config.hpp>

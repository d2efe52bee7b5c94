// expect: compile without -ffast-math, -Ofast, -ffinite-math-only
#define __ASSOCIATIVE_MATH__ 1
#include <seqlstm/config.hpp>

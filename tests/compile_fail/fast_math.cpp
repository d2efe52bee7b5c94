// expect: compile without -ffast-math
#define __FAST_MATH__ 1
#include <seqlstm/config.hpp>

// A test in the right place that never includes its header.
#include <seqlstm/nn/entrance.hpp>

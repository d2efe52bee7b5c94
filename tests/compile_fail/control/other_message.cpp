// expect: a message that cannot come
#include <seqlstm/core/aligned_buffer.hpp>

#error "this is said instead"

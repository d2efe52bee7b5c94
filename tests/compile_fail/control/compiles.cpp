// expect: a message that cannot come
#include <seqlstm/core/aligned_buffer.hpp>

seqlstm::AlignedBuffer<float> buffer(3);

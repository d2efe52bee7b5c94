// expect: seqlstm: AlignedBuffer holds plain numbers only
#include <seqlstm/core/aligned_buffer.hpp>
#include <string>

seqlstm::AlignedBuffer<std::string> names(3);

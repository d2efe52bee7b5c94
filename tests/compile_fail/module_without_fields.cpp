// expect: seqlstm: a module needs `template <class V> void fields(V& v)`
#include <seqlstm/nn/module.hpp>

struct Net {
  seqlstm::Parameter<float> weight{1, 2};
};

std::size_t count(Net& net) {
  return seqlstm::parameter_count(net);
}

#include <seqlstm/nn/names.hpp>

#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/dropout.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

struct Head {
  Dense<float> first{4, 3}, second{3, 2};
  BatchNorm<float> norm{3};
  template <class V> void fields(V& v) {
    v("layers.0", first);
    v("layers.1", norm);
    v("layers.3", second);
  }
};
struct Net {
  Head head;
  Dropout<float> dropout{0.1};
  template <class V> void fields(V& v) {
    v("head", head);
    v("dropout", dropout);
  }
};

}  // namespace

TEST_CASE("names: every layer gets its path, and says it") {
  Net net;
  set_names(net);
  CHECK(net.head.first.name == "head.layers.0");
  CHECK(net.head.norm.name == "head.layers.1");
  CHECK(net.dropout.name == "dropout");
  Tape<float> tape;
  std::vector<float> x(10);
  CHECK_THROWS_WITH(net.head.second(tape.leaf({x.data(), 2, 5})),
                    "dense 'head.layers.3': input has 5 columns, weight expects 3");
  CHECK_THROWS_WITH(net.head.norm(tape.leaf({x.data(), 2, 5})),
                    "batch_norm 'head.layers.1': input has 5 columns, weight expects 3");
}

#include <seqlstm/nn/module.hpp>

#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/dropout.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

struct Head {
  Dense<float> first{3, 2};
  BatchNorm<float> norm{2};
  Dropout<float> dropout{0.5};
  template <class V> void fields(V& v) {
    v("first", first);
    v("norm", norm);
    v("dropout", dropout);
  }
};
struct Net {
  Dense<float> body{4, 3};
  Head head;
  template <class V> void fields(V& v) {
    v("body", body);
    v("head", head);
  }
};

}  // namespace

TEST_CASE("module: parameters and buffers have dotted names in the order of fields") {
  Net net;
  std::vector<std::string> names;
  for_each_parameter(net, [&](const std::string& name, const auto&) { names.push_back(name); });
  CHECK(names == std::vector<std::string>{"body.weight", "body.bias", "head.first.weight", "head.first.bias",
                                          "head.norm.weight", "head.norm.bias"});
  names.clear();
  for_each_buffer(net, [&](const std::string& name, const auto&) { names.push_back(name); });
  CHECK(names == std::vector<std::string>{"head.norm.running_mean", "head.norm.running_var",
                                          "head.norm.num_batches_tracked"});
  CHECK(parameter_count(net) == 12 + 3 + 6 + 2 + 2 + 2);
}

TEST_CASE("module: groups freeze by whole names, modes reach every layer that has one") {
  Net net;
  CHECK(set_trainable(net, "head.first", false) == 2);
  CHECK(set_trainable(net, "head.fir", false) == 0);
  CHECK_FALSE(net.head.first.weight.trainable);
  CHECK(net.head.norm.weight.trainable);
  CHECK(set_trainable(net, "", true) == 6);
  CHECK(net.head.first.weight.trainable);
  set_training(net, false);
  CHECK_FALSE(net.head.norm.training);
  CHECK_FALSE(net.head.dropout.training);
  set_training(net, true);
  CHECK(net.head.norm.training);
}

TEST_CASE("module: zero_gradients clears, edit changes the version") {
  Net net;
  net.body.weight.gradient()(1, 1) = 5;
  zero_gradients(net);
  CHECK(net.body.weight.gradient()(1, 1) == 0);
  const auto version = net.body.weight.version();
  net.body.weight.edit();
  CHECK(net.body.weight.version() != version);
}

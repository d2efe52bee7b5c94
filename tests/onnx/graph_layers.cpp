#include <seqlstm/onnx/graph_layers.hpp>

#include <seqlstm/nn/module.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

TEST_CASE("graph layers: a copy has weights of its own") {
  io::GraphLayer layer = Dense<float>(2, 1);
  io::GraphLayer copy = layer;
  std::get<Dense<float>>(copy).bias.edit()(0, 0) += 1;
  CHECK(std::get<Dense<float>>(copy).bias.view()(0, 0) ==
        std::get<Dense<float>>(layer).bias.view()(0, 0) + 1);
}

// A downstream program of seqlstm::onnx: a model crosses a file.
#include <cstdio>
#include <iostream>
#include <seqlstm/infer/predict.hpp>
#include <seqlstm/onnx/all.hpp>

int main() {
  using namespace seqlstm;
  auto model = sequential(embedding(4), lstm({.hidden = 3}), last(), dense(2));
  model.build({.vocabulary = 5, .seed = 1});
  io::save_onnx("small.onnx", model);
  const auto net = io::load_onnx("small.onnx");
  std::remove("small.onnx");
  const Token ids[] = {1, 4, 2};
  const bool same = predict(net, ids, mse()).values == predict(model, ids, mse()).values;
  std::cout << net.nodes().size() << " layers, " << (same ? "the same answer\n" : "another answer\n");
  return same && net.nodes().size() == 4 ? 0 : 1;
}

// A program that reads a signal, a step at a time.
#include <cstdio>
#include <seqlstm/nn/lstm.hpp>

int main() {
  seqlstm::Lstm<float> lstm({.input = 2, .hidden = 32});
  auto streams = lstm.initial_state(1);
  float x[2];
  while (std::scanf("%f %f", &x[0], &x[1]) == 2)
    std::printf("%g\n", static_cast<double>(lstm.step({x, 1, 2}, streams)(0, 0)));
  return 0;
}

// A downstream program with compiled kernels: no flag of its own names a CPU.
#include <iostream>
#include <seqlstm/lstm.hpp>

int main() {
  std::cout << seqlstm::cpu_report() << '\n';
  seqlstm::Lstm<float> lstm({.input = 2, .hidden = 3});
  auto streams = lstm.initial_state(1);
  const float x[] = {1, -1};
  const auto h = lstm.step({x, 1, 2}, streams);
  return h.cols() == 3 && h(0, 0) > -1 && h(0, 0) < 1 ? 0 : 1;
}

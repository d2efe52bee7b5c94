// How much of a gradient is left after so many steps: an RNN, LSTMs with other forget biases, a GRU, all
// before any training.
#include <seqlstm/seqlstm.hpp>

#include <cmath>
#include <iomanip>
#include <iostream>

using namespace seqlstm;

/// Norms of d loss / d x, by steps before the last one; x is random numbers.
template <class Layer> std::vector<double> norms(const Layer& layer) {
  constexpr std::size_t sequences = 16, steps = 101;
  const PackedLayout layout(std::vector<std::size_t>(sequences, steps));
  std::vector<float> numbers(layout.tokens());
  RandomStream random(1);
  for (float& number : numbers) number = static_cast<float>(random.normal());
  const Dense<float> head(layer.options().hidden, 1);
  const std::vector<double> targets(sequences, 1.0);

  Tape<float> tape;
  const auto x = tape.input({numbers.data(), numbers.size(), 1}, layout);
  tape.backward(mse(head(last(layer(x))), targets));
  return gradient_by_lag(x);
}

template <class Layer> void print(const char* name, const Layer& layer) {
  const auto left = norms(layer);
  std::cout << std::left << std::setw(20) << name << std::right;
  for (const std::size_t back : {10, 20, 50, 100})
    std::cout << std::setw(8) << std::lround(std::log10(left[back] / left[0]));
  std::cout << '\n';
}

int main() {
  std::cout << "powers of ten        10 back 20 back 50 back 100 back\n";
  print("RNN", Rnn<float>({.input = 1, .hidden = 32}));
  print("GRU", Gru<float>({.input = 1, .hidden = 32}));
  for (const double bias : {0.0, 1.0, 5.0})
    print(("LSTM, forget bias " + std::to_string(std::lround(bias))).c_str(),
          Lstm<float>({.input = 1, .hidden = 32, .forget_bias = bias}));
}

// Output:
// powers of ten        10 back 20 back 50 back 100 back
// RNN                       -4      -6     -14     -28
// GRU                       -2      -4     -10     -20
// LSTM, forget bias 0       -1      -3      -9     -21
// LSTM, forget bias 1       -1      -1      -3      -7
// LSTM, forget bias 5       -1      -1      -1       0

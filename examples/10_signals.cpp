// Classify signals: rows of real numbers instead of letters. Three shapes of wave, on two channels of other
// scales, with noise; records differ in length.
#include <seqlstm/seqlstm.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iomanip>
#include <iostream>

using namespace seqlstm;

namespace {

const std::vector<std::string> shapes = {"sine", "square", "saw"};

/// [length, 2]: the wave in volts, and in millivolts a quarter of a period later.
std::vector<float> wave(std::size_t shape, RandomStream& random) {
  const std::size_t length = 40 + random.below(60);
  const double period = random.uniform(9, 15), start = random.uniform(0, 1);
  std::vector<float> rows;
  for (std::size_t t = 0; t < length; ++t) {
    for (const double scale : {1.0, 1000.0}) {
      double phase = start + static_cast<double>(t) / period + (scale > 1 ? 0.25 : 0);
      phase -= std::floor(phase);
      const double sine = std::sin(2 * 3.14159265 * phase);
      const double value = shape == 0 ? sine : (shape == 1 ? (sine > 0 ? 1 : -1) : 2 * phase - 1);
      rows.push_back(static_cast<float>(scale * (value + 0.3 * random.normal())));
    }
  }
  return rows;
}

ConstMatrixView<float> matrix(const std::vector<float>& rows) {
  return {rows.data(), rows.size() / 2, 2};
}

}  // namespace

int main() {
  RandomStream random(5);
  SequenceDataset data;
  data.label_names = shapes;
  for (std::size_t i = 0; i < 900; ++i) {
    const double shape[] = {static_cast<double>(i % 3)};
    data.add("wave" + std::to_string(i), matrix(wave(i % 3, random)), {.record = shape});
  }
  const auto parts = split(data, {0.7, 0.15, 0.15}, {.seed = 1, .stratified = true});
  const auto& [train, valid, test] = parts;

  // channels() brings each channel to mean 0 and deviation 1 of the training part; the model keeps both.
  const auto network = [] { return sequential(channels(), lstm({.hidden = 32}), last(), dense(3)); };
  auto model = network();
  fit(model, train, valid,
      {.loss = cross_entropy(), .schedule = one_cycle(0.02), .epochs = 15, .batch_size = 32, .seed = 1});
  std::cout << std::fixed << std::setprecision(2) << "accuracy " << evaluate(model, test)["accuracy"] << '\n';

  const std::string file = (std::filesystem::temp_directory_path() / "10_signals.model").string();
  io::save(file, model, {.labels = shapes});
  auto again = network();
  io::load(file, again);
  std::filesystem::remove(file);
  for (std::size_t shape = 0; shape < shapes.size(); ++shape) {
    const auto probabilities = predict(again, matrix(wave(shape, random))).values;
    const auto likeliest =
        std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin();
    std::cout << "a new " << shapes[shape] << " is taken for a "
              << shapes[static_cast<std::size_t>(likeliest)] << '\n';
  }
}

// Output:
// accuracy 1.00
// a new sine is taken for a sine
// a new square is taken for a square
// a new saw is taken for a saw

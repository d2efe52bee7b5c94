// The shapes a benchmark runs on: a fixed table, and those of SEQLSTM_BENCH_SHAPES ("T,B,I,H;T,B,I,H").
#pragma once

#include <cstdlib>
#include <seqlstm/core/error.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace bench {

struct Shape {
  std::size_t steps, batch, input, hidden;
  [[nodiscard]] std::string name() const {
    return "T:" + std::to_string(steps) + "/B:" + std::to_string(batch) + "/I:" + std::to_string(input) +
           "/H:" + std::to_string(hidden);
  }
};

inline Shape parse_shape(const std::string& text) {
  std::istringstream in(text);
  long values[4] = {};
  char comma = ',';
  std::string rest;
  for (int k = 0; k < 4; ++k) {
    if (k > 0) in >> comma;
    in >> values[k];
    if (!in || comma != ',' || values[k] < 1 || values[k] > 65536)
      throw seqlstm::option_error(
          "SEQLSTM_BENCH_SHAPES: '" + text +
          "' is not a shape; expected T,B,I,H, each from 1 to 65536, shapes separated by ';'");
  }
  if (in >> rest)
    throw seqlstm::option_error("SEQLSTM_BENCH_SHAPES: '" + text + "' has more than four numbers");
  const Shape shape{static_cast<std::size_t>(values[0]), static_cast<std::size_t>(values[1]),
                    static_cast<std::size_t>(values[2]), static_cast<std::size_t>(values[3])};
  const double numbers = static_cast<double>(shape.steps) * static_cast<double>(shape.batch) *
                         static_cast<double>(5 * shape.hidden + shape.input);
  if (numbers > 4e9)
    throw seqlstm::option_error("SEQLSTM_BENCH_SHAPES: '" + text + "' needs more than 16 GB");
  return shape;
}

/// Of recurrent layers, and of a convolution, whose units are its output columns.
inline const std::vector<Shape> recurrent_shapes = {{100, 64, 64, 128}, {100, 64, 128, 256},
                                                    {100, 64, 96, 512}, {70, 64, 400, 1150},
                                                    {250, 64, 100, 32}, {100, 1, 32, 64}};
inline const std::vector<Shape> convolution_shapes = {{500, 64, 64, 64}};

/// `all`, and behind them those of the environment.
inline std::vector<Shape> with_extra_shapes(std::vector<Shape> all) {
  if (const char* extra = std::getenv("SEQLSTM_BENCH_SHAPES")) {
    std::istringstream in(extra);
    for (std::string text; std::getline(in, text, ';');) {
      const Shape shape = parse_shape(text);
      bool known = false;
      for (const Shape& s : all) known = known || s.name() == shape.name();
      if (!known) all.push_back(shape);
    }
  }
  return all;
}

}  // namespace bench

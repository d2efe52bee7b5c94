// The C++ half of convert_oracles.py: runs a converted model over the sequences of a safetensors file, as one
// ragged batch, and writes what it answers. Sequence "0", "1", ... is a list of token ids or rows of numbers;
// the answer "0", "1", ... a row, or a row for each step.
#include <algorithm>
#include <iostream>
#include <seqlstm/io/architecture.hpp>
#include <string>
#include <vector>

using namespace seqlstm;

namespace {

SequenceBatch batch_of(const io::SafetensorsFile& file) {
  std::vector<std::vector<Token>> tokens;
  std::vector<std::vector<float>> numbers;
  std::vector<ConstMatrixView<float>> rows;
  for (std::size_t i = 0; i < file.tensors.size(); ++i) {
    const io::Tensor* sequence = file.find(std::to_string(i));
    if (sequence == nullptr) throw format_error("sequence " + std::to_string(i) + " is missing");
    if (sequence->shape.size() == 1) {
      tokens.push_back(io::tensor_values<Token>(*sequence));
    } else {
      numbers.push_back(io::tensor_values<float>(*sequence));
      rows.emplace_back(numbers.back().data(), sequence->shape[0], sequence->shape[1]);
    }
  }
  SequenceBatch batch;
  if (rows.empty()) {
    const std::vector<std::span<const Token>> views(tokens.begin(), tokens.end());
    batch.assign(views);
  } else {
    batch.assign(rows);
  }
  return batch;
}

io::SafetensorsFile answers_of(const ModelOutput<float>& output) {
  io::SafetensorsFile file;
  const auto values = output.value();
  const auto add = [&](std::size_t i, const std::vector<float>& numbers, std::size_t count) {
    file.add(std::to_string(i), io::make_tensor(numbers, {count, values.cols()}));
  };
  const auto append = [&](std::vector<float>& numbers, std::size_t row) {
    const auto from = values.row(row);
    numbers.insert(numbers.end(), from.begin(), from.end());
  };
  if (!output.by_position()) {
    for (std::size_t i = 0; i < values.rows(); ++i) {
      std::vector<float> numbers;
      append(numbers, i);
      add(i, numbers, 1);
    }
    return file;
  }
  const PackedLayout& layout = *output.positions().layout();
  for (std::size_t i = 0; i < layout.sequences(); ++i) {
    const std::size_t rank = layout.rank(i), length = layout.length(rank);
    std::vector<float> numbers;
    for (std::size_t t = 0; t < length; ++t) append(numbers, layout.offset(t) + rank);
    add(i, numbers, length);
  }
  return file;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) {
    std::cerr << "usage: MODEL SEQUENCES ANSWERS\n";
    return 2;
  }
  const auto model = io::load(argv[1]);
  const SequenceBatch batch = batch_of(io::read_safetensors(argv[2]));
  Tape<float> tape(Mode::inference);
  io::write_safetensors(argv[3], answers_of(model.forward(tape, batch)));
  return 0;
} catch (const Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}

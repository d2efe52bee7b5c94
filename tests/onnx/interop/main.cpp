// The C++ half of onnx_interop.py. `write FOLDER BATCHES` saves every model as NAME.onnx and, as
// NAME.safetensors, random batches as the file reads them (ids.0, lengths.0, ...) with what our model says of
// them (output.0, ...). `read FILE BATCHES OUT` runs another exporter's file on the ids and lengths of
// BATCHES and saves the outputs.
#include <iostream>
#include <seqlstm/io/safetensors.hpp>
#include <seqlstm/onnx/load_onnx.hpp>
#include <seqlstm/onnx/save_onnx.hpp>

#include "onnx/every_model.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Packed rows as [batch, time, columns], `fill` beyond the ends.
template <class To, class Row>
std::vector<To> padded(const PackedLayout& layout, std::size_t time, std::size_t cols, To fill, Row row) {
  std::vector<To> out(layout.sequences() * time * cols, fill);
  for (std::size_t r = 0; r < layout.sequences(); ++r)
    for (std::size_t t = 0; t < layout.length(r); ++t)
      for (std::size_t c = 0; c < cols; ++c)
        out[(layout.order(r) * time + t) * cols + c] = static_cast<To>(row(layout.offset(t) + r, c));
  return out;
}
std::vector<std::int64_t> lengths_of(const PackedLayout& layout) {
  std::vector<std::int64_t> lengths(layout.sequences());
  for (std::size_t r = 0; r < layout.sequences(); ++r)
    lengths[layout.order(r)] = static_cast<std::int64_t>(layout.length(r));
  return lengths;
}

/// Tensors of one batch, their names after the batch's number.
class BatchTensors {
 public:
  BatchTensors(io::SafetensorsFile& file, std::size_t number)
      : file_(&file), end_("." + std::to_string(number)) {}
  template <class T>
  void add(const char* name, const std::vector<T>& values, std::vector<std::size_t> shape) {
    file_->add(name + end_, io::make_tensor(values, std::move(shape)));
  }
  void add_rows(const char* name, ConstMatrixView<float> rows) {
    std::vector<float> values;
    for (std::size_t r = 0; r < rows.rows(); ++r)
      values.insert(values.end(), rows.row_data(r), rows.row_data(r) + rows.cols());
    add(name, values, {rows.rows(), rows.cols()});
  }
  void add_steps(const char* name, const SeqVar<float>& y, std::size_t time) {
    const auto rows = y.value();
    add(name,
        padded(*y.layout(), time, y.cols(), 0.0F, [&](std::size_t r, std::size_t c) { return rows(r, c); }),
        {y.layout()->sequences(), time, y.cols()});
  }

 private:
  io::SafetensorsFile* file_;
  std::string end_;
};

/// The inputs: beyond the ends stands what nobody may read.
std::size_t add_inputs(BatchTensors& to, const SequenceBatch& batch, std::size_t more_time) {
  const PackedLayout& layout = batch.layout;
  const std::size_t time = layout.steps() + more_time;
  to.add("lengths", lengths_of(layout), {layout.sequences()});
  if (!batch.ids.empty())
    to.add(
        "ids",
        padded(layout, time, 1, std::int64_t{-7}, [&](std::size_t r, std::size_t) { return batch.ids[r]; }),
        {layout.sequences(), time});
  if (batch.channel_count > 0)
    to.add("channels",
           padded(layout, time, batch.channel_count, std::numeric_limits<float>::quiet_NaN(),
                  [&](std::size_t r, std::size_t c) { return batch.channel_rows()(r, c); }),
           {layout.sequences(), time, batch.channel_count});
  return time;
}

template <class Model>
void write_case(BatchTensors& to, const Model& model, const BatchKind& kind, std::uint64_t seed) {
  Tape<float> tape(Mode::inference);
  if constexpr (RunsOn<const Model, Tape<float>, FeatureBatch>) {
    const auto batch = random_features(kind, seed);
    to.add("features", batch.values, {batch.rows, batch.width});
    to.add_rows("output", model.forward(tape, batch).value());
  } else {
    const auto batch = random_batch(kind, seed);
    // Longer than it must be, where no table of positions sets an end.
    const std::size_t time = add_inputs(to, batch, batch.layout.steps() < kind.most ? seed % 2 : 0);
    const ModelOutput<float> output = model.forward(tape, batch);
    if (output.by_position()) {
      to.add("output_lengths", lengths_of(*output.positions().layout()), {batch.layout.sequences()});
      to.add_steps("output", output.positions(), time);
    } else {
      to.add_rows("output", output.rows().value());
      if (output.has_sites()) to.add_steps("sites", output.sites(), time);
    }
  }
}

int write(const std::string& folder, std::size_t batches) {
  std::size_t models = 0;
  for_every_model([&](const std::string& name, auto& model, const BatchKind& kind) {
    io::save_onnx(folder + "/" + name + ".onnx", model);
    io::SafetensorsFile file;
    for (std::size_t k = 0; k < batches; ++k) {
      BatchTensors to(file, k);
      write_case(to, model, kind, 1000 + k);
    }
    io::write_safetensors(folder + "/" + name + ".safetensors", file);
    ++models;
  });
  std::cout << models << " models, " << batches << " batches each\n";
  return 0;
}

int read(const std::string& path, const std::string& batches, const std::string& out) {
  const auto net = io::load_onnx(path);
  const auto given = io::read_safetensors(batches);
  io::SafetensorsFile file;
  for (std::size_t k = 0; given.find("ids." + std::to_string(k)) != nullptr; ++k) {
    const auto& ids = *given.find("ids." + std::to_string(k));
    const auto values = io::tensor_values<Token>(ids);
    const auto lengths = io::tensor_values<std::size_t>(*given.find("lengths." + std::to_string(k)));
    std::vector<std::span<const Token>> sequences;
    for (std::size_t i = 0; i < lengths.size(); ++i)
      sequences.push_back(std::span(values).subspan(i * ids.shape[1], lengths[i]));
    SequenceBatch batch;
    batch.assign(sequences);
    Tape<float> tape(Mode::inference);
    BatchTensors to(file, k);
    const auto output = net.forward(tape, batch);
    if (output.by_position()) {
      to.add_steps("output", output.positions(), ids.shape[1]);
    } else {
      to.add_rows("output", output.rows().value());
    }
  }
  io::write_safetensors(out, file);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 3 && words[0] == "write") return write(words[1], std::stoul(words[2]));
    if (words.size() == 4 && words[0] == "read") return read(words[1], words[2], words[3]);
    std::cerr << "expected write FOLDER BATCHES, or read FILE BATCHES OUT\n";
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
  }
  return 2;
}

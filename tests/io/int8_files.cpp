// Files of models in int8: a quarter of the bytes, and the same predictions.
#include <filesystem>
#include <seqlstm/io/checkpoint.hpp>
#include <seqlstm/io/state_dict.hpp>
#include <seqlstm/nn/conv1d.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/lstm.hpp>

#include "support/paths.hpp"
#include "support/tokens.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

struct Net {
  Embedding<float> embedding{{.vocabulary = 11, .dim = 24, .padding = 0}};
  Lstm<float> lstm{{.input = 24, .hidden = 100, .bidirectional = true}};
  Dense<float> head{200, 7};

  explicit Net(std::uint64_t seed) { initialize(*this, seed); }
  SeqVar<float> forward(Tape<float>& tape, const SequenceBatch& batch) {
    return head(lstm(tape, embedding(batch)));
  }
  template <class V> void fields(V& v) {
    v("embedding", embedding);
    v("lstm", lstm);
    v("head", head);
  }
};

std::vector<float> predicted(Net& net) {
  const std::vector<std::vector<Token>> ids = {{1, 2, 3, 10}, {4, 5}, {6}};
  SequenceBatch batch;
  batch.assign(std::vector<std::span<const Token>>(ids.begin(), ids.end()));
  const FlushDenormals flush;
  Tape<float> tape(Mode::inference);
  return copy_of(net.forward(tape, batch).value());
}
io::SafetensorsFile quantized_state() {
  Net net(1);
  set_precision(net, Precision::int8);
  return io::state_dict(net);
}
io::Tensor& tensor_of(io::SafetensorsFile& file, const std::string& name) {
  for (auto& [key, tensor] : file.tensors)
    if (key == name) return tensor;
  throw option_error("no tensor " + name);
}

}  // namespace

TEST_CASE("int8 files: a quarter of the bytes, the same predictions, and saved again the same file") {
  const support::TemporaryFolder folder;
  Net net(1), other(2);
  io::save(net, folder.path("float.safetensors"));
  set_precision(net, Precision::int8);
  io::save(net, folder.path("int8.safetensors"));
  const auto size = [&](const char* name) {
    return static_cast<double>(std::filesystem::file_size(folder.path(name)));
  };
  CHECK(size("int8.safetensors") < 0.3 * size("float.safetensors"));
  const auto report = io::load(other, folder.path("int8.safetensors"));
  CHECK(report.missing.empty());
  CHECK(report.unexpected.empty());
  set_precision(other, Precision::int8);
  CHECK(same_bits(predicted(net), predicted(other)));
  io::save(other, folder.path("again.safetensors"));
  const auto first = io::read_safetensors(folder.path("int8.safetensors")),
             again = io::read_safetensors(folder.path("again.safetensors"));
  REQUIRE(first.tensors.size() == again.tensors.size());
  for (std::size_t k = 0; k < first.tensors.size(); ++k) {
    CHECK(first.tensors[k].first == again.tensors[k].first);
    CHECK(first.tensors[k].second.data == again.tensors[k].second.data);
  }
  CHECK(first.find("embedding.weight")->dtype == "I8");
  CHECK(first.find("lstm.weight_hh_l0_reverse")->dtype == "I8");
  CHECK(first.find("lstm.bias_hh_l0")->dtype == "F32");
  CHECK(first.find("head.weight.scale")->shape == std::vector<std::size_t>{7});
}

TEST_CASE("int8 files: a damaged one is refused in a sentence, and the model stays as it was") {
  Net net(3);
  const auto before = predicted(net);
  const auto refused = [&](const io::SafetensorsFile& file, const std::string& sentence) {
    CHECK_THROWS_WITH(io::load_state_dict(net, file, "a.safetensors"), sentence);
    CHECK(same_bits(predicted(net), before));
  };
  auto file = quantized_state();
  tensor_of(file, "head.weight").dtype = "U8";
  refused(
      file,
      "a.safetensors: tensor 'head.weight' has scales but is of type U8, expected I8; the file is damaged");
  file = quantized_state();
  tensor_of(file, "head.weight.scale") = io::make_tensor(std::vector<float>(6), {6});
  refused(file,
          "a.safetensors: tensor 'head.weight.scale' has shape [6], expected one number for each row of "
          "'head.weight', which has shape [7, 200]; the file is damaged");
  file = quantized_state();
  file.add("embedding.scale", io::make_tensor(std::vector<float>(6), {6}));
  refused(
      file,
      "a.safetensors: tensor 'embedding.scale' has no place in the model; the file is from another model");
}

TEST_CASE("int8 files: of a convolution each row and tap has a scale") {
  Conv1d<float> conv({.input = 40, .output = 30, .kernel = 5}),
      other({.input = 40, .output = 30, .kernel = 5});
  initialize(conv, 1);
  initialize(other, 2);
  set_precision(conv, Precision::int8);
  set_precision(other, Precision::int8);
  auto file = io::state_dict(conv);
  CHECK(file.find("weight")->dtype == "I8");
  CHECK(file.find("weight.scale")->shape == std::vector<std::size_t>{30, 5});
  io::load_state_dict(other, file, "a.safetensors");
  auto values = random_values<float>(12 * 40, 3);
  PackedLayout layout;
  layout.assign(std::vector<std::size_t>{7, 5});
  Tape<float> tape(Mode::inference);
  const auto x = tape.leaf({values.data(), 12, 40}, layout);
  CHECK(same_bits(copy_of(conv(x).value()), copy_of(other(x).value())));
  const auto again = io::state_dict(other);
  CHECK(again.find("weight")->data == file.find("weight")->data);
  CHECK(again.find("weight.scale")->data == file.find("weight.scale")->data);
  tensor_of(file, "weight.scale") = io::make_tensor(std::vector<float>(30), {30});
  CHECK_THROWS_WITH(
      io::load_state_dict(other, file, "a.safetensors"),
      "a.safetensors: tensor 'weight.scale' has shape [30], expected one number for each row and "
      "tap of 'weight', which has shape [30, 40, 5]; the file is damaged");
}

TEST_CASE(
    "int8 files: a model file with its stored input is read back, and the saved model keeps its weights") {
  const support::TemporaryFolder folder;
  Net net(1), before(1), other(2);
  set_precision(net, Precision::int8);
  const std::vector<Token> stored = {1, 2, 3, 10};
  io::save_model(folder.path("model"), net,
                 {.kind = "net", .options = {}, .tokenizer = {}, .label_names = {}}, stored);
  io::load_model(folder.path("model"), other);
  set_precision(net, Precision::f32);
  CHECK(same_bits(predicted(net), predicted(before)));
  set_precision(net, Precision::int8);
  set_precision(other, Precision::int8);
  CHECK(same_bits(predicted(net), predicted(other)));
}

#include <seqlstm/io/state_dict.hpp>
#include <seqlstm/models/reference_protein_net.hpp>
#include <sstream>

#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

constexpr ReferenceProteinNetOptions small = {
    .vocabulary = 6, .classes = 2, .embedding_dim = 3, .hidden = 4, .layers = 2, .dense = 5};

template <class T> ReferenceProteinNet<T> random_net(std::uint64_t seed) {
  ReferenceProteinNet<T> net(small);
  initialize(net, seed);
  return net;
}

}  // namespace

TEST_CASE("state dict: floats in half the bytes, rounded once") {
  const support::TemporaryFolder folder;
  auto net = random_net<float>(1), other = random_net<float>(2);
  for (const auto& [floats, dtype] :
       {std::pair(io::StoredFloats::f16, "F16"), {io::StoredFloats::bf16, "BF16"}}) {
    const std::string path = folder.path(dtype);
    io::save(net, path, {.floats = floats});
    const auto file = io::read_safetensors(path);
    CHECK(file.find("lstm.weight_hh_l0")->dtype == dtype);
    CHECK(file.find("layers.1.running_var")->dtype == dtype);
    CHECK(file.find("layers.1.num_batches_tracked")->dtype == "I64");
    io::load(other, path);
    const auto exact = everything(net), rounded = everything(other);
    REQUIRE(exact.size() == rounded.size());
    for (std::size_t i = 0; i < exact.size(); ++i) {
      const auto value = static_cast<float>(exact[i]);
      const float expected = floats == io::StoredFloats::f16 ? static_cast<float>(float16(value))
                                                             : static_cast<float>(bfloat16(value));
      if (static_cast<float>(rounded[i]) != expected) REQUIRE(static_cast<float>(rounded[i]) == expected);
    }
  }
  for_each_parameter(net, [](const std::string& name, auto& p) {
    if (name == "embedding.weight") p.edit()(0, 0) = 70000;
  });
  std::string message;
  try {
    io::save(net, folder.path("F16"), {.floats = io::StoredFloats::f16});
  } catch (const option_error& error) {
    message = error.what();
  }
  CHECK(message == "tensor 'embedding.weight' holds 70000, which is out of range as F16; save it as it is");
  CHECK_NOTHROW(io::save(net, folder.path("BF16"), {.floats = io::StoredFloats::bf16}));
}

TEST_CASE("state dict: names, shapes and order are PyTorch's") {
  auto net = random_net<float>(1);
  const auto file = io::state_dict(net);
  REQUIRE(file.find("lstm.weight_ih_l1_reverse") != nullptr);
  CHECK(file.find("lstm.weight_ih_l1_reverse")->shape == std::vector<std::size_t>{16, 8});
  CHECK(file.find("layers.1.running_var")->shape == std::vector<std::size_t>{5});
  CHECK(file.find("layers.1.num_batches_tracked")->shape.empty());
  CHECK(file.tensors.front().first == "embedding.weight");
}

TEST_CASE("state dict: what is saved loads into another model to the bit, and into double exactly") {
  const support::TemporaryFolder folder;
  const std::string path = folder.path("net.safetensors");
  auto net = random_net<float>(1), other = random_net<float>(2);
  REQUIRE(everything(net) != everything(other));
  io::save(net, path);
  io::load(other, path);
  CHECK(everything(other) == everything(net));
  auto exact = random_net<double>(3);
  io::load(exact, path);
  CHECK(everything(exact) == everything(net));
}

TEST_CASE("state dict: missing, misshapen and surplus tensors are refused and change nothing") {
  auto net = random_net<float>(1);
  const auto before = everything(net);
  const auto message = [&](const io::SafetensorsFile& file) {
    std::string text;
    try {
      io::load_state_dict(net, file, "a.safetensors");
    } catch (const format_error& error) {
      text = error.what();
    }
    CHECK(everything(net) == before);
    return text;
  };
  auto other = random_net<float>(2);
  auto file = io::state_dict(other);
  file.tensors.erase(file.tensors.begin() + 3);
  CHECK(message(file) ==
        "a.safetensors: tensor 'lstm.bias_ih_l0' is missing; the file is from another model");
  file = io::state_dict(other);
  file.add("extra", io::make_tensor(std::span<const float>(std::vector<float>(2)), {2}));
  CHECK(message(file) ==
        "a.safetensors: tensor 'extra' has no place in the model; the file is from another model");
  file = io::state_dict(other);
  for (auto& [name, tensor] : file.tensors)  // after others have been filled
    if (name == "layers.1.num_batches_tracked") tensor = io::make_tensor(std::vector<double>{0.5}, {});
  CHECK_THAT(message(file),
             ContainsSubstring("a.safetensors: tensor 'layers.1.num_batches_tracked': a tensor "
                               "of type F64 holds 0.5"));
  auto more = small;
  more.vocabulary = 7;
  ReferenceProteinNet<float> wider(more);
  CHECK(message(io::state_dict(wider)) ==
        "a.safetensors: tensor 'embedding.weight' has shape [7, 3], the model expects [6, 3]; give the file "
        "of a model of this shape");
}

TEST_CASE("state dict: what both have is loaded, what only one has is told") {
  auto net = random_net<float>(1), other = random_net<float>(2);
  auto file = io::state_dict(other);
  const std::size_t all = file.tensors.size();
  const auto expected = everything(other);
  const std::string left_out = file.tensors.front().first;
  file.tensors.erase(file.tensors.begin());
  file.add("extra", io::make_tensor(std::span<const float>(std::vector<float>(2)), {2}));
  const auto own = everything(net);
  const auto report = io::load_state_dict(net, file, "a.safetensors", {.strict = false});
  CHECK(report.taken.size() == all - 1);
  CHECK(report.missing == std::vector<std::string>{left_out});
  CHECK(report.unexpected == std::vector<std::string>{"extra"});
  std::ostringstream text;
  text << report;
  CHECK(text.str() ==
        std::to_string(all - 1) + " tensors taken; 1 missing: embedding.weight; 1 unexpected: extra");
  const auto now = everything(net);
  const std::size_t numbers = 6 * 3;  // of the embedding, which comes first
  for (std::size_t i = 0; i < now.size(); ++i) CHECK(now[i] == (i < numbers ? own[i] : expected[i]));
  auto more = small;
  more.vocabulary = 7;
  ReferenceProteinNet<float> wider(more);
  CHECK_THROWS_WITH(
      io::load_state_dict(net, io::state_dict(wider), "a.safetensors", {.strict = false}),
      ContainsSubstring("tensor 'embedding.weight' has shape [7, 3], the model expects [6, 3]"));
  CHECK(everything(net) == now);
}

TEST_CASE("state dict: prefixes turn a file's names into the model's") {
  const support::TemporaryFolder folder;
  const std::string path = folder.path("net.safetensors");
  auto chain = sequential(embedding(3), lstm({.hidden = 4}), last(), dense(2));
  chain.build({.vocabulary = 5, .seed = 1});
  const auto before = everything(chain);
  auto file = io::state_dict(chain);
  for (auto& [name, tensor] : file.tensors) {
    if (name.starts_with("0.")) name = "encoder.emb." + name.substr(2);
    if (name.starts_with("1.")) name = "encoder.rnn." + name.substr(2);
    if (name.starts_with("3.")) name = "head." + name.substr(2);
  }
  io::write_safetensors(path, file);
  const std::vector<io::RenamedPrefix> encoder = {{"encoder.emb.", "0."}, {"encoder.rnn.", "1."}};
  auto again = sequential(embedding(3), lstm({.hidden = 4}), last(), dense(2));
  again.build({.vocabulary = 5, .seed = 2});
  const auto drawn = everything(again);
  CHECK_THROWS_WITH(io::load(again, path, {.renamed = encoder}),
                    ContainsSubstring("tensor '3.weight' is missing; the file is from another model"));
  CHECK(everything(again) == drawn);
  const auto report = io::load(again, path, {.strict = false, .renamed = encoder});
  CHECK(report.taken == std::vector<std::string>{"0.weight", "1.weight_ih_l0", "1.weight_hh_l0",
                                                 "1.bias_ih_l0", "1.bias_hh_l0"});
  CHECK(report.missing == std::vector<std::string>{"3.weight", "3.bias"});
  CHECK(report.unexpected == std::vector<std::string>{"head.weight", "head.bias"});
  auto all = encoder;
  all.push_back({"head.", "3."});
  const auto whole = io::load(again, path, {.renamed = all});
  CHECK(whole.missing.empty());
  CHECK(everything(again) == before);
  // A part of a larger model, and the other way round: "" is every name.
  Lstm<float> lstm({.input = 3, .hidden = 4});
  CHECK(io::load(lstm, path, {.strict = false, .renamed = {{"encoder.rnn.", ""}}}).taken.size() == 4);
  io::save(lstm, path);
  CHECK(io::load(again, path, {.strict = false, .renamed = {{"", "1."}}}).missing.size() == 3);
  CHECK(everything(again) == before);
}

TEST_CASE("state dict: prefixes that fit nothing or make one name of two are refused") {
  auto net = random_net<float>(1), other = random_net<float>(2);
  const auto file = io::state_dict(other);
  const auto before = everything(net);
  CHECK_THROWS_WITH(
      io::load_state_dict(net, file, "a.safetensors", {.strict = false, .renamed = {{"encoder.", ""}}}),
      "a.safetensors: no tensor has a name that begins with 'encoder.', which was to become ''; its first is "
      "'embedding.weight'");
  CHECK_THROWS_WITH(
      io::load_state_dict(net, file, "a.safetensors",
                          {.strict = false, .renamed = {{"layers.0", "x"}, {"layers.1", "x"}}}),
      "a.safetensors: tensors 'layers.0.weight' and 'layers.1.weight' would both be 'x.weight' of the model; "
      "give each a prefix of its own");
  CHECK(everything(net) == before);
}

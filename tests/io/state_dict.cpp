#include <seqlstm/io/state_dict.hpp>
#include <seqlstm/models/reference_protein_net.hpp>

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
  const auto expected = everything(other);
  const std::string left_out = file.tensors.front().first;
  file.tensors.erase(file.tensors.begin());
  file.add("extra", io::make_tensor(std::span<const float>(std::vector<float>(2)), {2}));
  const auto own = everything(net);
  const auto difference = io::load_state_dict_partly(net, file, "a.safetensors");
  CHECK(difference.missing == std::vector<std::string>{left_out});
  CHECK(difference.unexpected == std::vector<std::string>{"extra"});
  const auto now = everything(net);
  const std::size_t numbers = 6 * 3;  // of the embedding, which comes first
  for (std::size_t i = 0; i < now.size(); ++i) CHECK(now[i] == (i < numbers ? own[i] : expected[i]));
  auto more = small;
  more.vocabulary = 7;
  ReferenceProteinNet<float> wider(more);
  CHECK_THROWS_WITH(
      io::load_state_dict_partly(net, io::state_dict(wider), "a.safetensors"),
      ContainsSubstring("tensor 'embedding.weight' has shape [7, 3], the model expects [6, 3]"));
  CHECK(everything(net) == now);
}

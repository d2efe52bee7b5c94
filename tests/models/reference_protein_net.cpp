// A whole model against PyTorch: embedding, stacked bidirectional LSTM, dense layers, batch norm, Adam.
#include <seqlstm/io/state_dict.hpp>
#include <seqlstm/models/reference_protein_net.hpp>
#include <seqlstm/nn/loss.hpp>
#include <seqlstm/optim/optimizer.hpp>

#include "support/golden.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Without dropout, whose masks are not PyTorch's.
ReferenceProteinNetOptions sizes_of(const Golden& golden) {
  const auto number = [&](const char* key) { return golden.config.at(key).get<std::size_t>(); };
  return {.vocabulary = number("vocab"),
          .classes = number("classes"),
          .embedding_dim = number("embedding"),
          .hidden = number("hidden"),
          .layers = number("layers"),
          .dense = golden.tensor("init.layers.0.bias").shape[0],
          .dropout = 0};
}

/// ids [T, B] as a ragged batch.
SequenceBatch batch_of(const Golden& golden) {
  const auto& ids = golden.tensor("ids");
  const auto lengths = golden.config.at("lengths").get<std::vector<std::size_t>>();
  const std::size_t columns = ids.shape.at(1);
  REQUIRE(lengths.size() == columns);
  std::vector<std::vector<Token>> sequences(columns);
  for (std::size_t b = 0; b < columns; ++b)
    for (std::size_t t = 0; t < lengths[b]; ++t)
      sequences[b].push_back(static_cast<Token>(ids.data[t * columns + b]));
  const std::vector<std::span<const Token>> views(sequences.begin(), sequences.end());
  SequenceBatch batch;
  batch.assign(views);
  return batch;
}

template <class T>
void set_from(ReferenceProteinNet<T>& net, const Golden& golden, const std::string& prefix) {
  for_each_parameter(net, [&](const std::string& name, Parameter<T>& p) {
    const auto& tensor = golden.tensor(prefix + name);
    REQUIRE(tensor.shape == p.shape());
    std::transform(tensor.data.begin(), tensor.data.end(), p.edit().data(),
                   [](double x) { return static_cast<T>(x); });
  });
  for_each_buffer(net, [&]<class B>(const std::string& name, Buffer<B>& b) {
    const auto& tensor = golden.tensor(prefix + name);
    std::transform(tensor.data.begin(), tensor.data.end(), b.values().begin(),
                   [](double x) { return static_cast<B>(x); });
  });
}

/// A bias in front of batch norm has no gradient but rounding noise of 1e-15, which Adam divides by its eps
/// of 1e-8: five steps of 0.01 make 1e-8 of it, in PyTorch's numbers as in any other. The running means
/// follow.
bool is_noise(const std::string& name) {
  return name == "layers.0.bias" || name == "layers.3.bias" || name.ends_with("running_mean");
}
constexpr double adam_noise = 1e-7;

/// Five Adam steps from PyTorch's weights; every number PyTorch gave on the way.
template <class T> void check_training(double tolerance) {
  const Golden golden = Golden::load("protein_classifier");
  ReferenceProteinNet<T> net(sizes_of(golden));
  set_from(net, golden, "init.");
  const SequenceBatch batch = batch_of(golden);
  const auto& target = golden.tensor("target").data;
  Optimizer<T> optimizer(adam({.lr = 0.01}));
  Tape<T> tape;
  std::vector<T> losses;
  for (std::uint32_t step = 0; step < 5; ++step) {
    zero_gradients(net);
    tape.reset(step);
    const auto p = net.forward(tape, batch);
    const auto loss = bce(p, target);
    tape.backward(loss);
    losses.push_back(loss.value()(0, 0));
    if (step == 0) {
      check_close<T>(copy_of(p.value()), golden.tensor("prob_train_0").data, tolerance, "prob_train_0");
      for_each_parameter(net, [&](const std::string& name, Parameter<T>& parameter) {
        check_close<T>(std::span<const T>(parameter.gradient().data(), parameter.size()),
                       golden.tensor("d0." + name).data, tolerance, "d0." + name);
      });
    }
    optimizer.step(net);
  }
  check_close<T>(losses, golden.tensor("loss").data, tolerance, "losses");
  if constexpr (std::is_same_v<T, double>) {
    const auto check = [&](const std::string& name, const std::vector<double>& values) {
      check_close<double>(values, golden.tensor("final." + name).data,
                          is_noise(name) ? adam_noise : tolerance, "final." + name);
    };
    for_each_parameter(net, [&](const std::string& name, Parameter<T>& p) {
      check(name, {p.data(), p.data() + p.size()});
    });
    for_each_buffer(net, [&](const std::string& name, const auto& b) {
      check(name, {b.values().begin(), b.values().end()});
    });
  }
}

/// Inference with PyTorch's final weights.
template <class T> void check_inference(double tolerance) {
  const Golden golden = Golden::load("protein_classifier");
  ReferenceProteinNet<T> net(sizes_of(golden));
  set_from(net, golden, "final.");
  Tape<T> tape(Mode::inference);
  check_close<T>(copy_of(net.forward(tape, batch_of(golden)).value()), golden.tensor("prob_eval_5").data,
                 tolerance, "prob_eval_5");
}

}  // namespace

TEST_CASE("protein net: five training steps are PyTorch's, in double", "[golden]") {
  check_training<double>(1e-10);
  check_inference<double>(1e-10);
}
TEST_CASE("protein net: five training steps are PyTorch's, in float", "[golden]") {
  check_training<float>(1e-5);
  check_inference<float>(1e-5);
}

TEST_CASE("protein net: a state dict of PyTorch loads and answers as it did there", "[golden]") {
  const Golden golden = Golden::load("protein_classifier");
  ReferenceProteinNet<double> net(sizes_of(golden));
  io::load(net, support::golden_file("protein_final.safetensors"));  // float weights
  Tape<double> tape(Mode::inference);
  check_close<double>(copy_of(net.forward(tape, batch_of(golden)).value()), golden.tensor("prob_eval_5").data,
                      1e-5, "prob_eval_5");
  for_each_buffer(net, [](const std::string& name, const auto& buffer) {
    if (name.ends_with("num_batches_tracked")) CHECK(buffer.values()[0] == 5);
  });
}

TEST_CASE("protein net: the published sizes, and about as many parameters as were expected") {
  const ReferenceProteinNetOptions published;
  ReferenceProteinNet<float> net(published);
  const auto count = static_cast<double>(parameter_count(net));
  CHECK(expected_parameters(published) <= count);
  CHECK(expected_parameters(published) > 0.95 * count);
  CHECK_NOTHROW(ReferenceProteinNet<float>({.layers = 1}));  // no dropout between layers
}

// Counts what a training step asks of the system's allocator: this program's operator new is the counter.
#include <atomic>
#include <cstdlib>
#include <new>
#include <seqlstm/data/kmer_phases.hpp>
#include <seqlstm/infer/predictor.hpp>
#include <seqlstm/models/awd_lstm.hpp>
#include <seqlstm/train/fit.hpp>

#include "support/catch.hpp"
#include "support/tiny.hpp"

namespace {
std::atomic<std::size_t> allocations{0};

void* counted(std::size_t bytes, std::size_t alignment) {
  ++allocations;
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  if (void* place = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded)) return place;
  throw std::bad_alloc();
}
}  // namespace

// Not inlined, or GCC sees a free of what `new` returned and warns.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  return counted(bytes, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* place) noexcept {
  std::free(place);
}
[[gnu::noinline]] void operator delete(void* place, std::size_t) noexcept {
  std::free(place);
}
[[gnu::noinline]] void operator delete(void* place, std::align_val_t) noexcept {
  std::free(place);
}
[[gnu::noinline]] void operator delete(void* place, std::size_t, std::align_val_t) noexcept {
  std::free(place);
}

using namespace seqlstm;
using namespace testing;

namespace {

/// Allocations of every training step from the third epoch on.
template <class Model>
std::vector<std::size_t> allocations_of_steps(Model& model, const OptimizerSpec& spec) {
  const auto train = tiny_data(96, 1);
  std::vector<std::size_t> counts;
  counts.reserve(1000);
  std::size_t before = 0;
  std::uint64_t epoch = 0;
  fit(model, train,
      {.optimizer = spec,
       .schedule = one_cycle(1e-3),
       .epochs = 5,
       .batch_size = 16,
       .clip_norm = 1,
       .clip_value = 1,
       .on_step = [&](const StepReport& step) {
         const std::uint64_t now = (step.step - 1) / 6;
         if (now == epoch && now >= 2) counts.push_back(allocations - before);
         epoch = now;
         before = allocations;
         return true;
       }});
  return counts;
}

}  // namespace

TEST_CASE("allocation: the counter counts") {
  const std::size_t before = allocations;
  void* place = ::operator new(24);  // unlike `new double[3]`, never optimised away
  const std::size_t after = allocations;
  ::operator delete(place);
  CHECK(after == before + 1);
}

TEST_CASE("allocation: a training step allocates nothing, from batch to update") {
  set_threads(2);
  for (const auto& spec : {adamw(), sgd({.momentum = 0.9}), rmsprop()}) {
    auto model = tiny_model();
    const auto counts = allocations_of_steps(model, spec);
    REQUIRE(counts.size() == 15);
    CHECK(counts == std::vector<std::size_t>(15, 0));
  }
  auto deep =
      sequential(embedding(6), lstm({.hidden = 9, .layers = 3, .bidirectional = true, .dropout = 0.1}),
                 concat(last(), max()), dense(1));
  CHECK(allocations_of_steps(deep, adam()) == std::vector<std::size_t>(15, 0));
  set_threads(1);
}

TEST_CASE("allocation: a predictor's request allocates nothing after one as large") {
  const auto data = tiny_data(40, 1);
  auto model = tiny_model();
  fit(model, data, {.epochs = 1});
  std::vector<std::span<const Token>> sequences;
  for (std::size_t i = 0; i < data.size(); ++i) sequences.push_back(data.sequence(i));
  Predictor predictor(model);
  predictor(sequences);
  const std::size_t before = allocations;
  for (const auto& sequence : sequences) predictor(sequence);
  predictor(sequences);
  CHECK(allocations == before);
}

TEST_CASE("allocation: a prepared language model packs nothing when it first reads") {
  const AwdLstmOptions options{.vocabulary = 9, .embedding_dim = 20, .hidden = 33, .layers = 2};
  const AwdLanguageModel<float> model(options), other(options);
  const std::vector<Token> ids = {1, 2};
  const std::span<const Token> sequence = ids;
  SequenceBatch batch;
  batch.assign(std::span(&sequence, 1));
  Tape<float> tape(Mode::inference);
  auto carried = other.carried_state(1), own = other.carried_state(1);
  for (auto* states : {&carried, &own}) {
    tape.reset();
    other.forward(tape, batch, *states);
  }
  prepare(const_cast<AwdLanguageModel<float>&>(model));
  tape.reset();
  const std::size_t before = allocations;
  model.forward(tape, batch, own);
  CHECK(allocations == before);
}

TEST_CASE("allocation: a step of a stream allocates nothing") {
  Lstm<float> lstm({.input = 5, .hidden = 9, .layers = 2});
  Embedding<float> tokens({.vocabulary = 7, .dim = 5});
  auto streams = lstm.initial_state(2);
  const std::vector<Token> ids = {1, 2};
  const std::vector<float> x(10, 0.5F);
  for (int round = 0; round < 3; ++round) {
    lstm.weights(0).weight_ih.edit()(0, 0) += 1;
    const std::size_t before = allocations;
    lstm.step(tokens.at(ids), streams);
    lstm.step({x.data(), 2, 5}, streams);
    const std::size_t after = allocations;
    if (round > 0) CHECK(after == before);
  }
}

TEST_CASE("k-mer phases allocate nothing after the largest batch") {
  const Tokenizer tokenizer(dna4, {.k = 3, .stride = 2});
  const auto tokens = tokenizer.encode("ACGTTGCATTGAC");
  const auto batch_of = [&](std::size_t sequences) {
    SequenceBatch batch;
    batch.assign(std::vector<std::span<const Token>>(sequences, tokens));
    return batch;
  };
  const auto large = batch_of(9), small = batch_of(2);
  KmerPhases phases(tokenizer);
  SequenceBatch read;
  for (std::size_t phase = 0; phase < phases.count(); ++phase) phases.read(large, phase, read);
  const std::size_t before = allocations;
  for (std::uint32_t step = 0; step < 20; ++step)
    phases.draw(step % 2 == 0 ? small : large, {1, 2, step}, read);
  CHECK(allocations == before);
}

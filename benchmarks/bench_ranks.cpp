// What training on ranks costs: bench_ranks protein|awd [ROUNDS] [bf16] [wire=bf16] [shard_optimizer]
// [no_overlap] [shards=16] prints one JSON line.
//
//     bench_ranks protein            one rank: sums by shard against a training without them
//     mpirun -n 4 bench_ranks awd    four ranks: speed, waits, and the sums of all gradients alone
//
// "protein": two bidirectional LSTMs of 128 units, 64 sequences of 50 to 550 residues. "awd": an AWD-LSTM of
// 1,150 units, 64 streams, windows of 70 tokens. Ranks share the threads this process may use.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/core/runtime.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/data/tokenizer.hpp>
#include <seqlstm/nn/recipes.hpp>
#include <seqlstm/train/fit.hpp>
#include <seqlstm/train/language_model.hpp>
#include <string>

#include "support/late_communicator.hpp"

#if defined(SEQLSTM_BENCH_MPI)
#include <seqlstm/mpi.hpp>
#endif

namespace {

using namespace seqlstm;

/// One training of a few updates.
struct Measured {
  double tokens_per_second = 0, seconds = 0;
  std::size_t updates = 0, parameters = 0;
  RankTraffic traffic;
};
struct Setting {
  CommunicatorRef ranks;
  Precision precision = Precision::f32, wire = Precision::f32;
  bool shard_optimizer = false, overlap = true;
  std::size_t shards = 16;
};

SequenceDataset residues() {
  RandomStream random(1);
  LabelledRecords records;
  for (std::size_t i = 0; i < 640; ++i) {
    std::string letters(50 + random.below(500), 'A');
    for (char& letter : letters) letter = "ACDEFGHIKLMNPQRSTVWY"[random.below(20)];
    records.records.push_back({.id = std::to_string(i), .sequence = letters});
    records.labels.push_back(static_cast<double>(i % 2));
  }
  return encode(records, aa21);
}

Measured train_protein(const Setting& setting) {
  static const SequenceDataset data = residues();
  auto model =
      sequential(embedding(32),
                 lstm({.hidden = 128, .layers = 2, .bidirectional = true, .precision = setting.precision}),
                 concat(last(), mean()), batch_norm(), dense(1));
  FitOptions options{.epochs = 2, .batch_size = 64, .seed = 1, .progress = nullptr};
  options.communicator = setting.ranks;
  options.wire = setting.wire;
  options.shard_optimizer = setting.shard_optimizer;
  options.shards = setting.shards;
  const FitResult result = fit(model, data, options);
  const EpochReport& last = result.history.back();  // the first one also takes memory from the system
  Measured measured{last.tokens_per_second, result.seconds_per_epoch * 2, result.updates, 0, result.traffic};
  for_each_parameter(model, [&](const std::string&, auto& p) { measured.parameters += p.size(); });
  return measured;
}

Measured train_awd(const Setting& setting) {
  constexpr std::size_t streams = 64, window = 70, windows = 3;
  AwdLanguageModel<float> model({.vocabulary = 4096,
                                 .embedding_dim = 400,
                                 .hidden = 1150,
                                 .layers = 3,
                                 .dropouts = AwdDropouts::language_model().times(0.2)},
                                {});
  set_precision(model, setting.precision);
  LanguageFitOptions options;
  options.batch_size = streams;
  options.bptt = window;
  options.random_length = false;
  options.epochs = 2;
  options.seed = 1;
  options.progress = nullptr;
  options.communicator = setting.ranks;
  options.wire = setting.wire;
  options.shard_optimizer = setting.shard_optimizer;
  options.shards = setting.shards;
  LanguageTrainer trainer(model, options);
  Measured measured;
  trainer.run(
      [](std::size_t epoch) {
        RandomStream random(epoch);
        std::vector<Token> tokens(streams * (window * windows + 1));
        for (Token& token : tokens) token = static_cast<Token>(random.below(4096));
        return tokens;
      },
      [&](const auto& epoch) {
        measured.tokens_per_second = epoch.tokens_per_second;
        measured.seconds += epoch.seconds;
        return true;
      });
  measured.updates = 2 * windows;
  measured.traffic = trainer.traffic();
  for_each_parameter(model, [&](const std::string&, auto& p) { measured.parameters += p.size(); });
  return measured;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

/// Seconds of the sum of so many numbers over ranks while nothing else is done.
double sum_alone(Communicator& ranks, std::size_t count, Precision wire) {
  AlignedBuffer<float> numbers(count);
  TreeSum<float> sum(ranks, {.wire = wire});
  std::vector<double> seconds;
  for (int i = 0; i < 5; ++i) {
    ranks.barrier();
    const auto begin = std::chrono::steady_clock::now();
    sum.sum(numbers.span());
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return median(seconds);
}

using Train = Measured (*)(const Setting&);

void one_rank(const char* name, Train train, Setting setting, std::size_t rounds) {
  std::vector<double> plain, shards, ratios;
  for (std::size_t round = 0; round < rounds; ++round) {
    setting.ranks = {};
    plain.push_back(train(setting).tokens_per_second);
    setting.ranks = single_process();
    shards.push_back(train(setting).tokens_per_second);
    ratios.push_back(shards.back() / plain.back());
  }
  std::printf(
      "{\"network\": \"%s\", \"precision\": \"%s\", \"ranks\": 1, \"threads\": %zu, \"shards\": %zu, "
      "\"rounds\": %zu, "
      "\"tokens_per_second\": %.0f, \"tokens_per_second_by_shard\": %.0f, \"ratio\": %.3f}\n",
      name, setting.precision == Precision::bf16 ? "bf16" : "f32", threads(), setting.shards, rounds,
      median(plain), median(shards), median(ratios));
}

void many_ranks(const char* name, Train train, Setting setting, std::size_t rounds) {
  std::vector<double> speeds, waited;
  Measured last;
  for (std::size_t round = 0; round < rounds; ++round) {
    last = train(setting);
    speeds.push_back(last.tokens_per_second);
    waited.push_back(last.traffic.seconds_waited / last.seconds);
  }
  const double alone = sum_alone(*setting.ranks, last.parameters, setting.wire),
               most = setting.ranks->greatest(median(waited)), least = setting.ranks->least(median(waited));
  if (setting.ranks->rank() > 0) return;
  std::printf(
      "{\"network\": \"%s\", \"precision\": \"%s\", \"wire\": \"%s\", \"ranks\": %zu, \"threads\": %zu, "
      "\"shard_optimizer\": %s, \"overlap\": %s, \"rounds\": %zu, \"tokens_per_second\": %.0f, "
      "\"seconds_per_update\": %.4f, "
      "\"waited_share\": [%.3f, "
      "%.3f], "
      "\"parameters\": %zu, \"bytes_sent_per_update\": %.0f, \"seconds_of_sum_alone\": %.4f}\n",
      name, setting.precision == Precision::bf16 ? "bf16" : "f32",
      setting.wire == Precision::bf16 ? "bf16" : "f32", setting.ranks->size(), threads(),
      setting.shard_optimizer ? "true" : "false", setting.overlap ? "true" : "false", rounds, median(speeds),
      last.seconds / static_cast<double>(last.updates), least, most, last.parameters,
      static_cast<double>(last.traffic.bytes_sent) / static_cast<double>(last.updates), alone);
}

void run(int argc, char** argv, CommunicatorRef ranks, std::size_t on_host) {
  const std::string name = argc > 1 ? argv[1] : "";
  if (name != "protein" && name != "awd")
    throw option_error("bench_ranks: '" + name + "' is no network; write bench_ranks protein, or awd");
  const auto rounds = argc > 2 ? parse_number(argv[2]) : 5.0;
  if (!rounds || !(*rounds >= 1) || *rounds > 1000)
    throw option_error(std::string("bench_ranks: '") + argv[2] + "' rounds, expected 1 to 1000");
  Setting setting{ranks};
  for (int i = 3; i < argc; ++i) {
    if (std::strcmp(argv[i], "bf16") == 0) {
      setting.precision = Precision::bf16;
    } else if (std::strcmp(argv[i], "wire=bf16") == 0) {
      setting.wire = Precision::bf16;
    } else if (std::strcmp(argv[i], "shard_optimizer") == 0) {
      setting.shard_optimizer = true;
    } else if (std::strcmp(argv[i], "no_overlap") == 0) {
      setting.overlap = false;
    } else if (std::strncmp(argv[i], "shards=", 7) == 0 && parse_number(argv[i] + 7).value_or(0) >= 1) {
      setting.shards = static_cast<std::size_t>(*parse_number(argv[i] + 7));
    } else {
      throw option_error(std::string("bench_ranks: '") + argv[i] +
                         "', expected bf16, wire=bf16, shard_optimizer, no_overlap or shards=16");
    }
  }
  set_threads(std::max<std::size_t>(1, usable_threads() / on_host));
  const Train train = name == "protein" ? train_protein : train_awd;
  const auto count = static_cast<std::size_t>(*rounds);
  if (!ranks || ranks->size() == 1) return one_rank(name.c_str(), train, setting, count);
  bench::LateCommunicator late(*ranks);
  if (!setting.overlap) setting.ranks = late;
  many_ranks(name.c_str(), train, setting, count);
}

}  // namespace

int main(int argc, char** argv) {
  try {
#if defined(SEQLSTM_BENCH_MPI)
    mpi::Session session(argc, argv);
    return session.run([&] { run(argc, argv, mpi::world(), session.ranks_on_host()); });
#else
    run(argc, argv, {}, 1);
    return 0;
#endif
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}

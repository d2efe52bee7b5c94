// What tests/mpi/run.sh starts on many ranks: session CASE.
#include <sys/socket.h>

#include <seqlstm/core/error.hpp>

SEQLSTM_NAMESPACE_BEGIN
namespace mpi::detail {
/// In place of the system's for the library: see HOLE.
int connect(int number, sockaddr* address, socklen_t length);
}  // namespace mpi::detail
SEQLSTM_NAMESPACE_END

#include <seqlstm/mpi/session.hpp>

#include <csignal>
#include <iostream>
#include <map>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/split.hpp>
#include <seqlstm/mpi.hpp>
#include <seqlstm/train/fit.hpp>
#include <thread>

SEQLSTM_NAMESPACE_BEGIN
/// HOLE=refused: the last rank's way to rank 0 is refused. HOLE=silent: it leads to who never answers.
int mpi::detail::connect(int number, sockaddr* address, socklen_t length) {
  const char* hole = std::getenv("HOLE");
  int rank = 0, size = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (hole == nullptr || rank + 1 != size) return ::connect(number, address, length);
  errno = ECONNREFUSED;
  if (std::string_view(hole) == "refused") return -1;
  static const auto listener = listen_anywhere();
  sockaddr_in silent{};
  silent.sin_family = AF_INET;
  silent.sin_port = htons(listener.second);
  silent.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(number, reinterpret_cast<sockaddr*>(&silent), sizeof silent);
}
SEQLSTM_NAMESPACE_END

using namespace seqlstm;

namespace {

constexpr std::size_t shard_count = 16, length = 300'001;

void require(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error("expected " + what);
}

/// Numbers whose sum has other bits in another order.
std::vector<float> shard(std::size_t number) {
  RandomStream random(number);
  std::vector<float> values(length);
  for (std::size_t i = 0; i < length; ++i)
    values[i] =
        static_cast<float>(random.uniform(-1, 1) * static_cast<double>(1U << (3 * ((i + number) % 7))));
  return values;
}
std::vector<float> own_sum(const ShardTree& tree, std::size_t rank) {
  std::vector<std::vector<float>> own;
  const auto [begin, end] = tree.shards_of(rank);
  for (std::size_t s = begin; s < end; ++s) own.push_back(shard(s));
  tree.fold(rank, [&](std::size_t into, std::size_t from) {
    for (std::size_t i = 0; i < length; ++i) own[into][i] += own[from][i];
  });
  return own[0];
}

/// The sums of gradients, in buckets and in bfloat16, and of short vectors.
void sums(Communicator& world) {
  const ShardTree tree(shard_count, world.size());
  auto values = own_sum(tree, world.rank());
  auto rounded = values;
  const auto expected = own_sum(ShardTree(shard_count), 0);
  TreeSum<float> gradients(world, {.bucket = 50'000});
  gradients.start(values);
  TreeSum<double> losses(world);
  std::vector<double> loss = {static_cast<double>(world.rank() + 1)};
  losses.sum(loss);
  gradients.finish();
  require(values == expected, "the bits of one rank");
  require(loss[0] == static_cast<double>(world.size() * (world.size() + 1) / 2), "the sum of all losses");

  TreeSum<float>(world, {.wire = Precision::bf16}).sum(rounded);
  const SharedFact facts[] = {{"the sum", fingerprint(std::as_bytes(std::span(values))), ""},
                              {"the sum in bfloat16", fingerprint(std::as_bytes(std::span(rounded))), ""}};
  require_agreement(world, facts);

  std::vector<float> parameters(length, static_cast<float>(world.rank()));
  const std::size_t root = world.size() - 1;
  world.broadcast(std::as_writable_bytes(std::span(parameters)), root);
  require(parameters == std::vector<float>(length, static_cast<float>(root)), "the last rank's parameters");
  world.barrier();
  if (world.rank() == 0) std::cout << "sum " << facts[0].value << '\n';
}

/// Sequences whose class is that of their first letter.
SequenceDataset letters(std::uint64_t seed) {
  RandomStream random(seed);
  LabelledRecords data;
  for (std::size_t i = 0; i < 200; ++i) {
    std::string sequence(3 + random.below(60), 'A');
    for (char& letter : sequence) letter = "ACGT"[random.below(4)];
    data.labels.push_back(sequence[0] == 'A' || sequence[0] == 'C' ? 1.0 : 0.0);
    data.records.push_back({.id = "r" + std::to_string(i), .sequence = std::move(sequence)});
  }
  return encode(data, dna4);
}

/// A training; its weights. `seed`: of the data.
void train(
    Communicator& world, std::uint64_t seed, std::function<void()> after_update = [] {}) {
  auto model = sequential(embedding(6), lstm({.hidden = 16, .bidirectional = true}), concat(last(), mean()),
                          batch_norm(), dropout(0.2), dense(1));
  const auto data = letters(seed);
  const auto result = fit(model, data, data,
                          {.epochs = 2,
                           .on_step =
                               [&](const StepReport&) {
                                 after_update();
                                 return true;
                               },
                           .progress = nullptr,
                           .communicator = world});
  std::string text = detail::number_text(result.history.back().train_loss);
  for_each_parameter(model, [&](const std::string&, auto& p) {
    text += fingerprint(std::as_bytes(std::span(p.data(), p.size())));
  });
  if (world.rank() == 0) std::cout << "weights " << fingerprint(std::as_bytes(std::span(text))) << '\n';
}

[[noreturn]] void wait_for_ever() {
  while (true) std::this_thread::sleep_for(std::chrono::seconds(1));
}

/// Something happens to the last rank while the others do what `others` says.
template <class Event> void at_last_rank(Communicator& world, bool others_wait, Event&& event) {
  world.barrier();
  if (world.rank() + 1 == world.size()) event();
  if (others_wait) world.barrier();
  wait_for_ever();  // as who computes for an hour
}

const std::map<std::string, std::function<void(Communicator&)>> cases = {
    {"sums", sums},
    {"train", [](Communicator& world) { train(world, 1); }},
    {"train_data", [](Communicator& world) { train(world, world.rank() + 1 == world.size() ? 2 : 1); }},
    {"train_throw",
     [](Communicator& world) {
       train(world, 1, [&] {
         if (world.rank() + 1 == world.size()) throw io_error("no space left");
       });
     }},
    {"train_kill",
     [](Communicator& world) {
       train(world, 1, [&] {
         if (world.rank() + 1 == world.size()) std::raise(SIGKILL);
       });
     }},
    {"hello",
     [](Communicator& world) {
       for (const std::string& word : world.gather("rank " + std::to_string(world.rank())))
         if (world.rank() == 0) std::cout << word << '\n';
     }},
    {"throw",
     [](Communicator& world) { at_last_rank(world, true, [] { throw io_error("no space left"); }); }},
    {"throw_beside_work",
     [](Communicator& world) { at_last_rank(world, false, [] { throw io_error("no space left"); }); }},
    {"throw_odd",  // longer than a message between ranks may be
     [](Communicator& world) {
       at_last_rank(world, true, [] { throw io_error("\x1b[2Jx.fa" + std::string(100'000, 'x')); });
     }},
    {"own_mpi",
     [](Communicator& world) {
       int begun = 0, ended = 0;
       MPI_Initialized(&begun);
       MPI_Finalized(&ended);
       if (begun != 0) MPI_Barrier(MPI_COMM_WORLD);
       if (world.rank() == 0) std::cout << "begun " << begun << ", ended " << ended << '\n';
     }},
    {"throw_together", [](Communicator&) { throw io_error("x.fa: no such file"); }},
    {"kill", [](Communicator& world) { at_last_rank(world, true, [] { std::raise(SIGKILL); }); }},
    {"kill_beside_work",
     [](Communicator& world) { at_last_rank(world, false, [] { std::raise(SIGKILL); }); }},
    {"kill_first",
     [](Communicator& world) {
       world.barrier();
       if (world.rank() == 0) std::raise(SIGKILL);
       world.barrier();
     }},
    {"stop", [](Communicator& world) { at_last_rank(world, true, [] { std::raise(SIGSTOP); }); }},
    {"wait",
     [](Communicator& world) {
       for (const std::string& process : world.gather(std::to_string(getpid())))
         if (world.rank() == 0) std::cout << process << std::endl;
       at_last_rank(world, true, wait_for_ever);
     }},
    {"exit", [](Communicator& world) { at_last_rank(world, true, [] { std::_Exit(0); }); }},
    {"leave",
     [](Communicator& world) {
       world.barrier();
       if (world.rank() != 0) return;
       std::byte byte{};
       world.receive(1, 1, {&byte, 1});
     }},
    {"differ",
     [](Communicator& world) {
       const SharedFact seed{"the seed", world.rank() == 1 ? "2" : "1", "give all ranks one"};
       require_agreement(world, {&seed, 1});
     }},
    {"shards", [](Communicator& world) { ShardTree(1, world.size()); }},
    {"tier",
     [](Communicator& world) {
       const auto tiers = world.gather(cpu_tier());
       if (world.rank() == 0) std::cout << "tiers " << tiers.front() << ' ' << tiers.back() << '\n';
     }},
};

}  // namespace

int main(int argc, char** argv) {
  try {
    if (std::getenv("TWICE") != nullptr) mpi::Session(argc, argv);
    mpi::Session session(
        argc, argv,
        {.tiers = std::getenv("COMMON_TIER") != nullptr ? RankTiers::common : RankTiers::refuse,
         .silence = 3});
    return session.run([&] { cases.at(argc == 2 ? argv[1] : "hello")(mpi::world()); });
  } catch (const std::exception& error) {
    std::cerr << "session: " << error.what() << '\n';
    return 2;
  }
}

// MPI begun and ended, and its ranks as a Communicator.
#pragma once

#include <exception>
#include <iostream>
#include <memory>
#include <seqlstm/mpi/detail/launch.hpp>
#include <seqlstm/mpi/detail/world.hpp>
#include <seqlstm/ranks/same_kernels.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Ranks that MPI started: the component seqlstm::mpi.
namespace mpi {

/// What a Session asks of its ranks.
struct SessionOptions {
  RankTiers tiers = RankTiers::refuse;  ///< where hosts have different CPUs
  int silence = 5;  ///< seconds without a sign of life after which a rank counts as dead, 1 to 3600
  int grace = 2;    ///< seconds that ranks have to end by themselves after another failed, 1 to 3600
};

namespace detail {
/// The communicator of the Session that lives; null where none does.
inline Communicator*& world_pointer() {
  static Communicator* world = nullptr;
  return world;
}
}  // namespace detail

/// All ranks of the living Session. Throws option_error where there is none.
inline Communicator& world() {
  if (detail::world_pointer() == nullptr)
    throw option_error("mpi::world() without a session; begin main with mpi::Session session(argc, argv)");
  return *detail::world_pointer();
}

/// MPI from main's first line to its last. Started by no launcher, a program is one rank, and MPI is left
/// alone. Only the thread that made the session calls what takes its communicator (MPI_THREAD_FUNNELED).
///
/// A rank that dies or fails is noticed by a thread at every rank, which is connected to rank 0 by TCP. Rank
/// 0 prints one sentence that names rank and cause; waits of others throw it as rank_error, and all processes
/// end, at the latest after `silence` and `grace` and three seconds. Where rank 0 itself dies, each of the
/// others may print it.
class Session {
 public:
  /// Begins MPI where nobody has, then makes sure that all ranks run one version of the library on one tier
  /// of kernels. Throws option_error: a second session, an MPI that was ended, ranks that differ, and a
  /// launcher of another MPI than the program was built with.
  Session(int& argc, char**& argv, SessionOptions options = {}) : options_(options) {
    if (detail::world_pointer() != nullptr)
      throw option_error("a second mpi::Session; one lives from main's first line to its last");
    for (const int seconds : {options.silence, options.grace})
      if (seconds < 1 || seconds > 3600)
        throw option_error("mpi::SessionOptions: silence and grace are " + std::to_string(options.silence) +
                           " and " + std::to_string(options.grace) + " seconds, expected 1 to 3600");
    int begun = 0, ended = 0;
    MPI_Initialized(&begun);
    MPI_Finalized(&ended);
    if (ended != 0)
      throw option_error(
          "MPI was ended before this session; one session lives from main's first line to its last");
    const auto launch = detail::launch();
    launched_ = launch.has_value();
    if (launch || begun != 0) begin(argc, argv, begun != 0, launch ? launch->count : 0, launch);
    detail::world_pointer() = world_ ? world_.get() : &single_process();
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  /// Waits until all ranks have come to their end, and ends MPI if it began it. Where a rank has failed, or
  /// an exception leaves main, it ends all processes instead.
  ~Session() {
    detail::world_pointer() = nullptr;
    if (watch_) {
      if (std::uncaught_exceptions() > 0) watch_->fail("an exception ended it");
      wait_for_all();
      if (watch_->failed()) world_->end_all(1);
    }
    if (world_) world_->free();
    if (ours_) MPI_Finalize();
  }

  /// body(), and main's exit code: 0, or 1 where it or another rank failed, after one sentence on the error
  /// output.
  template <class Body> int run(Body&& body) {
    try {
      body();
      return 0;
    } catch (const std::exception& error) {
      if (watch_)
        watch_->fail(error.what());
      else
        std::cerr << "seqlstm: " << printable(error.what()) << '\n';
      return 1;
    }
  }

  /// Did a launcher (mpirun, srun) start this process, maybe as the only one?
  [[nodiscard]] bool launched() const { return launched_; }
  /// How many ranks share this machine, this one included: its CPUs are to be shared by as many.
  [[nodiscard]] std::size_t ranks_on_host() const { return ranks_on_host_; }

 private:
  void begin(int& argc, char**& argv, bool begun, std::size_t launched,
             const std::optional<detail::Launch>& launch) {
    int provided = MPI_THREAD_SINGLE, size = 1;
    if (begun) {
      MPI_Query_thread(&provided);
    } else {
      detail::require_success(MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided),
                              "MPI_Init_thread");
      ours_ = true;
    }
    if (provided < MPI_THREAD_FUNNELED)
      throw option_error(
          "this MPI allows no threads, expected MPI_THREAD_FUNNELED; begin it with MPI_Init_thread");
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (size == 1 && launched > 1)
      throw option_error(launch->variable + " says that " + std::to_string(launched) +
                         " processes were started, but this program's MPI (" + library() +
                         ") sees one; start it with the mpirun of that MPI, or build it with the other");
    if (size == 1) return;
    world_ = std::make_unique<detail::World>();
    const auto labels = name_ranks();
    watch_ =
        std::make_unique<detail::Watch>(*world_, labels, detail::WatchTimes{options_.silence, options_.grace},
                                        [this] { world_->end_all(1); });
    world_->watch_by(watch_.get());
    if (!watch_->hole().empty() && world_->rank() == 0)
      std::cerr << "seqlstm: " << watch_->hole()
                << "; a rank that dies is noticed by the launcher of MPI alone\n";
    try {
      require_same_kernels(*world_, options_.tiers);
    } catch (const std::exception& error) {
      watch_->fail(error.what());
      world_->end_all(1);
    }
  }
  /// Returns when all ranks have done their work, or one has failed.
  void wait_for_all() {
    if (watch_->hole().empty()) return watch_->leave([this] { world_->move_messages(); });
    try {
      world_->barrier();
    } catch (const std::exception& error) {
      watch_->fail(error.what());
    }
  }
  /// "rank 1 of 4 (node7, process 4711)" for every rank.
  std::vector<std::string> name_ranks() {
    char host[256] = {};
    gethostname(host, sizeof host - 1);
    auto hosts = world_->gather(host);
    ranks_on_host_ = static_cast<std::size_t>(std::count(hosts.begin(), hosts.end(), hosts[world_->rank()]));
    const auto processes = world_->gather(std::to_string(getpid()));
    for (std::size_t rank = 0; rank < hosts.size(); ++rank)
      hosts[rank] = "rank " + std::to_string(rank) + " of " + std::to_string(hosts.size()) + " (" +
                    hosts[rank] + ", process " + processes[rank] + ")";
    return hosts;
  }
  /// "Open MPI v4.1.4": the first words of MPI's own line.
  static std::string library() {
    char text[MPI_MAX_LIBRARY_VERSION_STRING] = {};
    int length = 0;
    MPI_Get_library_version(text, &length);
    std::string line(text);
    return line.substr(0, line.find_first_of(",\n"));
  }

  SessionOptions options_;
  bool ours_ = false, launched_ = false;
  std::size_t ranks_on_host_ = 1;
  std::unique_ptr<detail::World> world_;
  std::unique_ptr<detail::Watch> watch_;  // goes first
};

}  // namespace mpi

SEQLSTM_NAMESPACE_END

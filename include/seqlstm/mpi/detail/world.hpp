// The communicator of all processes that MPI started.
#pragma once

#ifndef OMPI_SKIP_MPICXX
#define OMPI_SKIP_MPICXX 1  // the C++ functions that MPI gave up
#endif
#ifndef MPICH_SKIP_MPICXX
#define MPICH_SKIP_MPICXX 1
#endif
#include <mpi.h>

#include <chrono>
#include <climits>
#include <cstdlib>
#include <memory>
#include <optional>
#include <seqlstm/mpi/detail/watch.hpp>
#include <seqlstm/ranks/communicator.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace mpi::detail {

/// What MPI says of an error code.
inline std::string error_text(int code) {
  char text[MPI_MAX_ERROR_STRING] = {};
  int length = 0;
  MPI_Error_string(code, text, &length);
  return {text, static_cast<std::size_t>(length)};
}

/// Throws rank_error where an MPI function did not succeed.
inline void require_success(int code, const char* what) {
  if (code != MPI_SUCCESS) throw rank_error(std::string(what) + " failed: " + error_text(code));
}

class World final : public Communicator {
 public:
  /// On a communicator of its own, so that other messages of the program do not meet its.
  World() {
    require_success(MPI_Comm_dup(MPI_COMM_WORLD, &comm_), "MPI_Comm_dup");
    MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN);
    int rank = 0, size = 1;
    MPI_Comm_rank(comm_, &rank);
    MPI_Comm_size(comm_, &size);
    rank_ = static_cast<std::size_t>(rank);
    size_ = static_cast<std::size_t>(size);
  }
  /// Gives the communicator back; all ranks at once.
  void free() { MPI_Comm_free(&comm_); }
  void watch_by(Watch* watch) { watch_ = watch; }

  [[nodiscard]] std::size_t rank() const override { return rank_; }
  [[nodiscard]] std::size_t size() const override { return size_; }

  Transfer start_send(std::size_t to, int tag, std::span<const std::byte> bytes) override {
    Slot& slot = next_slot(to, bytes.size(), false);
    require_success(MPI_Isend(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, static_cast<int>(to),
                              tag, comm_, &slot.request),
                    "MPI_Isend");
    return used_;
  }
  Transfer start_receive(std::size_t from, int tag, std::span<std::byte> bytes) override {
    Slot& slot = next_slot(from, bytes.size(), true);
    require_success(MPI_Irecv(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, static_cast<int>(from),
                              tag, comm_, &slot.request),
                    "MPI_Irecv");
    return used_;
  }
  bool done(Transfer transfer) override {
    check();
    Slot& slot = slots_[transfer];
    int flag = 0, count = 0;
    MPI_Status status;
    const int code = MPI_Test(&slot.request, &flag, &status);
    if (code != MPI_SUCCESS) explain(slot, error_text(code));
    if (flag == 0) {
      require_partner(slot);
      return false;
    }
    if (slot.receives && MPI_Get_count(&status, MPI_BYTE, &count) == MPI_SUCCESS &&
        static_cast<std::size_t>(count) != slot.bytes)
      explain(slot, "it has " + std::to_string(count) + " bytes, expected " + std::to_string(slot.bytes) +
                        "; all ranks must make the same calls");
    idle_.push_back(transfer);
    return true;
  }
  void check() const override {
    if (watch_ != nullptr && watch_->failed()) throw rank_error(watch_->sentence());
  }
  void fail(const std::string& cause) override {
    if (watch_ != nullptr) watch_->fail(cause);
  }
  /// Lets MPI move messages that others wait for.
  void move_messages() {
    int flag = 0;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, comm_, &flag, MPI_STATUS_IGNORE);
  }
  /// Ends the processes of all ranks; this one within two seconds, whatever MPI does.
  [[noreturn]] void end_all(int code) {
    std::thread([code] {
      std::this_thread::sleep_for(std::chrono::seconds(2));
      std::_Exit(code);
    }).detach();
    MPI_Abort(comm_, code);
    std::_Exit(code);
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Slot {
    MPI_Request request = MPI_REQUEST_NULL;
    std::size_t partner = 0, bytes = 0;
    bool receives = false;
    std::optional<Clock::time_point> partner_missed = {};
  };

  Slot& next_slot(std::size_t partner, std::size_t bytes, bool receives) {
    if (partner >= size_ || partner == rank_)
      throw option_error("rank " + std::to_string(rank_) + " and rank " + std::to_string(partner) + " of " +
                         std::to_string(size_) + " cannot be partners");
    if (bytes > std::size_t{INT_MAX})
      throw option_error("a message of " + std::to_string(bytes) + " bytes, but MPI counts to 2147483647");
    check();
    if (idle_.empty()) {
      idle_.push_back(slots_.size());
      slots_.emplace_back();
    }
    used_ = idle_.back();
    idle_.pop_back();
    slots_[used_] = {MPI_REQUEST_NULL, partner, bytes, receives, {}};
    return slots_[used_];
  }
  /// Throws for a transfer that failed. Where that is because a rank died, the watch knows better.
  [[noreturn]] void explain(const Slot& slot, const std::string& why) const {
    const auto patience = Clock::now() + std::chrono::seconds(2);
    while (watch_ != nullptr && Clock::now() < patience) {
      check();
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    throw rank_error(std::string("a message ") + (slot.receives ? "from" : "to") + " rank " +
                     std::to_string(slot.partner) + " failed: " + why);
  }
  /// Throws where the partner has left some time ago: what it sent would be here.
  void require_partner(Slot& slot) const {
    if (watch_ == nullptr || !watch_->ended(slot.partner)) return;
    const auto now = Clock::now();
    if (!slot.partner_missed) slot.partner_missed = now;
    if (now - *slot.partner_missed > std::chrono::seconds(3))
      throw rank_error("rank " + std::to_string(slot.partner) + " has ended, but rank " +
                       std::to_string(rank_) + " waits for it; all ranks must make the same calls");
  }

  MPI_Comm comm_ = MPI_COMM_NULL;
  std::size_t rank_ = 0, size_ = 1, used_ = 0;
  Watch* watch_ = nullptr;
  std::vector<Slot> slots_;
  std::vector<std::size_t> idle_;
};

}  // namespace mpi::detail

SEQLSTM_NAMESPACE_END

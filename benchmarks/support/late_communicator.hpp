// Sums of gradients that do not overlap with the backward pass: what overlap is measured against.
#pragma once

#include <functional>
#include <map>
#include <seqlstm/ranks/communicator.hpp>
#include <utility>
#include <vector>

namespace bench {

/// Holds messages back until somebody waits: until it was asked a thousand times whether one has arrived, and
/// none was begun in between.
class LateCommunicator final : public seqlstm::Communicator {
 public:
  explicit LateCommunicator(seqlstm::Communicator& of) : of_(of) {}

  [[nodiscard]] std::size_t rank() const override { return of_.rank(); }
  [[nodiscard]] std::size_t size() const override { return of_.size(); }
  Transfer start_send(std::size_t to, int tag, std::span<const std::byte> bytes) override {
    return begin([this, to, tag, bytes] { return of_.start_send(to, tag, bytes); });
  }
  Transfer start_receive(std::size_t from, int tag, std::span<std::byte> bytes) override {
    return begin([this, from, tag, bytes] { return of_.start_receive(from, tag, bytes); });
  }
  bool done(Transfer transfer) override {
    if (!held_.empty() && ++asked_ > 1000)
      for (auto& [name, start] : std::exchange(held_, {})) begun_[name] = start();
    const auto found = begun_.find(transfer);
    if (found == begun_.end() || !of_.done(found->second)) return false;
    begun_.erase(found);
    return true;
  }
  void check() const override { of_.check(); }
  void fail(const std::string& cause) override { of_.fail(cause); }

 private:
  Transfer begin(std::function<Transfer()> start) {
    asked_ = 0;
    held_.emplace_back(next_, std::move(start));
    return next_++;
  }

  seqlstm::Communicator& of_;
  Transfer next_ = 0;
  int asked_ = 0;
  std::vector<std::pair<Transfer, std::function<Transfer()>>> held_;
  std::map<Transfer, Transfer> begun_;
};

}  // namespace bench

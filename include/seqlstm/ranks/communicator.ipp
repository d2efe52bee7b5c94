// Definitions of communicator.hpp.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <seqlstm/ranks/communicator.hpp>
#include <seqlstm/ranks/detail/patience.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

// Tags of what a Communicator sends by itself; next_tag() gives those from first_tag on. MPI promises 32767.
inline constexpr int gather_tag = 1, broadcast_tag = 2, first_tag = 16, tag_count = 16384;

template <class T> std::span<std::byte> bytes_of(T& value) {
  return std::as_writable_bytes(std::span<T, 1>(&value, 1));
}
inline std::span<std::byte> bytes_of(std::string& text) {
  return std::as_writable_bytes(std::span<char>(text.data(), text.size()));
}

class SingleProcess final : public Communicator {
 public:
  [[nodiscard]] std::size_t rank() const override { return 0; }
  [[nodiscard]] std::size_t size() const override { return 1; }
  Transfer start_send(std::size_t to, int, std::span<const std::byte>) override { refuse(to); }
  Transfer start_receive(std::size_t from, int, std::span<std::byte>) override { refuse(from); }
  bool done(Transfer) override { return true; }
  void fail(const std::string&) override {}

 private:
  [[noreturn]] static void refuse(std::size_t partner) {
    throw option_error("a message to or from rank " + std::to_string(partner) +
                       ", but this process is the only rank");
  }
};

}  // namespace detail

SEQLSTM_INLINE void Communicator::wait(Transfer transfer) {
  detail::Patience patience;
  while (!done(transfer)) patience.wait();
}

SEQLSTM_INLINE int Communicator::next_tag() {
  const int tag = detail::first_tag + tags_;
  tags_ = (tags_ + 1) % detail::tag_count;
  return tag;
}

SEQLSTM_INLINE void Communicator::broadcast(std::span<std::byte> bytes, std::size_t root) {
  const std::size_t ranks = size();
  if (root >= ranks)
    throw option_error("broadcast from rank " + std::to_string(root) + " of " + std::to_string(ranks) +
                       "; ranks count from 0");
  // Counted from the root, rank r has its message from r without its lowest bit, and passes it on to r with
  // each bit below that. Pieces, so that a rank passes on one while it receives the next.
  constexpr std::size_t piece = std::size_t{1} << 22U;
  const std::size_t own = (rank() + ranks - root) % ranks;
  const std::size_t lowest = own == 0 ? std::bit_ceil(ranks) : own & (~own + 1);
  std::vector<Transfer> sends;
  for (std::size_t begin = 0; begin < bytes.size(); begin += piece) {
    const auto part = bytes.subspan(begin, std::min(piece, bytes.size() - begin));
    if (own != 0) receive((own - lowest + root) % ranks, detail::broadcast_tag, part);
    for (std::size_t bit = lowest / 2; bit > 0; bit /= 2)
      if (own + bit < ranks)
        sends.push_back(start_send((own + bit + root) % ranks, detail::broadcast_tag, part));
  }
  for (const Transfer transfer : sends) wait(transfer);
}

SEQLSTM_INLINE void Communicator::broadcast_text(std::string& text) {
  std::uint64_t length = text.size();
  broadcast(detail::bytes_of(length));
  text.resize(length);
  broadcast(detail::bytes_of(text));
}

SEQLSTM_INLINE std::vector<std::string> Communicator::gather(std::string_view message) {
  std::vector<std::string> messages(size());
  messages[rank()] = message;
  if (rank() != 0) {
    std::uint64_t length = message.size();
    send(0, detail::gather_tag, detail::bytes_of(length));
    send(0, detail::gather_tag, std::as_bytes(std::span(message.data(), message.size())));
  } else {
    for (std::size_t from = 1; from < size(); ++from) {
      std::uint64_t length = 0;
      receive(from, detail::gather_tag, detail::bytes_of(length));
      messages[from].resize(length);
      receive(from, detail::gather_tag, detail::bytes_of(messages[from]));
    }
  }
  std::string lengths, all;
  if (rank() == 0)
    for (const std::string& text : messages) {
      const std::uint64_t length = text.size();
      lengths.append(reinterpret_cast<const char*>(&length), sizeof length);
      all += text;
    }
  lengths.resize(size() * sizeof(std::uint64_t));
  broadcast(detail::bytes_of(lengths));
  broadcast_text(all);
  std::size_t begin = 0;
  for (std::size_t from = 0; from < size(); ++from) {
    std::uint64_t length = 0;
    std::memcpy(&length, &lengths[from * sizeof length], sizeof length);
    messages[from] = all.substr(begin, length);
    begin += length;
  }
  return messages;
}

SEQLSTM_INLINE std::vector<double> Communicator::gather_numbers(double value) {
  std::vector<double> values;
  const auto messages = gather({reinterpret_cast<const char*>(&value), sizeof value});
  for (const std::string& message : messages) {
    std::memcpy(&value, message.data(), sizeof value);
    values.push_back(value);
  }
  return values;
}
SEQLSTM_INLINE double Communicator::least(double value) {
  const auto values = gather_numbers(value);
  return *std::min_element(values.begin(), values.end());
}
SEQLSTM_INLINE double Communicator::greatest(double value) {
  const auto values = gather_numbers(value);
  return *std::max_element(values.begin(), values.end());
}

SEQLSTM_INLINE Communicator& single_process() {
  static detail::SingleProcess communicator;
  return communicator;
}

SEQLSTM_NAMESPACE_END

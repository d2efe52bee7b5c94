// Connections between ranks beside MPI's: the system closes them when a process dies, whatever MPI does.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <seqlstm/core/error.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace mpi::detail {

/// An open descriptor, closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }
  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

/// What arrives is read without waiting; programs started from here do not inherit it.
inline void prepare(int number) {
  fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK);
  fcntl(number, F_SETFD, FD_CLOEXEC);
}

/// The IPv4 addresses under which others may reach this machine; bridges of containers and virtual machines,
/// which many hosts have under one address, last. Its loopback where there is no other.
inline std::vector<std::string> own_addresses() {
  std::vector<std::string> others, bridges;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return {"127.0.0.1"};
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET ||
        (entry->ifa_flags & IFF_UP) == 0 || (entry->ifa_flags & IFF_LOOPBACK) != 0)
      continue;
    sockaddr_in address{};
    std::memcpy(&address, entry->ifa_addr, sizeof address);
    char text[INET_ADDRSTRLEN] = {};
    inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
    const std::string_view name = entry->ifa_name;
    const bool bridge = name.starts_with("docker") || name.starts_with("br-") || name.starts_with("virbr");
    (bridge ? bridges : others).emplace_back(text);
  }
  freeifaddrs(list);
  others.insert(others.end(), bridges.begin(), bridges.end());
  if (others.empty()) others.emplace_back("127.0.0.1");
  return others;
}

/// Waits for connections at the port that it returns too; closed where the system refuses.
inline std::pair<Descriptor, std::uint16_t> listen_anywhere() {
  Descriptor listener(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  socklen_t length = sizeof address;
  if (!listener.is_open() || bind(listener.number(), reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      listen(listener.number(), SOMAXCONN) != 0 ||
      getsockname(listener.number(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
    return {Descriptor(), std::uint16_t{0}};
  prepare(listener.number());
  return {std::move(listener), ntohs(address.sin_port)};
}

/// Is there something to read (or to write) within so many milliseconds?
inline bool ready(int number, short what, int milliseconds) {
  pollfd entry{number, what, 0};
  return poll(&entry, 1, milliseconds) > 0;
}

/// A connection to the address; closed where nobody answers within two seconds.
inline Descriptor connect_to(const std::string& text, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  Descriptor connection(socket(AF_INET, SOCK_STREAM, 0));
  if (!connection.is_open() || inet_pton(AF_INET, text.c_str(), &address.sin_addr) != 1) return Descriptor();
  prepare(connection.number());
  if (connect(connection.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 &&
      (errno != EINPROGRESS || !ready(connection.number(), POLLOUT, 2000)))
    return Descriptor();
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(connection.number(), SOL_SOCKET, SO_ERROR, &error, &length) != 0 || error != 0)
    return Descriptor();
  return connection;
}

/// The next connection that waits there; closed where there is none.
inline Descriptor accept_from(const Descriptor& listener) {
  Descriptor connection(accept(listener.number(), nullptr, nullptr));
  if (connection.is_open()) prepare(connection.number());
  return connection;
}

/// A connection on which whole messages travel: a letter that says what it is, and a text.
class Line {
 public:
  struct Message {
    char kind;
    std::string text;
  };
  static constexpr std::size_t longest = 1U << 16U;

  Line() = default;
  explicit Line(Descriptor connection) : connection_(std::move(connection)) {
    const int yes = 1;
    if (is_open()) setsockopt(number(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  }
  [[nodiscard]] bool is_open() const { return connection_.is_open(); }
  [[nodiscard]] int number() const { return connection_.number(); }
  void close() { connection_.close(); }

  /// False where it cannot be sent at once: messages are few and short, so the other end is gone.
  bool send(char kind, std::string_view text = {}) {
    if (!is_open()) return false;
    const auto length = static_cast<std::uint32_t>(text.size());
    std::string bytes(1, kind);
    bytes.append(reinterpret_cast<const char*>(&length), sizeof length);
    bytes += text;
    return ::send(number(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
           static_cast<ssize_t>(bytes.size());
  }
  /// Takes in what has arrived; false where the connection has ended.
  bool read() {
    char bytes[4096];
    while (true) {
      const ssize_t count = recv(number(), bytes, sizeof bytes, MSG_DONTWAIT);
      if (count > 0)
        inbox_.append(bytes, static_cast<std::size_t>(count));
      else if (count == 0)
        return false;
      else if (errno != EINTR)
        return errno == EAGAIN || errno == EWOULDBLOCK;
    }
  }
  /// The next message that is there whole.
  std::optional<Message> next() {
    std::uint32_t length = 0;
    constexpr std::size_t head = 1 + sizeof length;
    if (inbox_.size() < head) return std::nullopt;
    std::memcpy(&length, inbox_.data() + 1, sizeof length);
    if (length > longest) {  // not one of ours
      close();
      return std::nullopt;
    }
    if (inbox_.size() < head + length) return std::nullopt;
    Message message{inbox_[0], inbox_.substr(head, length)};
    inbox_.erase(0, head + length);
    return message;
  }
  /// The next message, for which it waits; none where the connection or the time ends before.
  std::optional<Message> wait(std::chrono::milliseconds patience) {
    using Clock = std::chrono::steady_clock;
    for (const auto end = Clock::now() + patience; is_open();) {
      if (auto message = next()) return message;
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
      if (left <= 0 || !ready(number(), POLLIN, static_cast<int>(left)) || !read()) break;
    }
    return std::nullopt;
  }

 private:
  Descriptor connection_;
  std::string inbox_;
};

}  // namespace mpi::detail

SEQLSTM_NAMESPACE_END

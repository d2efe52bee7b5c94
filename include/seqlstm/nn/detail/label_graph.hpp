// Which labels may follow each other.
#pragma once

#include <cstdint>
#include <seqlstm/core/error.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Labels 0 to K - 1, which of them may follow which, which may begin a sequence and which may end one.
class LabelGraph {
 public:
  LabelGraph() = default;
  /// Throws option_error that begins with `who` for no labels, for a label outside 0..K-1, and where no
  /// sequence of any length is allowed.
  LabelGraph(const std::string& who, std::size_t labels,
             std::span<const std::pair<std::size_t, std::size_t>> forbidden,
             std::span<const std::size_t> forbidden_start, std::span<const std::size_t> forbidden_end);

  [[nodiscard]] std::size_t labels() const { return start_.size(); }
  [[nodiscard]] bool may_follow(std::size_t from, std::size_t to) const {
    return follow_[from * labels() + to] != 0;
  }
  [[nodiscard]] bool may_start(std::size_t label) const { return start_[label] != 0; }
  [[nodiscard]] bool may_end(std::size_t label) const { return end_[label] != 0; }

  /// Is there an allowed sequence of observed.size() labels that has the observed ones where they are not
  /// below 0? Allocates: for error messages.
  [[nodiscard]] bool has_path(std::span<const std::int32_t> observed) const;

 private:
  using Flags = std::vector<std::uint8_t>;  // 1: allowed

  void forbid(const std::string& who, const char* what, Flags& flags, std::span<const std::size_t> labels);
  /// The labels that may follow one of `labels`.
  [[nodiscard]] Flags successors(const Flags& labels) const;
  [[nodiscard]] bool one_may_end(const Flags& labels) const;
  /// Throws where no label that may end is reached from one that may start.
  void check_some_path(const std::string& who) const;

  Flags follow_, start_, end_;
};

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/label_graph.ipp>
#endif

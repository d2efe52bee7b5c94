// Work in numbered parts that ranks share, and its results at every rank: batches of records to be predicted.
#pragma once

#include <seqlstm/core/concepts.hpp>
#include <seqlstm/ranks/communicator.hpp>
#include <type_traits>

SEQLSTM_NAMESPACE_BEGIN

/// Deals parts 0, 1, ... to ranks in turn; without ranks all parts are here. Results come together in the
/// order of their numbers, so sums over parts do not depend on the number of ranks.
class SharedParts {
 public:
  /// Over these ranks, which must outlive it; or over none.
  explicit SharedParts(CommunicatorRef ranks = {}) : ranks_(ranks) {}

  /// Are there other ranks?
  [[nodiscard]] bool shared() const { return ranks_ && ranks_->size() > 1; }
  /// Is this part computed here?
  [[nodiscard]] bool here(std::size_t part) const { return !shared() || owner(part) == ranks_->rank(); }

  /// body(), the work on parts that are here. What it throws at this rank alone is told to the others, whose
  /// next wait throws.
  template <class Body> void or_tell(Body&& body) const {
    if (!shared()) return body();
    try {
      body();
    } catch (const rank_error&) {  // told already
      throw;
    } catch (const std::exception& error) {
      ranks_->fail(error.what());
      throw;
    } catch (...) {
      ranks_->fail("an exception of the program");
      throw;
    }
  }
  /// A number of each part: every rank gets those of the others. All ranks have as many parts.
  template <class Number> void share(std::span<Number> of_parts) const {
    static_assert(std::is_trivially_copyable_v<Number>);
    if (!shared()) return;
    std::vector<Number> heard(of_parts.size());
    for (std::size_t rank = 0; rank < ranks_->size(); ++rank) {
      if (rank == ranks_->rank()) heard.assign(of_parts.begin(), of_parts.end());
      ranks_->broadcast(std::as_writable_bytes(std::span(heard)), rank);
      for (std::size_t part = rank; part < heard.size(); part += ranks_->size()) of_parts[part] = heard[part];
    }
  }
  /// Numbers of each of the items of all parts, such as records: a rank has filled those of its own parts,
  /// every rank gets all. All ranks have as many items.
  template <class Number> void share(std::vector<std::vector<Number>>& items) const;
  /// The largest of all ranks' values.
  [[nodiscard]] std::size_t largest(std::size_t value) const {
    return shared() ? static_cast<std::size_t>(ranks_->greatest(static_cast<double>(value))) : value;
  }

 private:
  [[nodiscard]] std::size_t owner(std::size_t part) const { return part % ranks_->size(); }

  CommunicatorRef ranks_;
};

template <class Number> void SharedParts::share(std::vector<std::vector<Number>>& items) const {
  static_assert(std::is_trivially_copyable_v<Number>);
  if (!shared()) return;
  std::vector<std::size_t> sizes(items.size());
  std::vector<Number> numbers;
  std::vector<std::vector<Number>> all(items.size());
  for (std::size_t rank = 0; rank < ranks_->size(); ++rank) {
    const bool own = rank == ranks_->rank();
    for (std::size_t i = 0; own && i < items.size(); ++i) sizes[i] = items[i].size();
    ranks_->broadcast(std::as_writable_bytes(std::span(sizes)), rank);
    numbers.clear();
    for (std::size_t i = 0; own && i < items.size(); ++i)
      numbers.insert(numbers.end(), items[i].begin(), items[i].end());
    std::size_t size = 0;
    for (const std::size_t of_item : sizes) size += of_item;
    numbers.resize(size);
    ranks_->broadcast(std::as_writable_bytes(std::span(numbers)), rank);
    auto next = numbers.cbegin();
    for (std::size_t i = 0; i < items.size(); ++i) {
      const auto end = next + static_cast<std::ptrdiff_t>(sizes[i]);
      all[i].insert(all[i].end(), next, end);
      next = end;
    }
  }
  items = std::move(all);
}

SEQLSTM_NAMESPACE_END

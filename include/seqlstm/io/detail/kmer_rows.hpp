// Sequences that an outside program passes over, compared by their k-mers instead.
#pragma once

#include <algorithm>
#include <seqlstm/data/leakage.hpp>
#include <seqlstm/data/sequence_type.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

/// The rows with `chosen`, longest first, equally long ones in order.
inline std::vector<std::size_t> longest_first(const std::vector<std::string>& sequences,
                                              const std::vector<char>& chosen) {
  std::vector<std::size_t> rows;
  for (std::size_t r = 0; r < sequences.size(); ++r)
    if (chosen[r] != 0) rows.push_back(r);
  std::sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
    return sequences[a].size() != sequences[b].size() ? sequences[a].size() > sequences[b].size() : a < b;
  });
  return rows;
}

/// KmerIndex, which knows equal sequences too, however short.
class WordIndex {
 public:
  explicit WordIndex(SequenceType type) : words_(kmer_letters(type), type == SequenceType::dna) {}
  void add(const std::string& sequence) {
    words_.add(sequence);
    equal_.emplace(sequence, added_++);
  }
  [[nodiscard]] Relative nearest(const std::string& sequence) {
    const auto found = equal_.find(sequence);
    return found == equal_.end() ? words_.nearest(sequence) : Relative{1, 1, found->second};
  }

 private:
  KmerIndex words_;
  std::unordered_map<std::string_view, std::size_t> equal_;
  std::size_t added_ = 0;
};

}  // namespace io::detail
SEQLSTM_NAMESPACE_END

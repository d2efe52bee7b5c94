// Near copies by cd-hit; by k-mers what it leaves out. Not on Windows.
#pragma once

#include <algorithm>
#include <seqlstm/io/detail/kmer_rows.hpp>
#include <seqlstm/io/external_program.hpp>
#include <seqlstm/io/lines.hpp>
#include <string>
#include <string_view>
#include <vector>

#if !defined(_WIN32)

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// Letters below which cd-hit drops a sequence.
inline constexpr std::size_t shortest_for_cd_hit = 11;
/// Lowest identity at which cd-hit clusters proteins, and cd-hit-est DNA.
inline double lowest_cd_hit_identity(SequenceType type) {
  return type == SequenceType::dna ? 0.8 : 0.4;
}

namespace detail {

/// Words of cd-hit and cd-hit-est for a threshold (its guide, "cd-hit word sizes").
inline std::string word_size(double identity, SequenceType type) {
  if (type == SequenceType::dna)
    return identity >= 0.95   ? "10"
           : identity >= 0.9  ? "8"
           : identity >= 0.88 ? "7"
           : identity >= 0.85 ? "6"
                              : "5";
  if (identity >= 0.7) return "5";
  if (identity >= 0.6) return "4";
  return identity >= 0.5 ? "3" : "2";
}

inline bool only_letters(const std::string& sequence) {
  return std::all_of(sequence.begin(), sequence.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace detail

/// What is left when near copies go.
struct WithoutCopies {
  std::vector<std::size_t> kept;  ///< rows that stay, ascending
  std::size_t unread = 0;         ///< sequences that cd-hit passes over, compared by their k-mers
  std::size_t unread_copies = 0;  ///< of these
};

/// The rows that stay of sequences in upper case: of near copies the longest, by cd-hit (cd-hit-est). Those
/// it passes over, with fewer than 11 letters or with others than letters inside, stay too, unless a share of
/// their k-mers as high as `identity` is in one that stays. Throws option_error where cd-hit is not
/// installed, std::runtime_error with what it said where it fails, io_error without a folder to work in, and
/// Interrupted; signals and how many at once: as WorkFolder says.
inline WithoutCopies without_copies(const std::vector<std::string>& sequences, double identity,
                                    SequenceType type, std::size_t threads) {
  const std::string program = type == SequenceType::dna ? "cd-hit-est" : "cd-hit";
  require_program(program, "cd-hit", "bring clusters of copies, or leave copies in");
  std::vector<char> unread(sequences.size()), stays(sequences.size());
  WithoutCopies result;
  for (std::size_t r = 0; r < sequences.size(); ++r)
    if (sequences[r].size() < shortest_for_cd_hit || !detail::only_letters(sequences[r]))
      ++result.unread, unread[r] = 1;
  {
    const WorkFolder folder;
    if (detail::write_rows_as_fasta(folder / "all.fa", sequences, unread, any_letter(type)) > 0) {
      run_external({program, "-i", "all.fa", "-o", "kept.fa", "-c", std::to_string(identity), "-n",
                    detail::word_size(identity, type), "-d", "0", "-M", "0", "-T", std::to_string(threads)},
                   folder);
      LineReader lines(folder / "kept.fa");
      for (std::string line; lines.next(line);)
        if (line.starts_with('>'))
          stays[detail::row_number(std::string_view(line).substr(1), stays.size(), program)] = 1;
    }
  }
  detail::WordIndex index(type);
  if (result.unread > 0)
    for (std::size_t r = 0; r < sequences.size(); ++r)
      if (stays[r] != 0) index.add(sequences[r]);
  for (const std::size_t r : detail::longest_first(sequences, unread)) {
    if (index.nearest(sequences[r]).identity >= identity) {
      ++result.unread_copies;
      continue;
    }
    stays[r] = 1;
    index.add(sequences[r]);
  }
  for (std::size_t r = 0; r < sequences.size(); ++r)
    if (stays[r] != 0) result.kept.push_back(r);
  return result;
}

}  // namespace io
SEQLSTM_NAMESPACE_END

#endif

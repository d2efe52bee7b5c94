// Every hit of every sequence in a set of sequences, by mmseqs. Not on Windows.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/text.hpp>
#include <seqlstm/io/mmseqs.hpp>
#include <string>
#include <vector>

#if !defined(_WIN32)

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// How a set of proteins is searched.
struct MmseqsSearchOptions {
  double sensitivity = 7.5,    ///< -s, from 1 to 7.5
      largest_e_value = 1000;  ///< hits with a larger one are left out
  std::size_t threads = 1;     ///< of mmseqs
};

/// One protein that a search with another one found.
struct MmseqsHit {
  std::size_t query,   ///< row of the protein that was searched with
      target;          ///< row of the one that was found
  double e_value = 0,  ///< chance hits as good, in a set as large
      bits = 0;        ///< score of the alignment
};

/// All hits of proteins among themselves, each protein with itself left out; no row is searched twice. Those
/// too short for mmseqs (shortest_for_mmseqs) have none. Throws option_error for options out of range and
/// where mmseqs is not installed, std::runtime_error with what it said where it fails, and Interrupted.
inline std::vector<MmseqsHit> mmseqs_search(const std::vector<std::string>& proteins,
                                            const MmseqsSearchOptions& options = {}) {
  if (!(options.sensitivity >= 1 && options.sensitivity <= 7.5))
    throw option_error("mmseqs_search: sensitivity is " + seqlstm::detail::number_text(options.sensitivity) +
                       ", expected 1 to 7.5");
  if (!(options.largest_e_value > 0 && std::isfinite(options.largest_e_value)) || options.threads == 0)
    throw option_error("mmseqs_search: the largest E-value is " +
                       seqlstm::detail::number_text(options.largest_e_value) + " and threads " +
                       std::to_string(options.threads) + ", expected numbers above 0");
  require_program("mmseqs", "mmseqs2", "search without it");
  const WorkFolder folder;
  const auto skip = detail::MmseqsSearch::too_short(proteins, SequenceType::protein);
  std::vector<MmseqsHit> hits;
  if (detail::write_rows_as_fasta(folder / "all.fa", proteins, skip, any_letter(SequenceType::protein)) == 0)
    return hits;
  run_external({"mmseqs",
                "easy-search",
                "all.fa",
                "all.fa",
                "hits.tsv",
                "tmp",
                "--dbtype",
                "1",
                "-s",
                seqlstm::detail::number_text(options.sensitivity),
                "-e",
                seqlstm::detail::number_text(options.largest_e_value),
                "--max-seqs",
                std::to_string(std::max<std::size_t>(300, proteins.size())),
                "--format-output",
                "query,target,evalue,bits",
                "-v",
                "1",
                "--threads",
                std::to_string(options.threads)},
               folder);
  LineReader lines(folder / "hits.tsv");
  for (std::string line; lines.next(line);) {
    std::istringstream fields(line);
    std::string query, target, e_value, bits;
    fields >> query >> target >> e_value >> bits;
    const std::size_t a = detail::row_number(query, proteins.size(), "mmseqs"),
                      b = detail::row_number(target, proteins.size(), "mmseqs");
    const auto chance = parse_number(e_value), score = parse_number(bits);
    if (!chance || !score)
      throw std::runtime_error("mmseqs wrote '" + printable(line.substr(0, 200)) +
                               "', expected query, target, E-value and bits");
    if (a != b) hits.push_back({a, b, *chance, *score});
  }
  return hits;
}

}  // namespace io
SEQLSTM_NAMESPACE_END

#endif

// Genomes that simulated reads are drawn from.
#pragma once

#include <seqlstm/data/contigs.hpp>
#include <seqlstm/io/fasta.hpp>
#include <seqlstm/io/file.hpp>
#include <string>
#include <utility>
#include <vector>

namespace examples {

/// The stretches of known letters of all files.
inline std::vector<std::string> stretches_of(const std::vector<std::string>& files) {
  seqlstm::Contigs contigs;
  for (const std::string& file : files) {
    const std::size_t before = contigs.letters;
    for (const seqlstm::Record& record : seqlstm::io::FastaReader(file))
      contigs.add(record.sequence, seqlstm::dna4);
    if (contigs.letters == before)
      throw seqlstm::option_error(file + ": no letter A, C, G or T; check that it is the right file");
  }
  return std::move(contigs.pieces);
}

/// A simulator of reads, made of these; a complaint names what they are drawn from.
template <class Simulator, class... Parts>
Simulator simulator_of(const std::string& source, const Parts&... parts) {
  try {
    return Simulator(parts...);
  } catch (const seqlstm::option_error& error) {
    throw seqlstm::option_error(source + ": " + error.what());
  }
}

/// No genome counts twice. `where`: the options that name them, "by --genomes", or nothing.
inline void check_named_once(const std::vector<std::string>& files, const std::string& where = {}) {
  for (std::size_t a = 0; a < files.size(); ++a)
    for (std::size_t b = a + 1; b < files.size(); ++b)
      if (seqlstm::io::same_file(files[a], files[b]))
        throw seqlstm::option_error(files[a] + " is named twice" + (where.empty() ? "" : " " + where) +
                                    "; name each genome once, and test on one that is not learned");
}

}  // namespace examples

// Genomes (or proteins) as a language model reads them: stretches of known letters, held-out ends, and a long
// row of tokens for every epoch.
#pragma once

#include <zlib.h>
#include <seqlstm/core/random.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <numeric>
#include <seqlstm/data/tokenizer.hpp>
#include <seqlstm/io/fasta.hpp>
#include <string>
#include <vector>

#include "support/table_source.hpp"

namespace examples {

/// Letters in unbroken stretches. Runs of letters that the alphabet does not know (N) are cut out and
/// counted.
struct Contigs {
  std::vector<std::string> pieces;
  std::size_t letters = 0;          ///< of the pieces
  std::size_t unknown_letters = 0;  ///< cut out
  std::size_t unknown_runs = 0;
  std::size_t records = 0;
  unsigned long checksum = crc32(0, nullptr, 0);  ///< of the pieces

  void add(const std::string& sequence, const seqlstm::Alphabet& alphabet) {
    ++records;
    std::size_t begin = 0;
    while (begin < sequence.size()) {
      std::size_t end = begin;
      while (end < sequence.size() && alphabet.knows(sequence[end])) ++end;
      if (end > begin) add_piece(sequence.substr(begin, end - begin));
      begin = end;
      while (begin < sequence.size() && !alphabet.knows(sequence[begin])) ++begin;
      unknown_letters += begin - end;
      unknown_runs += begin > end ? 1 : 0;
    }
  }

 private:
  void add_piece(std::string piece) {
    letters += piece.size();
    const auto* bytes = reinterpret_cast<const Bytef*>(piece.c_str());
    checksum = crc32_z(checksum, bytes, piece.size() + 1);  // with the 0 behind it: where pieces end counts
    pieces.push_back(std::move(piece));
  }
};

/// Is the file a table by its name (.csv, .tsv, .tab, with .gz or without)?
inline bool is_table(std::string path) {
  if (path.ends_with(".gz")) path.resize(path.size() - 3);
  return path.ends_with(".csv") || path.ends_with(".tsv") || path.ends_with(".tab");
}

/// Where a table has its sequences, and the parts that they are in.
struct TableColumns {
  std::string sequence = "sequence", split = "set";
  bool split_required = false;
  std::optional<std::string> missing = {};  ///< words that stand for "no value", as TableOptions has them
};

/// FASTA files, and tables; of tables with a split column only sequences that are in no validation or test
/// part.
inline Contigs read_contigs(const std::vector<std::string>& files, const TableColumns& columns,
                            const seqlstm::Alphabet& alphabet) {
  Contigs contigs;
  std::vector<std::string> tables;
  std::copy_if(files.begin(), files.end(), std::back_inserter(tables), is_table);
  for (const auto& record : unlabelled_sequences(tables, columns.sequence, columns.split,
                                                 columns.split_required, columns.missing, std::cout))
    contigs.add(record.sequence, alphabet);
  for (const std::string& file : files) {
    if (is_table(file)) continue;
    const std::size_t before = contigs.letters;
    seqlstm::io::FastaReader reader(file);
    for (seqlstm::Record record; reader.next(record);) contigs.add(record.sequence, alphabet);
    if (contigs.letters == before)
      throw seqlstm::token_error(file + ": no known letter of alphabet " + std::string(alphabet.name()) +
                                 " (" + std::string(alphabet.letters()) +
                                 "); check the file, or name its --alphabet or another --encoder");
  }
  return contigs;
}

/// The last `share` of every piece that is long enough, apart from the rest. Pieces too short to be cut stay
/// in training, unless there are many: then every 1/share-th whole piece is held out, as for proteins.
struct HeldOut {
  std::vector<std::string> train, valid;
};
inline HeldOut hold_out(std::vector<std::string> pieces, double share, std::size_t shortest) {
  HeldOut parts;
  const auto every = static_cast<std::size_t>(std::llround(1 / share));
  std::size_t short_pieces = 0;
  for (auto& piece : pieces) {
    const auto count = static_cast<std::size_t>(share * static_cast<double>(piece.size()));
    if (count >= shortest) {
      parts.valid.push_back(piece.substr(piece.size() - count));
      piece.resize(piece.size() - count);
      parts.train.push_back(std::move(piece));
    } else {
      auto& part = ++short_pieces % every == 0 ? parts.valid : parts.train;
      part.push_back(std::move(piece));
    }
  }
  return parts;
}

/// The tokens of an epoch: stretches of up to 65,536 letters in an order of their own, each begun at another
/// phase of the stride and, on demand, every other one on the other strand (those of one epoch being these of
/// the next; the phase is cut off where that strand ends, so that it is read in one phase), behind each
/// other; then turned, so that streams begin in other places. A function of (pieces, seed, epoch). Padding,
/// where the vocabulary has it, stands between stretches.
inline std::vector<seqlstm::Token> epoch_tokens(const std::vector<std::string>& pieces,
                                                const seqlstm::Tokenizer& tokenizer, bool both_strands,
                                                std::uint64_t seed, std::size_t epoch) {
  constexpr std::size_t longest = 65536;
  seqlstm::RandomStream random({seed, 0x434F4E54U, static_cast<std::uint32_t>(epoch)});  // "CONT"
  std::vector<std::string_view> stretches;
  for (const std::string_view piece : pieces)
    for (std::size_t begin = 0; begin < piece.size(); begin += longest)
      stretches.push_back(piece.substr(begin, longest));
  std::vector<std::size_t> order(stretches.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  random.shuffle(order);
  std::vector<seqlstm::Token> tokens;
  for (const std::size_t i : order) {
    const std::size_t phase = std::min(random.below(tokenizer.options().stride), stretches[i].size());
    const std::string_view letters = stretches[i].substr(phase);
    const bool other = both_strands && (i + epoch) % 2 == 1;
    const auto encoded = other ? tokenizer.encode(seqlstm::reverse_complement(letters, tokenizer.alphabet()))
                               : tokenizer.encode(letters);
    tokens.insert(tokens.end(), encoded.begin(), encoded.end());
    if (tokenizer.options().padding) tokens.push_back(0);
  }
  if (!tokens.empty())
    std::rotate(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(random.below(tokens.size())),
                tokens.end());
  return tokens;
}

/// The same for judging: as they come, without draws.
inline std::vector<seqlstm::Token> tokens_in_order(const std::vector<std::string>& pieces,
                                                   const seqlstm::Tokenizer& tokenizer) {
  std::vector<seqlstm::Token> tokens;
  for (const std::string& piece : pieces) {
    const auto encoded = tokenizer.encode(piece);
    tokens.insert(tokens.end(), encoded.begin(), encoded.end());
    if (tokenizer.options().padding) tokens.push_back(0);
  }
  return tokens;
}

}  // namespace examples

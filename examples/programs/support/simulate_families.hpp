// Simulated protein families for a first run without files: random residues in which a family's signature, a
// published PROSITE pattern (Sigrist et al., Nucleic Acids Res. 41, 2013), stands anywhere.
#pragma once

#include <array>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/record.hpp>
#include <string>
#include <string_view>

namespace examples {

struct Family {
  const char *name, *pattern;
};

inline constexpr std::array<Family, 4> families = {
    {{"P-loop", "[AG]-x(4)-G-K-[ST]"},                               // PS00017
     {"zinc finger", "C-x(2,4)-C-x(3)-[LIVMFYWC]-x(8)-H-x(3,5)-H"},  // PS00028
     {"EF-hand", "D-x-[DNS]-{ILVFYW}-[DENSTG]-[DNQGHRK]-{GP}-[LIVMC]-[DENQSTAGC]-x(2)-[DE]-[LIVMFYW]"},
     // PS00018
     {"subtilase", "G-T-S-x-[SA]-x-P-x(2)-[STAVC]-[AG]"}}};  // PS00138

/// Residues about as frequent as in Swiss-Prot, in thousandths of all.
inline char random_residue(seqlstm::RandomStream& random) {
  constexpr std::string_view letters = "ACDEFGHIKLMNPQRSTVWY";
  constexpr std::array<std::size_t, 20> thousandths = {83, 14, 55, 67, 39, 71, 23, 59, 58, 96,
                                                       24, 41, 47, 39, 55, 66, 54, 69, 11, 29};
  std::size_t place = random.below(1000);
  std::size_t letter = 0;
  while (place >= thousandths[letter]) place -= thousandths[letter++];
  return letters[letter];
}

/// A sequence that matches a PROSITE pattern.
inline std::string matching(std::string_view pattern, seqlstm::RandomStream& random) {
  std::string sequence;
  for (std::size_t i = 0; i < pattern.size();) {
    const char kind = pattern[i];
    std::string_view choice = pattern.substr(i, 1);
    if (kind == '[' || kind == '{')
      choice = pattern.substr(i + 1, pattern.find(kind == '[' ? ']' : '}', i) - i - 1);
    i += choice.size() + (kind == '[' || kind == '{' ? 2 : 0);
    std::size_t least = 1, most = 1;
    if (i < pattern.size() && pattern[i] == '(') {
      const std::size_t close = pattern.find(')', i), comma = pattern.find(',', i);
      least = most = std::stoul(std::string(pattern.substr(i + 1, close - i - 1)));
      if (comma < close) most = std::stoul(std::string(pattern.substr(comma + 1, close - comma - 1)));
      i = close + 1;
    }
    ++i;  // '-'
    for (std::size_t n = least + random.below(most - least + 1); n > 0; --n) {
      char residue = random_residue(random);
      while (kind == '{' && choice.find(residue) != std::string_view::npos) residue = random_residue(random);
      sequence += kind == 'x' || kind == '{' ? residue : choice[random.below(choice.size())];
    }
  }
  return sequence;
}

/// `count` proteins of 60 to 300 residues in all: of the families and of none, in turn.
inline seqlstm::LabelledRecords simulate_families(std::size_t count, std::uint64_t seed) {
  seqlstm::RandomStream random(seed, 0x46414D49U);  // "FAMI"
  std::vector<seqlstm::Record> records;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t family = i % (families.size() + 1);
    std::string sequence(60 + random.below(241), 'A');
    for (char& residue : sequence) residue = random_residue(random);
    if (family < families.size()) {
      const std::string signature = matching(families[family].pattern, random);
      sequence.replace(random.below(sequence.size() - signature.size()), signature.size(), signature);
    }
    seqlstm::Record record;
    record.id = "simulated" + std::to_string(i + 1);
    record.sequence = sequence;
    records.push_back(record);
    names.emplace_back(family < families.size() ? families[family].name : "none");
  }
  return seqlstm::label(std::move(records), names);
}

}  // namespace examples

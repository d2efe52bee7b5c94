// A simulated bacterial genome for a first run without files: genes in the codons that E. coli prefers
// (frequencies per thousand of Nakamura, Gojobori and Ikemura, Nucleic Acids Res. 28, 2000, rounded), on both
// strands, with a ribosome binding site before each and random bases between them.
#pragma once

#include <array>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/alphabet.hpp>
#include <string>

namespace examples {

struct Codon {
  char letters[4];
  double per_thousand;
};
inline constexpr std::array<Codon, 61> codons = {
    {{"TTT", 22.1}, {"TTC", 16.0}, {"TTA", 14.3}, {"TTG", 13.0}, {"CTT", 11.9}, {"CTC", 10.2}, {"CTA", 4.2},
     {"CTG", 48.4}, {"ATT", 29.8}, {"ATC", 23.7}, {"ATA", 6.8},  {"ATG", 26.4}, {"GTT", 19.8}, {"GTC", 14.3},
     {"GTA", 11.6}, {"GTG", 24.4}, {"TCT", 10.4}, {"TCC", 9.1},  {"TCA", 8.9},  {"TCG", 8.5},  {"CCT", 7.5},
     {"CCC", 5.4},  {"CCA", 8.6},  {"CCG", 20.9}, {"ACT", 10.3}, {"ACC", 22.0}, {"ACA", 9.3},  {"ACG", 13.7},
     {"GCT", 17.1}, {"GCC", 24.2}, {"GCA", 21.2}, {"GCG", 30.1}, {"TAT", 17.5}, {"TAC", 12.2}, {"CAT", 12.5},
     {"CAC", 9.3},  {"CAA", 14.6}, {"CAG", 28.4}, {"AAT", 20.6}, {"AAC", 21.4}, {"AAA", 35.3}, {"AAG", 12.4},
     {"GAT", 32.7}, {"GAC", 19.2}, {"GAA", 39.1}, {"GAG", 18.7}, {"TGT", 5.2},  {"TGC", 6.1},  {"TGG", 13.9},
     {"CGT", 20.0}, {"CGC", 19.7}, {"CGA", 3.8},  {"CGG", 5.9},  {"AGT", 9.9},  {"AGC", 15.2}, {"AGA", 3.6},
     {"AGG", 2.1},  {"GGT", 25.5}, {"GGC", 27.1}, {"GGA", 9.5},  {"GGG", 11.3}}};

inline const char* random_codon(seqlstm::RandomStream& random) {
  double total = 0;
  for (const Codon& codon : codons) total += codon.per_thousand;
  double place = random.uniform() * total;
  for (const Codon& codon : codons) {
    place -= codon.per_thousand;
    if (place < 0) return codon.letters;
  }
  return codons.back().letters;
}

/// At least `letters` bases.
inline std::string simulate_genome(std::size_t letters, std::uint64_t seed) {
  seqlstm::RandomStream random(seed, 0x47454E4FU);  // "GENO"
  std::string genome;
  while (genome.size() < letters) {
    for (std::size_t i = 20 + random.below(120); i > 0; --i) genome += "ACGT"[random.below(4)];
    std::string gene = "AGGAGG";  // Shine and Dalgarno 1974
    for (std::size_t i = 5 + random.below(4); i > 0; --i) gene += "ACGT"[random.below(4)];
    gene += "ATG";
    for (std::size_t i = 80 + random.below(400); i > 0; --i) gene += random_codon(random);
    gene += "TAA";
    genome += random.below(2) == 0 ? gene : seqlstm::reverse_complement(gene);
  }
  return genome;
}

}  // namespace examples

// Definitions of simulated.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/alphabet.hpp>
#include <seqlstm/data/simulated.hpp>
#include <string_view>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE char random_residue(RandomStream& random) {
  constexpr std::string_view letters = "ACDEFGHIKLMNPQRSTVWY";
  constexpr std::array<std::size_t, 20> thousandths = {83, 14, 55, 67, 39, 71, 23, 59, 58, 96,
                                                       24, 41, 47, 39, 55, 66, 54, 69, 11, 29};
  std::size_t place = random.below(1000);
  std::size_t letter = 0;
  while (place >= thousandths[letter]) place -= thousandths[letter++];
  return letters[letter];
}

SEQLSTM_INLINE std::vector<Record> simulated_membrane_proteins(std::size_t count, std::uint64_t seed) {
  RandomStream random({seed, 0x4D454D42U, 0});  // "MEMB"
  constexpr std::string_view avoids_water = "AAFFGIIILLLLMSTVVVWY";
  std::vector<Record> records;
  for (std::size_t i = 0; i < count; ++i) {
    Record record;
    record.id = "membrane" + std::to_string(i);
    bool inside = random.below(2) == 0;
    const auto loop = [&] {
      for (std::size_t left = 8 + random.below(33); left > 0; --left) {
        record.sequence += inside && random.uniform() < 0.15 ? "KR"[random.below(2)] : random_residue(random);
        record.annotation += inside ? 'i' : 'o';
      }
      inside = !inside;
    };
    loop();
    for (std::size_t segments = 1 + random.below(6); segments > 0; --segments) {
      for (std::size_t left = 18 + random.below(8); left > 0; --left) {
        record.sequence +=
            random.uniform() < 0.2 ? random_residue(random) : avoids_water[random.below(avoids_water.size())];
        record.annotation += 'M';
      }
      loop();
    }
    records.push_back(std::move(record));
  }
  return records;
}

namespace detail::simulated {

struct Box {
  std::string_view consensus;
  std::array<double, 6> frequency;  ///< of the consensus letter; the others share the rest
};

inline constexpr Box minus_35{"TTGACA", {0.69, 0.79, 0.61, 0.56, 0.54, 0.54}};
inline constexpr Box minus_10{"TATAAT", {0.77, 0.76, 0.60, 0.61, 0.56, 0.82}};

inline char random_base(RandomStream& random, char except = '\0') {
  for (;;) {
    const char base = "ACGT"[random.below(4)];
    if (base != except) return base;
  }
}

inline void write_box(std::string& sequence, std::size_t at, const Box& box, RandomStream& random) {
  for (std::size_t k = 0; k < 6; ++k) {
    const char letter = box.consensus[k];
    sequence[at + k] = random.uniform() < box.frequency[k] ? letter : random_base(random, letter);
  }
}

/// Bases between the boxes: 17 most often.
inline std::size_t random_spacing(RandomStream& random) {
  const double u = random.uniform();
  if (u < 0.04) return 15;
  if (u < 0.26) return 16;
  if (u < 0.74) return 17;
  if (u < 0.96) return 18;
  return 19;
}

struct Family {
  const char *name, *pattern;
};

inline constexpr std::array<Family, 4> families = {
    {{"P-loop", "[AG]-x(4)-G-K-[ST]"},                               // PS00017
     {"zinc finger", "C-x(2,4)-C-x(3)-[LIVMFYWC]-x(8)-H-x(3,5)-H"},  // PS00028
     {"EF-hand", "D-x-[DNS]-{ILVFYW}-[DENSTG]-[DNQGHRK]-{GP}-[LIVMC]-[DENQSTAGC]-x(2)-[DE]-[LIVMFYW]"},
     // PS00018
     {"subtilase", "G-T-S-x-[SA]-x-P-x(2)-[STAVC]-[AG]"}}};  // PS00138

/// A sequence that matches a PROSITE pattern.
inline std::string matching(std::string_view pattern, RandomStream& random) {
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

inline const char* random_codon(RandomStream& random) {
  double total = 0;
  for (const Codon& codon : codons) total += codon.per_thousand;
  double place = random.uniform() * total;
  for (const Codon& codon : codons) {
    place -= codon.per_thousand;
    if (place < 0) return codon.letters;
  }
  return codons.back().letters;
}

struct Person {
  const char *name, *subject, *possessive;
};
inline constexpr std::array<Person, 8> people = {{{"Ada", "she", "her"},
                                                  {"Rosalind", "she", "her"},
                                                  {"Barbara", "she", "her"},
                                                  {"Lynn", "she", "her"},
                                                  {"Gregor", "he", "his"},
                                                  {"Oswald", "he", "his"},
                                                  {"Sewall", "he", "his"},
                                                  {"Motoo", "he", "his"}}};
struct Organism {
  const char *name, *medium, *habit;
};
inline constexpr std::array<Organism, 8> organisms = {
    {{"Escherichia coli", "broth with lactose", "doubles every twenty minutes"},
     {"Bacillus subtilis", "broth with salt", "makes spores when it is hungry"},
     {"Caulobacter crescentus", "pond water", "swims before it settles"},
     {"Haemophilus influenzae", "chocolate agar", "was the first to be read from end to end"},
     {"baker's yeast", "warm sugar water", "smells of bread by evening"},
     {"Synechocystis", "a flask by the window", "turns light into sugar"},
     {"Pseudomonas", "soil extract", "glows green under the lamp"},
     {"Staphylococcus", "blood agar", "grows in golden clusters"}}};
inline constexpr std::array<const char*, 7> days = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                    "Friday", "Saturday", "Sunday"};
inline constexpr std::array<const char*, 6> weathers = {
    "it rained", "the sun came in",          "fog hid the river",
    "snow fell", "the wind shook the panes", "it was very still"};
inline constexpr std::array<const char*, 6> tools = {"pipette",  "microscope", "centrifuge",
                                                     "notebook", "gel",        "incubator"};

template <class List> const auto& one_of(const List& list, RandomStream& random) {
  return list[random.below(list.size())];
}

inline std::string one_day(std::size_t number, RandomStream& random) {
  const Person& who = one_of(people, random);
  const Organism& what = one_of(organisms, random);
  const std::string name = who.name, possessive = who.possessive, tool = one_of(tools, random);
  std::string subject = who.subject;
  subject[0] = static_cast<char>(subject[0] - 'a' + 'A');
  const std::size_t colonies = 10 + random.below(90);
  const std::string count = std::to_string(colonies), day = days[number % days.size()];
  std::string text = "On " + day + ", while " + one_of(weathers, random) + ", " + name + " took " +
                     what.name + " out of the freezer and gave it " + what.medium + ".\n";
  const std::array<std::string, 6> middles = {
      subject + " cleaned " + possessive + " " + tool + " twice, because the last time the " + tool +
          " had spoilt it all.\n",
      "By noon there were " + count + " colonies. " + subject + " wrote " + count + " into " + possessive +
          " book.\n",
      "Everybody knows that " + std::string(what.name) + " " + what.habit + ", and it did.\n",
      "The visitors asked why " + name + " had not chosen something else. " + subject +
          " said that nothing else " + what.habit + ".\n",
      subject + " looked through the glass for an hour and forgot " + possessive + " tea.\n",
      "Nothing happened for a long time; then the " + tool + " fell from the bench, and " + name +
          " laughed.\n"};
  std::size_t begin = random.below(middles.size());
  for (std::size_t sentences = 2 + random.below(3); sentences > 0; --sentences)
    text += middles[begin++ % middles.size()];
  text += "In the evening " + name + " put " + what.name + " back, counted " + count +
          " once more, and went home. So ended " + day + ".\n\n";
  return text;
}

}  // namespace detail::simulated

SEQLSTM_INLINE LabelledRecords simulated_promoters(std::size_t count, std::uint64_t seed) {
  using namespace detail::simulated;
  constexpr std::size_t length = 60;
  RandomStream random(seed, 0x50524F4DU);  // "PROM"
  LabelledRecords data;
  for (std::size_t i = 0; i < 2 * count; ++i) {
    const bool promoter = i % 2 == 0;
    std::string sequence(length, 'A');
    for (char& base : sequence) base = random_base(random);
    if (promoter) {
      const std::size_t box_begin = 50 - 6 - (6 + random.below(4));
      write_box(sequence, box_begin, minus_10, random);
      write_box(sequence, box_begin - random_spacing(random) - 6, minus_35, random);
    } else if (const double kind = random.uniform(); kind < 0.5) {
      write_box(sequence, random.below(length - 6 + 1), kind < 0.25 ? minus_35 : minus_10, random);
    }
    Record record;
    record.id = (promoter ? "promoter_" : "other_") + std::to_string(i / 2);
    record.sequence = sequence;
    data.records.push_back(std::move(record));
    data.labels.push_back(promoter ? 1.0 : 0.0);
  }
  return data;
}

SEQLSTM_INLINE LabelledRecords simulated_motif_positions(std::size_t count, std::size_t length,
                                                         std::uint64_t seed) {
  constexpr std::string_view motif = "AKGDKICL", residues = "ACDEFGHIKLMNPQRSTVWY";
  if (length < 64)
    throw option_error("simulated_motif_positions: the length is " + std::to_string(length) +
                       ", expected at least 64");
  RandomStream random(seed, 0x4D4F5449U);  // "MOTI"
  LabelledRecords data;
  for (std::size_t i = 0; i < count; ++i) {
    const bool at_end = i % 2 == 0;
    std::string sequence(length, 'A');
    for (char& residue : sequence) residue = residues[random.below(residues.size())];
    const std::size_t room = std::max<std::size_t>(1, length / 8 - std::min(length / 8, motif.size()) + 1);
    const std::size_t shift = random.below(room);
    std::size_t at =
        length / 2 - length / 8 + random.below(std::max<std::size_t>(1, length / 4 - motif.size() + 1));
    if (at_end) at = random.uniform() < 0.5 ? shift : length - motif.size() - shift;
    sequence.replace(at, motif.size(), motif);
    Record record;
    record.id = (at_end ? "end_" : "middle_") + std::to_string(i);
    record.sequence = sequence;
    data.records.push_back(std::move(record));
    data.labels.push_back(at_end ? 1.0 : 0.0);
  }
  return data;
}

SEQLSTM_INLINE LabelledRecords simulated_families(std::size_t count, std::uint64_t seed) {
  using namespace detail::simulated;
  RandomStream random(seed, 0x46414D49U);  // "FAMI"
  std::vector<Record> records;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t family = i % (families.size() + 1);
    std::string sequence(60 + random.below(241), 'A');
    for (char& residue : sequence) residue = random_residue(random);
    if (family < families.size()) {
      const std::string signature = matching(families[family].pattern, random);
      sequence.replace(random.below(sequence.size() - signature.size()), signature.size(), signature);
    }
    Record record;
    record.id = "simulated" + std::to_string(i + 1);
    record.sequence = sequence;
    records.push_back(record);
    names.emplace_back(family < families.size() ? families[family].name : "none");
  }
  return label(std::move(records), names);
}

SEQLSTM_INLINE std::string simulated_genome(std::size_t letters, std::uint64_t seed) {
  using namespace detail::simulated;
  RandomStream random(seed, 0x47454E4FU);  // "GENO"
  std::string genome;
  while (genome.size() < letters) {
    for (std::size_t i = 20 + random.below(120); i > 0; --i) genome += "ACGT"[random.below(4)];
    std::string gene = "AGGAGG";  // Shine and Dalgarno 1974
    for (std::size_t i = 5 + random.below(4); i > 0; --i) gene += "ACGT"[random.below(4)];
    gene += "ATG";
    for (std::size_t i = 80 + random.below(400); i > 0; --i) gene += random_codon(random);
    gene += "TAA";
    genome += random.below(2) == 0 ? gene : reverse_complement(gene);
  }
  return genome;
}

SEQLSTM_INLINE std::string simulated_diary(std::size_t letters, std::uint64_t seed) {
  using namespace detail::simulated;
  RandomStream random(seed, 0x4E4F5445U);  // "NOTE"
  std::string text;
  for (std::size_t day = 0; text.size() < letters; ++day) text += one_day(day, random);
  return text;
}

SEQLSTM_NAMESPACE_END

// Text for a first run without files: the diary of a laboratory, told from a small stock of sentences. Who
// does what with which organism is drawn once a day and kept up over several sentences, so that a reader who
// remembers the day's beginning knows more than one who sees the last few letters.
#pragma once

#include <array>
#include <seqlstm/core/random.hpp>
#include <string>

namespace examples {

namespace laboratory {

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

template <class List> const auto& one_of(const List& list, seqlstm::RandomStream& random) {
  return list[random.below(list.size())];
}

inline std::string one_day(std::size_t number, seqlstm::RandomStream& random) {
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

}  // namespace laboratory

/// At least `letters` characters.
inline std::string laboratory_notes(std::size_t letters, std::uint64_t seed) {
  seqlstm::RandomStream random(seed, 0x4E4F5445U);  // "NOTE"
  std::string text;
  for (std::size_t day = 0; text.size() < letters; ++day) text += laboratory::one_day(day, random);
  return text;
}

}  // namespace examples

// Tells of letters a tokenizer does not know.
#pragma once

#include <initializer_list>
#include <ostream>
#include <seqlstm/data/unknown_letters.hpp>
#include <string>
#include <vector>

namespace examples {

inline void tell(std::ostream& out, const seqlstm::UnknownLetters& unknown) {
  if (const std::string note = unknown.note(); !note.empty()) out << "note: " << note << '\n';
}
/// Those of all records of some parts; refuses records of another kind.
inline void tell_unknown_letters(std::ostream& out, const seqlstm::Tokenizer& tokenizer,
                                 std::initializer_list<const std::vector<seqlstm::Record>*> parts) {
  seqlstm::UnknownLetters unknown(tokenizer);
  for (const auto* records : parts) unknown.count(*records);
  unknown.check();
  tell(out, unknown);
}

}  // namespace examples

// What the library advises in C++ words, in those of a program's options.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace examples {

namespace detail {

/// The program or the command that runs, whichever has the option.
inline bool has_option(const CLI::App& app, const std::string& option, bool given) {
  const auto* found = app.get_option_no_throw(option);
  if (found != nullptr && (!given || found->count() > 0)) return true;
  for (const auto* command : app.get_subcommands())
    if (has_option(*command, option, given)) return true;
  return false;
}

/// What to do about a letter that an alphabet lacks.
inline std::string unknown_letter_advice(const CLI::App& app) {
  if (!has_option(app, "--unknown", false)) return "take the letter out";
  return has_option(app, "--load", true) ? "take the letter out, or train the model with --unknown map"
                                         : "take the letter out, or pass --unknown map";
}

}  // namespace detail

/// A message of the library as the program says it: advice that names enumerators or fields of structs names
/// options instead.
inline std::string in_words_of(const CLI::App& app, std::string message) {
  constexpr std::string_view end_of_letters = "unknown::random or unknown::error";
  const std::size_t end = message.find(end_of_letters);
  const std::size_t pass = message.rfind("pass unknown::", end);
  if (end != std::string::npos && pass != std::string::npos)
    message.replace(pass, end + end_of_letters.size() - pass, detail::unknown_letter_advice(app));
  for (const auto& [library, program] :
       {std::pair<std::string_view, std::string_view>{"use unknown::skip or unknown::random",
                                                      "leave --unknown at error"},
        {", set clip_norm", ""},
        {" (read_three_line_fasta)", ""},
        {"had several lengths; give a window", "had several lengths; give --window"},
        {"scan: a window of ", "--window "},
        {"scan: the anchor ", "--anchor "},
        {"or train without positions", "or train with --position none"},
        {"categorical input ", "--extra-column "},
        {"compare k-mers instead", "pass --audit kmers"},
        {"bring clusters of your own", "bring clusters of your own (--clusters)"},
        {"bring clusters of copies, or leave copies in",
         "bring clusters of copies (--redundancy-clusters), or leave copies in (--redundancy 1)"},
        {"drop or merge the class, or use stratified = false", "leave the class out with --min-class-size"}})
    if (const std::size_t place = message.find(library); place != std::string::npos)
      message.replace(place, library.size(), program);
  return message;
}

}  // namespace examples

// What the library advises in C++ words, in those of a program's options.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
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

/// Options as C++ names them, min_class_size, in the program's writing, --min-class-size.
inline std::string option_words(const CLI::App& app, const std::string& text) {
  constexpr std::string_view word_letters = "abcdefghijklmnopqrstuvwxyz_";
  constexpr std::string_view parts_of_names =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/.-':";
  std::string result;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_not_of(word_letters, begin), text.size());
    std::string word = text.substr(begin, end - begin);
    const bool alone = (begin == 0 || parts_of_names.find(text[begin - 1]) == std::string_view::npos) &&
                       (end == text.size() || parts_of_names.find(text[end]) == std::string_view::npos ||
                        text.compare(end, 2, ": ") == 0);
    if (alone && word.find('_') != std::string::npos) {
      std::string option = "--" + word;
      std::replace(option.begin(), option.end(), '_', '-');
      if (has_option(app, option, false)) word = option;
    }
    result += word;
    begin = end;
    if (begin < text.size()) result += text[begin++];
  }
  return result;
}

/// What to do about a letter that an alphabet lacks.
inline std::string unknown_letter_advice(const CLI::App& app) {
  if (!has_option(app, "--unknown", false)) return "take the letter out";
  return has_option(app, "--load", true) ? "take the letter out, or train the model with --unknown map"
                                         : "take the letter out, or pass --unknown map";
}

}  // namespace detail

/// The program that runs; set by run_program.
inline const CLI::App*& running_program() {
  static const CLI::App* program = nullptr;
  return program;
}

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
        {"read it with io::load_onnx (the component seqlstm::onnx), or save", "save"},
        {"had several lengths; give a window", "had several lengths; give --window"},
        {"scan: a window of ", "--window "},
        {"scan: the anchor ", "--anchor "},
        {"or train without positions", "or train with --position none"},
        {"categorical input ", "--extra-column "},
        {"compare k-mers instead", "pass --audit kmers"},
        {"bring clusters of your own", "bring clusters of your own (--clusters)"},
        {"bring clusters of copies, or leave copies in",
         "bring clusters of copies (--redundancy-clusters), or leave copies in (--redundancy 1)"},
        {"drop or merge the class, or use stratified = false", "leave the class out with --min-class-size"},
        {"leave the class out, or small ones", "leave the class out with --filter, or small ones"},
        {"choose rows with filters", "choose rows with --filter"},
        {"name the task: multi-class", "name the task: --task multi-class"},
        {"a binary task expects", "--task binary expects"},
        {"a multi-label task expects", "--task multi-label expects"},
        {"positions need sequences of one length; train without positions",
         "--position absolute needs sequences of one length; use --position none"},
        {"categorical inputs and an encoder exclude", "--extra-column and --encoder exclude"},
        {"name another file for the checkpoint", "name another file with --checkpoint"},
        {"hidden, layers, embedding_dim", "--hidden, --layers, --width"},
        {"or name its alphabet", "or name its --alphabet or another --encoder"},
        {"of the parts that are asked for", "of the parts that --truth-part names"}})
    if (const std::size_t place = message.find(library); place != std::string::npos)
      message.replace(place, library.size(), program);
  return detail::option_words(app, message);
}

}  // namespace examples

// One exception type per cause; every message says what was found, what was expected and what to do.
#pragma once

#include <seqlstm/core/text.hpp>
#include <stdexcept>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// A message on one line, whatever names and cells of a file it holds; of a very long one the middle is left
/// out.
std::string one_line(const std::string& message);

}  // namespace detail

/// Base of every exception the library throws on purpose; catch it to print one sentence. Control characters
/// of what the message quotes are escaped (printable).
struct Error : std::runtime_error {
  /// what() is the message on one line; the middle of one longer than 2000 bytes is left out.
  explicit Error(const std::string& message) : std::runtime_error(detail::one_line(message)) {}
};

/// Sizes that do not fit together: names the layer or function and both shapes.
struct shape_error : Error {
  using Error::Error;
};

/// A token id outside the vocabulary or a letter outside the alphabet: names record, position and value.
struct token_error : Error {
  using Error::Error;
};

/// Text that is not what its format demands; the message begins with `file:line: `.
struct parse_error : Error {
  using Error::Error;
  /// The message "file:line: what"; lines count from 1.
  parse_error(const std::string& file, std::size_t line, const std::string& what)
      : Error(file + ":" + std::to_string(line) + ": " + what) {}
};

/// A binary file (safetensors, checkpoint) that is truncated, damaged or of another kind.
struct format_error : Error {
  using Error::Error;
};

/// The operating system refused to open, read, write, sync or rename a file.
struct io_error : Error {
  using Error::Error;
};

/// An option or argument outside its range, or options that contradict each other.
struct option_error : Error {
  using Error::Error;
};

/// The CPU lacks instructions that the program was compiled for.
struct cpu_error : Error {
  using Error::Error;
};

/// Another process of the same training failed or ended: names it and the cause.
struct rank_error : Error {
  using Error::Error;
};

/// A quantity that must be finite (loss, gradient norm) is NaN or infinite.
struct numeric_error : Error {
  using Error::Error;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/core/error.ipp>
#endif

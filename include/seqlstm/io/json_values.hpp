// Numbers and words of a JSON object that comes from outside: one reader with bounds, whose complaints name
// the key, what was found and what was expected. And JSON as text, whatever bytes names of files and cells
// have.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <seqlstm/core/error.hpp>
#include <string>
#include <string_view>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// What a file may give as a size (a width, a vocabulary, a number of rows) unless its reader knows better.
inline constexpr std::uint64_t largest_size = std::uint64_t{1} << 31U;
/// Layers, and networks of an ensemble.
inline constexpr std::uint64_t most_layers = 1000;

namespace detail {

/// A JSON value as a message may show it.
inline std::string shown_json(const nlohmann::json& value) {
  if (value.is_structured()) return value.is_array() ? "a list" : "an object";
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).substr(0, 60);
}
inline format_error wrong_value(std::string_view key, const std::string& found, const std::string& expected) {
  return format_error("'" + std::string(key) + "' is " + found + ", expected " + expected +
                      "; the file is damaged or from another version");
}
inline const nlohmann::json& member(const nlohmann::json& object, std::string_view key,
                                    const std::string& expected) {
  if (object.is_object())
    if (const auto found = object.find(std::string(key)); found != object.end()) return *found;
  throw wrong_value(key, "missing", expected);
}

}  // namespace detail

/// Is the text UTF-8, as JSON must be?
inline bool is_utf8(const std::string& text) {
  try {
    static_cast<void>(nlohmann::json(text).dump());
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}
/// A name that JSON can hold: the text itself where it is UTF-8, else with `\xNN` for every byte beyond
/// ASCII.
inline std::string utf8_text(const std::string& text) {
  if (is_utf8(text)) return text;
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    shown += byte < 0x80U ? std::string(1, c) : std::string("\\x") + digits[byte / 16U] + digits[byte % 16U];
  }
  return shown;
}
/// JSON as the text of a file: indented, with a line break at its end. Bytes that are no UTF-8 become U+FFFD.
inline std::string json_text(const nlohmann::json& json) {
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

/// The whole number under `key`. Throws format_error where it is missing, no number, a fraction, or outside
/// of [least, most].
inline std::uint64_t size_from(const nlohmann::json& object, std::string_view key, std::uint64_t least = 0,
                               std::uint64_t most = largest_size) {
  const std::string expected = "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  const nlohmann::json& value = detail::member(object, key, expected);
  const bool whole =
      value.is_number_unsigned() || (value.is_number_integer() && value.get<std::int64_t>() >= 0);
  if (!whole || value.get<std::uint64_t>() < least || value.get<std::uint64_t>() > most)
    throw detail::wrong_value(key, detail::shown_json(value), expected);
  return value.get<std::uint64_t>();
}

/// The number under `key`. Throws format_error where it is missing, no number, not finite, or outside of
/// [least, most].
inline double number_from(const nlohmann::json& object, std::string_view key,
                          double least = std::numeric_limits<double>::lowest(),
                          double most = std::numeric_limits<double>::max()) {
  const bool bounded = least > std::numeric_limits<double>::lowest();
  const std::string expected = bounded ? "a number from " + seqlstm::detail::number_text(least) + " to " +
                                             seqlstm::detail::number_text(most)
                                       : "a finite number";
  const nlohmann::json& value = detail::member(object, key, expected);
  const double number = value.is_number() ? value.get<double>() : std::nan("");
  if (!(number >= least && number <= most))
    throw detail::wrong_value(key, detail::shown_json(value), expected);
  return number;
}

/// The finite numbers of the list under `key`. Throws format_error for anything else.
inline std::vector<double> numbers_from(const nlohmann::json& object, std::string_view key) {
  const nlohmann::json& list = detail::member(object, key, "a list of numbers");
  const bool right =
      list.is_array() && std::all_of(list.begin(), list.end(), [](const auto& x) { return x.is_number(); });
  if (!right) throw detail::wrong_value(key, detail::shown_json(list), "a list of numbers");
  std::vector<double> numbers;
  for (const auto& item : list) {
    numbers.push_back(item.get<double>());
    if (!std::isfinite(numbers.back()))
      throw detail::wrong_value(key, detail::shown_json(item), "a list of finite numbers");
  }
  return numbers;
}

/// The whole numbers of the list under `key`, each from `least` to `most`. Throws format_error for anything
/// else.
inline std::vector<std::size_t> sizes_from(const nlohmann::json& object, std::string_view key,
                                           std::size_t most = largest_size, std::size_t least = 1) {
  std::vector<std::size_t> sizes;
  for (const double number : numbers_from(object, key)) {
    if (!(number >= static_cast<double>(least) && number <= static_cast<double>(most)) ||
        number != std::trunc(number))
      throw detail::wrong_value(
          key, seqlstm::detail::number_text(number),
          "whole numbers from " + std::to_string(least) + " to " + std::to_string(most));
    sizes.push_back(static_cast<std::size_t>(number));
  }
  return sizes;
}

/// The truth value under `key`. Throws format_error for anything else.
inline bool flag_from(const nlohmann::json& object, std::string_view key) {
  const nlohmann::json& value = detail::member(object, key, "true or false");
  if (!value.is_boolean()) throw detail::wrong_value(key, detail::shown_json(value), "true or false");
  return value.get<bool>();
}

/// The text under `key`. Throws format_error for anything else.
inline std::string text_from(const nlohmann::json& object, std::string_view key) {
  const nlohmann::json& value = detail::member(object, key, "text");
  if (!value.is_string()) throw detail::wrong_value(key, detail::shown_json(value), "text");
  return value.get<std::string>();
}

/// The list of texts under `key`. Throws format_error for anything else.
inline std::vector<std::string> texts_from(const nlohmann::json& object, std::string_view key) {
  const nlohmann::json& list = detail::member(object, key, "a list of texts");
  const bool right =
      list.is_array() && std::all_of(list.begin(), list.end(), [](const auto& x) { return x.is_string(); });
  if (!right) throw detail::wrong_value(key, detail::shown_json(list), "a list of texts");
  return list.get<std::vector<std::string>>();
}

}  // namespace io
SEQLSTM_NAMESPACE_END

// The header of a safetensors file: JSON to checked entries and back. Nothing in it is trusted.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/sizes.hpp>
#include <seqlstm/io/detail/binary_file.hpp>
#include <seqlstm/io/detail/bounded_json.hpp>
#include <seqlstm/io/detail/foreign_file.hpp>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

/// One tensor: its bytes are [begin, end) of the data behind the header.
struct HeaderEntry {
  std::string name, dtype;
  std::vector<std::size_t> shape;
  std::size_t begin = 0, end = 0;
};

struct Header {
  std::map<std::string, std::string> metadata;
  std::vector<HeaderEntry> entries;  ///< in the order of their bytes
};

inline constexpr std::array<std::pair<std::string_view, std::size_t>, 15> dtype_sizes = {{{"F64", 8},
                                                                                          {"F32", 4},
                                                                                          {"BF16", 2},
                                                                                          {"F16", 2},
                                                                                          {"F8_E4M3", 1},
                                                                                          {"F8_E5M2", 1},
                                                                                          {"I64", 8},
                                                                                          {"I32", 4},
                                                                                          {"I16", 2},
                                                                                          {"I8", 1},
                                                                                          {"U64", 8},
                                                                                          {"U32", 4},
                                                                                          {"U16", 2},
                                                                                          {"U8", 1},
                                                                                          {"BOOL", 1}}};

inline std::optional<std::size_t> dtype_size(std::string_view dtype) {
  for (const auto& [name, size] : dtype_sizes)
    if (name == dtype) return size;
  return std::nullopt;
}
inline std::string known_dtypes() {
  std::string text = "expected one of";
  for (const auto& [name, size] : dtype_sizes) text += ' ' + std::string(name);
  return text + "; convert the tensor before saving it";
}

inline std::string shape_text(std::span<const std::size_t> shape) {
  std::string text = "[";
  for (const std::size_t extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}
/// The product of a shape; nothing where it overflows.
inline std::optional<std::size_t> element_count(std::span<const std::size_t> shape) {
  return checked_product(shape);
}

/// Bytes of a header, as the format's own library bounds them; tensors in a file.
inline constexpr std::size_t longest_header = 100'000'000, most_tensors = 100'000;

inline format_error bad_file(const std::string& path, std::size_t offset, const std::string& what) {
  return format_error(path + ": byte " + std::to_string(offset) + ": " + what);
}

inline constexpr const char* damaged =
    "; the file is damaged or not a safetensors file: save or copy it again";

/// Throws format_error for a file of another format that is known, with what to do.
inline void refuse_foreign(BinaryFile& file) {
  std::string begin(std::min(file.size(), telling_bytes), '\0');
  file.read(0, std::as_writable_bytes(std::span<char>(begin)));
  if (const auto what = foreign_file(begin))
    throw format_error(file.path() + ": expected safetensors, but this is " + *what);
}

/// The header's JSON, padding included.
inline std::string read_header_text(BinaryFile& file) {
  refuse_foreign(file);
  if (file.size() < 8)
    throw bad_file(file.path(), 0,
                   "the file has " + std::to_string(file.size()) +
                       " bytes, expected at least 8 for the header's length" + damaged);
  std::uint64_t length = 0;
  file.read(0, std::as_writable_bytes(std::span<std::uint64_t>(&length, 1)));
  if (length > file.size() - 8)
    throw bad_file(file.path(), 0,
                   "the header's length is " + std::to_string(length) + ", but only " +
                       std::to_string(file.size() - 8) + " bytes follow" + damaged);
  if (length > longest_header)
    throw bad_file(file.path(), 0,
                   "the header's length is " + std::to_string(length) + ", the format allows at most " +
                       std::to_string(longest_header) + damaged);
  std::string text(static_cast<std::size_t>(length), '\0');
  file.read(8, std::as_writable_bytes(std::span<char>(text)));
  if (text.empty() || text.front() != '{')
    throw bad_file(file.path(), 8, std::string("the header does not begin with '{'") + damaged);
  return text;
}

/// The header as JSON: nested three deep where it is right.
inline nlohmann::json parse_json(const std::string& path, const std::string& text) {
  return bounded_json(text, 8, [&](std::size_t byte, const std::string& what) {
    return bad_file(path, 8 + byte, "the header " + what + damaged);
  });
}

/// A list of non-negative integers; nothing for any other JSON.
inline std::optional<std::vector<std::size_t>> sizes(const nlohmann::json& value) {
  if (!value.is_array()) return std::nullopt;
  std::vector<std::size_t> result;
  for (const auto& item : value) {
    if (!item.is_number_unsigned()) return std::nullopt;
    result.push_back(item.get<std::size_t>());
  }
  return result;
}

inline HeaderEntry parse_entry(const std::string& path, const std::string& name,
                               const nlohmann::json& value) {
  const auto bad = [&](const std::string& what) {
    return bad_file(path, 8, "tensor '" + name + "' " + what);
  };
  const auto member = [&](const char* key) {
    const auto found = value.find(key);
    return found == value.end() ? nlohmann::json() : *found;
  };
  if (!value.is_object()) throw bad(std::string("is not a JSON object") + damaged);
  const auto dtype = member("dtype");
  const auto shape = sizes(member("shape")), offsets = sizes(member("data_offsets"));
  if (!dtype.is_string() || !shape || !offsets || offsets->size() != 2)
    throw bad(std::string("needs 'dtype', 'shape' and two 'data_offsets'") + damaged);
  HeaderEntry entry{name, dtype, *shape, (*offsets)[0], (*offsets)[1]};
  if (!dtype_size(entry.dtype)) throw bad("has type '" + entry.dtype + "'; " + known_dtypes());
  return entry;
}

/// Every byte of the data belongs to one tensor, and every tensor has the bytes of its shape.
inline void check_entries(const std::string& path, std::size_t data_begin, std::size_t data_size,
                          const std::vector<HeaderEntry>& entries) {
  std::size_t next = 0;
  for (const HeaderEntry& entry : entries) {
    const std::string bytes = std::to_string(entry.begin) + " to " + std::to_string(entry.end);
    const auto bad = [&](const std::string& what) {
      return bad_file(path, data_begin + next, "tensor '" + entry.name + "' " + what + damaged);
    };
    if (entry.begin != next || entry.end < entry.begin)
      throw bad("has the data bytes " + bytes + ", expected them to begin at " + std::to_string(next));
    if (entry.end > data_size)
      throw bad("has the data bytes " + bytes + ", but the file holds only " + std::to_string(data_size));
    const auto elements = element_count(entry.shape);
    std::size_t expected = 0;
    if (!elements || __builtin_mul_overflow(*elements, *dtype_size(entry.dtype), &expected) ||
        expected != entry.end - entry.begin)
      throw bad("of type " + entry.dtype + " and shape " + shape_text(entry.shape) + " does not fit its " +
                std::to_string(entry.end - entry.begin) + " bytes");
    next = entry.end;
  }
  if (next != data_size)
    throw bad_file(
        path, data_begin + next,
        std::to_string(data_size - next) + " bytes behind the last tensor belong to none" + damaged);
}

inline Header parse_header(const std::string& path, const std::string& text, std::size_t file_size) {
  Header header;
  const nlohmann::json json = parse_json(path, text);
  for (const auto& [name, value] : json.items()) {
    if (header.entries.size() > most_tensors)
      throw bad_file(path, 8,
                     "the header names more than " + std::to_string(most_tensors) + " tensors" + damaged);
    if (name != "__metadata__") {
      header.entries.push_back(parse_entry(path, name, value));
      continue;
    }
    const bool strings = value.is_object() && std::all_of(value.begin(), value.end(),
                                                          [](const auto& item) { return item.is_string(); });
    if (!strings) throw bad_file(path, 8, std::string("'__metadata__' must map names to strings") + damaged);
    header.metadata = value.get<std::map<std::string, std::string>>();
  }
  std::sort(header.entries.begin(), header.entries.end(), [](const HeaderEntry& a, const HeaderEntry& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  check_entries(path, 8 + text.size(), file_size - 8 - text.size(), header.entries);
  return header;
}

/// The header's JSON, padded with spaces to a multiple of 8 bytes.
inline std::string make_header(const std::string& path, const std::map<std::string, std::string>& metadata,
                               const std::vector<HeaderEntry>& entries) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  for (const HeaderEntry& entry : entries) {
    const auto bad = [&](const std::string& what) { return path + ": tensor '" + entry.name + "' " + what; };
    const auto size = dtype_size(entry.dtype);
    if (!size) throw format_error(bad("has type '" + entry.dtype + "'; " + known_dtypes()));
    const auto elements = element_count(entry.shape);
    if (!elements || *elements > SIZE_MAX / *size || *elements * *size != entry.end - entry.begin)
      throw shape_error(bad("of type " + entry.dtype + " and shape " + shape_text(entry.shape) +
                            " does not fit its " + std::to_string(entry.end - entry.begin) + " bytes"));
    if (entry.name == "__metadata__" || header.contains(entry.name))
      throw format_error(bad("cannot be saved: the name is taken; rename it"));
    header[entry.name] = {
        {"dtype", entry.dtype}, {"shape", entry.shape}, {"data_offsets", {entry.begin, entry.end}}};
  }
  try {
    std::string text = header.dump();
    text.append((8 - text.size() % 8) % 8, ' ');
    return text;
  } catch (const nlohmann::json::exception&) {
    throw format_error(path + ": a name or metadata to be saved is not UTF-8 text; rename it");
  }
}

}  // namespace io::detail
SEQLSTM_NAMESPACE_END

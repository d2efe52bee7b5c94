// NumPy's .npy: one array of numbers, as np.save writes it. Versions 1 to 3 of the format, little-endian.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <seqlstm/core/concepts.hpp>
#include <seqlstm/io/safetensors.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// An array of any rank in C order: the last index runs fastest.
template <Scalar T = float> struct NumericArray {
  std::vector<std::size_t> shape{};  ///< empty for a single number
  std::vector<T> values{};           ///< as many as the product of the shape
};

namespace detail {

inline constexpr std::string_view npy_magic = "\x93NUMPY";

/// What the header of an .npy file says, and where its numbers begin.
struct NpyHeader {
  std::string descr;  ///< the type in quotes, or a list of fields
  bool fortran = false;
  std::vector<std::size_t> shape;
  std::size_t data_begin = 0;
};

/// The text behind `'key':` in the header of an .npy file, up to the next comma outside brackets.
inline std::string npy_field(const std::string& path, const std::string& header, const std::string& key) {
  std::size_t begin = header.find("'" + key + "'");
  if (begin != std::string::npos) begin = header.find(':', begin);
  if (begin == std::string::npos) throw format_error(path + ": its header has no '" + key + "'");
  begin = header.find_first_not_of(" \n", begin + 1);
  std::size_t end = begin;
  if (begin != std::string::npos)
    end = header[begin] == '('   ? header.find(')', begin)
          : header[begin] == '[' ? header.find(']', begin)
                                 : header.find_first_of(",}", begin);
  if (end == std::string::npos) throw format_error(path + ": its header ends within '" + key + "'");
  return header.substr(begin, end - begin);
}

/// "(7, 3" as numbers; nothing where it is anything else.
inline std::optional<std::vector<std::size_t>> npy_shape(std::string_view text) {
  std::vector<std::size_t> shape;
  if (!text.starts_with('(')) return std::nullopt;
  for (text.remove_prefix(1); !text.empty();) {
    std::size_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc{}) return std::nullopt;
    shape.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    const std::size_t next = text.find_first_not_of(" ,L");  // "7L" of Python 2
    text.remove_prefix(std::min(next, text.size()));
  }
  return shape;
}

/// Numbers of an array; nothing where that overflows. None where any size is 0, however large the others are.
inline std::optional<std::size_t> npy_count(const std::vector<std::size_t>& shape) {
  if (std::count(shape.begin(), shape.end(), std::size_t{0}) > 0) return 0;
  return element_count(shape);
}

/// Throws format_error for a file that is no .npy, with what it is and how to save it.
inline void refuse_no_npy(BinaryFile& file) {
  std::string begin(std::min(file.size(), telling_bytes), '\0');
  file.read(0, std::as_writable_bytes(std::span<char>(begin)));
  if (begin.starts_with(npy_magic)) return;
  constexpr unsigned char pickle = 0x80;
  if (begin.size() > 1 && static_cast<unsigned char>(begin[0]) == pickle)
    throw format_error(file.path() +
                       ": expected an .npy array, but this is a Python pickle, which runs code when it is "
                       "read: load it in Python and save the array with np.save('x.npy', array)");
  const auto what = foreign_file(begin);
  throw format_error(file.path() + ": expected an .npy array, but " +
                     (what ? "this is " + *what
                           : std::string("it does not begin as one; save the array with np.save('x.npy', "
                                         "array)")));
}

inline NpyHeader read_npy_header(BinaryFile& file) {
  const std::string& path = file.path();
  refuse_no_npy(file);
  std::array<unsigned char, 12> begin{};
  if (file.size() < begin.size()) throw format_error(path + ": the file ends within its header");
  file.read(0, std::as_writable_bytes(std::span<unsigned char>(begin)));
  const unsigned version = begin[6];
  if (version < 1 || version > 3)
    throw format_error(path + ": version " + std::to_string(version) +
                       " of the .npy format, expected 1, 2 or 3; save it again with np.save");
  std::size_t length = 0;
  for (std::size_t i = version == 1 ? 2 : 4; i-- > 0;) length = length * 256 + begin[8 + i];
  NpyHeader header;
  header.data_begin = (version == 1 ? 10 : 12);
  if (length > file.size() - header.data_begin)
    throw format_error(path + ": the file ends within its header");
  constexpr std::size_t longest = 1U << 16U;  // what numbers alone need is below 200
  if (length > longest)
    throw format_error(path + ": its header has " + std::to_string(length) + " bytes, expected at most " +
                       std::to_string(longest) + "; save an array of numbers without fields");
  std::string text(length, '\0');
  file.read(header.data_begin, std::as_writable_bytes(std::span<char>(text)));
  header.data_begin += length;
  header.descr = npy_field(path, text, "descr");
  const std::string order = npy_field(path, text, "fortran_order");
  header.fortran = order.starts_with("True");
  if (!header.fortran && !order.starts_with("False"))
    throw format_error(path +
                       ": 'fortran_order' in its header is neither True nor False; save it again with "
                       "np.save");
  const auto shape = npy_shape(npy_field(path, text, "shape"));
  if (!shape)
    throw format_error(path + ": the shape in its header is not a list of sizes; save it again with np.save");
  header.shape = *shape;
  return header;
}

/// The number as T has it: floating-point numbers rounded, whole ones exactly. Nothing where T does not have
/// it.
template <Scalar T, class Stored> std::optional<T> npy_value(Stored stored) {
  if (!holds<T>(stored)) return std::nullopt;
  const T value = static_cast<T>(stored);
  if constexpr (std::is_integral_v<Stored> && !std::is_same_v<Stored, bool>)
    if (!holds<Stored>(value) || static_cast<Stored>(value) != stored) return std::nullopt;
  return value;
}

/// Goes through a shape in C order, and says where the file has each element.
class StoredOrder {
 public:
  StoredOrder(const std::vector<std::size_t>& shape, bool fortran)
      : shape_(shape), steps_(shape.size()), index_(shape.size()) {
    std::size_t step = 1;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      const std::size_t axis = fortran ? i : shape.size() - 1 - i;
      steps_[axis] = step;
      step *= shape[axis];
    }
  }
  [[nodiscard]] std::size_t place() const { return place_; }
  void next() {
    for (std::size_t axis = shape_.size(); axis-- > 0;) {
      place_ += steps_[axis];
      if (++index_[axis] < shape_[axis]) return;
      place_ -= steps_[axis] * shape_[axis];
      index_[axis] = 0;
    }
  }
  /// "[2, 0]", the indices of the element.
  [[nodiscard]] std::string text() const { return shape_text(index_); }

 private:
  std::vector<std::size_t> shape_, steps_, index_;
  std::size_t place_ = 0;
};

/// A number as messages show it: whole ones with all digits.
template <class Number> std::string npy_text(Number number) {
  if constexpr (std::is_integral_v<Number>) return std::to_string(number);
  return seqlstm::detail::number_text(static_cast<double>(number));
}

/// The error of a number that T does not have.
template <Scalar T, class Number>
format_error npy_unfit(const std::string& path, const StoredOrder& order, Number number) {
  const char* advice = !std::is_integral_v<Number> ? "scale the numbers"
                       : std::is_same_v<T, float> ? "read them as double, or subtract what all have in common"
                                                  : "subtract what all have in common";
  return format_error(path + ": element " + order.text() + " is " + npy_text(number) + ", which float" +
                      std::to_string(8 * sizeof(T)) + " does not have; " + advice);
}

/// The array of a file whose elements are of type Stored and mean what `decoded` makes of them.
template <Scalar T, class Stored, class Decode>
NumericArray<T> npy_array(BinaryFile& file, const NpyHeader& header, Decode decoded) {
  const std::string& path = file.path();
  const auto count = npy_count(header.shape);
  const auto expected = count ? checked_product({*count, sizeof(Stored)}) : std::nullopt;
  const std::size_t found = file.size() - header.data_begin;
  const std::string of_shape = " numbers of shape " + shape_text(header.shape);
  if (!expected || *expected > found)
    throw format_error(path + ": the file ends before its" + of_shape + ": " + std::to_string(found) +
                       " bytes for " + (expected ? std::to_string(*expected) : "more than 2^64") +
                       "; save or copy it again");
  if (*expected < found)
    throw format_error(path + ": " + std::to_string(found - *expected) + " bytes follow its " +
                       std::to_string(*count) + of_shape + "; save one array in a file");
  std::vector<std::byte> bytes(*expected);
  if (!bytes.empty()) file.read(header.data_begin, bytes);
  NumericArray<T> array{header.shape, std::vector<T>(*count)};
  StoredOrder order(header.shape, header.fortran);
  for (T& value : array.values) {
    Stored stored{};
    std::memcpy(&stored, bytes.data() + order.place() * sizeof stored, sizeof stored);
    const auto number = decoded(stored);
    const auto held = npy_value<T>(number);
    if (!held) throw npy_unfit<T>(path, order, number);
    value = *held;
    order.next();
  }
  return array;
}

/// The error of elements that are no numbers which are read here.
inline format_error npy_unknown(const std::string& path, const std::string& descr) {
  if (descr.starts_with('['))
    return format_error(path + ": its elements have fields, " + descr +
                        "], expected plain numbers; save one field: np.save('x.npy', array['name'])");
  if (descr == "'|O'")
    return format_error(
        path +
        ": its elements are Python objects, '|O', and so a pickle, which runs code when it is "
        "read; save numbers of one shape: np.save('x.npy', np.stack(list(array))), rows of "
        "several lengths in a file each");
  return format_error(
      path + ": its numbers are " + descr +
      ", expected '<f2', '<f4' or '<f8' (float16, float32, float64), '|i1' to '<i8', '|u1' to "
      "'<u8' or '|b1'; save array.astype('float32')");
}

}  // namespace detail

/// Reads an array that np.save wrote: float16, float32, float64, integers of 1 to 8 bytes with and without
/// sign, bool (0 and 1); up to 8 dimensions, in C or Fortran order. The result is in C order. Floating-point
/// numbers are rounded to T; a whole number that T does not have exactly (in float from 2^24 on) is an error,
/// as is a finite one beyond its range: read_npy<double> then. Throws io_error where the file cannot be read,
/// format_error for anything else: big-endian and other types, pickled objects, a file that is damaged or
/// longer than its array. Reads no more than the file has; takes the file's size, and T's for each number.
template <Scalar T = float> NumericArray<T> read_npy(const std::string& path) {
  detail::BinaryFile file(path);
  const auto header = detail::read_npy_header(file);
  constexpr std::size_t most_dimensions = 8;
  if (header.shape.size() > most_dimensions)
    throw format_error(path + ": an array of " + std::to_string(header.shape.size()) +
                       " dimensions, expected at most " + std::to_string(most_dimensions) +
                       "; save array.reshape(...)");
  const std::string& descr = header.descr;
  const auto as = [&](auto stored) {
    return detail::npy_array<T, decltype(stored)>(file, header, [](auto x) { return x; });
  };
  if (descr == "'<f4'") return as(float{});
  if (descr == "'<f8'") return as(double{});
  if (descr == "'<f2'")
    return detail::npy_array<T, float16>(file, header, [](float16 x) { return static_cast<float>(x); });
  if (descr == "'|b1'")
    return detail::npy_array<T, std::uint8_t>(file, header, [](std::uint8_t x) { return x != 0; });
  if (descr == "'|i1'") return as(std::int8_t{});
  if (descr == "'<i2'") return as(std::int16_t{});
  if (descr == "'<i4'") return as(std::int32_t{});
  if (descr == "'<i8'") return as(std::int64_t{});
  if (descr == "'|u1'") return as(std::uint8_t{});
  if (descr == "'<u2'") return as(std::uint16_t{});
  if (descr == "'<u4'") return as(std::uint32_t{});
  if (descr == "'<u8'") return as(std::uint64_t{});
  throw detail::npy_unknown(path, descr);
}

namespace detail {

/// The bytes before the numbers: version 1, padded so that they begin at a multiple of 64.
template <Scalar T> std::string npy_preamble(std::span<const std::size_t> shape) {
  std::string header =
      std::string("{'descr': '<f") + std::to_string(sizeof(T)) + "', 'fortran_order': False, 'shape': (";
  for (const std::size_t extent : shape) header += std::to_string(extent) + ", ";
  if (shape.size() > 1) header.resize(header.size() - 2);
  if (shape.size() == 1) header.pop_back();
  header += "), }";
  constexpr std::size_t before = 10, alignment = 64;
  header.append(alignment - 1 - (before + header.size()) % alignment, ' ');
  header += '\n';
  std::string preamble(npy_magic);
  preamble += '\1';
  preamble += '\0';
  preamble += static_cast<char>(header.size() % 256);
  preamble += static_cast<char>(header.size() / 256);
  return preamble + header;
}

}  // namespace detail

/// Writes an array in C order that np.load and read_npy read, atomically. shape_error where the shape does
/// not fit the number of values, write_error where the file cannot be written.
template <Scalar T>
void write_npy(const std::string& path, const std::vector<std::size_t>& shape, std::span<const T> values) {
  const auto count = detail::npy_count(shape);
  if (!count || *count != values.size())
    throw shape_error("write_npy: " + std::to_string(values.size()) + " values do not fit shape " +
                      detail::shape_text(shape) + "; give a shape whose product is their number");
  write_file_atomically(path, [&](AtomicFile& file) {
    file.write(detail::npy_preamble<T>(shape));
    file.write(std::as_bytes(values));
  });
}
/// The same of a vector.
template <Scalar T>
void write_npy(const std::string& path, const std::vector<std::size_t>& shape, const std::vector<T>& values) {
  write_npy(path, shape, std::span<const T>(values));
}
/// The same of what read_npy gives.
template <Scalar T> void write_npy(const std::string& path, const NumericArray<T>& array) {
  write_npy(path, array.shape, array.values);
}

}  // namespace io
SEQLSTM_NAMESPACE_END

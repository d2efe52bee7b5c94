// The safetensors format (https://github.com/huggingface/safetensors): named tensors in one file that Python
// reads and writes too. Eight bytes of header length, a JSON header, the tensors' bytes; little-endian.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <seqlstm/core/bfloat16.hpp>
#include <seqlstm/core/float16.hpp>
#include <seqlstm/io/detail/safetensors_header.hpp>
#include <seqlstm/io/file.hpp>
#include <type_traits>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

static_assert(std::endian::native == std::endian::little,
              "seqlstm: safetensors files need a little-endian CPU");

/// A tensor as a file holds it: row-major elements of type `dtype` (F64, F32, BF16, F16, I64, U8, BOOL, ...).
struct Tensor {
  std::string dtype{};               ///< element type, by its name in the format
  std::vector<std::size_t> shape{};  ///< empty for a scalar
  std::vector<std::byte> data{};     ///< unaligned; read it through tensor_values()
};

/// The content of a safetensors file, all of it in memory.
struct SafetensorsFile {
  std::map<std::string, std::string> metadata{};          ///< texts by key: the header's "__metadata__"
  std::vector<std::pair<std::string, Tensor>> tensors{};  ///< in the order of their bytes

  /// The tensor of that name, or null.
  [[nodiscard]] const Tensor* find(const std::string& name) const {
    for (const auto& [key, tensor] : tensors)
      if (key == name) return &tensor;
    return nullptr;
  }
  /// Appends a tensor. A name that is there already is an error of write_safetensors() only.
  void add(std::string name, Tensor tensor) { tensors.emplace_back(std::move(name), std::move(tensor)); }
};

namespace detail {

template <class T> struct dtype_of;
template <> struct dtype_of<double> { static constexpr const char* name = "F64"; };
template <> struct dtype_of<float> { static constexpr const char* name = "F32"; };
template <> struct dtype_of<bfloat16> { static constexpr const char* name = "BF16"; };
template <> struct dtype_of<float16> { static constexpr const char* name = "F16"; };
template <> struct dtype_of<std::int64_t> { static constexpr const char* name = "I64"; };
template <> struct dtype_of<std::int32_t> { static constexpr const char* name = "I32"; };
template <> struct dtype_of<std::int16_t> { static constexpr const char* name = "I16"; };
template <> struct dtype_of<std::int8_t> { static constexpr const char* name = "I8"; };
template <> struct dtype_of<std::uint64_t> { static constexpr const char* name = "U64"; };
template <> struct dtype_of<std::uint32_t> { static constexpr const char* name = "U32"; };
template <> struct dtype_of<std::uint16_t> { static constexpr const char* name = "U16"; };
template <> struct dtype_of<std::uint8_t> { static constexpr const char* name = "U8"; };
template <> struct dtype_of<bool> { static constexpr const char* name = "BOOL"; };

/// Eight bits to float, exactly: E4M3 has up to 448, no infinity and one NaN; E5M2 is the upper half of a
/// float16.
inline float e4m3_to_float(std::uint8_t bits) {
  const unsigned exponent = (bits >> 3U) & 0xFU, fraction = bits & 7U;
  float magnitude = exponent == 0 ? static_cast<float>(fraction) * 0x1p-9F
                                  : std::bit_cast<float>(((exponent + 120U) << 23U) | (fraction << 20U));
  if (exponent == 0xFU && fraction == 7U) magnitude = std::numeric_limits<float>::quiet_NaN();
  return (bits & 0x80U) != 0 ? -magnitude : magnitude;
}
inline float e5m2_to_float(std::uint8_t bits) {
  float16 half;
  half.bits = static_cast<std::uint16_t>(bits << 8U);
  return static_cast<float>(half);
}

/// Can To hold the value: a whole number within its range, or any number as near as a double or float comes?
/// A cast of another one is undefined.
template <class To, class From> bool holds(From value) {
  if constexpr (std::is_same_v<From, bool>) {
    return true;
  } else if constexpr (std::is_same_v<To, bool>) {
    return value == From(0) || value == From(1);
  } else if constexpr (std::is_floating_point_v<To> && std::is_floating_point_v<From>) {
    return !std::isfinite(value) || std::abs(double{value}) <= double{std::numeric_limits<To>::max()};
  } else if constexpr (std::is_floating_point_v<To>) {
    return true;
  } else if constexpr (std::is_floating_point_v<From>) {
    const From end = std::ldexp(From(1), std::numeric_limits<To>::digits);  // the first that is too large
    const From begin = std::is_signed_v<To> ? -end : From(0);
    return value >= begin && value < end && std::trunc(value) == value;
  } else {
    return std::in_range<To>(value);
  }
}

template <class To, class Stored, class Convert>
std::vector<To> converted(const Tensor& tensor, Convert convert) {
  std::vector<To> values(tensor.data.size() / sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, tensor.data.data() + i * sizeof(Stored), sizeof(Stored));
    const auto value = convert(stored);
    if (!holds<To>(value))
      throw format_error("a tensor of type " + tensor.dtype + " holds " +
                         seqlstm::detail::number_text(static_cast<double>(value)) + " at " +
                         std::to_string(i) + ", which is not a value of the " +
                         std::to_string(8 * sizeof(To)) + "-bit " +
                         (std::is_floating_point_v<To> ? "floating-point" : "whole") +
                         " numbers it is read as; give a file of the right type");
    values[i] = static_cast<To>(value);
  }
  return values;
}

}  // namespace detail

/// The tensor's elements as numbers of type To (double, float, std::int64_t, bool, ...), rounded where To is
/// a floating-point type of fewer digits. format_error for a dtype that is not known, and for a value that To
/// does not have: a fraction, NaN or infinity read as whole numbers, one out of range, or one beside 0 and 1
/// as bool.
template <class To>
requires std::is_arithmetic_v<To> std::vector<To> tensor_values(const Tensor& tensor) {
  const auto as = [&](auto stored) {
    return detail::converted<To, decltype(stored)>(tensor, [](auto x) { return x; });
  };
  const std::string& dtype = tensor.dtype;
  if (dtype == "F64") return as(double{});
  if (dtype == "F32") return as(float{});
  if (dtype == "I64") return as(std::int64_t{});
  if (dtype == "I32") return as(std::int32_t{});
  if (dtype == "I16") return as(std::int16_t{});
  if (dtype == "I8") return as(std::int8_t{});
  if (dtype == "U64") return as(std::uint64_t{});
  if (dtype == "U32") return as(std::uint32_t{});
  if (dtype == "U16") return as(std::uint16_t{});
  if (dtype == "U8") return as(std::uint8_t{});
  if (dtype == "BOOL") return detail::converted<To, std::uint8_t>(tensor, [](auto x) { return x != 0; });
  if (dtype == "BF16")
    return detail::converted<To, bfloat16>(tensor, [](bfloat16 x) { return static_cast<float>(x); });
  if (dtype == "F16")
    return detail::converted<To, float16>(tensor, [](float16 x) { return static_cast<float>(x); });
  if (dtype == "F8_E4M3") return detail::converted<To, std::uint8_t>(tensor, detail::e4m3_to_float);
  if (dtype == "F8_E5M2") return detail::converted<To, std::uint8_t>(tensor, detail::e5m2_to_float);
  throw format_error("tensor of type '" + dtype + "': " + detail::known_dtypes());
}

/// A tensor of T's own type (double: F64, float: F32, bfloat16: BF16, std::int64_t: I64, bool: BOOL, ...).
/// shape_error where the shape does not fit the number of values.
template <class T> Tensor make_tensor(std::span<const T> values, std::vector<std::size_t> shape) {
  const auto elements = detail::element_count(shape);
  if (!elements || *elements != values.size())
    throw shape_error("make_tensor: " + std::to_string(values.size()) + " values do not fit shape " +
                      detail::shape_text(shape));
  Tensor tensor{.dtype = detail::dtype_of<T>::name, .shape = std::move(shape)};
  const auto bytes = std::as_bytes(values);
  tensor.data.assign(bytes.begin(), bytes.end());
  return tensor;
}
/// The same of a vector.
template <class T> Tensor make_tensor(const std::vector<T>& values, std::vector<std::size_t> shape) {
  return make_tensor(std::span<const T>(values), std::move(shape));
}

/// Reads and checks a file. Throws io_error where it cannot be read, and format_error with the byte offset
/// where it is truncated, damaged or no safetensors file: nothing of a bad file is trusted, so no input can
/// read or allocate beyond the file's own size.
inline SafetensorsFile read_safetensors(const std::string& path) {
  detail::BinaryFile file(path);
  const auto header = detail::read_header_text(file);
  const auto parsed = detail::parse_header(path, header, file.size());
  SafetensorsFile result;
  result.metadata = parsed.metadata;
  const std::size_t data_begin = 8 + header.size();
  for (const auto& entry : parsed.entries) {
    Tensor tensor{.dtype = entry.dtype, .shape = entry.shape};
    tensor.data.resize(entry.end - entry.begin);
    file.read(data_begin + entry.begin, tensor.data);
    result.add(entry.name, std::move(tensor));
  }
  return result;
}

/// Writes a file atomically. The bytes follow in order of decreasing element size, the header is padded with
/// spaces, so that every tensor is aligned. shape_error for a tensor whose bytes do not fit its shape,
/// format_error for a dtype that is not known, a name used twice or text that is not UTF-8.
inline void write_safetensors(const std::string& path, const SafetensorsFile& file) {
  std::vector<const std::pair<std::string, Tensor>*> ordered;
  for (const auto& tensor : file.tensors) ordered.push_back(&tensor);
  std::sort(ordered.begin(), ordered.end(), [](const auto* a, const auto* b) {
    const std::size_t size_a = detail::dtype_size(a->second.dtype).value_or(0),
                      size_b = detail::dtype_size(b->second.dtype).value_or(0);
    return size_a != size_b ? size_a > size_b : a < b;  // of equal size as they stand in the file
  });
  std::vector<detail::HeaderEntry> entries;
  std::size_t offset = 0;
  for (const auto* item : ordered) {
    const Tensor& tensor = item->second;
    entries.push_back({item->first, tensor.dtype, tensor.shape, offset, offset + tensor.data.size()});
    offset += tensor.data.size();
  }
  const std::string header = detail::make_header(path, file.metadata, entries);
  write_file_atomically(path, [&](AtomicFile& out) {
    const std::uint64_t size = header.size();
    out.write(std::as_bytes(std::span<const std::uint64_t>(&size, 1)));
    out.write(header);
    for (const auto* item : ordered) out.write(item->second.data);
  });
}

}  // namespace io
SEQLSTM_NAMESPACE_END

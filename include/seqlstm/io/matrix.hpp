// A matrix of numbers that another program made (embeddings of a protein language model, for instance):
// NumPy's .npy, or the one matrix of a safetensors file.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <seqlstm/io/safetensors.hpp>
#include <string>
#include <string_view>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// Rows of numbers, row-major.
struct Matrix {
  std::size_t rows = 0;         ///< one for each sequence, or what else the file describes
  std::size_t cols = 0;         ///< numbers per row
  std::vector<float> values{};  ///< [rows x cols]
};

namespace detail {

inline constexpr std::string_view npy_magic = "\x93NUMPY";

/// The text behind `'key':` in the header of an .npy file, up to the next comma outside brackets.
inline std::string npy_field(const std::string& path, const std::string& header, const std::string& key) {
  std::size_t begin = header.find("'" + key + "'");
  if (begin != std::string::npos) begin = header.find(':', begin);
  if (begin == std::string::npos) throw format_error(path + ": its header has no '" + key + "'");
  begin = header.find_first_not_of(" \n", begin + 1);
  std::size_t end = begin;
  if (begin != std::string::npos)
    end = header[begin] == '(' ? header.find(')', begin) : header.find_first_of(",}", begin);
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

/// Element i of numbers of 2, 4 or 8 bytes, in double.
inline double npy_number(const char* data, std::size_t size, std::size_t i) {
  double number = 0;
  float narrow = 0;
  std::uint16_t half = 0;
  if (size == 8) std::memcpy(&number, data + i * size, size);
  if (size == 4) std::memcpy(&narrow, data + i * size, size);
  if (size == 2) std::memcpy(&half, data + i * size, size);
  if (size == 8) return number;
  return double{size == 4 ? narrow : half_to_float(half)};
}

inline Matrix npy_matrix(const std::string& path, const std::string& bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const bool wide = bytes.size() > 12 && at(6) >= 2;  // version 2: four bytes of header length
  if (bytes.size() < 12) throw format_error(path + ": the file ends within its header");
  std::size_t length = 0;
  for (std::size_t i = wide ? 4 : 2; i-- > 0;) length = length * 256 + at(8 + i);
  const std::size_t begin = wide ? 12 : 10;
  if (length > bytes.size() - begin) throw format_error(path + ": the file ends within its header");
  const std::string header = bytes.substr(begin, length);
  const std::string type = npy_field(path, header, "descr"), order = npy_field(path, header, "fortran_order");
  const auto shape = npy_shape(npy_field(path, header, "shape"));
  const std::size_t size = type == "'<f8'" ? 8 : type == "'<f4'" ? 4 : type == "'<f2'" ? 2 : 0;
  if (size == 0)
    throw format_error(path + ": its numbers are " + type +
                       ", expected '<f2', '<f4' or '<f8' (float16, float32, float64); save "
                       "matrix.astype('float32')");
  if (order.substr(0, 5) != "False")
    throw format_error(path + ": its columns stand behind one another; save np.ascontiguousarray(matrix)");
  if (!shape) throw format_error(path + ": the shape in its header is not a list of sizes; save it again");
  if (shape->size() != 2)
    throw format_error(path + ": an array of " + std::to_string(shape->size()) +
                       " dimensions, expected a row per sequence and a column per number" +
                       (shape->size() == 1  ? "; save matrix.reshape(rows, -1)"
                        : shape->size() > 2 ? "; save the mean of each sequence's rows"
                                            : ""));
  const std::size_t rows = (*shape)[0], cols = (*shape)[1], data = begin + length;
  const std::string promised = std::to_string(rows) + " rows of " + std::to_string(cols) + " numbers";
  if (rows == 0 || cols == 0)
    throw format_error(path + ": a matrix of " + promised + "; there is nothing in it");
  const auto expected = checked_product({rows, cols, size});
  if (!expected || *expected > bytes.size() - data)
    throw format_error(path + ": the file ends before its " + promised);
  if (*expected < bytes.size() - data)
    throw format_error(path + ": " + std::to_string(bytes.size() - data - *expected) + " bytes follow its " +
                       promised + "; save one array in a file");
  Matrix matrix{rows, cols, std::vector<float>(rows * cols)};
  for (std::size_t i = 0; i < matrix.values.size(); ++i) {
    const double number = npy_number(bytes.data() + data, size, i);
    if (!holds<float>(number))
      throw format_error(path + ": row " + std::to_string(i / cols + 1) + " holds " +
                         seqlstm::detail::number_text(number) +
                         ", which float32 does not have; scale the numbers");
    matrix.values[i] = static_cast<float>(number);
  }
  return matrix;
}

}  // namespace detail

/// Reads a matrix: .npy (float16, float32 or float64, C order), or safetensors with one tensor of two
/// dimensions. Recognised by content. Throws io_error where the file cannot be read, format_error for
/// anything else.
inline Matrix read_matrix(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw io_error("cannot open '" + path + "'; check the path and its permissions");
  std::string begin(detail::npy_magic.size(), '\0');
  file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  if (begin == detail::npy_magic) {
    const std::string rest{std::istreambuf_iterator<char>(file), {}};
    return detail::npy_matrix(path, begin + rest);
  }
  const auto tensors = read_safetensors(path);
  const Tensor* found = nullptr;
  for (const auto& [name, tensor] : tensors.tensors) {
    if (tensor.shape.size() != 2) continue;
    if (found != nullptr) throw format_error(path + ": several matrices; expected one");
    found = &tensor;
  }
  if (found == nullptr) throw format_error(path + ": no matrix in it; expected one tensor of two dimensions");
  return {found->shape[0], found->shape[1], tensor_values<float>(*found)};
}

}  // namespace io
SEQLSTM_NAMESPACE_END

// A matrix of numbers that another program made (embeddings of a protein language model, for instance):
// NumPy's .npy, or the one matrix of a safetensors file.
#pragma once

#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <seqlstm/io/safetensors.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// Rows of numbers, row-major.
struct Matrix {
  std::size_t rows = 0, cols = 0;
  std::vector<float> values{};
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

/// "(7, 3" as numbers.
inline std::vector<std::size_t> npy_shape(const std::string& text) {
  std::vector<std::size_t> shape;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t number = 0;
    const auto parsed = std::from_chars(text.data() + i, text.data() + text.size(), number);
    if (parsed.ec == std::errc{}) {
      shape.push_back(number);
      i = static_cast<std::size_t>(parsed.ptr - text.data());
    } else {
      ++i;
    }
  }
  return shape;
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
  const bool doubles = type == "'<f8'";
  if (!doubles && type != "'<f4'")
    throw format_error(path + ": its numbers are " + type + ", expected '<f4' or '<f8' (float32, float64)");
  if (order.substr(0, 5) != "False")
    throw format_error(path + ": its columns stand behind one another; save np.ascontiguousarray(matrix)");
  if (shape.size() != 2)
    throw format_error(path + ": an array of " + std::to_string(shape.size()) +
                       " dimensions, expected a row per sequence and a column per number");
  const std::size_t size = doubles ? 8 : 4, data = begin + length;
  if (shape[1] != 0 && shape[0] > (bytes.size() - data) / size / shape[1])
    throw format_error(path + ": the file ends before its " + std::to_string(shape[0]) + " rows of " +
                       std::to_string(shape[1]) + " numbers");
  Matrix matrix{shape[0], shape[1], std::vector<float>(shape[0] * shape[1])};
  for (std::size_t i = 0; i < matrix.values.size(); ++i) {
    double number = 0;
    float narrow = 0;
    if (doubles) std::memcpy(&number, bytes.data() + data + i * size, size);
    if (!doubles) std::memcpy(&narrow, bytes.data() + data + i * size, size);
    matrix.values[i] = doubles ? static_cast<float>(number) : narrow;
  }
  return matrix;
}

}  // namespace detail

/// Reads a matrix: .npy (float32 or float64, C order), or safetensors with one tensor of two dimensions.
/// Recognised by content. Throws io_error where the file cannot be read, format_error for anything else.
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

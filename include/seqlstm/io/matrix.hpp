// A matrix of numbers that another program made (embeddings of a protein language model, for instance):
// NumPy's .npy, or the one matrix of a safetensors file.
#pragma once

#include <fstream>
#include <seqlstm/io/npy.hpp>
#include <seqlstm/io/safetensors.hpp>
#include <string>
#include <utility>
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

/// An array of rows and columns.
inline Matrix npy_matrix(const std::string& path) {
  auto array = read_npy<float>(path);
  const auto& shape = array.shape;
  if (shape.size() != 2)
    throw format_error(path + ": an array of " + std::to_string(shape.size()) +
                       " dimensions, expected a row per sequence and a column per number" +
                       (shape.size() == 1  ? "; save matrix.reshape(rows, -1)"
                        : shape.size() > 2 ? "; save the mean of each sequence's rows"
                                           : ""));
  if (shape[0] == 0 || shape[1] == 0)
    throw format_error(path + ": a matrix of " + std::to_string(shape[0]) + " rows of " +
                       std::to_string(shape[1]) + " numbers; there is nothing in it");
  return {shape[0], shape[1], std::move(array.values)};
}

}  // namespace detail

/// Reads a matrix: .npy (numbers of any type that read_npy reads), or safetensors with one tensor of two
/// dimensions. Recognised by content. Throws io_error where the file cannot be read, format_error for
/// anything else.
inline Matrix read_matrix(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw io_error("cannot open '" + path + "'; check the path and its permissions");
  std::string begin(detail::npy_magic.size(), '\0');
  file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  if (begin == detail::npy_magic) return detail::npy_matrix(path);
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

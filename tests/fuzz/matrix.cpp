// Matrices of other programs. After a first byte of 1 the rest is the header of an .npy file, a line end and
// data, and magic and length are made to fit; after 2 the same in version 2 of the format.
#include <seqlstm/io/matrix.hpp>

#include "npy_bytes.hpp"

FUZZ_TARGET(matrix) {
  const unsigned kind = fuzz::take_byte(bytes) % 3U;
  const std::string image = kind == 0 ? std::string(bytes) : fuzz::npy(bytes, kind);
  const auto matrix = seqlstm::io::read_matrix(fuzz::memory_file(image));
  fuzz::require(matrix.rows == 0 || matrix.cols <= matrix.values.size() / matrix.rows,
                "rows and columns do not wrap around");
  fuzz::require(matrix.values.size() == matrix.rows * matrix.cols, "a number for every place");
  fuzz::require(matrix.values.size() <= image.size(), "no number that the file does not hold");
  const std::string copy = fuzz::scratch_file("copy.safetensors");
  fuzz::require(fuzz::accepts([&] {
                  seqlstm::io::SafetensorsFile file;
                  file.add("m", seqlstm::io::make_tensor(matrix.values, {matrix.rows, matrix.cols}));
                  seqlstm::io::write_safetensors(copy, file);
                }),
                "what was read is written");
  seqlstm::io::Matrix again;
  fuzz::require(fuzz::accepts([&] { again = seqlstm::io::read_matrix(copy); }), "what was written is read");
  fuzz::require(again.rows == matrix.rows && again.cols == matrix.cols, "a shape is read as it was written");
  fuzz::require(matrix.values.empty() || std::memcmp(again.values.data(), matrix.values.data(),
                                                     matrix.values.size() * sizeof(float)) == 0,
                "numbers are read as they were written");
}

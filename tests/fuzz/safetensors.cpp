// safetensors: what is read is written and read again. After a first byte that is odd the rest is the
// header's JSON, a line end and data, and the header's length is made to fit.
#include <seqlstm/io/safetensors.hpp>

#include "harness.hpp"

namespace {

std::string with_length(std::string_view bytes) {
  const std::size_t end = std::min(bytes.find('\n'), bytes.size());
  const std::uint64_t length = end;
  std::string file(8, '\0');
  std::memcpy(file.data(), &length, 8);
  file += bytes.substr(0, end);
  if (end < bytes.size()) file += bytes.substr(end + 1);
  return file;
}

bool same(const seqlstm::io::Tensor& a, const seqlstm::io::Tensor& b) {
  return a.dtype == b.dtype && a.shape == b.shape && a.data == b.data;
}

}  // namespace

FUZZ_TARGET(safetensors) {
  const bool fitting = fuzz::take_byte(bytes) % 2 == 1;
  const std::string image = fitting ? with_length(bytes) : std::string(bytes);
  const auto file = seqlstm::io::read_safetensors(fuzz::memory_file(image));
  std::uint64_t length = 0;
  std::memcpy(&length, image.data(), 8);
  fuzz::require(std::string_view(image).substr(8, length).find('\0') == std::string_view::npos,
                "a header with a NUL is refused");
  for (const auto& item : file.tensors) {
    const auto& tensor = item.second;
    std::vector<double> numbers;
    fuzz::require(fuzz::accepts([&] { numbers = seqlstm::io::tensor_values<double>(tensor); }),
                  "a double holds every number");
    std::size_t elements = 1;
    for (const std::size_t extent : tensor.shape) elements *= extent;
    fuzz::require(numbers.size() == elements, "as many numbers as the shape has");
    fuzz::accepts([&] { seqlstm::io::tensor_values<float>(tensor); });
    fuzz::accepts([&] { seqlstm::io::tensor_values<std::int32_t>(tensor); });
  }
  const std::string copy = fuzz::scratch_file("copy.safetensors");
  fuzz::require(fuzz::accepts([&] { seqlstm::io::write_safetensors(copy, file); }),
                "what was read is written");
  seqlstm::io::SafetensorsFile again;
  fuzz::require(fuzz::accepts([&] { again = seqlstm::io::read_safetensors(copy); }),
                "what was written is read");
  fuzz::require(again.metadata == file.metadata, "metadata is read as it was written");
  fuzz::require(again.tensors.size() == file.tensors.size(), "as many tensors are read as were written");
  for (const auto& [name, tensor] : file.tensors)
    fuzz::require(again.find(name) != nullptr && same(*again.find(name), tensor),
                  "a tensor is read as it was written");
}

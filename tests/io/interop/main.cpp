// The C++ half of safetensors_interop.py: `write FILE` saves known tensors, `read FILE` checks those that
// Python saved. Exit code 0: all as expected.
#include <iostream>
#include <limits>
#include <seqlstm/io/safetensors.hpp>

using namespace seqlstm;

namespace {

std::vector<float> ramp() {
  std::vector<float> values(12);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) * 0.25F - 1.0F;
  return values;
}

void write(const std::string& path) {
  io::SafetensorsFile file;
  file.metadata = {{"writer", "seqlstm"}, {"text", "caf\xC3\xA9 \"quoted\""}};
  file.add("flags", io::make_tensor(std::vector<std::uint8_t>{0, 1, 255}, {3}));
  file.add("lstm.weight_ih_l0", io::make_tensor(ramp(), {3, 4}));
  file.add("exact",
           io::make_tensor(std::vector<double>{0.1, -std::numeric_limits<double>::infinity()}, {2, 1}));
  file.add("num_batches_tracked", io::make_tensor(std::vector<std::int64_t>{1LL << 40}, {}));
  file.add("empty", io::make_tensor(std::vector<float>{}, {0, 5}));
  io::write_safetensors(path, file);
}

template <class T>
bool expect(const io::SafetensorsFile& file, const std::string& name, const std::string& dtype,
            const std::vector<std::size_t>& shape, const std::vector<T>& values) {
  const io::Tensor* tensor = file.find(name);
  const bool good = tensor != nullptr && tensor->dtype == dtype && tensor->shape == shape &&
                    io::tensor_values<T>(*tensor) == values;
  if (!good) std::cerr << name << " is not as Python wrote it\n";
  return good;
}

bool read(const std::string& path) {
  const auto file = io::read_safetensors(path);
  bool good =
      file.tensors.size() == 7 && file.metadata == std::map<std::string, std::string>{{"writer", "python"}};
  if (!good) std::cerr << "number of tensors or metadata are not as Python wrote them\n";
  good = expect(file, "f32", "F32", {3, 4}, ramp()) && good;
  good = expect<double>(file, "f64", "F64", {2}, {0.1, -3}) && good;
  good = expect<float>(file, "f16", "F16", {3}, {1.5F, -0.25F, 65504}) && good;
  good = expect<std::int64_t>(file, "i64", "I64", {}, {-5}) && good;
  good = expect<std::int32_t>(file, "i32", "I32", {2}, {-1, 7}) && good;
  good = expect<std::uint8_t>(file, "u8", "U8", {1, 3}, {1, 2, 3}) && good;
  return expect<std::uint8_t>(file, "bool", "BOOL", {2}, {1, 0}) && good;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: write FILE | read FILE\n";
    return 2;
  }
  if (std::string(argv[1]) == "read") return read(argv[2]) ? 0 : 1;
  write(argv[2]);
  return 0;
} catch (const Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}

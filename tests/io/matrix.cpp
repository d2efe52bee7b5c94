#include <seqlstm/io/matrix.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

// What numpy.save writes of [[1, 2, 3], [4, 5, 6]].
template <class T>
std::string npy(const std::string& type,
                const std::string& rest = "'fortran_order': False, 'shape': (2, 3), }") {
  std::string header = "{'descr': '" + type + "', " + rest;
  header.resize(118 - 1, ' ');
  header += '\n';
  std::string bytes = std::string("\x93NUMPY\x01") + '\0' + static_cast<char>(header.size()) + '\0' + header;
  for (int i = 1; i <= 6; ++i) {
    const T value = static_cast<T>(i);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  return bytes;
}

}  // namespace

TEST_CASE("matrices of NumPy, in single and double precision") {
  const support::TemporaryFolder folder;
  for (const auto& bytes : {npy<float>("<f4"), npy<double>("<f8")}) {
    const auto matrix = io::read_matrix(folder.write("m.npy", bytes));
    CHECK(matrix.rows == 2);
    CHECK(matrix.cols == 3);
    CHECK(matrix.values == std::vector<float>{1, 2, 3, 4, 5, 6});
  }
}

TEST_CASE("the one matrix of a safetensors file") {
  const support::TemporaryFolder folder;
  const std::vector<float> values = {1, 2, 3, 4};
  io::Tensor tensor{"F32", {2, 2}, {}};
  tensor.data.resize(16);
  std::memcpy(tensor.data.data(), values.data(), 16);
  io::SafetensorsFile file;
  file.add("embeddings", tensor);
  const std::string path = folder.path("m.safetensors");
  io::write_safetensors(path, file);
  CHECK(io::read_matrix(path).values == values);
  file.add("more", tensor);
  io::write_safetensors(path, file);
  CHECK(message_of<format_error>([&] { io::read_matrix(path); }).find("several matrices") !=
        std::string::npos);
}

TEST_CASE("what is no matrix is refused with what was found") {
  const support::TemporaryFolder folder;
  const auto message = [&](const std::string& bytes) {
    const auto path = folder.write("bad.npy", bytes);
    return message_of<format_error>([&] { io::read_matrix(path); });
  };
  CHECK(message(npy<float>("<i4")).find("its numbers are '<i4'") != std::string::npos);
  CHECK(message(npy<float>("<f4", "'fortran_order': True, 'shape': (2, 3), }")).find("ascontiguousarray") !=
        std::string::npos);
  CHECK(message(npy<float>("<f4", "'fortran_order': False, 'shape': (6,), }")).find("1 dimensions") !=
        std::string::npos);
  CHECK(message(npy<float>("<f4", "'fortran_order': False, 'shape': (3, 3), }"))
            .find("ends before its 3 rows") != std::string::npos);
  CHECK(message(npy<float>("<f4", "'fortran_order': False }")).find("no 'shape'") != std::string::npos);
  CHECK(message(npy<float>("<f4", "'fortran_order': ")).find("ends within 'fortran_order'") !=
        std::string::npos);
  CHECK(message(npy<float>("<f4").substr(0, 60)).find("ends within its header") != std::string::npos);
  CHECK(message("\x93NUMPY").find("ends within its header") != std::string::npos);
  CHECK_THROWS_AS(io::read_matrix(folder.path("absent.npy")), io_error);
}

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

TEST_CASE("a matrix of NumPy in half precision") {
  const support::TemporaryFolder folder;
  std::string bytes = npy<float>("<f2");
  bytes.resize(bytes.size() - 6 * sizeof(float));
  for (const unsigned half : {0x3C00, 0xC000, 0x0001, 0x7BFF, 0x0000, 0x3800}) {
    bytes += static_cast<char>(half & 0xFFU);
    bytes += static_cast<char>(half >> 8U);
  }
  CHECK(io::read_matrix(folder.write("m.npy", bytes)).values ==
        std::vector<float>{1, -2, 0x1p-24F, 65504, 0, 0.5F});
}

TEST_CASE("a matrix of whole numbers, and one whose columns stand behind one another") {
  const support::TemporaryFolder folder;
  CHECK(io::read_matrix(folder.write("m.npy", npy<std::int32_t>("<i4"))).values ==
        std::vector<float>{1, 2, 3, 4, 5, 6});
  const auto columns = npy<float>("<f4", "'fortran_order': True, 'shape': (2, 3), }");
  const auto matrix = io::read_matrix(folder.write("m.npy", columns));
  CHECK(matrix.rows == 2);
  CHECK(matrix.values == std::vector<float>{1, 3, 5, 2, 4, 6});
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
  CHECK(message(npy<float>("<c8")).find("its numbers are '<c8'") != std::string::npos);
  CHECK(message(npy<float>(">f4")).find("its numbers are '>f4', expected '<f2', '<f4' or '<f8'") !=
        std::string::npos);
  for (const char* shape : {"(-1, 6)", "(2, 3.0)", "(18446744073709551616, 3)", "(two, 3)", "[2, 3]", "2"})
    CHECK(message(npy<float>("<f4", std::string("'fortran_order': False, 'shape': ") + shape + ", }"))
              .find("not a list of sizes") != std::string::npos);
  for (const char* shape :
       {"(4611686018427387904, 4)", "(2305843009213693952, 2)", "(3, 18446744073709551615)"})
    CHECK(message(npy<float>("<f4", std::string("'fortran_order': False, 'shape': ") + shape + ", }"))
              .find("the file ends before its") != std::string::npos);
  CHECK(message(
            npy<float>("<f4", "'fortran_order': False, 'shape': (4611686018427387904, 0), }").substr(0, 128))
            .find("there is nothing in it") != std::string::npos);
  CHECK(message(npy<float>("<f4", "'fortran_order': False, 'shape': (1, 3), }"))
            .find("12 bytes follow its 3 numbers of shape [1, 3]") != std::string::npos);
  std::string large = npy<double>("<f8");
  const double beyond = 1e300;
  std::memcpy(large.data() + large.size() - 8, &beyond, 8);
  CHECK(message(large).find("element [1, 2] is 1e+300, which float32 does not have") != std::string::npos);
  const std::string member = "esm.npy";
  CHECK(message("PK\x03\x04" + std::string(22, '\0') + '\x07' + std::string(3, '\0') + member)
            .find("np.save('x.npy', np.load('x.npz')['esm'])") != std::string::npos);
  CHECK(message("\x1F\x8B\x08 and more").find("unpack it first (gunzip)") != std::string::npos);
  CHECK(message(npy<float>("<f4", "'fortran_order': False, 'shape': (6,), }")).find("1 dimensions") !=
        std::string::npos);
  CHECK(message(npy<float>("<f4", "'fortran_order': False, 'shape': (3, 3), }"))
            .find("ends before its numbers of shape [3, 3]: 24 bytes for 36") != std::string::npos);
  CHECK(message(npy<float>("<f4", "'fortran_order': False }")).find("no 'shape'") != std::string::npos);
  CHECK(message(npy<float>("<f4", "'fortran_order': ")).find("ends within 'fortran_order'") !=
        std::string::npos);
  CHECK(message(npy<float>("<f4").substr(0, 60)).find("ends within its header") != std::string::npos);
  CHECK(message("\x93NUMPY").find("ends within its header") != std::string::npos);
  CHECK_THROWS_AS(io::read_matrix(folder.path("absent.npy")), io_error);
}

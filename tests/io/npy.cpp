#include <seqlstm/io/npy.hpp>

#include <cmath>
#include <limits>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

/// A file with the header that np.save writes in a version of the format, and bytes of numbers.
std::string npy_file(const std::string& descr, const std::string& shape, const std::string& data,
                     bool fortran = false, int version = 1) {
  std::string header = "{'descr': " + descr + ", 'fortran_order': " + (fortran ? "True" : "False") +
                       ", 'shape': " + shape + ", }";
  const std::size_t before = version == 1 ? 10 : 12;
  header.append(63 - (before + header.size()) % 64, ' ');
  header += '\n';
  std::string bytes = std::string("\x93NUMPY") + static_cast<char>(version) + '\0';
  for (std::size_t i = 0, length = header.size(); i < before - 8; ++i, length /= 256)
    bytes += static_cast<char>(length % 256);
  return bytes + header + data;
}

template <class T> std::string bytes_of(std::initializer_list<T> values) {
  std::string bytes;
  for (const T value : values) bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  return bytes;
}

template <class T> std::vector<double> read_back(const std::string& descr, std::initializer_list<T> values) {
  const support::TemporaryFolder folder;
  const auto shape = "(" + std::to_string(values.size()) + ",)";
  return io::read_npy<double>(folder.write("x.npy", npy_file(descr, shape, bytes_of(values)))).values;
}

}  // namespace

TEST_CASE("npy: every type of number is read") {
  CHECK(read_back<float>("'<f4'", {1.5F, -2, 0x1p-149F}) == std::vector<double>{1.5, -2, 0x1p-149});
  CHECK(read_back<double>("'<f8'", {0.1, -1e300}) == std::vector<double>{0.1, -1e300});
  CHECK(read_back<std::uint16_t>("'<f2'", {0x3C00, 0xC000, 0x0001, 0x7BFF}) ==
        std::vector<double>{1, -2, 0x1p-24, 65504});
  CHECK(read_back<std::int8_t>("'|i1'", {-128, 127}) == std::vector<double>{-128, 127});
  CHECK(read_back<std::int16_t>("'<i2'", {-32768, 32767}) == std::vector<double>{-32768, 32767});
  CHECK(read_back<std::int32_t>("'<i4'", {-2147483647 - 1, 2147483647}) ==
        std::vector<double>{-2147483648.0, 2147483647});
  CHECK(read_back<std::int64_t>("'<i8'",
                                {-(std::int64_t{1} << 53), std::numeric_limits<std::int64_t>::min()}) ==
        std::vector<double>{-0x1p53, -0x1p63});
  CHECK(read_back<std::uint8_t>("'|u1'", {0, 255}) == std::vector<double>{0, 255});
  CHECK(read_back<std::uint16_t>("'<u2'", {0, 65535}) == std::vector<double>{0, 65535});
  CHECK(read_back<std::uint32_t>("'<u4'", {0, 4294967295U}) == std::vector<double>{0, 4294967295});
  CHECK(read_back<std::uint64_t>("'<u8'", {0, std::uint64_t{1} << 63U}) == std::vector<double>{0, 0x1p63});
  CHECK(read_back<std::uint8_t>("'|b1'", {0, 1, 1}) == std::vector<double>{0, 1, 1});
}

TEST_CASE("npy: what is not finite stays so, and doubles are rounded to float") {
  const support::TemporaryFolder folder;
  const double infinity = std::numeric_limits<double>::infinity();
  const auto path =
      folder.write("x.npy", npy_file("'<f8'", "(4,)", bytes_of<double>({NAN, infinity, -infinity, 0.1})));
  const auto array = io::read_npy(path);
  CHECK(std::isnan(array.values[0]));
  CHECK(array.values[1] == std::numeric_limits<float>::infinity());
  CHECK(array.values[2] == -std::numeric_limits<float>::infinity());
  CHECK(array.values[3] == 0.1F);
}

TEST_CASE("npy: arrays of any rank, empty ones and single numbers, in all versions") {
  const support::TemporaryFolder folder;
  for (const int version : {1, 2, 3}) {
    const auto read = [&](const std::string& shape, const std::string& data) {
      return io::read_npy(folder.write("x.npy", npy_file("'<f4'", shape, data, false, version)));
    };
    const auto single = read("()", bytes_of<float>({7}));
    CHECK(single.shape.empty());
    CHECK(single.values == std::vector<float>{7});
    CHECK(read("(3,)", bytes_of<float>({1, 2, 3})).shape == std::vector<std::size_t>{3});
    CHECK(read("(2L, 1L)", bytes_of<float>({1, 2})).shape == std::vector<std::size_t>{2, 1});  // Python 2
    const auto deep = read("(1, 1, 2, 1, 1, 1, 1, 1)", bytes_of<float>({1, 2}));
    CHECK(deep.shape == std::vector<std::size_t>{1, 1, 2, 1, 1, 1, 1, 1});
    const auto empty = read("(4611686018427387904, 4, 0)", "");
    CHECK(empty.shape == std::vector<std::size_t>{std::size_t{1} << 62U, 4, 0});
    CHECK(empty.values.empty());
  }
}

TEST_CASE("npy: Fortran order, which np.save chooses for a transposed array, is read in C order") {
  const support::TemporaryFolder folder;
  // np.save of np.arange(6).reshape(3, 2).T
  const auto two = io::read_npy(
      folder.write("x.npy", npy_file("'<f4'", "(2, 3)", bytes_of<float>({0, 1, 2, 3, 4, 5}), true)));
  CHECK(two.shape == std::vector<std::size_t>{2, 3});
  CHECK(two.values == std::vector<float>{0, 2, 4, 1, 3, 5});
  // Element [i, j, k] of a shape (2, 3, 4) stands at i + 2 j + 6 k.
  std::string data;
  for (int i = 0; i < 24; ++i) data += bytes_of<std::int16_t>({static_cast<std::int16_t>(i)});
  const auto three = io::read_npy<double>(folder.write("y.npy", npy_file("'<i2'", "(2, 3, 4)", data, true)));
  std::size_t at = 0;
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 4; ++k) CHECK(three.values[at++] == i + 2 * j + 6 * k);
}

TEST_CASE("npy: whole numbers that float or double lack are an error that names the element") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("x.npy", npy_file("'<i4'", "(2, 2)", bytes_of({1, 16777216, 16777217, 4})));
  CHECK(message_of<format_error>([&] { io::read_npy(path); }) ==
        path +
            ": element [1, 0] is 16777217, which float32 does not have; read them as double, or subtract "
            "what all have in common");
  CHECK(io::read_npy<double>(path).values == std::vector<double>{1, 16777216, 16777217, 4});
  const auto large = folder.write(
      "y.npy",
      npy_file("'<i8'", "(2,)", bytes_of<std::int64_t>({0, std::numeric_limits<std::int64_t>::max()})));
  CHECK(message_of<format_error>([&] { io::read_npy<double>(large); }) ==
        large +
            ": element [1] is 9223372036854775807, which float64 does not have; subtract what all have "
            "in common");
  const auto unsigned_one = folder.write(
      "z.npy",
      npy_file("'<u8'", "(1,)", bytes_of<std::uint64_t>({std::numeric_limits<std::uint64_t>::max()})));
  CHECK_THROWS_AS(io::read_npy<double>(unsigned_one), format_error);
  const auto wide = folder.write("w.npy", npy_file("'<f8'", "(1, 2)", bytes_of<double>({1, -1e300})));
  CHECK(message_of<format_error>([&] { io::read_npy(wide); }) ==
        wide + ": element [0, 1] is -1e+300, which float32 does not have; scale the numbers");
}

TEST_CASE("npy: what is written is read, and has the bytes of np.save") {
  const support::TemporaryFolder folder;
  const std::string path = folder.path("x.npy");
  io::write_npy(path, {2, 3}, std::vector<float>{1, 2, 3, 4, 5, NAN});
  CHECK(support::read_bytes(path).starts_with(std::string(
      "\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 67)));
  CHECK(support::read_bytes(path).size() == 128 + 24);
  const auto array = io::read_npy(path);
  CHECK(array.shape == std::vector<std::size_t>{2, 3});
  CHECK(std::vector<float>(array.values.begin(), array.values.end() - 1) ==
        std::vector<float>{1, 2, 3, 4, 5});
  CHECK(std::isnan(array.values.back()));
  for (const std::vector<std::size_t>& shape :
       {std::vector<std::size_t>{}, {1}, {1, 1}, {1, 1, 1, 1, 1, 1, 1, 1}, {0}, {3, 0}}) {
    const std::size_t count = *checked_product(shape);
    const io::NumericArray<double> written{shape, std::vector<double>(count, 1.0 / 3)};
    io::write_npy(path, written);
    const auto again = io::read_npy<double>(path);
    CHECK(again.shape == written.shape);
    CHECK(again.values == written.values);
    CHECK(support::read_bytes(path).size() == 128 + 8 * count);
  }
  CHECK(message_of<shape_error>([&] {
          io::write_npy(path, {2, 2}, std::vector<float>{1, 2, 3});
        }) == "write_npy: 3 values do not fit shape [2, 2]; give a shape whose product is their number");
  CHECK(io::read_npy(path).shape == std::vector<std::size_t>{3, 0});  // the old file stays
  CHECK_THROWS_AS(io::write_npy(folder.path("no/x.npy"), {1}, std::vector<float>{1}), io::write_error);
}

TEST_CASE("npy: other types are refused with what to save instead") {
  const support::TemporaryFolder folder;
  const std::string path = folder.path("x.npy");
  const auto message = [&](const std::string& descr) {
    folder.write("x.npy", npy_file(descr, "(2,)", std::string(16, '\0')));
    return message_of<format_error>([&] { io::read_npy(path); });
  };
  for (const char* descr :
       {"'>f4'", "'<c8'", "'<U2'", "'|S8'", "'<f16'", "'<M8[ns]'", "'|V2'", "'float32'", "f4"})
    CHECK(message(descr) ==
          path + ": its numbers are " + descr +
              ", expected '<f2', '<f4' or '<f8' (float16, float32, float64), '|i1' to '<i8', "
              "'|u1' to '<u8' or '|b1'; save array.astype('float32')");
  CHECK(message("[('a', '<f4'), ('b', '<i2')]") ==
        path +
            ": its elements have fields, [('a', '<f4'), ('b', '<i2')], expected plain numbers; save one "
            "field: np.save('x.npy', array['name'])");
  CHECK(message("'|O'") ==
        path +
            ": its elements are Python objects, '|O', and so a pickle, which runs code when it is read; save "
            "numbers of one shape: np.save('x.npy', np.stack(list(array))), rows of several lengths in a "
            "file each");
}

TEST_CASE("npy: files of other formats are named") {
  const support::TemporaryFolder folder;
  const std::string path = folder.path("x.npy");
  const auto message = [&](const std::string& bytes) {
    folder.write("x.npy", bytes);
    return message_of<format_error>([&] { io::read_npy(path); });
  };
  using namespace std::string_literals;
  CHECK(message("\x80\x04\x95 and more") ==
        path +
            ": expected an .npy array, but this is a Python pickle, which runs code when it is read: load it "
            "in Python and save the array with np.save('x.npy', array)");
  CHECK(message("PK\x03\x04" + std::string(22, '\0') + "\x07\0\0\0esm.npy"s) ==
        path +
            ": expected an .npy array, but this is a .npz archive of NumPy arrays: write its one array with "
            "np.save('x.npy', np.load('x.npz')['esm'])");
  CHECK(message("\x1F\x8B\x08 and more") ==
        path + ": expected an .npy array, but this is compressed with gzip: unpack it first (gunzip)");
  for (const char* other : {"", "1,2,3\n", "\x93NUMP"})
    CHECK(message(other) ==
          path +
              ": expected an .npy array, but it does not begin as one; save the array with np.save('x.npy', "
              "array)");
  CHECK_THROWS_AS(io::read_npy(folder.path("absent.npy")), io_error);
  CHECK_THROWS_AS(io::read_npy(folder.path("")), io_error);
}

TEST_CASE("npy: damaged files are refused before memory is taken for what they promise") {
  const support::TemporaryFolder folder;
  const std::string path = folder.path("x.npy");
  const auto message = [&](const std::string& bytes) {
    folder.write("x.npy", bytes);
    return message_of<format_error>([&] { io::read_npy(path); });
  };
  const std::string data = bytes_of<float>({1, 2, 3, 4, 5, 6}), whole = npy_file("'<f4'", "(2, 3)", data);
  CHECK(message(whole.substr(0, whole.size() - 1)) ==
        path + ": the file ends before its numbers of shape [2, 3]: 23 bytes for 24; save or copy it again");
  CHECK(message(whole + "12345") ==
        path + ": 5 bytes follow its 6 numbers of shape [2, 3]; save one array in a file");
  for (const std::size_t size : {6U, 8U, 11U, 12U, 60U, 127U})
    CHECK(message(whole.substr(0, size)) == path + ": the file ends within its header");
  CHECK(message(npy_file("'<f4'", "(2305843009213693952, 8)", data)) ==
        path +
            ": the file ends before its numbers of shape [2305843009213693952, 8]: 24 bytes for more than "
            "2^64; save or copy it again");
  CHECK(message(npy_file("'<f4'", "(2305843009213693952,)", data)) ==
        path +
            ": the file ends before its numbers of shape [2305843009213693952]: 24 bytes for "
            "9223372036854775808; save or copy it again");
  for (const char* shape :
       {"(-1,)", "(2, 3.0)", "(18446744073709551616, 3)", "(two, 3)", "[2, 3]", "6", "None"})
    CHECK(message(npy_file("'<f4'", shape, data)) ==
          path + ": the shape in its header is not a list of sizes; save it again with np.save");
  CHECK(message(npy_file("'<f4'", "(1, 1, 1, 1, 1, 1, 1, 1, 6)", data)) ==
        path + ": an array of 9 dimensions, expected at most 8; save array.reshape(...)");
  std::string other = whole;
  other[6] = 4;
  CHECK(message(other) ==
        path + ": version 4 of the .npy format, expected 1, 2 or 3; save it again with np.save");
  other[6] = 0;
  CHECK(message(other).find("version 0 of the .npy format") != std::string::npos);
  std::string long_header = npy_file("'<f4'", "(2, 3)", std::string(70000, ' '), false, 2);
  long_header[8] = long_header[10] = 1;
  long_header[9] = 0;
  CHECK(message(long_header) ==
        path +
            ": its header has 65537 bytes, expected at most 65536; save an array of numbers without fields");
  std::string words = whole;
  words.replace(words.find("False"), 5, "Maybe");
  CHECK(message(words) ==
        path + ": 'fortran_order' in its header is neither True nor False; save it again with np.save");
  words = whole;
  words.replace(words.find("'shape'"), 7, "'shapes");
  CHECK(message(words) == path + ": its header has no 'shape'");
  words = whole;
  words.replace(words.find(')'), 1, " ");
  words.replace(words.find('}'), 1, " ");
  CHECK(message(words) == path + ": its header ends within 'shape'");
}

#include <seqlstm/io/safetensors.hpp>

#include <limits>

#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace seqlstm;
using support::message_of;

namespace {

/// A file's bytes: the length, the header as given, the data.
std::string raw(const std::string& header, const std::string& data = "") {
  const std::uint64_t length = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + data;
}
std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}
/// The message for a file of these bytes, without the path it begins with.
std::string message_for(const std::string& bytes) {
  const support::TemporaryFolder folder;
  const auto path = folder.write("x.safetensors", bytes);
  const std::string text = message_of<format_error>([&] { return io::read_safetensors(path); });
  REQUIRE(text.substr(0, path.size()) == path);
  return text.substr(path.size());
}
const std::string damaged = "; the file is damaged or not a safetensors file: save or copy it again";

io::SafetensorsFile example() {
  io::SafetensorsFile file;
  file.metadata = {{"format", "pt"}, {"note", "quotes \" and \xC3\xA9"}};
  file.add("flag", io::make_tensor<std::uint8_t>(std::vector<std::uint8_t>{1, 2, 3}, {3}));
  file.add("weight", io::make_tensor<float>(std::vector<float>{1.5F, -2, 0, 3, 4, 5}, {2, 3}));
  file.add("scalar", io::make_tensor<std::int64_t>(std::vector<std::int64_t>{-7}, {}));
  file.add("empty", io::make_tensor<double>(std::vector<double>{}, {0, 4}));
  return file;
}

}  // namespace

TEST_CASE("what is written is read back") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("x.safetensors");
  const auto file = example();
  io::write_safetensors(path, file);
  const auto again = io::read_safetensors(path);
  CHECK(again.metadata == file.metadata);
  CHECK(again.tensors.size() == 4);
  for (const auto& [name, tensor] : file.tensors) {
    INFO(name);
    const io::Tensor* found = again.find(name);
    REQUIRE(found != nullptr);
    CHECK(found->dtype == tensor.dtype);
    CHECK(found->shape == tensor.shape);
    CHECK(found->data == tensor.data);
  }
  CHECK(again.find("none") == nullptr);
  CHECK(folder.files() == 1);
}

TEST_CASE("every tensor's bytes are aligned in the file") {
  const support::TemporaryFolder folder;
  const auto path = folder.path("x.safetensors");
  io::write_safetensors(path, example());
  const std::string bytes = support::read_bytes(path);
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), 8);
  CHECK(header % 8 == 0);
  const auto again = io::read_safetensors(path);
  std::size_t offset = 8 + header;
  for (const auto& [name, tensor] : again.tensors) {
    INFO(name);
    if (!tensor.data.empty()) CHECK(offset % io::detail::dtype_size(tensor.dtype).value() == 0);
    offset += tensor.data.size();
  }
  CHECK(offset == bytes.size());
}

TEST_CASE("a file without tensors is a file") {
  const support::TemporaryFolder folder;
  io::write_safetensors(folder.path("x"), {});
  CHECK(support::read_bytes(folder.path("x")) == raw("{}      "));
  CHECK(io::read_safetensors(folder.path("x")).tensors.empty());
  CHECK(io::read_safetensors(folder.write("y", raw(R"({"__metadata__":{}})"))).metadata.empty());
}

TEST_CASE("data need not be aligned nor in the header's order") {
  const support::TemporaryFolder folder;
  const double value = 2.5;
  std::string data = "\x01";
  data.append(reinterpret_cast<const char*>(&value), 8);
  const auto file = io::read_safetensors(folder.write(
      "x", raw(R"({"b":)" + entry("F64", "[1]", "[1,9]") + R"(,"a":)" + entry("BOOL", "[]", "[0,1]") + "}",
               data)));
  REQUIRE(file.tensors.size() == 2);
  CHECK(file.tensors[0].first == "a");
  CHECK(io::tensor_values<double>(file.tensors[0].second) == std::vector<double>{1});
  CHECK(io::tensor_values<double>(file.tensors[1].second) == std::vector<double>{2.5});
}

TEST_CASE("values convert from every type") {
  const auto check = [](const auto& values, const char* dtype) {
    INFO(dtype);
    const auto tensor = io::make_tensor(values, {values.size()});
    CHECK(tensor.dtype == dtype);
    const auto doubles = io::tensor_values<double>(tensor);
    const auto floats = io::tensor_values<float>(tensor);
    std::vector<std::int64_t> integers;  // of whole numbers only
    if (static_cast<double>(values[0]) == std::trunc(static_cast<double>(values[0])))
      integers = io::tensor_values<std::int64_t>(tensor);
    REQUIRE(doubles.size() == values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      CHECK(doubles[i] == static_cast<double>(values[i]));
      CHECK(floats[i] == static_cast<float>(values[i]));
      if (!integers.empty()) CHECK(integers[i] == static_cast<std::int64_t>(values[i]));
    }
  };
  check(std::vector<double>{4, -3}, "F64");
  check(std::vector<double>{1.25, -3}, "F64");
  check(std::vector<float>{1.25F, -3}, "F32");
  check(std::vector<std::int64_t>{-5, 1LL << 40}, "I64");
  check(std::vector<std::int32_t>{-5, 7}, "I32");
  check(std::vector<std::int16_t>{-5, 7}, "I16");
  check(std::vector<std::int8_t>{-5, 7}, "I8");
  check(std::vector<std::uint64_t>{5, 1ULL << 40}, "U64");
  check(std::vector<std::uint32_t>{5, 7}, "U32");
  check(std::vector<std::uint16_t>{5, 7}, "U16");
  check(std::vector<std::uint8_t>{5, 200}, "U8");
  const std::vector<bfloat16> narrow = {bfloat16(1.5F), bfloat16(-2.0F)};
  CHECK(io::tensor_values<float>(io::make_tensor(narrow, {2})) == std::vector<float>{1.5F, -2});
  CHECK_THROWS_AS(io::tensor_values<float>(io::Tensor{.dtype = "C64"}), format_error);
}

TEST_CASE("a value that a type does not have is refused, not cast") {
  const auto message = [](auto to, const auto& values) {
    const auto tensor = io::make_tensor(values, {values.size()});
    return message_of<format_error>([&] { io::tensor_values<decltype(to)>(tensor); });
  };
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  CHECK(
      message(int{}, std::vector<double>{1, 0.5}) ==
      "a tensor of type F64 holds 0.5 at 1, which is not a value of the 32-bit whole numbers it is read as; "
      "give a file of the right type");
  for (const double value : {nan, inf, -inf, 1e300, 2147483648.0, -2147483649.0})
    CHECK_THAT(message(int{}, std::vector<double>{value}), ContainsSubstring("holds"));
  for (const double value : {9223372036854775808.0, -9223372036854777856.0})
    CHECK_THAT(message(std::int64_t{}, std::vector<double>{value}), ContainsSubstring("64-bit whole"));
  CHECK_THAT(message(std::uint64_t{}, std::vector<float>{-1}), ContainsSubstring("holds -1 at 0"));
  CHECK_THAT(message(std::uint8_t{}, std::vector<std::int64_t>{256}), ContainsSubstring("holds 256"));
  CHECK_THAT(message(std::int64_t{}, std::vector<std::uint64_t>{UINT64_MAX}), ContainsSubstring("type U64"));
  CHECK_THAT(message(float{}, std::vector<double>{1e300}), ContainsSubstring("32-bit floating-point"));
  CHECK_THAT(message(bool{}, std::vector<double>{0.5}), ContainsSubstring("holds 0.5"));
  const auto values = [](auto to, const auto& from) {
    return io::tensor_values<decltype(to)>(io::make_tensor(from, {from.size()}));
  };
  CHECK(values(int{}, std::vector<double>{2147483647.0, -2147483648.0, -0.0}) ==
        std::vector<int>{2147483647, -2147483647 - 1, 0});
  CHECK(values(std::uint64_t{}, std::vector<float>{0x1p63F}) == std::vector<std::uint64_t>{1ULL << 63U});
  CHECK(values(float{}, std::vector<double>{inf, 0.1}) ==
        std::vector<float>{std::numeric_limits<float>::infinity(), 0.1F});
  CHECK(std::isnan(values(float{}, std::vector<double>{nan})[0]));
}

TEST_CASE("half precision is read exactly") {
  io::Tensor tensor = io::make_tensor(std::vector<std::uint16_t>{0x3C00}, {1});
  tensor.dtype = "F16";
  CHECK(io::tensor_values<double>(tensor) == std::vector<double>{1});
}

TEST_CASE("eight-bit floats are read exactly") {
  const auto values = [](const char* dtype, std::vector<std::uint8_t> bytes) {
    const std::size_t count = bytes.size();
    io::Tensor tensor = io::make_tensor(bytes, {count});
    tensor.dtype = dtype;
    return io::tensor_values<double>(tensor);
  };
  // one, minus two, the largest, the smallest normal, the smallest, minus zero
  CHECK(values("F8_E4M3", {0x38, 0xC0, 0x7E, 0x08, 0x01, 0x80}) ==
        std::vector<double>{1, -2, 448, 0x1p-6, 0x1p-9, 0});
  CHECK(values("F8_E5M2", {0x3C, 0xC0, 0x7B, 0x04, 0x01, 0x80}) ==
        std::vector<double>{1, -2, 57344, 0x1p-14, 0x1p-16, 0});
  CHECK(std::isnan(values("F8_E4M3", {0x7F})[0]));
  CHECK(std::isnan(values("F8_E4M3", {0xFF})[0]));
  CHECK(values("F8_E4M3", {0x78})[0] == 256);
  CHECK(values("F8_E5M2", {0xFC})[0] == -std::numeric_limits<double>::infinity());
  CHECK(std::isnan(values("F8_E5M2", {0x7E})[0]));
}

TEST_CASE("a file that is not safetensors is refused at its first bytes") {
  CHECK(message_for("") ==
        ": byte 0: the file has 0 bytes, expected at least 8 for the header's length" + damaged);
  CHECK(message_for("1234567") ==
        ": byte 0: the file has 7 bytes, expected at least 8 for the header's length" + damaged);
  CHECK(message_for(">promoter 1\nACGT\n") == ": byte 0: the header's length is " +
                                                  std::to_string(0x65746F6D6F72703E) +
                                                  ", but only 9 bytes follow" + damaged);
  CHECK(message_for(raw("[1]")) == ": byte 8: the header does not begin with '{'" + damaged);
  CHECK(message_for(raw("")) == ": byte 8: the header does not begin with '{'" + damaged);
  CHECK(message_for(raw(R"({"a" 1})")) == ": byte 14: the header is not JSON" + damaged);
  CHECK(message_for(raw("{\"a\":\"\xFF\"}")).find("the header is not JSON") != std::string::npos);
  CHECK(message_for(raw(R"({"a":1e999})")) == ": byte 8: the header holds a number out of range" + damaged);
}

TEST_CASE("after the header's JSON stands white space and nothing else") {
  const support::TemporaryFolder folder;
  CHECK(io::read_safetensors(folder.write("x", raw("{} \n\t\r"))).tensors.empty());
  CHECK(message_for(raw(std::string("{}\0", 3))) == ": byte 10: the header has a NUL byte" + damaged);
  CHECK(message_for(raw(std::string("{}\0{}", 5))) == ": byte 10: the header has a NUL byte" + damaged);
  CHECK_THAT(message_for(raw(std::string("{\0}", 3))),
             ContainsSubstring("byte 9: the header has a NUL byte"));
  CHECK_THAT(message_for(raw("{}x")), ContainsSubstring("the header is not JSON"));
  CHECK_THAT(message_for(raw("{}{}")), ContainsSubstring("the header is not JSON"));
}

TEST_CASE("a header is bounded in length, depth and parts") {
  const std::string deep = std::string(1000000, '['), objects = [] {
    std::string text;
    for (int i = 0; i < 100000; ++i) text += R"({"a":)";
    return text;
  }();
  CHECK(message_for(raw(R"({"a":)" + deep)) ==
        ": byte 8: the header nests lists and objects more than 8 deep" + damaged);
  CHECK_THAT(message_for(raw(objects)), ContainsSubstring("more than 8 deep"));
  std::string many = "{", list = R"({"a":[0)";
  for (int i = 0; i < 100002; ++i)
    many +=
        (i > 0 ? ",\"" : "\"") + std::to_string(i) + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  CHECK_THAT(message_for(raw(many + "}")), ContainsSubstring("the header names more than 100000 tensors"));
  for (int i = 0; i < 3300000; ++i) list += ",0";
  CHECK_THAT(message_for(raw(list + "]}")), ContainsSubstring("the header has more than 3200000 parts"));
  std::string huge(8, '\0');
  const std::uint64_t length = 100000001;
  std::memcpy(huge.data(), &length, 8);
  const support::TemporaryFolder folder;
  const auto path = folder.write("huge", huge + "{");
  std::filesystem::resize_file(path, 8 + length);  // holes: takes no space
  CHECK(message_of<format_error>([&] { io::read_safetensors(path); }) ==
        path + ": byte 0: the header's length is 100000001, the format allows at most 100000000" + damaged);
}

TEST_CASE("files of other formats are named, with what to do") {
  const auto zip = [](const std::string& member) {
    return std::string("PK\x03\x04") + std::string(22, '\0') + static_cast<char>(member.size()) +
           std::string(3, '\0') + member + "rest";
  };
  const auto is = [](const std::string& bytes, const std::string& what) {
    CHECK_THAT(message_for(bytes), ContainsSubstring(": expected safetensors, but this is " + what));
  };
  is(zip("model/data.pkl"),
     "a PyTorch file (a zip archive with a pickle): convert it with tools/seqlstm_convert.py");
  is(zip("archive/.format_version"), "a PyTorch file");
  is(zip("metadata.json"), "a Keras file");
  is(zip("rows.npy"),
     "a .npz archive of NumPy arrays: write its one array with np.save('x.npy', "
     "np.load('x.npz')['rows'])");
  is(zip("readme.txt"), "a zip archive");
  is("PK\x03\x04", "a zip archive");
  is("\x80\x02\x8A\x0Al\xFC\x9C", "a Python pickle");
  is("\x80\x04\x95rest", "a Python pickle");
  is("\x89HDF\r\n\x1A\nrest", "an HDF5 file (.h5)");
  is("\x08\x07\x12\x07pytorch",
     "an ONNX file: read it with io::load_onnx (the component seqlstm::onnx), or save the arrays of its "
     "initializers with safetensors.numpy.save_file");
  is("\x1F\x8B\x08rest", "compressed with gzip: unpack it first (gunzip)");
  is("GGUF\x03", "a GGUF file");
  is("\x93NUMPY\x01", "a NumPy array (.npy), not a model");
}

TEST_CASE("a header whose entries are wrong is refused") {
  const auto one = [](const std::string& value, const std::string& data) {
    return message_for(raw(R"({"w":)" + value + "}", data));
  };
  const std::string incomplete =
      ": byte 8: tensor 'w' needs 'dtype', 'shape' and two 'data_offsets'" + damaged;
  CHECK(one("7", "") == ": byte 8: tensor 'w' is not a JSON object" + damaged);
  CHECK(one(R"({"dtype":"F32","shape":[1]})", "1234") == incomplete);
  CHECK(one(entry("F32", "[-1]", "[0,4]"), "1234") == incomplete);
  CHECK(one(entry("F32", "[1.0]", "[0,4]"), "1234") == incomplete);
  CHECK(one(entry("F32", "[1]", "[0,4,8]"), "1234") == incomplete);
  CHECK(one(entry("F32", "{}", "[0,4]"), "1234") == incomplete);
  CHECK(one(entry("C64", "[1]", "[0,8]"), "12345678") ==
        ": byte 8: tensor 'w' has type 'C64'; expected one of F64 F32 BF16 F16 F8_E4M3 F8_E5M2 I64 I32 I16 "
        "I8 U64 U32 U16 U8 "
        "BOOL; "
        "convert the tensor before saving it");
  CHECK_THAT(message_for(raw(R"({"__metadata__":{"a":1}})")),
             ContainsSubstring("'__metadata__' must map names to strings"));
  CHECK_THAT(message_for(raw(R"({"__metadata__":[]})")),
             ContainsSubstring("'__metadata__' must map names to strings"));
}

TEST_CASE("offsets must cover the data without gaps, overlaps or going beyond") {
  const auto two = [](const std::string& a, const std::string& b, const std::string& data) {
    return message_for(
        raw(R"({"a":)" + entry("U8", "[2]", a) + R"(,"b":)" + entry("U8", "[2]", b) + "}", data));
  };
  const std::size_t begin =
      8 +
      raw(R"({"a":)" + entry("U8", "[2]", "[0,2]") + R"(,"b":)" + entry("U8", "[2]", "[1,3]") + "}").size() -
      8;
  CHECK(two("[0,2]", "[1,3]", "1234") ==
        ": byte " + std::to_string(begin + 2) +
            ": tensor 'b' has the data bytes 1 to 3, expected them to begin at 2" + damaged);
  CHECK_THAT(two("[0,2]", "[3,5]", "12345"), ContainsSubstring("expected them to begin at 2"));
  CHECK_THAT(two("[0,2]", "[0,2]", "12"), ContainsSubstring("expected them to begin at 2"));
  CHECK_THAT(two("[0,2]", "[2,0]", "12"), ContainsSubstring("tensor 'b' has the data bytes 2 to 0"));
  CHECK_THAT(two("[0,2]", "[2,4]", "123"),
             ContainsSubstring("tensor 'b' has the data bytes 2 to 4, but the file holds only 3"));
  CHECK_THAT(two("[0,2]", "[2,4]", "12345"),
             ContainsSubstring("1 bytes behind the last tensor belong to none"));
  CHECK_THAT(two("[0,2]", "[2,18446744073709551615]", "1234"),
             ContainsSubstring("but the file holds only 4"));
}

TEST_CASE("a shape must fit its bytes, also where the product overflows") {
  const auto one = [](const std::string& dtype, const std::string& shape, const std::string& data) {
    return message_for(
        raw(R"({"w":)" + entry(dtype, shape, "[0," + std::to_string(data.size()) + "]") + "}", data));
  };
  CHECK_THAT(one("F32", "[2]", "1234"),
             ContainsSubstring("tensor 'w' of type F32 and shape [2] does not fit its 4 bytes"));
  CHECK_THAT(one("F32", "[4294967296,4294967296]", ""), ContainsSubstring("does not fit its 0 bytes"));
  CHECK_THAT(one("F64", "[2305843009213693952]", ""), ContainsSubstring("does not fit its 0 bytes"));
  CHECK_THAT(one("F32", "[]", ""), ContainsSubstring("shape [] does not fit its 0 bytes"));
}

TEST_CASE("names that stand twice are refused, at any depth") {
  const std::string value = entry("U8", "[0]", "[0,0]");
  CHECK(message_for(raw(R"({"w":)" + value + R"(,"w":)" + value + "}")) ==
        ": byte 8: the header has the name 'w' twice" + damaged);
  CHECK_THAT(message_for(raw(R"({"__metadata__":{"k":"1","k":"2"}})")),
             ContainsSubstring("the name 'k' twice"));
  CHECK_THAT(message_for(raw(R"({"w":{"dtype":"U8","shape":[0],"dtype":"I8","data_offsets":[0,0]}})")),
             ContainsSubstring("the name 'dtype' twice"));
}

TEST_CASE("a truncated file is refused wherever it is cut") {
  const support::TemporaryFolder folder;
  io::write_safetensors(folder.path("x"), example());
  const std::string bytes = support::read_bytes(folder.path("x"));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto path = folder.write("cut", bytes.substr(0, size));
    INFO(size);
    CHECK_THROWS_AS(io::read_safetensors(path), format_error);
  }
  const auto path = folder.write("cut", bytes + '\0');
  CHECK_THROWS_AS(io::read_safetensors(path), format_error);
}

TEST_CASE("a header with a flipped bit loads or is refused, and never more") {
  const support::TemporaryFolder folder;
  io::write_safetensors(folder.path("x"), example());
  const std::string bytes = support::read_bytes(folder.path("x"));
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), 8);
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < 8 * (8 + header); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const auto path = folder.write("flipped", flipped);
    try {
      const auto file = io::read_safetensors(path);
      std::size_t read = 0;
      for (const auto& [name, tensor] : file.tensors) {
        read += tensor.data.size();
        static_cast<void>(io::tensor_values<double>(tensor));
      }
      if (read != bytes.size() - 8 - header) FAIL("bit " << bit << ": " << read << " bytes of tensors");
    } catch (const format_error&) {
      ++refused;
    }
  }
  CHECK(refused > 8 * 8);  // each bit of the length, at least
}

TEST_CASE("what cannot be read back is not written, and the old file stays") {
  const support::TemporaryFolder folder;
  const auto path = folder.write("x", "old");
  const auto message = [&](const io::SafetensorsFile& file) {
    const std::string text = message_of<Error>([&] { io::write_safetensors(path, file); });
    CHECK(support::read_bytes(path) == "old");
    CHECK(folder.files() == 1);
    return text.substr(path.size());
  };
  const auto byte = io::make_tensor(std::vector<std::uint8_t>{1}, {1});
  io::SafetensorsFile file;
  file.tensors = {{"w", byte}, {"w", byte}};
  CHECK(message(file) == ": tensor 'w' cannot be saved: the name is taken; rename it");
  file.tensors = {{"__metadata__", byte}};
  CHECK_THAT(message(file), ContainsSubstring("the name is taken"));
  file.tensors = {{"\xFF", byte}};
  CHECK(message(file) == ": a name or metadata to be saved is not UTF-8 text; rename it");
  file.tensors = {{"w", {.dtype = "F32", .shape = {2}, .data = byte.data}}};
  CHECK(message(file) == ": tensor 'w' of type F32 and shape [2] does not fit its 1 bytes");
  file.tensors = {{"w", {.dtype = "f32", .shape = {0}}}};
  CHECK_THAT(message(file), ContainsSubstring("tensor 'w' has type 'f32'; expected one of F64 F32"));
  CHECK(message_of<shape_error>([] {
          return io::make_tensor(std::vector<float>(5), {2, 3});
        }) == "make_tensor: 5 values do not fit shape [2, 3]");
}

TEST_CASE("a safetensors file that cannot be read is named") {
  const support::TemporaryFolder folder;
  CHECK(message_of<io_error>([&] { return io::read_safetensors(folder.path("none")); }) ==
        "cannot read '" + folder.path("none") +
            "': No such file or directory; check that it is a file and readable");
  CHECK_THAT(message_of<io_error>([&] { return io::read_safetensors(folder.path("")); }),
             ContainsSubstring("Is a directory"));
}

TEST_CASE("a state dict of PyTorch reads, with its offsets aligned to 4 bytes only", "[golden]") {
  const auto file = io::read_safetensors(support::golden_file("protein_init.safetensors"));
  const io::Tensor* embedding = file.find("embedding.weight");
  REQUIRE(embedding != nullptr);
  CHECK(embedding->dtype == "F32");
  REQUIRE(embedding->shape.size() == 2);
  const auto rows = io::tensor_values<double>(*embedding);
  for (std::size_t i = 0; i < embedding->shape[1]; ++i) CHECK(rows[i] == 0);  // the padding row
  std::size_t counters = 0;
  for (const auto& [name, tensor] : file.tensors) {
    if (name.find("num_batches_tracked") == std::string::npos) continue;
    INFO(name);
    ++counters;
    CHECK(tensor.dtype == "I64");
    CHECK(tensor.shape.empty());
    CHECK(io::tensor_values<std::int64_t>(tensor) == std::vector<std::int64_t>{0});
  }
  CHECK(counters > 0);
}

TEST_CASE("a state dict of PyTorch holds the values of its JSON twin", "[golden]") {
  const auto json =
      nlohmann::json::parse(support::read_bytes(support::golden_file("protein_classifier.json")));
  for (const std::string part : {"init", "final"}) {
    const auto file = io::read_safetensors(support::golden_file("protein_" + part + ".safetensors"));
    for (const auto& [name, tensor] : file.tensors) {
      if (tensor.dtype != "F32") continue;  // counters, which the JSON leaves out
      INFO(part << "." << name);
      const auto found = json["tensors"].find(part + "." + name);
      REQUIRE(found != json["tensors"].end());
      CHECK(tensor.shape == found->at("shape").get<std::vector<std::size_t>>());
      const auto values = io::tensor_values<double>(tensor),
                 expected = found->at("data").get<std::vector<double>>();
      REQUIRE(values.size() == expected.size());
      for (std::size_t i = 0; i < values.size(); ++i)
        CHECK(values[i] == Approx(expected[i]).epsilon(1e-7).margin(1e-30));  // rounded to float once
    }
  }
}

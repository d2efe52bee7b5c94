// Files of weights and numbers in formats that are not read here, told by their first bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <seqlstm/core/abi.hpp>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

/// The first bytes of a file that are enough to tell its format.
inline constexpr std::size_t telling_bytes = 512;

/// Which archive a zip is, by the name of its first member: byte 26 has its length, byte 30 its letters.
inline std::string zip_kind(std::string_view begin) {
  std::string_view member;
  if (begin.size() > 30)
    member = begin.substr(
        30, static_cast<unsigned char>(begin[26]) + 256U * static_cast<unsigned char>(begin[27]));
  constexpr const char* pytorch =
      "a PyTorch file (a zip archive with a pickle): convert it with tools/seqlstm_convert.py";
  if (member.ends_with(".npy"))
    return "a .npz archive of NumPy arrays: write its one array with np.save('x.npy', "
           "np.load('x.npz')['" +
           std::string(member.substr(0, member.size() - 4)) + "'])";
  if (member.ends_with("/data.pkl") || member.ends_with("/.data/serialization_id") ||
      member.ends_with("/.format_version") || member.ends_with("/version"))
    return pytorch;
  if (member == "metadata.json" || member == "config.json" || member == "model.weights.h5")
    return "a Keras file (.keras, a zip archive): convert it with tools/seqlstm_convert.py";
  return "a zip archive: unpack it and give the file that is meant";
}

/// What the file is and what to do, or nothing where its first bytes are no other format's that is known.
inline std::optional<std::string> foreign_file(std::string_view begin) {
  using namespace std::string_view_literals;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(begin[i]); };
  if (begin.starts_with("PK\x03\x04"sv)) return zip_kind(begin);
  if (begin.starts_with("PK\x05\x06"sv)) return "an empty zip archive";
  if (begin.size() > 2 && byte(0) == 0x80 && byte(1) >= 2 && byte(1) <= 5 &&
      (byte(2) == 0x8A || byte(2) == '}' || byte(2) == ']' || byte(2) == '(' || byte(2) == 'c' ||
       byte(2) == 0x95))
    return "a Python pickle (.bin, .pkl, .pt): convert it with tools/seqlstm_convert.py";
  if (begin.starts_with("\x89HDF\r\n\x1a\n"sv))
    return "an HDF5 file (.h5): convert that of a Keras model with tools/seqlstm_convert.py";
  if (begin.starts_with("\x1f\x8b"sv)) return "compressed with gzip: unpack it first (gunzip)";
  if (begin.starts_with("\x28\xB5\x2F\xFD"sv)) return "compressed with zstd: unpack it first (unzstd)";
  if (begin.starts_with("BZh"sv)) return "compressed with bzip2: unpack it first (bunzip2)";
  if (begin.starts_with("\xFD"
                        "7zXZ\0"sv))
    return "compressed with xz: unpack it first (unxz)";
  if (begin.starts_with("GGUF"sv))
    return "a GGUF file, which is not read here: give the safetensors it was made of";
  if (begin.starts_with("\x93NUMPY"sv))
    return "a NumPy array (.npy), not a model: it is read where a matrix is wanted";
  // ir_version (field 1), then producer_name (field 2) or graph (field 7).
  if (begin.size() > 3 && byte(0) == 0x08 && byte(1) <= 0x20 && (byte(2) == 0x12 || byte(2) == 0x3A))
    return "an ONNX file: read it with io::load_onnx (the component seqlstm::onnx), or save the arrays of "
           "its initializers with safetensors.numpy.save_file";
  return std::nullopt;
}

}  // namespace io::detail
SEQLSTM_NAMESPACE_END

// Changes to a model file as text, one a line, after which the checksums are made to fit again:
//
//   /options/encoder/width -1          the JSON at a place in a metadata entry; the first word is the entry
//   /kind language_model               an entry that is replaced as a whole: what is no JSON is text
//   -/options/encoder/width            removed
//   #decoder.bias F32 4,1              a tensor of this type and shape, with bytes as many as it needs
//   #-decoder.bias                     removed
//   #decoder.bias=7fc00000             its first bytes, in hexadecimal
#pragma once

#include <nlohmann/json.hpp>
#include <seqlstm/io/checkpoint.hpp>
#include <sstream>

#include "harness.hpp"

namespace fuzz {

inline void edit_tensor(seqlstm::io::SafetensorsFile& file, const std::string& line) {
  const auto named = [&](const std::string& name) {
    return std::find_if(file.tensors.begin(), file.tensors.end(),
                        [&](const auto& t) { return t.first == name; });
  };
  if (line.substr(0, 1) == "-") {
    if (const auto place = named(line.substr(1)); place != file.tensors.end()) file.tensors.erase(place);
    return;
  }
  if (const std::size_t equals = line.find('='); equals != std::string::npos) {
    const auto place = named(line.substr(0, equals));
    for (std::size_t i = 0; place != file.tensors.end() && 2 * i + equals + 2 < line.size(); ++i)
      if (i < place->second.data.size())
        place->second.data[i] =
            static_cast<std::byte>(std::strtoul(line.substr(equals + 1 + 2 * i, 2).c_str(), nullptr, 16));
    return;
  }
  std::istringstream words(line);
  std::string name, dtype, shape;
  words >> name >> dtype >> shape;
  seqlstm::io::Tensor tensor{.dtype = dtype};
  std::size_t elements = 1;
  std::istringstream extents(shape);
  for (std::string extent; std::getline(extents, extent, ',');) {
    tensor.shape.push_back(std::strtoull(extent.c_str(), nullptr, 10));
    elements = tensor.shape.back() > 4096 || elements > 4096 ? 4097 : elements * tensor.shape.back();
  }
  const auto size = seqlstm::io::detail::dtype_size(dtype);
  if (!size || elements > 4096) return;  // the writer refuses what does not fit
  const auto place = named(name);
  if (place != file.tensors.end()) tensor.data = place->second.data;
  tensor.data.resize(elements * *size);
  if (place != file.tensors.end()) {
    place->second = tensor;
  } else {
    file.add(name, tensor);
  }
}

/// Applies the changes and makes the checksums fit; false where a change is no change.
inline bool edit(seqlstm::io::SafetensorsFile& file, std::string_view changes) {
  for (std::string line : lines_of(changes)) {
    if (line.substr(0, 1) == "#") {
      edit_tensor(file, line.substr(1));
      continue;
    }
    const bool remove = line.substr(0, 1) == "-";
    if (remove) line.erase(0, 1);
    if (line.empty() || line[0] != '/') return false;
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::string pointer = line.substr(1, blank - 1);
    const std::string text = blank < line.size() ? line.substr(blank + 1) : "";
    const std::size_t slash = std::min(pointer.find('/'), pointer.size());
    const std::string entry = pointer.substr(0, slash);
    if (slash == pointer.size()) {
      if (remove) {
        file.metadata.erase(entry);
      } else {
        file.metadata[entry] = text;
      }
      continue;
    }
    auto json = nlohmann::json::parse(file.metadata[entry], nullptr, false);
    const auto value = nlohmann::json::parse(text, nullptr, false);
    if (json.is_discarded() || (value.is_discarded() && !remove)) return false;
    try {
      const nlohmann::json::json_pointer place(pointer.substr(slash));
      if (remove) {
        auto& parent = json.at(place.parent_pointer());
        if (parent.is_object()) parent.erase(place.back());
      } else {
        json[place] = value;
      }
      file.metadata[entry] = json.dump();
    } catch (const nlohmann::json::exception&) {
      return false;
    }
  }
  try {
    seqlstm::io::detail::seal(file);
  } catch (const nlohmann::json::exception&) {
    return false;  // a name that is not UTF-8
  }
  return true;
}

}  // namespace fuzz

// Definitions of snapshot.hpp.
#pragma once

#include <cstring>
#include <seqlstm/train/snapshot.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE void Snapshot::take(const ModuleRef& module) {
  parts_.clear();
  const auto keep = [&](const void* data, std::size_t bytes) {
    const auto* first = static_cast<const std::byte*>(data);
    parts_.emplace_back(first, first + bytes);
  };
  for_each_parameter(module,
                     [&](const std::string&, auto& p) { keep(p.data(), p.size() * sizeof(*p.data())); });
  for_each_buffer(module,
                  [&](const std::string&, auto& b) { keep(b.values().data(), b.values().size_bytes()); });
}

SEQLSTM_INLINE void Snapshot::restore(const ModuleRef& module) const {
  std::size_t next = 0;
  const auto put = [&](void* data, std::size_t bytes) {
    if (next >= parts_.size() || parts_[next].size() != bytes)
      throw shape_error("snapshot: it was taken from a model of another shape");
    std::memcpy(data, parts_[next++].data(), bytes);
  };
  for_each_parameter(module, [&](const std::string&, auto& p) {
    auto w = p.edit();
    put(w.data(), w.size() * sizeof(*w.data()));
  });
  for_each_buffer(module,
                  [&](const std::string&, auto& b) { put(b.values().data(), b.values().size_bytes()); });
}

SEQLSTM_NAMESPACE_END

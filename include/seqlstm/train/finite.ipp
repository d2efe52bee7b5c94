// Definitions of finite.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/train/finite.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::string first_not_finite(const ModuleRef& module) {
  std::string found;
  const auto check = [&](const std::string& name, const auto* values, std::size_t count) {
    if (found.empty() && !std::all_of(values, values + count,
                                      [](auto value) { return std::isfinite(static_cast<double>(value)); }))
      found = name;
  };
  for_each_parameter(module, [&](const std::string& name, auto& p) { check(name, p.data(), p.size()); });
  for_each_buffer(
      module, [&](const std::string& name, auto& b) { check(name, b.values().data(), b.values().size()); });
  return found;
}

SEQLSTM_INLINE void require_finite(const ModuleRef& module, const std::string& when) {
  const std::string name = first_not_finite(module);
  if (!name.empty())
    throw numeric_error("the weights of '" + name + "' are not finite " + when +
                        "; lower the learning rate, set clip_norm, or look for NaN in the data");
}

SEQLSTM_NAMESPACE_END

// Definitions of names.hpp.
#pragma once

#include <seqlstm/nn/names.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE std::string title(const char* kind, const std::string& name) {
  return name.empty() ? std::string(kind) : std::string(kind) + " '" + name + "'";
}

}  // namespace detail

SEQLSTM_INLINE void set_names(const ModuleRef& module) {
  detail::for_each_module(module,
                          [](const std::string& path, const ModuleRef& layer) { layer.set_name(path); });
}

SEQLSTM_NAMESPACE_END

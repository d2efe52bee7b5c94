// Names for layers, so that an error can say which one of six dense layers it means.
#pragma once

#include <seqlstm/nn/module.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// "dense", or "dense 'layers.0'" when the layer has a name.
inline std::string title(const char* kind, const std::string& name) {
  return name.empty() ? std::string(kind) : std::string(kind) + " '" + name + "'";
}

/// "dense 'layers.0': input has 128 columns, weight expects 64".
template <class View>
void check_columns(const char* kind, const std::string& name, const View& x, const char* what,
                   std::size_t expected) {
  if (x.cols() != expected)
    throw shape_error(title(kind, name) + ": input has " + std::to_string(x.cols()) + " columns, " + what +
                      " expects " + std::to_string(expected));
}

}  // namespace detail

/// Gives every layer that has a `name` its dotted path in the module, as in named parameters: "layers.0".
inline void set_names(const ModuleRef& module) {
  detail::for_each_module(module,
                          [](const std::string& path, const ModuleRef& layer) { layer.set_name(path); });
}

SEQLSTM_NAMESPACE_END

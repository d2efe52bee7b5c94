// Names for layers, so that an error can say which one of six dense layers it means.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/module.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// "dense", or "dense 'layers.0'" when the layer has a name.
std::string title(const char* kind, const std::string& name);

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
void set_names(const ModuleRef& module);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/names.ipp>
#endif

// Definitions of parameter_groups.hpp.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/nn/parameter_groups.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::size_t ParameterGroups::of(std::string_view name) const {
  for (std::size_t g = 0; g < groups_.size(); ++g)
    for (const std::string& prefix : groups_[g])
      if (name == prefix ||
          (name.size() > prefix.size() && name.starts_with(prefix) && name[prefix.size()] == '.'))
        return g;
  throw option_error("parameter groups: parameter '" + std::string(name) +
                     "' is in no group; name every part of the model in one");
}

SEQLSTM_INLINE void ParameterGroups::train_from(std::size_t first, const ModuleRef& model) const {
  for_each_parameter(model, [&](const std::string& name, auto& p) { p.trainable = of(name) >= first; });
}

SEQLSTM_NAMESPACE_END

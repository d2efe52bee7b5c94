// Definitions of module_ref.hpp.
#pragma once

#include <seqlstm/nn/module_ref.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE FieldVisitor::FieldVisitor(ModuleVisitor& to, std::string path)
    : to_(to), path_(std::move(path)) {
  path_.clear();
}

SEQLSTM_INLINE void FieldVisitor::enter(std::string_view name, const ModuleRef& module) {
  const std::size_t outside = append(name);
  root(module);
  path_.resize(outside);
}

SEQLSTM_INLINE std::size_t FieldVisitor::append(std::string_view name) {
  const std::size_t outside = path_.size();
  if (outside > 0) path_ += '.';
  path_ += name;
  return outside;
}

SEQLSTM_INLINE void walk(const ModuleRef& module, ModuleVisitor& visitor) {
  static thread_local std::string spare;  // keeps its memory: a training step allocates nothing
  FieldVisitor fields(visitor, std::exchange(spare, {}));
  fields.root(module);
  spare = fields.take_path();
}

}  // namespace detail

SEQLSTM_NAMESPACE_END

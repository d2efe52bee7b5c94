// Definitions of module.hpp.
#pragma once

#include <seqlstm/core/parallel.hpp>
#include <seqlstm/nn/module.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::vector<CheckedValue> checked_values(const ModuleRef& module) {
  std::vector<CheckedValue> values;
  for_each_parameter(module, [&](const std::string& name, Parameter<double>& p) {
    values.push_back({name, p.edit(), p.gradient(), [&p] { p.edit(); }});
  });
  return values;
}

SEQLSTM_INLINE void zero_gradients(const ModuleRef& module) {
  for_each_parameter(module, []<Scalar T>(const std::string&, Parameter<T>& p) {
    T* g = p.gradient().data();
    for_parts(p.size(), cache_line / sizeof(T), p.size(),
              [g](IndexRange part) { std::fill(g + part.begin, g + part.end, T(0)); });
  });
}

SEQLSTM_INLINE std::size_t parameter_count(const ModuleRef& module) {
  std::size_t count = 0;
  for_each_parameter(module, [&](const std::string&, const auto& p) { count += p.size(); });
  return count;
}

SEQLSTM_INLINE std::size_t set_trainable(const ModuleRef& module, std::string_view group, bool trainable) {
  std::size_t touched = 0;
  for_each_parameter(module, [&](const std::string& name, auto& p) {
    const bool inside = group.empty() || name == group ||
                        (name.size() > group.size() && name.starts_with(group) && name[group.size()] == '.');
    if (inside) {
      p.trainable = trainable;
      ++touched;
    }
  });
  return touched;
}

SEQLSTM_INLINE void set_training(const ModuleRef& module, bool training) {
  detail::for_each_module(module, [&](const std::string&, const ModuleRef& m) { m.set_training(training); });
}

SEQLSTM_INLINE void set_precision(const ModuleRef& module, Precision precision) {
  std::vector<std::pair<ModuleRef, Precision>> before;
  try {
    detail::for_each_module(module, [&](const std::string&, const ModuleRef& m) {
      if (m.has_precision()) before.emplace_back(m, m.precision());
      m.set_precision(precision);
    });
  } catch (...) {
    for (const auto& [m, own] : before) m.set_precision(own);
    throw;
  }
}

SEQLSTM_INLINE void prepare(const ModuleRef& module) {
  detail::for_each_module(module, [](const std::string&, const ModuleRef& m) { m.prepare(); });
}

namespace detail {

SEQLSTM_INLINE InF32::InF32(const ModuleRef& module) : module_(module) {
  each([&](const ModuleRef& m) { before_.push_back(m.precision()); });
  set_precision(module_, Precision::f32);
}

SEQLSTM_INLINE InF32::~InF32() {
  std::size_t next = 0;
  each([&](const ModuleRef& m) { m.set_precision(before_[next++]); });
}

}  // namespace detail

SEQLSTM_NAMESPACE_END

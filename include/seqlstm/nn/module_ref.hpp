// A module of any type behind one type, so that what goes over all layers and weights of a model (optimizers,
// files, initialisation) is compiled once and not once for every model.
#pragma once

#include <cstdint>
#include <seqlstm/core/bfloat16.hpp>
#include <seqlstm/core/concepts.hpp>
#include <seqlstm/core/random.hpp>
#include <seqlstm/nn/parameter.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

class FieldVisitor;

/// What a module can do, for its type; null where it cannot.
struct ModuleFunctions {
  void (*fields)(void*, FieldVisitor&);
  void (*set_name)(void*, const std::string&);
  void (*set_training)(void*, bool);
  void (*set_precision)(void*, Precision);
  Precision (*precision)(void*);
  void (*initialize)(void*, const RandomKey&);
  void (*prepare)(void*);
};

template <class M> constexpr ModuleFunctions module_functions() {
  ModuleFunctions f{};
  f.fields = [](void* m, FieldVisitor& visitor) { static_cast<M*>(m)->fields(visitor); };
  if constexpr (requires(M & m, const std::string& name) { m.name = name; })
    f.set_name = [](void* m, const std::string& name) { static_cast<M*>(m)->name = name; };
  if constexpr (requires(M & m) { m.training = true; })
    f.set_training = [](void* m, bool training) { static_cast<M*>(m)->training = training; };
  if constexpr (requires(M & m) { m.set_precision(Precision{}); })
    f.set_precision = [](void* m, Precision p) { static_cast<M*>(m)->set_precision(p); };
  if constexpr (requires(M & m) { Precision(m.precision()); })
    f.precision = [](void* m) { return Precision(static_cast<M*>(m)->precision()); };
  if constexpr (requires(M & m) { m.initialize(RandomKey{}); })
    f.initialize = [](void* m, const RandomKey& key) { static_cast<M*>(m)->initialize(key); };
  if constexpr (requires(M & m) { m.prepare(); }) f.prepare = [](void* m) { static_cast<M*>(m)->prepare(); };
  return f;
}
template <class M> inline constexpr ModuleFunctions functions_of = module_functions<M>();

}  // namespace detail

/// Any module, as a reference to it: what takes one takes every model. Must not outlive the module.
class ModuleRef {
 public:
  /// Implicit, so that a function that takes a ModuleRef is called with the model itself.
  template <class M>
  requires(!std::is_same_v<std::remove_const_t<M>, ModuleRef>)  //
      ModuleRef(M& module)
      : module_(&module), functions_(&detail::functions_of<M>) {
    static_assert(
        ModuleLike<M>,
        "seqlstm: a module needs `template <class V> void fields(V& v)` that hands v each member by name");
  }

  // Each does nothing where the module's type has no such member.
  /// Sets the member `name` of this module, not of those inside it; nothing where it has none.
  void set_name(const std::string& name) const {
    if (functions_->set_name != nullptr) functions_->set_name(module_, name);
  }
  /// The same for the member `training`.
  void set_training(bool training) const {
    if (functions_->set_training != nullptr) functions_->set_training(module_, training);
  }
  /// Calls the module's own set_precision() where it has one; that of a layer of doubles throws option_error
  /// for bf16 and int8.
  void set_precision(Precision precision) const {
    if (functions_->set_precision != nullptr) functions_->set_precision(module_, precision);
  }
  /// Calls the module's own initialize(key) where it has one: its own weights, not those of modules inside
  /// it.
  void initialize(const RandomKey& key) const {
    if (draws()) functions_->initialize(module_, key);
  }
  /// Calls the module's own prepare() where it has one.
  void prepare() const {
    if (functions_->prepare != nullptr) functions_->prepare(module_);
  }
  /// Has it weights of its own to draw, `initialize(RandomKey)`?
  [[nodiscard]] bool draws() const { return functions_->initialize != nullptr; }
  /// Has it a precision that can be set and put back?
  [[nodiscard]] bool has_precision() const {
    return functions_->set_precision != nullptr && functions_->precision != nullptr;
  }
  /// The module's own precision(). Only where has_precision() is true.
  [[nodiscard]] Precision precision() const { return functions_->precision(module_); }
  /// Where the module stands in memory.
  [[nodiscard]] const void* address() const { return module_; }
  /// Hands the module's members to a visitor, as the module's own `fields` does.
  void fields(detail::FieldVisitor& visitor) const { functions_->fields(module_, visitor); }

 private:
  void* module_;
  const detail::ModuleFunctions* functions_;
};

namespace detail {

/// What a walk over a module hands out; each kind of member is ignored where it is not overridden.
class ModuleVisitor {
 public:
  ModuleVisitor() = default;
  ModuleVisitor(const ModuleVisitor&) = delete;
  ModuleVisitor& operator=(const ModuleVisitor&) = delete;
  virtual ~ModuleVisitor() = default;
  virtual void parameter(const std::string& /*name*/, Parameter<float>& /*p*/) {}
  virtual void parameter(const std::string& /*name*/, Parameter<double>& /*p*/) {}
  virtual void buffer(const std::string& /*name*/, Buffer<float>& /*b*/) {}
  virtual void buffer(const std::string& /*name*/, Buffer<double>& /*b*/) {}
  virtual void buffer(const std::string& /*name*/, Buffer<std::int64_t>& /*b*/) {}
  virtual void module(const std::string& /*path*/, const ModuleRef& /*module*/) {}
};

/// The visitor that `fields` of every module meets: it knows the path, "a.b.name".
class FieldVisitor {
 public:
  FieldVisitor(ModuleVisitor& to, std::string path);

  void operator()(std::string_view name, Parameter<float>& p) { leaf(name, p); }
  void operator()(std::string_view name, Parameter<double>& p) { leaf(name, p); }
  void operator()(std::string_view name, Buffer<float>& b) { leaf(name, b); }
  void operator()(std::string_view name, Buffer<double>& b) { leaf(name, b); }
  void operator()(std::string_view name, Buffer<std::int64_t>& b) { leaf(name, b); }
  template <class Module> void operator()(std::string_view name, Module& module) {
    enter(name, ModuleRef(module));
  }

  void root(const ModuleRef& module) {
    to_.module(path_, module);
    module.fields(*this);
  }
  [[nodiscard]] std::string take_path() { return std::move(path_); }

 private:
  template <class T> void leaf(std::string_view name, Parameter<T>& p) {
    const std::size_t outside = append(name);
    to_.parameter(path_, p);
    path_.resize(outside);
  }
  template <class T> void leaf(std::string_view name, Buffer<T>& b) {
    const std::size_t outside = append(name);
    to_.buffer(path_, b);
    path_.resize(outside);
  }
  void enter(std::string_view name, const ModuleRef& module);
  std::size_t append(std::string_view name);

  ModuleVisitor& to_;
  std::string path_;
};

/// Walks the tree of modules: the module itself, then its members, each inner module before its own.
void walk(const ModuleRef& module, ModuleVisitor& visitor);

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/module_ref.ipp>
#endif

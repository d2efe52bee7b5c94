// A module is a struct with members and one function, fields(visitor); everything else follows from it.
//
//     struct Net {
//       Embedding<float> embedding{...}; Lstm<float> lstm{...}; Dense<float> head{...};
//       template <class V> void fields(V& v) { v("embedding", embedding); v("lstm", lstm); v("head", head); }
//     };
//
// From there: named parameters and state for optimizers and files, counting, freezing by group, train and
// eval mode.
#pragma once

#include <algorithm>
#include <cstddef>
#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/core/bfloat16.hpp>
#include <seqlstm/core/concepts.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/nn/parameter.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <class M> inline constexpr bool is_parameter = false;
template <class T> inline constexpr bool is_parameter<Parameter<T>> = true;
template <class M> inline constexpr bool is_buffer = false;
template <class T> inline constexpr bool is_buffer<Buffer<T>> = true;

/// Walks the tree of modules; on_parameter and on_buffer get "a.b.name" and the member, on_module each inner
/// module.
template <class OnParameter, class OnBuffer, class OnModule> struct ModuleWalk {
  OnParameter& on_parameter;
  OnBuffer& on_buffer;
  OnModule& on_module;
  std::string path;

  template <class Member> void operator()(std::string_view name, Member& member) {
    const std::size_t length = path.size();
    if (!path.empty()) path += '.';
    path += name;
    if constexpr (is_parameter<Member>) {
      on_parameter(path, member);
    } else if constexpr (is_buffer<Member>) {
      on_buffer(path, member);
    } else {
      on_module(path, member);
      member.fields(*this);
    }
    path.resize(length);
  }
};

inline constexpr auto ignore_field = [](const std::string&, auto&) {};

template <class Module, class OnParameter, class OnBuffer, class OnModule>
void walk(Module& module, OnParameter&& on_parameter, OnBuffer&& on_buffer, OnModule&& on_module) {
  static_assert(
      ModuleLike<Module>,
      "seqlstm: a module needs `template <class V> void fields(V& v)` that hands v each member by name");
  static thread_local std::string spare;  // keeps its memory: a training step allocates nothing
  ModuleWalk<OnParameter, OnBuffer, OnModule> visitor{on_parameter, on_buffer, on_module,
                                                      std::exchange(spare, {})};
  visitor.path.clear();
  on_module(visitor.path, module);
  module.fields(visitor);
  spare = std::move(visitor.path);
}

}  // namespace detail

/// Calls f(name, parameter) for every parameter, in the order of fields(); names are PyTorch's
/// ("lstm.weight_ih_l0").
template <class Module, class F> void for_each_parameter(Module& module, F&& f) {
  detail::walk(module, f, detail::ignore_field, detail::ignore_field);
}

/// Calls f(name, buffer) for every buffer (running statistics).
template <class Module, class F> void for_each_buffer(Module& module, F&& f) {
  detail::walk(module, detail::ignore_field, f, detail::ignore_field);
}

/// Every parameter of a double-precision module, for check_gradient.
template <class Module> std::vector<CheckedValue> checked_values(Module& module) {
  std::vector<CheckedValue> values;
  for_each_parameter(module, [&](const std::string& name, Parameter<double>& p) {
    values.push_back({name, p.edit(), p.gradient(), [&p] { p.edit(); }});
  });
  return values;
}

/// Sets the gradient of every parameter to zero.
template <class Module> void zero_gradients(Module& module) {
  for_each_parameter(module, []<Scalar T>(const std::string&, Parameter<T>& p) {
    T* g = p.gradient().data();
    for_parts(p.size(), cache_line / sizeof(T), p.size(),
              [g](Range part) { std::fill(g + part.begin, g + part.end, T(0)); });
  });
}

/// Number of trained numbers.
template <class Module> std::size_t parameter_count(Module& module) {
  std::size_t count = 0;
  for_each_parameter(module, [&](const std::string&, const auto& p) { count += p.size(); });
  return count;
}

/// Freezes (or thaws) every parameter whose name begins with `group`: "lstm" or "lstm.weight_ih_l0"; "" is
/// all. Returns how many parameters it touched; zero means that no name begins so.
template <class Module> std::size_t set_trainable(Module& module, std::string_view group, bool trainable) {
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

/// Holds layers with a `training` member (dropout, batch norm) in inference behaviour even on a training
/// tape, or lets them follow the tape again.
template <class Module> void set_training(Module& module, bool training) {
  detail::walk(module, detail::ignore_field, detail::ignore_field, [&](const std::string&, auto& m) {
    if constexpr (requires { m.training = training; }) m.training = training;
  });
}

/// What every layer that multiplies by weights (Lstm, Dense, TiedDecoder) rounds its factors to: bf16 for
/// speed on a CPU with a matrix unit or dot products, whatever the network was trained in. Parameters keep
/// their floats.
template <class Module> void set_precision(Module& module, Precision precision) {
  detail::walk(module, detail::ignore_field, detail::ignore_field, [&](const std::string&, auto& m) {
    if constexpr (requires { m.set_precision(precision); }) m.set_precision(precision);
  });
}

/// Packs the weights of layers (Lstm, Rnn, Dense) for the kernels now and not in the first pass. Any number
/// of threads may predict with one model at once, prepared or not, while none trains, edits or saves it.
template <class Module> void prepare(Module& module) {
  detail::walk(module, detail::ignore_field, detail::ignore_field, [](const std::string&, auto& m) {
    if constexpr (requires { m.prepare(); }) m.prepare();
  });
}

namespace detail {
/// Holds a module in f32 while it lives.
template <class Module> class InF32 {
 public:
  explicit InF32(Module& module) : module_(module) {
    each([&](auto& m) { before_.push_back(m.precision()); });
    set_precision(module_, Precision::f32);
  }
  ~InF32() {
    std::size_t next = 0;
    each([&](auto& m) { m.set_precision(before_[next++]); });
  }
  InF32(const InF32&) = delete;
  InF32& operator=(const InF32&) = delete;

 private:
  template <class Body> void each(Body&& body) {
    walk(module_, ignore_field, ignore_field, [&](const std::string&, auto& m) {
      if constexpr (requires { m.set_precision(m.precision()); }) body(m);
    });
  }
  Module& module_;
  std::vector<Precision> before_;
};
}  // namespace detail

SEQLSTM_NAMESPACE_END

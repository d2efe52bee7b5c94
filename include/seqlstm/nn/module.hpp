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
#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/module_ref.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// f(name, member), or a sentence where f takes members of another number type.
template <class F, class Member> void call_with(F& f, const std::string& name, Member& member) {
  if constexpr (std::is_invocable_v<F&, const std::string&, Member&>) {
    f(name, member);
  } else {
    throw option_error(
        "'" + name +
        "' is of another number type than what is done with it: a network is float or double as a whole");
  }
}
template <class F> struct EachParameter final : ModuleVisitor {
  explicit EachParameter(F& call) : f(call) {}
  void parameter(const std::string& name, Parameter<float>& p) override { call_with(f, name, p); }
  void parameter(const std::string& name, Parameter<double>& p) override { call_with(f, name, p); }
  F& f;
};
template <class F> struct EachBuffer final : ModuleVisitor {
  explicit EachBuffer(F& call) : f(call) {}
  void buffer(const std::string& name, Buffer<float>& b) override { call_with(f, name, b); }
  void buffer(const std::string& name, Buffer<double>& b) override { call_with(f, name, b); }
  void buffer(const std::string& name, Buffer<std::int64_t>& b) override { call_with(f, name, b); }
  F& f;
};
template <class F> struct EachModule final : ModuleVisitor {
  explicit EachModule(F& call) : f(call) {}
  void module(const std::string& path, const ModuleRef& module) override { f(path, module); }
  F& f;
};

/// Calls f(path, ModuleRef) for a module and all inside it.
template <class F> void for_each_module(const ModuleRef& module, F&& f) {
  EachModule<std::remove_reference_t<F>> visitor(f);
  walk(module, visitor);
}

}  // namespace detail

/// Calls f(name, parameter) for every parameter, in the order of fields(); names are PyTorch's
/// ("lstm.weight_ih_l0"). A lambda of `auto&` is compiled for parameters of float and of double: take
/// `Parameter<float>&` where its body is for one of them. Throws option_error for a parameter of the other.
template <class F> void for_each_parameter(const ModuleRef& module, F&& f) {
  detail::EachParameter<std::remove_reference_t<F>> visitor(f);
  detail::walk(module, visitor);
}

/// Calls f(name, buffer) for every buffer (running statistics): of float, double or std::int64_t, likewise.
template <class F> void for_each_buffer(const ModuleRef& module, F&& f) {
  detail::EachBuffer<std::remove_reference_t<F>> visitor(f);
  detail::walk(module, visitor);
}

/// Every parameter of a double-precision module, for check_gradient.
std::vector<CheckedValue> checked_values(const ModuleRef& module);

/// Sets the gradient of every parameter to zero.
void zero_gradients(const ModuleRef& module);

/// Number of trained numbers.
std::size_t parameter_count(const ModuleRef& module);

/// Freezes (or thaws) every parameter whose name begins with `group`: "lstm" or "lstm.weight_ih_l0"; "" is
/// all. Returns how many parameters it touched; zero means that no name begins so.
std::size_t set_trainable(const ModuleRef& module, std::string_view group, bool trainable);

/// Holds layers with a `training` member (dropout, batch norm) in inference behaviour even on a training
/// tape, or lets them follow the tape again.
void set_training(const ModuleRef& module, bool training);

/// What every layer that multiplies by weights (Lstm, Gru, Conv1d, Dense, ...) rounds its factors to: bf16
/// for speed on a CPU with a matrix unit or dot products, whatever the network was trained in; int8 for
/// faster predictions on every CPU; an Embedding then looks up rows of eight bits. Parameters keep their
/// floats. Throws option_error where a layer does not have the precision; all layers stay as they were then.
void set_precision(const ModuleRef& module, Precision precision);

/// Packs the weights of layers (Lstm, Rnn, Dense) for the kernels now and not in the first pass: calls
/// prepare() of every module that has one. Any number of threads may predict with one model at once, prepared
/// or not, while none trains, edits or saves it.
void prepare(const ModuleRef& module);

namespace detail {
/// Holds a module in f32 while it lives.
class InF32 {
 public:
  explicit InF32(const ModuleRef& module);
  ~InF32();
  InF32(const InF32&) = delete;
  InF32& operator=(const InF32&) = delete;

 private:
  template <class Body> void each(Body&& body) {
    for_each_module(module_, [&](const std::string&, const ModuleRef& m) {
      if (m.has_precision()) body(m);
    });
  }
  ModuleRef module_;
  std::vector<Precision> before_;
};
}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/module.ipp>
#endif

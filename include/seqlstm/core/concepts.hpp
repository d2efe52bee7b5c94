// What the library's templates ask of their arguments. Where a user's type meets one, a static_assert says in
// a sentence what is missing.
#pragma once

#include <concepts>
#include <seqlstm/core/abi.hpp>
#include <string_view>

SEQLSTM_NAMESPACE_BEGIN

/// The number types a model can be made of: float to train fast, double to check gradients.
template <class T>
concept Scalar = std::same_as<T, float> || std::same_as<T, double>;

namespace detail {
/// Takes any member, as every visitor of `fields` must.
struct AnyVisitor {
  template <class Member> void operator()(std::string_view, Member&) {}
};
}  // namespace detail

/// A struct with members and one function that hands each to a visitor: `template <class V> void fields(V&
/// v)`.
template <class M>
concept ModuleLike = requires(M& module, detail::AnyVisitor& visit) {
  module.fields(visit);
};

/// Has `forward(Tape<T>&, const Batch&)`, which runs the model on a batch.
template <class M, class Tape, class Batch>
concept RunsOn = requires(M& model, Tape& tape, const Batch& batch) {
  model.forward(tape, batch);
};

SEQLSTM_NAMESPACE_END

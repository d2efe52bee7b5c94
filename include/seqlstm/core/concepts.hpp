// What the library's templates ask of their arguments, each with the sentence a failed static_assert prints.
#pragma once

#include <concepts>
#include <seqlstm/core/abi.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// The number types a model can be made of: float to train fast, double to check gradients.
template <class T>
concept Scalar = std::same_as<T, float> || std::same_as<T, double>;

/// What `Module::fields` hands each member to: callable with a name and a member.
template <class V, class Member>
concept FieldVisitor = requires(V& visit, Member& member) {
  visit("name", member);
};

SEQLSTM_NAMESPACE_END

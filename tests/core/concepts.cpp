#include <seqlstm/core/concepts.hpp>
#include <seqlstm/nn/module.hpp>

#include "support/values.hpp"

using namespace seqlstm;

namespace {

// Archetypes: the least that satisfies a concept, and what just fails to.
/// The least module: no copy, no default argument, no virtual function.
struct LeastModule {
  Parameter<double> weight{1, 2};
  LeastModule() = default;
  LeastModule(const LeastModule&) = delete;
  LeastModule& operator=(const LeastModule&) = delete;
  template <class V> void fields(V& v) { v("weight", weight); }
};
struct ConstFields {  // visitors are handed in by reference
  template <class V> void fields(V&& v) = delete;
};
struct NoFields {};

struct AnyTape {};
struct AnyBatch {};
struct LeastModel {
  void forward(AnyTape&, const AnyBatch&) {}
};
struct ChangesBatch {
  void forward(AnyTape&, AnyBatch&) {}
};

}  // namespace

TEST_CASE("concepts: models are made of float or double and of nothing else") {
  STATIC_REQUIRE(Scalar<float>);
  STATIC_REQUIRE(Scalar<double>);
  STATIC_REQUIRE_FALSE(Scalar<long double>);
  STATIC_REQUIRE_FALSE(Scalar<int>);
  STATIC_REQUIRE_FALSE(Scalar<const float>);
  STATIC_REQUIRE_FALSE(Scalar<float&>);
}

TEST_CASE("concepts: a module hands its members to a visitor") {
  STATIC_REQUIRE(ModuleLike<LeastModule>);
  STATIC_REQUIRE_FALSE(ModuleLike<ConstFields>);
  STATIC_REQUIRE_FALSE(ModuleLike<NoFields>);
  STATIC_REQUIRE_FALSE(ModuleLike<int>);
}

TEST_CASE("concepts: a model runs on a tape and a batch it does not change") {
  STATIC_REQUIRE(RunsOn<LeastModel, AnyTape, AnyBatch>);
  STATIC_REQUIRE_FALSE(RunsOn<ChangesBatch, AnyTape, AnyBatch>);
  STATIC_REQUIRE_FALSE(RunsOn<NoFields, AnyTape, AnyBatch>);
}

TEST_CASE("concepts: the least module is enough for everything that walks modules") {
  LeastModule module;
  CHECK(parameter_count(module) == 2);
  CHECK(set_trainable(module, "weight", false) == 1);
  module.weight.gradient()(0, 1) = 3;
  zero_gradients(module);
  CHECK(module.weight.gradient()(0, 1) == 0);
  CHECK(checked_values(module).size() == 1);
}

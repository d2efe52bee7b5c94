#include <seqlstm/nn/module_ref.hpp>

#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/module.hpp>

#include "support/catch.hpp"

using namespace seqlstm;

namespace {

/// Has every member that a module may have.
struct Full {
  Parameter<float> weight{2};
  Buffer<std::int64_t> count{1};
  std::string name;
  bool training = true;
  bool prepared = false;
  Precision used = Precision::f32;
  std::uint64_t seed = 0;
  [[nodiscard]] Precision precision() const { return used; }
  void set_precision(Precision precision) { used = precision; }
  void initialize(RandomKey key) { seed = key.seed; }
  void prepare() { prepared = true; }
  template <class V> void fields(V& v) {
    v("weight", weight);
    v("count", count);
  }
};
/// Has none.
struct Plain {
  Parameter<double> weight{3};
  template <class V> void fields(V& v) { v("weight", weight); }
};
struct Tree {
  Plain first;
  Full second;
  template <class V> void fields(V& v) {
    v("first", first);
    v("second", second);
  }
};

/// What a walk meets, in its order.
struct Record final : detail::ModuleVisitor {
  std::vector<std::string> seen;
  void parameter(const std::string& name, Parameter<float>&) override { seen.push_back("float " + name); }
  void parameter(const std::string& name, Parameter<double>&) override { seen.push_back("double " + name); }
  void buffer(const std::string& name, Buffer<std::int64_t>&) override { seen.push_back("buffer " + name); }
  void module(const std::string& path, const ModuleRef&) override { seen.push_back("module " + path); }
};

}  // namespace

TEST_CASE("module_ref: reaches the members that a module has, and leaves out those it lacks") {
  Full full;
  const ModuleRef one(full);
  one.set_name("a.b");
  one.set_training(false);
  one.set_precision(Precision::bf16);
  one.initialize({7, 0, 0});
  one.prepare();
  CHECK(full.name == "a.b");
  CHECK_FALSE(full.training);
  CHECK(one.has_precision());
  CHECK(one.precision() == Precision::bf16);
  CHECK(one.draws());
  CHECK(full.seed == 7);
  CHECK(full.prepared);

  Plain plain;
  const ModuleRef none(plain);
  none.set_name("a.b");
  none.set_training(false);
  none.set_precision(Precision::bf16);
  none.initialize({7, 0, 0});
  none.prepare();
  CHECK_FALSE(none.has_precision());
  CHECK_FALSE(none.draws());
}

TEST_CASE("module_ref: a walk meets a module before its members, by their paths") {
  Tree tree;
  Record record;
  detail::walk(tree, record);
  CHECK(record.seen == std::vector<std::string>{"module ", "module first", "double first.weight",
                                                "module second", "float second.weight",
                                                "buffer second.count"});
  // A reference to a reference is one to the module.
  const ModuleRef once(tree), twice(once);
  Record again;
  detail::walk(twice, again);
  CHECK(again.seen == record.seen);
}

TEST_CASE("module_ref: what is for one number type refuses the other by name") {
  Tree tree;
  const auto only_floats = [](const std::string&, Parameter<float>&) {};
  CHECK_THROWS_WITH(for_each_parameter(tree, only_floats),
                    ContainsSubstring("'first.weight' is of another number type"));
}

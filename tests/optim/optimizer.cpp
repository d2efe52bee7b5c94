#include <seqlstm/optim/optimizer.hpp>

#include <seqlstm/ranks/thread_ranks.hpp>

#include "trajectory.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Two parameters, one of them larger than what is worth more than one thread.
template <class T> struct Pair {
  Parameter<T> head{3, 7};
  Parameter<T> body;
  explicit Pair(std::size_t size = 50) : body(size) {
    std::copy_n(random_values<T>(head.size(), 1).data(), head.size(), head.edit().data());
    std::copy_n(random_values<T>(size, 2).data(), size, body.edit().data());
  }
  template <class V> void fields(V& v) {
    v("head", head);
    v("body", body);
  }
  void set_gradients(std::uint64_t step) {
    for (auto* p : {&head, &body})
      std::copy_n(random_values<T>(p->size(), 10 + step).data(), p->size(), p->gradient().data());
  }
  std::vector<T> values() {
    auto all = copy_of(head.view());
    const auto rest = copy_of(body.view());
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
  }
};

struct Nothing {
  template <class V> void fields(V&) {}
};

/// The first parameter of a Pair.
struct Part {
  Parameter<float> head{3, 7};
  template <class V> void fields(V& v) { v("head", head); }
};

const std::vector<OptimizerSpec> every_rule = {sgd({.momentum = 0.9, .nesterov = true, .weight_decay = 0.1}),
                                               adam({.weight_decay = 0.1}), adamw(), rmsprop()};

template <class T>
void run(Pair<T>& model, Optimizer<T>& optimizer, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t s = first; s < last; ++s) {
    model.set_gradients(s);
    optimizer.step(model, 0.01 / double(s + 1));
  }
}

}  // namespace

TEST_CASE("optimizer: a copy of its state continues bit for bit") {
  for (const auto& spec : every_rule) {
    Pair<float> through;
    Optimizer<float> optimizer(spec);
    run(through, optimizer, 0, 8);

    Pair<float> first;
    Optimizer<float> before(spec), after(spec);
    run(first, before, 0, 3);
    Pair<float> second = first;
    after.state = before.state;  // what a checkpoint holds
    run(second, after, 3, 8);
    CHECK(same_bits(through.values(), second.values()));
    CHECK(first.values() != second.values());
  }
}

TEST_CASE("optimizer: without its state a resumed run differs") {
  Pair<float> through, fresh;
  Optimizer<float> optimizer(adam()), other(adam());
  run(through, optimizer, 0, 3);
  fresh = through;
  run(through, optimizer, 3, 4);
  run(fresh, other, 3, 4);
  CHECK_FALSE(same_bits(through.values(), fresh.values()));
}

TEST_CASE("optimizer: same bits for any number of threads") {
  for (const auto& spec : every_rule) {
    check_threads([&] {
      Pair<float> model((std::size_t{1} << 16U) + 21);
      Optimizer<float> optimizer(spec);
      run(model, optimizer, 0, 2);
      return model.values();
    });
  }
}

TEST_CASE("optimizer: a frozen parameter is left alone, and its count of updates starts when it thaws") {
  for (const auto& spec : every_rule) {
    Pair<double> frozen, free;
    frozen.body.trainable = false;
    const auto body = copy_of(frozen.body.view());
    Optimizer<double> optimizer(spec), other(spec);
    run(frozen, optimizer, 0, 3);
    CHECK(same_bits(copy_of(frozen.body.view()), body));
    CHECK(frozen.values() != free.values());
    CHECK(optimizer.state[0].updates == 3);
    CHECK(optimizer.state[1].updates == 0);

    frozen.body.trainable = true;
    for (const auto& [model, owner] : {std::pair{&frozen, &optimizer}, std::pair{&free, &other}}) {
      model->set_gradients(7);
      owner->step(*model, 0.01);
    }
    CHECK(same_bits(copy_of(frozen.body.view()), copy_of(free.body.view())));
  }
}

TEST_CASE("optimizer: a factor scales the rate of single parameters") {
  Pair<double> scaled, slow, fast;
  Optimizer<double> a(adamw()), b(adamw()), c(adamw());
  for (auto* model : {&scaled, &slow, &fast}) model->set_gradients(1);
  a.step(scaled, 0.1, {}, [](const std::string& name) { return name == "head" ? 0.5 : 1.0; });
  b.step(slow, 0.05);
  c.step(fast, 0.1);
  CHECK(same_bits(copy_of(scaled.head.view()), copy_of(slow.head.view())));
  CHECK(same_bits(copy_of(scaled.body.view()), copy_of(fast.body.view())));
  CHECK(copy_of(slow.head.view()) != copy_of(fast.head.view()));
}

TEST_CASE("optimizer: a factor scales the momentum of single parameters, the schedule's or the rule's") {
  const auto half_head = [](const std::string& name) { return LrScale(1, name == "head" ? 0.5 : 1.0); };
  for (const auto& [rule, halved] : {std::pair{sgd({.momentum = 0.8}), sgd({.momentum = 0.4})},
                                     std::pair{adamw({.beta1 = 0.8}), adamw({.beta1 = 0.4})}})
    for (const std::optional<double> momentum : {std::optional<double>(), std::optional(0.6)}) {
      Pair<double> scaled, light, heavy;
      Optimizer<double> a(rule), b(halved), c(rule);
      const auto half = momentum ? std::optional(0.5 * *momentum) : momentum;
      for (int i = 1; i <= 3; ++i) {
        for (auto* model : {&scaled, &light, &heavy}) model->set_gradients(static_cast<std::uint64_t>(i));
        a.step(scaled, 0.1, momentum, half_head);
        b.step(light, 0.1, half);
        c.step(heavy, 0.1, momentum);
      }
      CHECK(same_bits(copy_of(scaled.head.view()), copy_of(light.head.view())));
      CHECK(same_bits(copy_of(scaled.body.view()), copy_of(heavy.body.view())));
      CHECK(copy_of(light.head.view()) != copy_of(heavy.head.view()));
    }
}

TEST_CASE("optimizer: an update makes packed weights stale") {
  Pair<float> model;
  const auto version = model.head.version();
  Optimizer<float> optimizer(sgd());
  optimizer.step(model);
  CHECK(model.head.version() > version);
}

TEST_CASE("optimizer: its arrays are allocated at the first step and stay") {
  Pair<float> model;
  Optimizer<float> optimizer(adam());
  CHECK(optimizer.state.empty());
  run(model, optimizer, 0, 1);
  const float* moments = optimizer.state[1].second.data();
  const auto* state = optimizer.state.data();
  run(model, optimizer, 1, 4);
  CHECK(optimizer.state.data() == state);
  CHECK(optimizer.state[1].second.data() == moments);
  CHECK(optimizer.state[0].name == "head");
  CHECK(optimizer.state[1].first.size() == 50);
  Optimizer<float> one_array(rmsprop());
  one_array.step(model);
  CHECK(one_array.state[1].second.empty());
}

TEST_CASE("optimizer: an empty parameter and a model without parameters are legal") {
  Pair<float> model(0);
  Optimizer<float> optimizer(adam());
  run(model, optimizer, 0, 2);
  CHECK(optimizer.state[1].updates == 2);
  Nothing nothing;
  Optimizer<float> idle(adam());
  idle.step(nothing);
  CHECK(idle.state.empty());
}

TEST_CASE("optimizer: a rate that is no rate") {
  Pair<float> model;
  Optimizer<float> optimizer(adam());
  const auto before = model.values();
  CHECK(option_message([&] { optimizer.step(model, std::nan("")); }) ==
        "optimizer: the learning rate is nan, expected a finite number of at least 0, for instance 1e-3");
  CHECK(option_message([&] { optimizer.step(model, 0.1, 1.0); }) ==
        "optimizer: the momentum is 1, expected at least 0 and below 1");
  CHECK(option_message([&] { optimizer.step(model, 0.1, {}, [](const std::string&) { return -1.0; }); }) ==
        "optimizer: 'head': the learning rate is -0.1, expected a finite number of at least 0, for instance "
        "1e-3");
  CHECK(option_message([&] {
          optimizer.step(model, 0.1, {}, [](const std::string&) { return LrScale(1, 2); });
        }) == "optimizer: 'head': the momentum is 1.8, expected at least 0 and below 1");
  CHECK(same_bits(before, model.values()));
}

TEST_CASE("optimizer: the state of another model is refused") {
  Pair<float> model, larger(51);
  OneVector<float> one({1.0F, 2.0F});
  Optimizer<float> optimizer(adam());
  optimizer.step(model);
  CHECK(support::message_of<shape_error>([&] { optimizer.step(larger); }) ==
        "optimizer: parameter 'body' of 51 numbers does not fit the state of 'body' with 50; the optimizer "
        "belongs to another model");
  CHECK(support::message_of<shape_error>([&] { optimizer.step(one); }) ==
        "optimizer: parameter 'weights' of 2 numbers does not fit the state of 'head' with 21; the optimizer "
        "belongs to another model");
  Part part;
  CHECK(support::message_of<shape_error>([&] { optimizer.step(part); }) ==
        "optimizer: the model has 1 parameters, the state 2; the optimizer belongs to another model");
}

TEST_CASE(
    "optimizer: ranks that split its state step as one does, frozen parameters left out, and gather it") {
  for (const auto& spec : every_rule) {
    Pair<float> alone;
    alone.head.trainable = false;
    Optimizer<float> whole(spec);
    run(alone, whole, 0, 4);
    constexpr std::size_t ranks = 3;
    std::vector<std::vector<float>> weights(ranks), first(ranks);
    std::vector<int> whole_at(ranks);
    run_as_ranks(ranks, [&](Communicator& communicator) {
      Pair<float> model;
      model.head.trainable = false;
      Optimizer<float> optimizer(spec);
      run(model, optimizer, 0, 2);
      optimizer.split_over(communicator);  // from a whole state
      run(model, optimizer, 2, 4);
      weights[communicator.rank()] = model.values();
      optimizer.gather_state(model);
      whole_at[communicator.rank()] = optimizer.is_whole(model) ? 1 : 0;
      const auto kept = optimizer.state[1].first.span();
      first[communicator.rank()] = {kept.begin(), kept.end()};
    });
    for (const auto& found : weights) CHECK(same_bits(found, alone.values()));
    CHECK(whole_at == std::vector<int>{1, 0, 0});
    const auto expected = whole.state[1].first.span();
    CHECK(same_bits(first[0], std::vector<float>(expected.begin(), expected.end())));
    CHECK(first[1].size() == expected.size() / ranks + (expected.size() % ranks == 2 ? 1 : 0));
  }
}

TEST_CASE("optimizer: a part of a state is not taken for a whole one, and other rates have other digests") {
  std::vector<std::string> told(2);
  std::vector<std::uint64_t> digests(2);
  run_as_ranks(2, [&](Communicator& communicator) {
    Pair<float> model;
    Optimizer<float> optimizer(adam());
    optimizer.split_over(communicator);
    model.set_gradients(0);
    optimizer.step(model, communicator.rank() == 0 ? 0.01 : 0.02);
    digests[communicator.rank()] = optimizer.rates_digest();
    optimizer.split_over({});
    told[communicator.rank()] = support::message_of<shape_error>([&] { optimizer.step(model, 0.01); });
  });
  CHECK(told[0].starts_with("optimizer: of 'head' this rank has a part of 10 numbers, expected 21; "));
  CHECK(digests[0] != digests[1]);
}

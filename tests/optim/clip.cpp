#include <seqlstm/optim/clip.hpp>

#include "support/paths.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Gradients 3 in `a`, 0 in `frozen`, 4 in `b`: norm 5.
template <class T> struct ThreeFour {
  Parameter<T> a{1}, frozen{2}, b{2, 1};
  ThreeFour() {
    frozen.trainable = false;
    a.gradient()(0, 0) = T(3);
    b.gradient()(1, 0) = T(-4);
    frozen.gradient()(0, 1) = T(100);
  }
  template <class V> void fields(V& v) {
    v("a", a);
    v("frozen", frozen);
    v("b", b);
  }
};

struct OneGradient {
  Parameter<float> p;
  template <class V> void fields(V& v) { v("p", p); }
};

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("clip: the norm counts trainable parameters only") {
  ThreeFour<float> model;
  CHECK(gradient_norm(model) == 5.0);
  model.frozen.trainable = true;
  CHECK(gradient_norm(model) == Approx(std::sqrt(10025.0)).epsilon(1e-15));
}

TEST_CASE("clip: the norm of many gradients is that of a plain sum, in float too") {
  for (const std::size_t count : {1U, 7U, 8U, 9U, 1000U}) {
    OneGradient model{Parameter<float>(count)};
    const auto values = random_values<float>(count, count);
    std::copy(values.begin(), values.end(), model.p.gradient().data());
    long double sum = 0;
    for (const float v : values) sum += static_cast<long double>(v) * v;
    CHECK(gradient_norm(model) == Approx(static_cast<double>(std::sqrt(sum))).epsilon(1e-14));
  }
}

TEST_CASE("clip: by norm scales all gradients alike, as PyTorch does, and returns the norm before") {
  ThreeFour<double> model;
  CHECK(clip_gradient_norm(model, 2.5) == 5.0);
  CHECK(model.a.gradient()(0, 0) == Approx(3 * 2.5 / (5 + 1e-6)).epsilon(1e-15));
  CHECK(model.b.gradient()(1, 0) == Approx(-4 * 2.5 / (5 + 1e-6)).epsilon(1e-15));
  CHECK(model.frozen.gradient()(0, 1) == 100);
  CHECK(gradient_norm(model) < 2.5);
}

TEST_CASE("clip: by norm leaves smaller gradients alone, to the bit") {
  ThreeFour<float> model;
  CHECK(clip_gradient_norm(model, 5.1) == 5.0);
  CHECK(model.a.gradient()(0, 0) == 3.0F);
  CHECK(clip_gradient_norm(model, infinity) == 5.0);
  CHECK(model.b.gradient()(1, 0) == -4.0F);
  zero_gradients(model);
  CHECK(clip_gradient_norm(model, 1e-9) == 0.0);
}

TEST_CASE("clip: by value cuts both signs and keeps NaN") {
  ThreeFour<float> model;
  model.b.gradient()(0, 0) = std::numeric_limits<float>::quiet_NaN();
  clip_gradient_value(model, 3.5);
  CHECK(model.a.gradient()(0, 0) == 3.0F);
  CHECK(model.b.gradient()(1, 0) == -3.5F);
  CHECK(std::isnan(model.b.gradient()(0, 0)));
  model.a.gradient()(0, 0) = static_cast<float>(infinity);
  clip_gradient_value(model, 3.5);
  CHECK(model.a.gradient()(0, 0) == 3.5F);
}

TEST_CASE("clip: a norm that is not finite names the first parameter to blame") {
  for (const double bad : {infinity, -infinity, std::nan("")}) {
    ThreeFour<float> model;
    model.b.gradient()(0, 0) = static_cast<float>(bad);
    const std::string message =
        "the gradient of 'b' is not finite; lower the learning rate, clip gradients, or look for NaN in the "
        "data";
    CHECK(support::message_of<numeric_error>([&] { gradient_norm(model); }) == message);
    CHECK(support::message_of<numeric_error>([&] { clip_gradient_norm(model, 1); }) == message);
    CHECK(model.a.gradient()(0, 0) == 3.0F);
    model.a.gradient()(0, 0) = static_cast<float>(bad);
    CHECK_THAT(support::message_of<numeric_error>([&] { gradient_norm(model); }),
               ContainsSubstring("the gradient of 'a' "));
  }
}

TEST_CASE("clip: large float gradients do not overflow the norm") {
  ThreeFour<float> model;
  model.a.gradient()(0, 0) = 3e38F;
  CHECK(gradient_norm(model) == Approx(3e38).epsilon(1e-6));
}

TEST_CASE("clip: limits out of range") {
  ThreeFour<float> model;
  CHECK(support::message_of<option_error>([&] { clip_gradient_norm(model, 0); }) ==
        "clip: the norm's limit is 0, expected a number above 0");
  CHECK(support::message_of<option_error>([&] { clip_gradient_norm(model, std::nan("")); }) ==
        "clip: the norm's limit is nan, expected a number above 0");
  CHECK(support::message_of<option_error>([&] { clip_gradient_value(model, -1); }) ==
        "clip: the value's limit is -1, expected a number above 0");
}

#include <seqlstm/kernels/math.hpp>

#include <bit>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

// The same functions in a wider type; glibc's are right to well below an ULP of the narrower one.
template <class T> using Wider = std::conditional_t<std::is_same_v<T, float>, double, long double>;

struct ExpCase {
  static constexpr auto kernel = [](const auto& x) { return kernels::exp(x); };
  template <class W> static W truth(W x) { return std::exp(x); }
};
struct SigmoidCase {
  static constexpr auto kernel = [](const auto& x) { return kernels::sigmoid(x); };
  template <class W> static W truth(W x) { return 1 / (1 + std::exp(-x)); }
};
struct TanhCase {
  static constexpr auto kernel = [](const auto& x) { return kernels::tanh(x); };
  template <class W> static W truth(W x) { return std::tanh(x); }
};

/// |value - truth| in units in the last place of T at the truth.
template <class T> double ulp_error(T value, Wider<T> truth) {
  int exponent = 0;
  std::frexp(truth, &exponent);
  exponent = std::max(exponent, std::numeric_limits<T>::min_exponent);
  return static_cast<double>(
      std::ldexp(std::abs(Wider<T>(value) - truth), std::numeric_limits<T>::digits - exponent));
}

/// The largest error over inputs, and where it was found.
template <class T> struct Worst {
  double error = 0;
  T input = 0;
};

/// Feeds next() numbers into the kernel, a vector at a time, until `count` are done.
template <class Case, class T, class Next> Worst<T> measure(std::size_t count, Next next) {
  using V = kernels::Vec<T, kernels::DefaultArch>;
  Worst<T> worst;
  T in[V::size], out[V::size];
  for (std::size_t done = 0; done < count; done += V::size) {
    for (auto& x : in) x = next();
    kernels::store(out, V(Case::kernel(kernels::load<V>(in))));
    for (std::size_t i = 0; i < V::size; ++i) {
      const double error = ulp_error<T>(out[i], Case::truth(Wider<T>(in[i])));
      if (!(error <= worst.error)) worst = {error, in[i]};
    }
  }
  return worst;
}

/// Half of the sample with equally spaced values, half with equally spaced bit patterns (all magnitudes).
template <class Case, class T> void check_bound(T low, T high, double bound) {
  constexpr std::size_t count = 1U << 19U;
  const double step = (double{high} - double{low}) / double(count - 1);
  std::size_t i = 0;
  const auto spaced = measure<Case, T>(
      count, [&] { return std::min(high, static_cast<T>(double{low} + step * double(i++))); });
  RandomStream random(1);
  const double smallest = std::log(double{std::numeric_limits<T>::min()});
  const auto magnitudes = measure<Case, T>(count, [&] {
    const double limit = random.below(2) == 0 ? double{low} : double{high};
    const double largest = std::log(std::abs(limit));
    return static_cast<T>(std::copysign(std::exp(random.uniform(smallest, largest)), limit));
  });
  const auto& worst = spaced.error > magnitudes.error ? spaced : magnitudes;
  INFO("worst of the sample: " << worst.error << " ULP at " << worst.input);
  CHECK(worst.error <= bound);
  CHECK(worst.error > 0.5);  // the measure itself works: nothing here is rounded correctly everywhere
}

/// Every float in [low, high].
template <class Case> void check_every_float(float low, float high, double bound) {
  const auto walk = [&](float from, float sign) {
    std::uint32_t bits = 0;
    const auto last = std::bit_cast<std::uint32_t>(std::abs(from));
    return measure<Case, float>(last + 1,
                                [&] { return sign * std::bit_cast<float>(std::min(bits++, last)); });
  };
  const auto below = low < 0 ? walk(low, -1.0F) : Worst<float>{}, above = walk(high, 1.0F);
  const auto& worst = below.error > above.error ? below : above;
  INFO("worst of all: " << worst.error << " ULP at " << worst.input);
  WARN("worst of all: " << worst.error << " ULP at " << worst.input);
  CHECK(worst.error <= bound);
}

template <class T, class F> T at(F f, T x) {
  using V = kernels::Vec<T, kernels::DefaultArch>;
  T lanes[V::size];
  kernels::store(lanes, V(f(V(x))));
  for (const T lane : lanes)
    REQUIRE(std::bit_cast<std::array<std::byte, sizeof(T)>>(lane) ==
            std::bit_cast<std::array<std::byte, sizeof(T)>>(lanes[0]));
  return lanes[0];
}

// The bounds and ranges that the comments of kernels/math.hpp state.
constexpr double exp_bound = 1.5, sigmoid_bound = 2.5, tanh_bound = 3;
constexpr float largest_exp = 88.72283F;
constexpr double largest_exp_double = 709.78271289338397;

}  // namespace

TEST_CASE("math: exp is within its stated bound over its stated range") {
  check_bound<ExpCase, float>(-86.6F, largest_exp, exp_bound);
  check_bound<ExpCase, double>(-707.0, largest_exp_double, exp_bound);
}

TEST_CASE("math: sigmoid is within its stated bound over its stated range") {
  check_bound<SigmoidCase, float>(-86.0F, 86.0F, sigmoid_bound);
  check_bound<SigmoidCase, double>(-700.0, 700.0, sigmoid_bound);
}

TEST_CASE("math: tanh is within its stated bound everywhere") {
  check_bound<TanhCase, float>(-12.0F, 12.0F, tanh_bound);
  check_bound<TanhCase, double>(-24.0, 24.0, tanh_bound);
  check_bound<TanhCase, float>(-3e38F, 3e38F, tanh_bound);
  check_bound<TanhCase, double>(-0.4, 0.4, tanh_bound);
}

TEST_CASE("math: exp of every float", "[.][exhaustive]") {
  check_every_float<ExpCase>(-86.6F, largest_exp, exp_bound);
}
TEST_CASE("math: sigmoid of every float", "[.][exhaustive]") {
  check_every_float<SigmoidCase>(-86.0F, 86.0F, sigmoid_bound);
}
TEST_CASE("math: tanh of every float", "[.][exhaustive]") {
  check_every_float<TanhCase>(-20.0F, 20.0F, tanh_bound);  // +-1 from 9.1 on
}

TEMPLATE_TEST_CASE("math: NaN passes through, in its own lane only", "", float, double) {
  using T = TestType;
  using V = kernels::Vec<T, kernels::DefaultArch>;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  CHECK(std::isnan(at(kernels::exp, nan)));
  CHECK(std::isnan(at(kernels::sigmoid, nan)));
  CHECK(std::isnan(at(kernels::tanh, nan)));
  CHECK(std::isnan(at(kernels::tanh, -nan)));
  for (std::size_t bad = 0; bad < V::size; ++bad) {
    T lanes[V::size] = {};
    lanes[bad] = nan;
    const V x = kernels::load<V>(lanes);
    for (const V& y : {V(kernels::exp(x)), V(kernels::sigmoid(x)), V(kernels::tanh(x))}) {
      kernels::store(lanes, y);
      for (std::size_t i = 0; i < V::size; ++i) REQUIRE(std::isnan(lanes[i]) == (i == bad));
    }
  }
}

TEMPLATE_TEST_CASE("math: ends of the ranges", "", float, double) {
  using T = TestType;
  constexpr T inf = std::numeric_limits<T>::infinity(), largest = std::numeric_limits<T>::max();
  constexpr bool single = std::is_same_v<T, float>;
  const T limit = single ? T(86) : T(700), overflow = single ? T(88.73) : T(709.79),
          underflow = single ? T(-86.7) : T(-707.1);
  CHECK(at(kernels::exp, T(0)) == T(1));
  CHECK(at(kernels::exp, -inf) == T(0));
  CHECK(at(kernels::exp, -largest) == T(0));
  CHECK(at(kernels::exp, underflow) == T(0));
  CHECK(at(kernels::exp, inf) == inf);
  CHECK(at(kernels::exp, largest) == inf);
  CHECK(at(kernels::exp, overflow) == inf);
  CHECK(std::isfinite(at(kernels::exp, single ? T(largest_exp) : T(largest_exp_double))));

  CHECK(at(kernels::sigmoid, T(0)) == T(0.5));
  CHECK(at(kernels::sigmoid, inf) == T(1));
  CHECK(at(kernels::sigmoid, largest) == T(1));
  CHECK(at(kernels::sigmoid, -inf) == at(kernels::sigmoid, -limit));
  CHECK(at(kernels::sigmoid, -largest) == at(kernels::sigmoid, -limit));
  CHECK(at(kernels::sigmoid, -inf) > T(0));

  CHECK(at(kernels::tanh, T(0)) == T(0));
  for (const T x : {T(20), largest, inf}) {
    CHECK(at(kernels::tanh, x) == T(1));
    CHECK(at(kernels::tanh, -x) == T(-1));
  }
}

TEMPLATE_TEST_CASE("math: tanh and sigmoid never leave their ranges", "", float, double) {
  using T = TestType;
  for (int i = -4000; i <= 4000; ++i) {
    const T x = static_cast<T>(i) / 160;
    const T s = at(kernels::sigmoid, x), t = at(kernels::tanh, x);
    REQUIRE((s > T(0) && s <= T(1)));
    REQUIRE((t >= T(-1) && t <= T(1)));
  }
}

TEST_CASE("math: denormals are as good as zero") {
  const float tiny = 1e-41F;
  CHECK(at(kernels::exp, tiny) == 1.0F);
  CHECK(at(kernels::sigmoid, -tiny) == 0.5F);
  CHECK(std::abs(at(kernels::tanh, tiny)) <= 2 * tiny);
}

TEST_CASE("math: the rough functions' errors are what they say, and NaN passes through") {
  using V = kernels::Vec<float, kernels::DefaultArch>;
  double worst_sigmoid = 0, worst_tanh = 0, worst_keep = 0;
  for (double x = -120; x < 120; x += 1.0 / 512) {
    const auto value = static_cast<float>(x);
    const double exact = double{value};
    float lanes[V::size];
    const double sigmoid = 1 / (1 + std::exp(-exact));
    kernels::store(lanes, kernels::RoughFunctions::sigmoid(V(value)));
    worst_sigmoid = std::max(worst_sigmoid, std::abs(double{lanes[0]} - sigmoid));
    kernels::store(lanes, kernels::RoughFunctions::keep(V(value)));
    worst_keep = std::max(worst_keep, std::abs(double{lanes[0]} - sigmoid));
    kernels::store(lanes, kernels::RoughFunctions::tanh(V(value)));
    worst_tanh = std::max(worst_tanh, std::abs(double{lanes[0]} - std::tanh(exact)));
  }
  CHECK(worst_sigmoid < 1e-4);
  CHECK(worst_tanh < 1e-5);
  CHECK(worst_keep < 3e-6);
  const float infinity = std::numeric_limits<float>::infinity();
  float zero[V::size];
  kernels::store(zero, kernels::RoughFunctions::tanh(V(0.0F)));
  CHECK(zero[0] == 0);
  const auto first = [](const V& v) {
    float lanes[V::size];
    kernels::store(lanes, v);
    return lanes[0];
  };
  CHECK(std::isnan(first(kernels::RoughFunctions::sigmoid(V(std::nanf(""))))));
  CHECK(std::isnan(first(kernels::RoughFunctions::tanh(V(std::nanf(""))))));
  CHECK(std::isnan(first(kernels::RoughFunctions::keep(V(std::nanf(""))))));
  CHECK(std::abs(first(kernels::RoughFunctions::keep(V(infinity))) - 1) < 3e-6F);
  CHECK(std::abs(first(kernels::RoughFunctions::keep(V(-infinity)))) < 3e-6F);
  CHECK(std::abs(first(kernels::RoughFunctions::sigmoid(V(infinity))) - 1) < 1e-4F);
  CHECK(std::abs(first(kernels::RoughFunctions::sigmoid(V(-infinity)))) < 1e-4F);
  CHECK(std::abs(first(kernels::RoughFunctions::tanh(V(infinity))) - 1) < 1e-5F);
  CHECK(std::abs(first(kernels::RoughFunctions::tanh(V(-infinity))) + 1) < 1e-5F);
}

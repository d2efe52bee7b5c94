#include <seqlstm/kernels/simd.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <numeric>
#include <seqlstm/core/float_env.hpp>

#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// A page of numbers between two pages that nobody may touch: reading or writing one too many ends the test.
template <class T> class FencedPage {
 public:
  FencedPage() : bytes_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))) {
    void* place = ::mmap(nullptr, 3 * bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(place != MAP_FAILED);
    start_ = static_cast<std::byte*>(place);
    REQUIRE(::mprotect(start_ + bytes_, bytes_, PROT_READ | PROT_WRITE) == 0);
  }
  FencedPage(const FencedPage&) = delete;
  FencedPage& operator=(const FencedPage&) = delete;
  ~FencedPage() { ::munmap(start_, 3 * bytes_); }

  [[nodiscard]] T* begin() const { return reinterpret_cast<T*>(start_ + bytes_); }
  [[nodiscard]] T* end() const { return reinterpret_cast<T*>(start_ + 2 * bytes_); }

 private:
  std::size_t bytes_;
  std::byte* start_ = nullptr;
};

template <class T> using Lanes = std::vector<T>;
template <class T> using V = kernels::Vec<T, kernels::DefaultArch>;

template <class T> Lanes<T> lanes_of(const V<T>& v) {
  Lanes<T> lanes(V<T>::size);
  kernels::store(lanes.data(), v);
  return lanes;
}

/// 1, 2, 3, ..., `count` of them, then zeros up to a vector.
template <class T> Lanes<T> counting(std::size_t count) {
  Lanes<T> lanes(V<T>::size);
  for (std::size_t i = 0; i < std::min(count, lanes.size()); ++i) lanes[i] = static_cast<T>(i + 1);
  return lanes;
}

template <class T> void check_partial_load() {
  const FencedPage<T> page;
  for (std::size_t count = 0; count <= V<T>::size; ++count) {
    INFO(count << " of " << V<T>::size << " elements");
    for (T* place : {page.begin(), page.end() - count}) {  // before the page, and behind it
      std::copy_n(counting<T>(count).begin(), count, place);
      CHECK(lanes_of<T>(kernels::load_partial<V<T>>(static_cast<const T*>(place), count)) ==
            counting<T>(count));
    }
  }
  Lanes<T> longer(V<T>::size + 2);
  std::iota(longer.begin(), longer.end(), T(1));
  CHECK(lanes_of<T>(kernels::load_partial<V<T>>(longer.data(), longer.size())) == counting<T>(V<T>::size));
}

template <class T> void check_partial_store() {
  const FencedPage<T> page;
  const Lanes<T> full = counting<T>(V<T>::size);
  const V<T> v = kernels::load<V<T>>(full.data());
  for (std::size_t count = 0; count <= V<T>::size + 1; ++count) {
    INFO(count << " of " << V<T>::size << " elements");
    const std::size_t written = std::min(count, full.size());
    Lanes<T> memory(3 * V<T>::size, T(77)), expected = memory;
    kernels::store_partial(memory.data() + V<T>::size, v, count);
    std::copy_n(full.begin(), written, expected.begin() + static_cast<std::ptrdiff_t>(V<T>::size));
    CHECK(memory == expected);
    T* last = page.end() - written;
    kernels::store_partial(last, v, count);
    CHECK(std::equal(last, page.end(), full.begin()));
  }
}

template <class T> void check_unaligned() {
  const auto source = random_values<T>(3 * V<T>::size, 1);
  for (std::size_t offset = 0; offset <= V<T>::size; ++offset) {
    INFO("offset " << offset);
    const V<T> v = kernels::load<V<T>>(source.data() + offset);
    const auto from = source.begin() + static_cast<std::ptrdiff_t>(offset);
    CHECK(lanes_of<T>(v) == Lanes<T>(from, from + static_cast<std::ptrdiff_t>(V<T>::size)));
    Lanes<T> target(3 * V<T>::size), expected = target;
    kernels::store(target.data() + offset, v);
    std::copy_n(from, V<T>::size, expected.begin() + static_cast<std::ptrdiff_t>(offset));
    CHECK(target == expected);
    const std::size_t some = V<T>::size - 1;
    Lanes<T> part = lanes_of<T>(kernels::load_partial<V<T>>(source.data() + offset, some));
    CHECK(std::equal(part.begin(), part.begin() + static_cast<std::ptrdiff_t>(some), from));
    CHECK(part.back() == 0);
  }
}

/// The heights with_height<Max> takes for 1, 2, 3, ... rows.
template <std::size_t Max> std::vector<std::size_t> heights(std::size_t rows) {
  std::vector<std::size_t> found;
  for (std::size_t r = 1; r <= rows; ++r)
    kernels::with_height<Max>(r, [&](auto height) {
      static_assert(decltype(height)::value <= Max);
      found.push_back(height);
    });
  return found;
}

}  // namespace

TEST_CASE("simd: a vector has the lanes of its instruction set") {
  CHECK(kernels::width<float, kernels::DefaultArch> == 2 * kernels::width<double, kernels::DefaultArch>);
  CHECK(kernels::width<float, kernels::DefaultArch> >= 4);
  CHECK(kernels::tile_rows<kernels::DefaultArch> ==
        (kernels::has_32_registers<kernels::DefaultArch> ? std::size_t{6} : std::size_t{2}));
}

TEST_CASE("simd: a partial load reads its elements and no further, zeros behind them") {
  check_partial_load<float>();
  check_partial_load<double>();
}

TEST_CASE("simd: a partial store writes its elements and no further") {
  check_partial_store<float>();
  check_partial_store<double>();
}

TEST_CASE("simd: loads and stores take any address") {
  check_unaligned<float>();
  check_unaligned<double>();
}

TEST_CASE("simd: a tile is as high as fits, but 8 rows are two of 4") {
  using Sizes = std::vector<std::size_t>;
  CHECK(heights<6>(9) == Sizes{1, 2, 2, 4, 4, 6, 6, 4, 6});
  CHECK(heights<4>(6) == Sizes{1, 2, 2, 4, 4, 4});
  CHECK(heights<2>(4) == Sizes{1, 2, 2, 2});
  CHECK(heights<1>(3) == Sizes{1, 1, 1});
}

TEST_CASE("simd: as many vectors as a panel has") {
  std::vector<std::size_t> found;
  for (std::size_t vectors = 1; vectors <= 4; ++vectors)
    kernels::with_vectors(vectors, [&](auto count) { found.push_back(count); });
  CHECK(found == std::vector<std::size_t>{1, 2, 3, 4});
}

TEST_CASE("simd: an unrolled loop runs once for every number, in order") {
  std::vector<std::size_t> order;
  kernels::unrolled<5>([&](auto i) {
    constexpr std::size_t known = decltype(i)::value;
    order.push_back(known);
  });
  CHECK(order == std::vector<std::size_t>{0, 1, 2, 3, 4});
  kernels::unrolled<0>([&](auto) { order.clear(); });
  CHECK(order.size() == 5);
}

TEST_CASE("simd: fma is a * b + c, fnma c - a * b") {
  const auto check = []<class T>(T) {
    const V<T> a(T(3)), b(T(5)), c(T(2));
    CHECK(lanes_of<T>(kernels::fma(a, b, c)) == Lanes<T>(V<T>::size, T(17)));
    CHECK(lanes_of<T>(kernels::fnma(a, b, c)) == Lanes<T>(V<T>::size, T(-13)));
  };
  check(float{});
  check(double{});
}

TEST_CASE("simd: division that rounds up") {
  CHECK(kernels::ceil_div<std::size_t>(0, 8) == 0);
  CHECK(kernels::ceil_div<std::size_t>(1, 8) == 1);
  CHECK(kernels::ceil_div<std::size_t>(8, 8) == 1);
  CHECK(kernels::ceil_div<std::size_t>(9, 8) == 2);
}

#if defined(__FMA__) || defined(__AVX512F__) || defined(__ARM_FEATURE_FMA)
TEMPLATE_TEST_CASE("simd: fma and fnma round once where the instruction set can", "", float, double) {
  using V = kernels::Vec<TestType, kernels::DefaultArch>;
  const TestType small = std::is_same_v<TestType, float> ? TestType(0x1p-12) : TestType(0x1p-27);
  // (1 + s)(1 - s) is 1 - s^2, which alone would be rounded to 1.
  volatile TestType more = 1 + small, less = 1 - small;
  const auto first = [](const V& v) {
    TestType lanes[V::size];
    kernels::store(lanes, v);
    return lanes[0];
  };
  CHECK(first(kernels::fma(V(more), V(less), V(TestType(-1)))) == -small * small);
  CHECK(first(kernels::fnma(V(more), V(less), V(TestType(1)))) == small * small);
}
#endif

// A scalar's division and square root are rounded correctly everywhere (IEEE 754).
TEMPLATE_TEST_CASE("simd: division and square root are rounded correctly", "", float, double) {
  using T = TestType;
  RandomStream random(5);
  Lanes<T> a(V<T>::size), b(V<T>::size), quotients(V<T>::size), roots(V<T>::size);
  for (int round = 0; round < 20000; ++round) {
    for (std::size_t k = 0; k < V<T>::size; ++k) {
      a[k] = static_cast<T>(std::exp2(random.uniform(-60, 60)));
      b[k] = static_cast<T>(std::exp2(random.uniform(-60, 60)));
      quotients[k] = a[k] / b[k];
      roots[k] = std::sqrt(a[k]);
    }
    const V<T> x = kernels::load<V<T>>(a.data());
    REQUIRE(lanes_of<T>(kernels::divide(x, kernels::load<V<T>>(b.data()))) == quotients);
    REQUIRE(lanes_of<T>(kernels::divide(x, x)) == Lanes<T>(V<T>::size, T(1)));
    REQUIRE(lanes_of<T>(kernels::sqrt(x)) == roots);
  }
}

TEMPLATE_TEST_CASE("simd: division and square root at the ends of the numbers", "", float, double) {
  using T = TestType;
  constexpr T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN(),
              largest = std::numeric_limits<T>::max(), smallest = std::numeric_limits<T>::min(),
              denormal = std::numeric_limits<T>::denorm_min() * 12345;
  // Volatile, so that the vectors' instructions run here and now.
  const auto divide = [](T a, T b) {
    volatile T from[] = {a, b};
    volatile T to = lanes_of<T>(kernels::divide(V<T>(from[0]), V<T>(from[1])))[0];
    return T(to);
  };
  const auto sqrt = [](T x) {
    volatile T from = x, to = lanes_of<T>(kernels::sqrt(V<T>(from)))[0];
    return T(to);
  };
  CHECK(sqrt(inf) == inf);
  CHECK(sqrt(0) == 0);
  CHECK(std::signbit(sqrt(-T(0))));
  CHECK(sqrt(-T(0)) == 0);
  CHECK(sqrt(largest) == std::sqrt(largest));
  CHECK(sqrt(smallest) == std::sqrt(smallest));
  CHECK(std::isnan(sqrt(-1)));
  CHECK(std::isnan(sqrt(nan)));
  CHECK(divide(1, 0) == inf);
  CHECK(divide(-1, inf) == 0);
  CHECK(divide(inf, largest) == inf);
  CHECK(divide(largest, largest) == 1);
  CHECK(divide(largest, smallest) == inf);
  CHECK(divide(1, largest) == 1 / largest);
  CHECK(std::isnan(divide(0, 0)));
  CHECK(std::isnan(divide(inf, inf)));
  CHECK(std::isnan(divide(nan, 1)));

  const T root = std::sqrt(denormal);
  CHECK(sqrt(denormal) == root);
  CHECK(divide(denormal, smallest) == denormal / smallest);
  CHECK(divide(smallest, 2) == smallest / 2);
  const FlushDenormals guard;
  CHECK(sqrt(denormal) == 0);
  CHECK(divide(denormal, smallest) == 0);
  CHECK(divide(smallest, 2) == 0);
}

TEST_CASE("simd: a quotient is nearly rounded correctly") {
  using V = kernels::Vec<float, kernels::DefaultArch>;
  RandomStream random(3);
  double worst = 0;
  for (int round = 0; round < 20000; ++round) {
    std::array<float, V::size> a{}, b{}, q{};
    for (std::size_t k = 0; k < V::size; ++k) {
      a[k] = static_cast<float>(random.uniform(-1, 1) * std::exp2(random.uniform(-20, 20)));
      b[k] = static_cast<float>((1 + random.uniform()) * std::exp2(std::floor(random.uniform(-100, 100))));
    }
    kernels::store(q.data(), kernels::quotient(kernels::load<V>(a.data()), kernels::load<V>(b.data())));
    for (std::size_t k = 0; k < V::size; ++k) {
      const double truth = double{a[k]} / double{b[k]};
      if (std::abs(truth) < 1e-35) continue;
      int exponent = 0;
      std::frexp(truth, &exponent);
      worst = std::max(worst, std::abs(double{q[k]} - truth) / std::ldexp(1.0, exponent - 24));
    }
  }
  INFO("worst: " << worst << " ULP");
  CHECK(worst > 0.4);
  CHECK(worst <= 0.6);
}

// Differential fuzzing of kernels: random shapes, strides, ragged lengths and values through every vector
// width and matrix unit this machine has, against plain loops in double and against each other.
//   fuzz_kernels [--seconds 2] [--cases N] [--seed 1] [--only CASE]
// A find names seed and case: `--seed S --only CASE` runs it again.
#include <seqlstm/kernels/elementwise.hpp>
#include <seqlstm/kernels/norm.hpp>

#include <chrono>
#include <iostream>
#include <map>
#include <sstream>

#include "kernels/gru_case.hpp"
#include "kernels/lstm_case.hpp"
#include "kernels/matrix_units.hpp"

namespace {

using namespace seqlstm;
using Random = RandomStream;

/// What the case was made of, for the message.
std::ostringstream description;

void require(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what + description.str());
}

// ---- the widths this translation unit's flags allow

template <class... Arch> struct Tiers {};
#if defined(__x86_64__) && defined(__AVX512F__)
using AllTiers = Tiers<xsimd::sse4_2, xsimd::fma3<xsimd::avx2>, kernels::DefaultArch>;
#elif defined(__x86_64__) && defined(__AVX2__) && defined(__FMA__)
using AllTiers = Tiers<xsimd::sse4_2, kernels::DefaultArch>;
#else
using AllTiers = Tiers<kernels::DefaultArch>;
#endif
template <class Body, class... Arch> void for_each_tier(Tiers<Arch...>, Body&& body) {
  (body(Arch{}), ...);
}
/// For double fewer: the code is the same, and takes its time to compile.
template <class T, class Body> void for_each_tier(Body&& body) {
  using Some = std::conditional_t<std::is_same_v<T, float>, AllTiers, Tiers<kernels::DefaultArch>>;
  for_each_tier(Some{}, body);
}

// ---- numbers and matrices

enum class Values { plain, zeros, denormal, large, mixed };
constexpr std::size_t value_kinds = 5;

template <class T> T number(Random& random, Values kind) {
  const double plain = random.uniform(-1, 1);
  switch (kind) {
    case Values::zeros: {
      const std::size_t which = random.below(4);
      return which == 0 ? T(0) : which == 1 ? -T(0) : static_cast<T>(plain);
    }
    case Values::denormal:
      return static_cast<T>(plain) * std::numeric_limits<T>::min();
    case Values::large:
      return static_cast<T>(std::ldexp(plain, std::numeric_limits<T>::max_exponent / 2 - 12));
    case Values::mixed:
      return static_cast<T>(std::ldexp(plain, static_cast<int>(random.below(60)) - 40));
    case Values::plain:
      break;
  }
  return static_cast<T>(plain);
}

/// A matrix with gaps between its rows at an address that no vector load likes; what is outside it must stay.
template <class T> class Grid {
 public:
  Grid(std::size_t rows, std::size_t cols, std::size_t gap, std::size_t shift)
      : rows_(rows),
        cols_(cols),
        stride_(cols + gap),
        shift_(shift),
        memory_(rows * stride_ + shift + 4, outside) {}
  static Grid random(Random& random, std::size_t rows, std::size_t cols, Values kind) {
    Grid grid(rows, cols, random.below(6), random.below(5));
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = 0; c < cols; ++c) grid(r, c) = number<T>(random, kind);
    return grid;
  }
  T& operator()(std::size_t r, std::size_t c) { return memory_[shift_ + r * stride_ + c]; }
  T operator()(std::size_t r, std::size_t c) const { return memory_[shift_ + r * stride_ + c]; }
  MatrixView<T> view() { return {memory_.data() + shift_, rows_, cols_, stride_}; }
  ConstMatrixView<T> view() const { return {memory_.data() + shift_, rows_, cols_, stride_}; }
  void check_outside() const {
    for (std::size_t i = 0; i < memory_.size(); ++i) {
      const bool inside =
          i >= shift_ && (i - shift_) / stride_of_one() < rows_ && (i - shift_) % stride_of_one() < cols_;
      require(inside || memory_[i] == outside, "a number outside the result is written");
    }
  }
  [[nodiscard]] std::vector<T> numbers() const {
    std::vector<T> all;
    for (std::size_t r = 0; r < rows_; ++r)
      for (std::size_t c = 0; c < cols_; ++c) all.push_back((*this)(r, c));
    return all;
  }

 private:
  [[nodiscard]] std::size_t stride_of_one() const { return std::max<std::size_t>(1, stride_); }
  static constexpr T outside = T(77);
  std::size_t rows_, cols_, stride_, shift_;
  std::vector<T> memory_;
};

/// |found - expected| <= units * eps * magnitude + absolute, magnitude the sum of the terms' sizes.
template <class T>
void near(T found, double expected, double magnitude, double units, const char* what, double absolute = 0) {
  const double eps = std::numeric_limits<T>::epsilon(), tiny = std::numeric_limits<T>::denorm_min();
  if (!(magnitude * (1 + units * eps) < double{std::numeric_limits<T>::max()} / 4))
    return;  // sums may overflow
  const double bound = units * (eps * magnitude + tiny) + absolute;
  std::ostringstream text;
  text.precision(17);
  text << what << ": " << found << ", expected " << expected << " within " << bound;
  require(std::abs(double{found} - expected) <= bound, text.str());
}

std::size_t size(Random& random, std::size_t largest) {
  const std::size_t limit = random.below(4) == 0 ? largest : std::min<std::size_t>(largest, 20);
  return random.below(limit + 1);
}

template <class T> constexpr const char* type_name() {
  return std::is_same_v<T, float> ? "float" : "double";
}

// ---- products

template <class T> void gemm_case(Random& random) {
  const std::size_t m = size(random, 110), n = size(random, 90), k = size(random, 600);
  const auto kind = static_cast<Values>(random.below(value_kinds));
  const auto op_a = random.below(2) == 0 ? kernels::Op::none : kernels::Op::transpose;
  const auto op_b = random.below(2) == 0 ? kernels::Op::none : kernels::Op::transpose;
  const bool accumulate = random.below(2) == 0;
  description << "; gemm of " << type_name<T>() << ' ' << m << 'x' << k << " times " << k << 'x' << n
              << ", operands " << int(op_a) << int(op_b) << ", values " << int(kind)
              << (accumulate ? ", added" : "");
  const auto a =
      op_a == kernels::Op::none ? Grid<T>::random(random, m, k, kind) : Grid<T>::random(random, k, m, kind);
  const auto b =
      op_b == kernels::Op::none ? Grid<T>::random(random, k, n, kind) : Grid<T>::random(random, n, k, kind);
  const auto before = Grid<T>::random(random, m, n, kind);
  std::vector<double> expected(m * n), magnitude(m * n);
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      double& sum = expected[i * n + j];
      double& total = magnitude[i * n + j];
      if (accumulate) sum = double{before(i, j)};
      total = std::abs(sum);
      for (std::size_t d = 0; d < k; ++d) {
        const double x = double{op_a == kernels::Op::none ? a(i, d) : a(d, i)};
        const double y = double{op_b == kernels::Op::none ? b(d, j) : b(j, d)};
        sum += x * y;
        total += std::abs(x * y);
      }
    }
  for_each_tier<T>([&]<class Arch>(Arch) {
    auto c = before;
    std::vector<T> scratch(kernels::packed_size<T, Arch>(k, n));
    kernels::gemm<T, Arch>(op_a, op_b, a.view(), b.view(), c.view(), accumulate, scratch.data());
    for (std::size_t i = 0; i < m; ++i)
      for (std::size_t j = 0; j < n; ++j)
        near<T>(c(i, j), expected[i * n + j], magnitude[i * n + j], double(k) + 4, Arch::name());
    c.check_outside();
  });
}

void tile_case(Random& random) {
  const std::size_t rows = size(random, 140), terms = size(random, 330) + 1, columns = size(random, 100) + 1;
  const auto kind = static_cast<Values>(random.below(value_kinds));
  const bool accumulate = random.below(2) == 0;
  description << "; tile_gemm " << rows << 'x' << terms << " times " << terms << 'x' << columns << ", values "
              << int(kind) << (accumulate ? ", added" : "");
  const auto a = Grid<float>::random(random, rows, terms, kind),
             w = Grid<float>::random(random, columns, terms, kind);
  const auto before = Grid<float>::random(random, rows, columns, kind);
  AlignedBuffer<bfloat16> packed(kernels::TileProducts::factor_size(terms, columns));
  std::vector<float> first;
  const auto check = [&](const char* what, auto multiply) {
    auto c = before;
    const auto view = c.view();
    kernels::TileProducts::pack_factor(w.view(), true, packed.data());  // in the order of the unit in use
    multiply(view);
    c.check_outside();
    const auto factor = [](float v) { return double{static_cast<float>(bfloat16::flushed(v))}; };
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < columns; ++j) {
        double sum = accumulate ? factor(1.0F) * double{before(i, j)} : 0, total = std::abs(sum);
        for (std::size_t d = 0; d < terms; ++d) {
          const double product = factor(a(i, d)) * factor(w(j, d));
          sum += product;
          total += std::abs(product);
        }
        // Denormal sums are zero here: every term may lose the smallest normal number.
        if (total > double(terms + 2) * 4 * double{std::numeric_limits<float>::min()} / 1e-7)
          near<float>(c(i, j), sum, total, double(terms) + 4, what);
      }
    if (first.empty()) first = c.numbers();
    require(testing::same_bits(first, c.numbers()), std::string(what) + ": other bits than the first unit");
  };
  const auto unit_before = matrix_unit();
  set_matrix_unit(MatrixUnit::vectors);
  for_each_tier<float>([&]<class Arch>(Arch) {
    check(Arch::name(), [&](MatrixView<float> c) {
      kernels::tile_gemm<Arch>(a.view(), packed.data(), columns, c.data(), c.stride(), accumulate);
    });
  });
  set_matrix_unit(unit_before);
  testing::for_each_matrix_unit([&] {
    check(std::string(matrix_unit_name()).c_str(), [&](MatrixView<float> c) {
      kernels::tile_gemm(a.view(), packed.data(), columns, c.data(), c.stride(), accumulate);
    });
  });
}

// ---- rows and columns

template <class T> void rows_case(Random& random) {
  const std::size_t rows = size(random, 600) + 1, cols = size(random, 70) + 1;
  const auto kind = static_cast<Values>(random.below(value_kinds));
  description << "; rows of " << type_name<T>() << ' ' << rows << 'x' << cols << ", values " << int(kind);
  const auto x = Grid<T>::random(random, rows, cols, kind);
  std::vector<std::int32_t> ids(size(random, 40));
  for (auto& id : ids) id = static_cast<std::int32_t>(random.below(rows));
  const auto gathered_before = Grid<T>::random(random, ids.size(), cols, kind);
  std::vector<T> gathered, scattered;
  for_each_tier<T>([&]<class Arch>(Arch) {
    const char* name = Arch::name();
    auto y = x;
    kernels::softmax_rows<T, Arch>(x.view(), y.view());
    std::vector<T> log_sums(rows), sums(cols, T(1)), means(cols), variances(cols);
    kernels::log_sum_exp_rows<T, Arch>(x.view(), log_sums.data());
    kernels::add_column_sums<T, Arch>(x.view(), {0, cols}, sums.data());
    kernels::column_moments<T, Arch>(x.view(), {0, cols}, means.data(), variances.data());
    y.check_outside();
    for (std::size_t r = 0; r < rows; ++r) {
      double largest = double{x(r, 0)}, total = 0;
      for (std::size_t c = 0; c < cols; ++c) largest = std::max(largest, double{x(r, c)});
      for (std::size_t c = 0; c < cols; ++c) total += std::exp(double{x(r, c)} - largest);
      near<T>(log_sums[r], largest + std::log(total), std::abs(largest) + std::log(total) + 1,
              double(cols) + 8, "log_sum_exp_rows");
      for (std::size_t c = 0; c < cols; ++c) {
        // x - maximum is rounded, relative to what the exponent then loses as many.
        const double difference = double{x(r, c)} - largest, share = std::exp(difference) / total;
        const double underflow = std::is_same_v<T, float> ? 3e-38 : 1e-307;  // below it exp is 0
        near<T>(y(r, c), share, share * (1 + std::abs(difference)), double(cols) + 10, "softmax_rows",
                underflow);
      }
    }
    for (std::size_t c = 0; c < cols; ++c) {
      double sum = 0, size_of = 0, squares = 0;
      for (std::size_t r = 0; r < rows; ++r) {
        sum += double{x(r, c)};
        size_of += std::abs(double{x(r, c)});
      }
      near<T>(sums[c], sum + 1, size_of + 1, double(rows) + 4, name);
      near<T>(means[c], sum / double(rows), size_of / double(rows), double(rows) + 8, name);
      const double mean = double{means[c]};
      for (std::size_t r = 0; r < rows; ++r) squares += (double{x(r, c)} - mean) * (double{x(r, c)} - mean);
      double biggest = 0;
      for (std::size_t r = 0; r < rows; ++r) biggest = std::max(biggest, std::abs(double{x(r, c)} - mean));
      if (biggest * biggest * double(rows) < double{std::numeric_limits<T>::max()} / 4)
        near<T>(variances[c], squares / double(rows), squares / double(rows), double(rows) + 16,
                "column_moments");
    }
    auto out = gathered_before, table = x;
    kernels::gather_rows<T, Arch>(x.view(), ids.data(), ids.size(), out.view(), true);
    kernels::scatter_add_rows<T, Arch>(out.view(), ids.data(), table.view(), {0, cols});
    out.check_outside();
    table.check_outside();
    if (gathered.empty()) gathered = out.numbers();
    if (scattered.empty()) scattered = table.numbers();
    require(testing::same_bits(gathered, out.numbers()), std::string(name) + ": gather_rows has other bits");
    require(testing::same_bits(scattered, table.numbers()),
            std::string(name) + ": scatter_add_rows has other bits");
    for (std::size_t i = 0; i < ids.size(); ++i)
      for (std::size_t c = 0; c < cols; ++c)
        require(out(i, c) == gathered_before(i, c) + x(std::size_t(ids[i]), c), "gather_rows adds the row");
  });
}

template <class T> void functions_case(Random& random) {
  const std::size_t count = size(random, 200) + 1;
  const auto kind = static_cast<Values>(random.below(value_kinds));
  const double scale = random.below(2) == 0 ? 1 : random.uniform(1, 90);
  description << "; functions of " << count << ' ' << type_name<T>() << ", values " << int(kind) << " times "
              << scale;
  auto x = Grid<T>::random(random, 1, count, kind);
  for (std::size_t i = 0; i < count; ++i) x(0, i) *= static_cast<T>(scale);
  for_each_tier<T>([&]<class Arch>(Arch) {
    Grid<T> exps(1, count, 2, 1), sigmoids = exps, tanhs = exps;
    kernels::map<T, Arch>(
        exps.view(), [](const auto& v) { return kernels::exp(v); }, x.view());
    kernels::activate<kernels::SigmoidFunction, T, Arch>(x.view(), sigmoids.view());
    kernels::activate<kernels::TanhFunction, T, Arch>(x.view(), tanhs.view());
    for (auto* grid : {&exps, &sigmoids, &tanhs}) grid->check_outside();
    for (std::size_t i = 0; i < count; ++i) {
      const long double v = x(0, i), power = std::exp(v);
      const double lowest = std::is_same_v<T, float> ? -86.6 : -707,
                   limit = std::is_same_v<T, float> ? 86 : 700;
      const auto close = [&](T found, long double expected, const char* what) {
        near<T>(found, static_cast<double>(expected), std::abs(static_cast<double>(expected)), 4, what);
      };
      if (v >= lowest && power < std::numeric_limits<T>::max() / 8) close(exps(0, i), power, "exp");
      if (v < lowest)
        require(exps(0, i) >= T(0) && exps(0, i) <= std::numeric_limits<T>::min() * 8, "exp falls to 0");
      if (std::abs(v) <= limit) close(sigmoids(0, i), 1 / (1 + std::exp(-v)), "sigmoid");
      require(sigmoids(0, i) >= T(0) && sigmoids(0, i) <= T(1), "sigmoid lies between 0 and 1");
      close(tanhs(0, i), std::tanh(v), "tanh");
    }
  });
}

// ---- the LSTM

testing::LstmSetup lstm_setup(Random& random, std::size_t longest = 12) {
  testing::LstmSetup setup{size(random, 70) + 1, size(random, 70) + 1,
                           std::vector<std::size_t>(size(random, 70))};
  for (auto& length : setup.lengths) length = size(random, longest);
  setup.reverse = random.below(2) == 0;
  setup.lookup = random.below(2) == 0;
  for (std::size_t i = 0; i < setup.lengths.size(); ++i) setup.records.push_back(random.below(1U << 20U));
  description << "; LSTM of " << setup.input << " inputs, " << setup.hidden << " units"
              << (setup.reverse ? ", reverse" : "") << (setup.lookup ? ", lookup" : "") << ", lengths";
  for (const std::size_t n : setup.lengths) description << ' ' << n;
  return setup;
}

/// Results and gradients of a case, one behind the other, padding left out.
template <class Case> std::vector<double> results_of(const Case& kernel) {
  std::vector<double> all;
  const auto& setup = kernel.setup;
  for (std::size_t k = 0; k < kernel.tokens(); ++k) {
    for (std::size_t u = 0; u < setup.hidden; ++u) all.push_back(double{kernel.y[k * kernel.ldy() + u]});
    for (std::size_t u = 0; u < setup.hidden; ++u)
      all.push_back(double{kernel.c[k * kernel.shape.padded_hidden() + u]});
    for (std::size_t i = 0; i < setup.input; ++i) all.push_back(double{kernel.dx[k * kernel.ldx() + i]});
  }
  for (std::size_t r = 0; r < kernel.batch(); ++r)
    for (std::size_t u = 0; u < setup.hidden; ++u) {
      all.push_back(double{kernel.dh0[r * kernel.shape.padded_hidden() + u]});
      all.push_back(double{kernel.dc0[r * kernel.shape.padded_hidden() + u]});
    }
  for (const auto* part : {&kernel.dw_ih, &kernel.dw_hh, &kernel.db})
    for (const auto v : *part) all.push_back(double{v});
  return all;
}
/// The same of plain loops in double.
template <class Case> std::vector<double> expected_of(const Case& kernel) {
  std::vector<double> all;
  const auto& setup = kernel.setup;
  auto gradient = reference::LstmWeights::zero(setup.input, setup.hidden);
  std::vector<reference::LstmSequence> rows;
  for (std::size_t r = 0; r < kernel.batch(); ++r) rows.push_back(kernel.expected(r, gradient));
  for (std::size_t t = 0; t < kernel.layout.steps(); ++t)
    for (std::size_t r = 0; r < kernel.layout.active(t); ++r) {
      for (std::size_t u = 0; u < setup.hidden; ++u) all.push_back(rows[r].y(t, u));
      for (std::size_t u = 0; u < setup.hidden; ++u) all.push_back(rows[r].c(t, u));
      for (std::size_t i = 0; i < setup.input; ++i) all.push_back(rows[r].dx(t, i));
    }
  for (const auto& row : rows)
    for (std::size_t u = 0; u < setup.hidden; ++u) {
      all.push_back(row.dh0(0, u));
      all.push_back(row.dc0(0, u));
    }
  for (const auto* part : {&gradient.ih, &gradient.hh, &gradient.bias_ih})
    all.insert(all.end(), part->data.begin(), part->data.end());
  return all;
}

void compare(const std::vector<double>& found, const std::vector<double>& expected, double tolerance,
             const char* name) {
  require(found.size() == expected.size(), "as many numbers");
  for (std::size_t i = 0; i < found.size(); ++i) {
    std::ostringstream text;
    text.precision(17);
    text << name << ": number " << i << " is " << found[i] << ", expected " << expected[i];
    require(std::abs(found[i] - expected[i]) <= tolerance * std::max(1.0, std::abs(expected[i])), text.str());
  }
}

/// Long sequences make of a rounding what they want, so the bound is wide: mistakes are wider.
template <class T> void lstm_case(Random& random) {
  const auto setup = lstm_setup(random);
  std::vector<double> expected;
  for_each_tier<T>([&]<class Arch>(Arch) {
    testing::LstmCase<T, kernels::VectorKernels<T, Arch>> kernel(setup);
    kernel.projects = setup.lengths.size() % 2 == 0;
    kernel.forward();
    kernel.backward();
    if (expected.empty()) expected = expected_of(kernel);
    compare(results_of(kernel), expected, std::is_same_v<T, float> ? 3e-4 : 1e-12, Arch::name());
  });
}

/// Short sequences: of random weights a GRU's states grow roundings faster than an LSTM's, in float and
/// double alike.
template <class T> void gru_case(Random& random) {
  const auto setup = lstm_setup(random, 4);
  const bool reset_after = random.below(2) == 0;
  description << (reset_after ? ", as a GRU" : ", as a GRU that resets first");
  std::vector<double> expected;
  for_each_tier<T>([&]<class Arch>(Arch) {
    testing::GruCase<T, kernels::VectorKernels<T, Arch>> kernel(setup, reset_after);
    kernel.projects = setup.lengths.size() % 2 == 0;
    kernel.forward();
    kernel.backward();
    const auto numbers = [&](auto&& of_token, auto&& of_row, auto&&... weights) {
      std::vector<double> all;
      const auto add = [&](double v) { all.push_back(v); };
      for (std::size_t r = 0; r < kernel.batch(); ++r) {
        for (std::size_t t = 0; t < kernel.layout.length(r); ++t) of_token(r, t, add);
        for (std::size_t u = 0; u < setup.hidden; ++u) add(of_row(r, u));
      }
      for (const auto* part : {&weights...}) all.insert(all.end(), part->begin(), part->end());
      return all;
    };
    if (expected.empty()) {
      auto gradient = reference::GruSequence::zero(setup.input, setup.hidden);
      std::vector<reference::GruSequence> rows;
      for (std::size_t r = 0; r < kernel.batch(); ++r) rows.push_back(kernel.expected(r, gradient));
      expected = numbers(
          [&](std::size_t r, std::size_t t, const auto& add) {
            for (std::size_t u = 0; u < setup.hidden; ++u) add(rows[r].y(t, u));
            for (std::size_t i = 0; i < setup.input; ++i) add(rows[r].dx(t, i));
          },
          [&](std::size_t r, std::size_t u) { return rows[r].dh0(0, u); }, gradient.ih.data, gradient.hh.data,
          gradient.bias_ih.data, gradient.bias_hh.data);
    }
    const auto found = numbers(
        [&](std::size_t r, std::size_t t, const auto& add) {
          const std::size_t token = kernel.token(r, t);
          for (std::size_t u = 0; u < setup.hidden; ++u) add(double{kernel.y[token * kernel.ldy() + u]});
          for (std::size_t i = 0; i < setup.input; ++i) add(double{kernel.dx[token * kernel.ldx() + i]});
        },
        [&](std::size_t r, std::size_t u) {
          return double{kernel.dh0[r * kernel.shape.padded_hidden() + u]};
        },
        kernel.dw_ih, kernel.dw_hh, kernel.db_ih, kernel.db_hh);
    compare(found, expected, std::is_same_v<T, float> ? 3e-4 : 1e-12, Arch::name());
  });
}

/// bfloat16 factors: a state that falls to the other side of a rounding goes its own way, so units are
/// compared with each other by bits, and with double by what roundings of one in 256 leave.
void tile_lstm_case(Random& random) {
  const auto setup = lstm_setup(random);
  std::vector<double> first;
  testing::for_each_matrix_unit([&] {
    testing::LstmCase<float, kernels::TileKernels> kernel(setup);
    kernel.forward();
    for (std::size_t k = 0; k < kernel.tokens(); ++k)
      for (std::size_t u = 0; u < setup.hidden; ++u)
        require(std::abs(kernel.y[k * kernel.ldy() + u]) <= 1, "|h| is at most 1");
    auto unused = reference::LstmWeights::zero(setup.input, setup.hidden);
    for (std::size_t r = 0; r < kernel.batch(); ++r)
      if (kernel.layout.length(r) > 0) {
        const std::size_t t = setup.reverse ? kernel.layout.length(r) - 1 : 0;
        const auto row = kernel.expected(r, unused);
        for (std::size_t u = 0; u < setup.hidden; ++u)
          require(std::abs(double{kernel.y[kernel.token(r, t) * kernel.ldy() + u]} - row.y(t, u)) <=
                      (setup.lookup ? 4e-2 : 2e-3),
                  "the first step is the textbook's with rounded factors");
      }
    kernel.backward();
    const auto results = results_of(kernel);
    if (first.empty()) first = results;
    require(testing::same_bits(first, results), "matrix units have the same bits");
    for (const double v : results) require(std::isfinite(v), "results are finite");
  });
}

const std::vector<std::pair<const char*, void (*)(Random&)>> kinds = {
    {"gemm float", gemm_case<float>},
    {"gemm double", gemm_case<double>},
    {"tile_gemm", tile_case},
    {"rows float", rows_case<float>},
    {"rows double", rows_case<double>},
    {"functions float", functions_case<float>},
    {"functions double", functions_case<double>},
    {"LSTM float", lstm_case<float>},
    {"LSTM double", lstm_case<double>},
    {"LSTM bf16", tile_lstm_case},
    {"GRU float", gru_case<float>},
    {"GRU double", gru_case<double>}};

}  // namespace

int main(int count, char** arguments) {
  double seconds = 2;
  std::uint64_t seed = 1, cases = UINT64_MAX, only = UINT64_MAX;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string option = arguments[i];
    if (option == "--seconds") seconds = std::atof(arguments[i + 1]);
    if (option == "--seed") seed = std::strtoull(arguments[i + 1], nullptr, 10);
    if (option == "--cases") cases = std::strtoull(arguments[i + 1], nullptr, 10);
    if (option == "--only") only = std::strtoull(arguments[i + 1], nullptr, 10);
  }
  std::map<std::string, std::size_t> done;
  std::size_t total = 0;
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t number = only == UINT64_MAX ? 0 : only; number < cases; ++number, ++total) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    if (passed.count() > seconds && total >= kinds.size()) break;
    Random random(RandomKey{seed, 0x4B45524EU, 0}, number);  // "KERN"
    const auto& [name, run] = kinds[number % kinds.size()];
    description.str("");
    try {
      run(random);
    } catch (const std::exception& error) {
      std::cout << "find: " << error.what() << "\nagain: --seed " << seed << " --only " << number << '\n';
      return 1;
    }
    ++done[name];
    if (only != UINT64_MAX) break;
  }
  std::cout << std::max<std::size_t>(total, only != UINT64_MAX ? 1 : 0) << " cases from seed " << seed << ":";
  for (const auto& [name, number] : done) std::cout << ' ' << name << ' ' << number << ';';
  std::cout << " no finds\n";
}

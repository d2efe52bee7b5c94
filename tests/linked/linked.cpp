// The library of compiled kernels, beside kernels compiled here: every tier that this CPU runs is held
// against plain loops in double, and the tier that has this file's vectors against this file's, bit for bit.
#include <seqlstm/kernels/linked.hpp>
#include <seqlstm/kernels/set.hpp>

#include "kernels/lstm_checks.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

namespace library = kernels::detail;

/// body(tier) with every tier that this CPU runs in use.
template <class Body> void for_each_tier(Body&& body) {
  const auto& before = library::tier_in_use();
  for (const kernels::KernelTier& tier : library::kernel_tiers()) {
    if (!tier.runs_here()) continue;
    library::use_tier(tier);
    INFO(tier.name);
    body(tier);
  }
  library::use_tier(before);
}
/// Whether a tier's kernels are those of this file: same vectors, same units for bfloat16.
bool is_ours(const kernels::KernelTier& tier) {
  bool same = library::kernel_table().arch == arch_name();
  for (const auto unit : {MatrixUnit::vectors, MatrixUnit::dot, MatrixUnit::amx})
    same = same && library::kernel_table().tiles.has_unit(static_cast<int>(unit)) ==
                       kernels::detail::has_unit(static_cast<int>(unit));
  return same && tier.runs_here();
}

template <class Case> Case passed(const LstmSetup& setup) {
  Case kernel(setup);
  kernel.forward();
  kernel.backward();
  return kernel;
}

const std::vector<LstmSetup> setups = {{6, 19, {5, 2, 9, 1, 0, 9, 4, 7, 3, 3, 8}, false, false},
                                       {6, 19, {5, 2, 9, 1, 0, 9, 4, 7, 3, 3, 8}, true, true},
                                       {1, 1, {1}, false, false},
                                       {70, 65, {3, 1}, true, false}};

/// Random numbers, and the same for every call.
template <class T> std::vector<T> some(std::size_t n, std::uint64_t seed) {
  return converted<T>(reference::random_matrix(1, n, seed));
}

/// What the functions of the numbers give on small input, one behind the other.
template <class K> std::vector<typename K::Number> results() {
  using T = typename K::Number;
  constexpr std::size_t rows = 5, cols = 37, n = rows * cols;
  const std::vector<T> a = some<T>(n, 1), b = some<T>(n, 2);
  const ConstMatrixView<T> x(a.data(), rows, cols), y(b.data(), rows, cols);
  std::vector<T> all;
  const auto keep = [&](auto&& compute) {
    std::vector<T> out(b);
    compute(MatrixView<T>(out.data(), rows, cols));
    all.insert(all.end(), out.begin(), out.end());
  };
  keep([&](auto out) { K::add(x, y, out); });
  keep([&](auto out) { K::multiply_elements(x, y, out, false); });
  keep([&](auto out) { K::multiply_elements(x, y, out, true); });
  keep([&](auto out) { K::scale(T(1.5), x, out); });
  keep([&](auto out) { K::add_scaled(T(1.5), x, out); });
  keep([&](auto out) { K::exponential(x, out); });
  keep([&](auto out) { K::softmax_rows(x, out); });
  keep([&](auto out) { K::softmax_backward_rows(x, y, out); });
  keep([&](auto out) { K::log_sum_exp_rows(x, out.data()); });
  keep([&](auto out) { K::add_column_sums(x, {0, cols}, out.data()); });
  keep([&](auto out) { K::column_moments(x, {0, cols}, out.row_data(0), out.row_data(1)); });
  for (const auto f : {kernels::Activation::sigmoid, kernels::Activation::tanh, kernels::Activation::relu}) {
    keep([&](auto out) { K::activate(f, x, out); });
    keep([&](auto out) { K::activate_backward(f, x, y, out, true); });
    keep([&](auto out) { K::activate_backward(f, x, y, out, false); });
  }
  std::vector<T> moment(cols, T(0.5)), second(cols, T(0.25));
  const kernels::ColumnScale<T> scale{moment.data(), second.data(), b.data()};
  keep([&](auto out) { K::normalize_columns(x, {0, cols}, scale, b.data(), out); });
  keep([&](auto out) { K::normalize_sums(x, y, {0, cols}, scale, out.row_data(0), out.row_data(1)); });
  keep([&](auto out) { K::normalize_backward(x, y, {0, cols}, scale, a.data(), b.data(), out); });
  keep([&](auto out) { K::normalize_backward_fixed(y, {0, cols}, scale, out); });
  keep([&](auto out) {
    K::normalize_rows(x, T(1e-5), b.data(), a.data(), moment.data(), second.data(), out);
  });
  keep([&](auto out) { K::normalize_rows_backward(x, y, b.data(), moment.data(), second.data(), out); });
  keep([&](auto out) { K::add_normal_products(x, y, {0, cols}, moment.data(), second.data(), out.data()); });
  const std::size_t heads = 3, part = cols / heads;
  keep([&](auto out) { K::add_outer_rows(x.columns(0, heads), y.columns(0, part), out); });
  keep([&](auto out) { K::add_dot_rows(x, y.columns(0, part), out.columns(0, heads)); });
  keep([&](auto out) { K::mix_rows(x.columns(0, heads), y, out.columns(0, part), true); });
  keep([&](auto out) { K::mix_rows(x.columns(0, heads), y, out.columns(0, part), false); });
  const std::vector<std::int32_t> ids = {4, 0, 0, 2, 1};
  keep([&](auto out) { K::gather_rows(x, ids.data(), rows, out, true); });
  keep([&](auto out) { K::scatter_add_rows(x, ids.data(), out, {3, cols - 2}); });
  std::vector<std::uint8_t> mask(n);
  for (std::size_t i = 0; i < n; ++i) mask[i] = i % 3 == 0;
  keep([&](auto out) { K::mask_elements(a.data(), mask.data(), T(2), out.data(), n, false); });
  keep([&](auto out) { K::mask_elements(a.data(), mask.data(), T(2), out.data(), n, true); });
  all.push_back(static_cast<T>(K::sum_of_squares(a.data(), n)));
  all.push_back(static_cast<T>(K::add_squares(1.0, a.data(), nullptr, n)));
  all.push_back(static_cast<T>(K::add_squares(1.0, a.data(), b.data(), n)));
  const PackedLayout layout(std::vector<std::size_t>{rows});
  const std::vector<std::int32_t> labels = {3, 8, 8}, by_class = {0, 1, 2};
  std::vector<T> log_sums(rows);
  K::log_sum_exp_rows(x, log_sums.data());
  keep([&](auto out) {
    kernels::CtcRecord<T> record{layout.view(),   0,    x,   log_sums.data(), 0, labels.data(), labels.size(),
                                 by_class.data(), T(2), out, nullptr};
    std::vector<double> lattice(record.room_size());
    record.room = lattice.data();
    all.push_back(static_cast<T>(K::ctc_record(record)));
  });
  keep([&](auto out) {
    K::sgd({T(0.1), T(0.9), T(0.01), true}, cols, out.row_data(0), a.data(), out.row_data(1));
  });
  keep([&](auto out) {
    K::add(out, out.row_range(0, rows), out);
    for (auto& v : out.row(2)) v = v < 0 ? -v : v;  // a mean of squares
    K::adam({T(0.1), T(1), T(0.9), T(0.1), T(0.99), T(0.01), T(1e-6), T(1), T(0.01)}, cols, out.row_data(0),
            a.data(), out.row_data(1), out.row_data(2));
    K::rmsprop({T(0.1), T(0.9), T(0.1), T(1e-6), T(0.01)}, cols, out.row_data(3), a.data(), out.row_data(2));
  });
  std::vector<typename K::Stored> packed(K::factor_size(cols, rows)), room(K::outer_room(rows));
  K::pack_factor(x, true, packed.data());
  keep([&](auto out) { K::multiply(y, packed.data(), {out.data(), rows, rows}, false); });
  keep([&](auto out) { K::add_outer(y.columns(0, rows), x, {0, rows}, out, room.data()); });
  return all;
}

}  // namespace

TEMPLATE_TEST_CASE(
    "linked: every tier's passes are the textbook's, and ours to the bit where it has our vectors", "", float,
    double) {
  using T = TestType;
  using Linked = LstmCase<T, kernels::LinkedVectorKernels<T>>;
  for_each_tier([](const kernels::KernelTier& tier) {
    for (const LstmSetup& setup : setups) {
      const auto kernel = passed<Linked>(setup);
      check_states(kernel, std::is_same_v<T, float> ? 3e-6 : 1e-13);
      check_gradients(kernel, std::is_same_v<T, float> ? 1e-5 : 1e-13);
      if (!is_ours(tier)) continue;
      const auto own = passed<LstmCase<T>>(setup);
      REQUIRE(same_bits(kernel.y, own.y));
      REQUIRE(same_bits(kernel.gates, own.gates));
      REQUIRE(same_gradients(kernel, own));
    }
  });
}

TEST_CASE(
    "linked: every tier's passes in bfloat16, on every unit, are ours to the bit where it has our vectors") {
  using Linked = LstmCase<float, kernels::LinkedTileKernels>;
  for_each_tier([](const kernels::KernelTier& tier) {
    const int before = library::kernel_table().tiles.unit();
    for (const auto unit : {MatrixUnit::vectors, MatrixUnit::dot, MatrixUnit::amx}) {
      const int number = static_cast<int>(unit);
      if (!library::kernel_table().tiles.has_unit(number)) continue;
      library::kernel_table().tiles.use_unit(number);
      if (is_ours(tier)) set_matrix_unit(unit);
      for (const LstmSetup& setup : setups) {
        const auto kernel = passed<Linked>(setup);
        check_states(kernel, 0.02);
        if (!is_ours(tier)) continue;
        const auto own = passed<LstmCase<float, kernels::TileKernels>>(setup);
        REQUIRE(same_bits(kernel.y, own.y));
        REQUIRE(same_gradients(kernel, own));
      }
    }
    library::kernel_table().tiles.use_unit(before);
  });
}

TEST_CASE("linked: every tier's products in int8, on every unit, are ours to the bit") {
  const std::size_t rows = 37, terms = 70, columns = 50;
  const auto x = some<float>(rows * terms, 1), w = some<float>(columns * terms, 2);
  const auto product = [&]<class K>(std::type_identity<K>) {
    AlignedVector<std::int8_t> packed(K::factor_size(terms, columns));
    K::pack_factor({w.data(), columns, terms}, true, packed.data());
    std::vector<float> y(rows * columns);
    K::multiply({x.data(), rows, terms}, packed.data(), {y.data(), rows, columns}, false);
    y.insert(y.end(), packed.begin(), packed.end());
    return y;
  };
  const auto own = product(std::type_identity<kernels::ByteKernels>());
  for_each_tier([&](const kernels::KernelTier&) {
    const int before = library::kernel_table().tiles.unit();
    for (const auto unit : {MatrixUnit::vectors, MatrixUnit::dot, MatrixUnit::amx}) {
      const int number = static_cast<int>(unit);
      if (!library::kernel_table().tiles.has_unit(number)) continue;
      library::kernel_table().tiles.use_unit(number);
      CHECK(same_bits(product(std::type_identity<kernels::LinkedByteKernels>()), own));
    }
    library::kernel_table().tiles.use_unit(before);
  });
}

TEMPLATE_TEST_CASE(
    "linked: every function of every tier is called, and is ours to the bit where it has our vectors", "",
    float, double) {
  using T = TestType;
  const std::vector<T> own = results<kernels::VectorKernels<T>>();
  for_each_tier([&](const kernels::KernelTier& tier) {
    const std::vector<T> found = results<kernels::LinkedVectorKernels<T>>();
    REQUIRE(found.size() == own.size());
    if (is_ours(tier)) REQUIRE(same_bits(found, own));
    Difference difference;
    for (std::size_t i = 0; i < own.size(); ++i) difference.add(found[i], double{own[i]});
    CHECK(difference.worst() < (std::is_same_v<T, float> ? 1e-4 : 1e-12));
  });
}

TEST_CASE("linked: the highest tier that the CPU runs, another by name, and names that are refused") {
  const auto& before = library::tier_in_use();
  std::string_view highest;
  for (const kernels::KernelTier& tier : library::kernel_tiers())
    if (tier.runs_here()) highest = tier.name;
  const char* set = std::getenv("SEQLSTM_CPU");
  const std::string wish = set == nullptr ? "" : set;
  unsetenv("SEQLSTM_CPU");
  CHECK(library::first_tier().name == highest);
  const std::string lowest = library::kernel_tiers().front().name;
  setenv("SEQLSTM_CPU", lowest.c_str(), 1);
  CHECK(library::first_tier().name == lowest);
  setenv("SEQLSTM_CPU", "vax", 1);
  CHECK_THROWS_WITH(library::first_tier(), "SEQLSTM_CPU is 'vax', expected one of " +
                                               library::tier_names(true) + ", of which this CPU runs " +
                                               library::tier_names(false));
  for (const kernels::KernelTier& tier : library::kernel_tiers()) {
    setenv("SEQLSTM_CPU", tier.name, 1);
    if (tier.runs_here()) {
      CHECK(&library::first_tier() == &tier);
    } else {
      CHECK_THROWS_WITH(library::first_tier(), std::string("SEQLSTM_CPU is '") + tier.name +
                                                   "', but this CPU or system runs " +
                                                   library::tier_names(false));
    }
  }
  wish.empty() ? unsetenv("SEQLSTM_CPU") : setenv("SEQLSTM_CPU", wish.c_str(), 1);
  library::use_tier(before);
}

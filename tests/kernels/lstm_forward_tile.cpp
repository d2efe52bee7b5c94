#include <seqlstm/kernels/lstm_forward_tile.hpp>

#include "lstm_case.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// The first step of a batch of Rows sequences, in tiles of Panels panels and stretches that end at `cuts`.
template <class T, std::size_t Rows, std::size_t Panels>
LstmCase<T> in_tiles(const LstmSetup& setup, const std::vector<std::size_t>& cuts) {
  LstmCase<T> kernel(setup);
  const kernels::LstmForward<T> arguments{kernel.forward_arguments()};
  std::vector<T> sums(Rows * Panels * kernel.shape.panel_row());
  for (std::size_t panel = 0; panel + Panels <= kernel.shape.panels(); panel += Panels) {
    std::size_t begin = 0;
    for (std::size_t k = 0; k < cuts.size(); ++k) {
      const kernels::detail::Stretch stretch{begin, cuts[k]};
      kernels::detail::lstm_forward_tile<T, kernels::DefaultArch, true, Rows, Panels>(
          arguments, 0, 0, panel, panel, k, stretch, sums.data());
      begin = cuts[k];
    }
  }
  return kernel;
}

template <class T, std::size_t Rows, std::size_t Panels> void check_tile() {
  const std::size_t hidden = 4 * kernels::LstmShape<T>::lanes - 1;
  for (const bool lookup : {false, true}) {
    const LstmSetup setup{3, hidden, std::vector<std::size_t>(Rows, 1), false, lookup};
    LstmCase<T> expected(setup);
    expected.forward();
    const std::size_t all = hidden + (lookup ? 0 : setup.input);
    for (const std::vector<std::size_t>& cuts : {std::vector{all}, {2, all}, {1, 5, all}, {3, all}}) {
      const auto found = in_tiles<T, Rows, Panels>(setup, cuts);
      INFO(Rows << " rows, " << Panels << " panels, " << cuts.size() << " stretches");
      REQUIRE(same_bits(found.y, expected.y));
      REQUIRE(same_bits(found.c, expected.c));
      REQUIRE(same_bits(found.gates, expected.gates));
    }
  }
}

}  // namespace

TEMPLATE_TEST_CASE("lstm_forward_tile: neither height, width nor stretches change a bit", "", float, double) {
  check_tile<TestType, 1, 1>();
  check_tile<TestType, 1, 2>();
  check_tile<TestType, 1, 4>();
  check_tile<TestType, 2, 1>();
  check_tile<TestType, 2, 2>();
  check_tile<TestType, kernels::tile_rows<kernels::DefaultArch>, 1>();
}

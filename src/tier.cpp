// The kernels for one tier of CPUs, compiled with its flags. SEQLSTM_TIER is the name of the one function
// that others see; the rest is hidden from the linker (cmake/seqlstmIsolate.cmake).
#include <seqlstm/kernels/byte_kernels.hpp>
#include <seqlstm/kernels/table.hpp>
#include <seqlstm/kernels/tile_kernels.hpp>
#include <seqlstm/kernels/vector_kernels.hpp>

#if defined(SEQLSTM_LOWEST_TIER) && defined(__AVX__)
#error "seqlstm: flags of the build (CMAKE_CXX_FLAGS?) let the lowest tier of kernels use AVX; leave them out"
#endif

namespace seqlstm {
namespace {

#define SEQLSTM_FILL(result, name, parameters, arguments) table.name = &K::name;

template <class T> constexpr SEQLSTM_PLAIN::VectorTable<T> vector_table() {
  using K = kernels::VectorKernels<T>;
  SEQLSTM_PLAIN::VectorTable<T> table{};
  SEQLSTM_LAYER_KERNELS(SEQLSTM_FILL)
  SEQLSTM_NUMBER_KERNELS(SEQLSTM_FILL)
  return table;
}
constexpr SEQLSTM_PLAIN::TileTable tile_table() {
  using K = kernels::TileKernels;
  SEQLSTM_PLAIN::TileTable table{};
  SEQLSTM_LAYER_KERNELS(SEQLSTM_FILL)
  table.order = &K::order;
  table.has_unit = &kernels::detail::has_unit;
  table.unit = &kernels::detail::unit_in_use;
  table.use_unit = &kernels::detail::use_unit;
  return table;
}
constexpr SEQLSTM_PLAIN::ByteTable byte_table() {
  using K = kernels::ByteKernels;
  SEQLSTM_PLAIN::ByteTable table{};
  SEQLSTM_BYTE_KERNELS(SEQLSTM_FILL)
  return table;
}

constexpr SEQLSTM_PLAIN::KernelTable all = {SEQLSTM_STRINGIZE(SEQLSTM_ABI_ARCH), vector_table<float>(),
                                            vector_table<double>(), tile_table(), byte_table()};

}  // namespace
}  // namespace seqlstm

extern "C" [[gnu::visibility("hidden")]] const seqlstm::SEQLSTM_PLAIN::KernelTable* SEQLSTM_TIER();
extern "C" const seqlstm::SEQLSTM_PLAIN::KernelTable* SEQLSTM_TIER() {
  return &seqlstm::all;
}

// First values of weights, and how a whole model gets them from one seed.
#pragma once

#include <cstdint>
#include <seqlstm/core/random.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/nn/names.hpp>
#include <string_view>

SEQLSTM_NAMESPACE_BEGIN

/// Each function overwrites a matrix, row by row, with the next numbers of `random`:
/// `init::orthogonal(lstm.weights(0).weight_hh.edit(), random)`.
namespace init {

/// Calls draw() for every element.
template <Scalar T, class Draw> void fill(MatrixView<T> values, Draw&& draw) {
  for (std::size_t r = 0; r < values.rows(); ++r)
    for (auto& v : values.row(r)) v = static_cast<T>(draw());
}

/// Uniform in [low, high).
template <Scalar T> void uniform(MatrixView<T> values, RandomStream& random, double low, double high);
/// Normal with the given mean and standard deviation.
template <Scalar T>
void normal(MatrixView<T> values, RandomStream& random, double mean = 0, double stddev = 1);
/// Uniform of variance gain^2 * 2 / (rows + cols), for weights [outputs, inputs] (Glorot and Bengio 2010, eq.
/// 16).
template <Scalar T> void xavier_uniform(MatrixView<T> values, RandomStream& random, double gain = 1);
/// Normal of the same variance.
template <Scalar T> void xavier_normal(MatrixView<T> values, RandomStream& random, double gain = 1);
/// gain times a matrix with orthonormal rows (or columns, where those are fewer), every such matrix equally
/// likely: Q of a normal matrix' QR factors, its signs chosen so that R's diagonal is positive (Saxe et al.
/// 2014; Mezzadri 2007). Four LSTM gates are four row ranges: `orthogonal(w.row_range(gate * H, H), random)`.
/// Allocates temporaries.
template <Scalar T> void orthogonal(MatrixView<T> values, RandomStream& random, double gain = 1);

/// 32-bit FNV-1a: the random stream of a layer is the hash of its dotted path.
constexpr std::uint32_t stream_of(std::string_view path) {
  std::uint32_t hash = 2166136261U;
  for (const char c : path) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

}  // namespace init

/// The weights of a layer under construction: the same in every program, until initialize or fit draws others
/// from a seed. A layer of one's own calls it last in its constructor.
void initialize_constructed(const ModuleRef& layer);

/// Draws every weight anew. A layer's numbers follow from the seed and its path in the module alone ("lstm",
/// "layers.0"), so adding a layer elsewhere does not change them. Layers have `initialize(RandomKey)`; those
/// without weights have none. Layers are named by their paths, for error messages.
void initialize(const ModuleRef& module, std::uint64_t seed);

/// The same for weights that nobody drew, set, loaded or froze since their layers were constructed; all
/// others keep their values. fit calls it first, so that networks of one's own follow its seed too. Allocates
/// copies of what was set in a layer that is drawn.
void initialize_untouched(const ModuleRef& module, std::uint64_t seed);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/init.ipp>
#endif

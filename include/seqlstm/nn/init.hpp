// First values of weights, and how a whole model gets them from one seed.
#pragma once

#pragma push_macro("Success")  // of X11, and a name of Eigen's
#undef Success
#include <Eigen/QR>
#pragma pop_macro("Success")
#include <cmath>
#include <cstdint>
#include <functional>
#include <seqlstm/core/random.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/nn/names.hpp>
#include <string>
#include <string_view>
#include <vector>

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
template <Scalar T> void uniform(MatrixView<T> values, RandomStream& random, double low, double high) {
  fill(values, [&] { return random.uniform(low, high); });
}
/// Normal with the given mean and standard deviation.
template <Scalar T>
void normal(MatrixView<T> values, RandomStream& random, double mean = 0, double deviation = 1) {
  fill(values, [&] { return std::fma(deviation, random.normal(), mean); });
}
/// Uniform of variance gain^2 * 2 / (rows + cols), for weights [outputs, inputs] (Glorot and Bengio 2010, eq.
/// 16).
template <Scalar T> void xavier_uniform(MatrixView<T> values, RandomStream& random, double gain = 1) {
  const double bound = gain * std::sqrt(6.0 / static_cast<double>(values.rows() + values.cols()));
  uniform(values, random, -bound, bound);
}
/// Normal of the same variance.
template <Scalar T> void xavier_normal(MatrixView<T> values, RandomStream& random, double gain = 1) {
  normal(values, random, 0, gain * std::sqrt(2.0 / static_cast<double>(values.rows() + values.cols())));
}
/// gain times a matrix with orthonormal rows (or columns, where those are fewer), every such matrix equally
/// likely: Q of a normal matrix' QR factors, its signs chosen so that R's diagonal is positive (Saxe et al.
/// 2014; Mezzadri 2007). Four LSTM gates are four row ranges: `orthogonal(w.row_range(gate * H, H), random)`.
/// Allocates temporaries.
template <Scalar T> void orthogonal(MatrixView<T> values, RandomStream& random, double gain = 1) {
  if (values.size() == 0) return;
  const bool wide = values.cols() > values.rows();
  const auto tall = static_cast<Eigen::Index>(wide ? values.cols() : values.rows());
  const auto thin = static_cast<Eigen::Index>(wide ? values.rows() : values.cols());
  Eigen::MatrixXd gaussian(tall, thin);
  for (Eigen::Index c = 0; c < thin; ++c)
    for (Eigen::Index r = 0; r < tall; ++r) gaussian(r, c) = random.normal();
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(gaussian);
  Eigen::MatrixXd q = qr.householderQ() * Eigen::MatrixXd::Identity(tall, thin);
  for (Eigen::Index c = 0; c < thin; ++c)
    if (qr.matrixQR()(c, c) < 0) q.col(c) *= -1;
  for (std::size_t r = 0; r < values.rows(); ++r) {
    for (std::size_t c = 0; c < values.cols(); ++c) {
      const auto i = static_cast<Eigen::Index>(wide ? c : r), j = static_cast<Eigen::Index>(wide ? r : c);
      values(r, c) = static_cast<T>(gain * q(i, j));
    }
  }
}

/// 32-bit FNV-1a: the random stream of a layer is the hash of its dotted path.
constexpr std::uint32_t stream_of(std::string_view path) {
  std::uint32_t hash = 2166136261U;
  for (const char c : path) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

}  // namespace init

/// The weights of a layer under construction: the same in every program, until initialize or fit draws others
/// from a seed. A layer of one's own calls it last in its constructor.
inline void initialize_constructed(const ModuleRef& layer) {
  layer.initialize(RandomKey{});
  for_each_parameter(layer, [](const std::string&, auto& parameter) { parameter.mark_untouched(); });
}

/// Draws every weight anew. A layer's numbers follow from the seed and its path in the module alone ("lstm",
/// "layers.0"), so adding a layer elsewhere does not change them. Layers have `initialize(RandomKey)`; those
/// without weights have none. Layers are named by their paths, for error messages.
inline void initialize(const ModuleRef& module, std::uint64_t seed) {
  set_names(module);
  detail::for_each_module(module, [&](const std::string& path, const ModuleRef& layer) {
    layer.initialize({seed, init::stream_of(path), 0});
  });
}

/// The same for weights that nobody drew, set, loaded or froze since their layers were constructed; all
/// others keep their values. fit calls it first, so that networks of one's own follow its seed too. Allocates
/// copies of what was set in a layer that is drawn.
inline void initialize_untouched(const ModuleRef& module, std::uint64_t seed) {
  std::vector<bool> drawn;  // for each module of the walk
  std::vector<std::function<void()>> keep;
  detail::for_each_module(module, [&](const std::string&, const ModuleRef& layer) {
    drawn.push_back(false);
    if (!layer.draws()) return;
    for_each_parameter(layer, [&](const std::string&, auto& p) {
      if (p.untouched() && p.trainable) drawn.back() = true;
    });
    if (!drawn.back()) return;
    for_each_parameter(layer, [&](const std::string&, auto& p) {
      if (!p.untouched() || !p.trainable) keep.emplace_back([&p, copy = p] { p = copy; });
    });
  });
  set_names(module);
  std::size_t next = 0;
  detail::for_each_module(module, [&](const std::string& path, const ModuleRef& layer) {
    if (drawn[next++]) layer.initialize({seed, init::stream_of(path), 0});
  });
  for (const auto& restore : keep) restore();
}

SEQLSTM_NAMESPACE_END

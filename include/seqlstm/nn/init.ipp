// Definitions of init.hpp.
#pragma once

#pragma push_macro("Success")  // of X11, and a name of Eigen's
#undef Success
#include <Eigen/QR>
#pragma pop_macro("Success")
#include <cmath>
#include <functional>
#include <seqlstm/nn/init.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace init {

template <Scalar T> void uniform(MatrixView<T> values, RandomStream& random, double low, double high) {
  fill(values, [&] { return random.uniform(low, high); });
}

template <Scalar T> void normal(MatrixView<T> values, RandomStream& random, double mean, double stddev) {
  fill(values, [&] { return std::fma(stddev, random.normal(), mean); });
}

template <Scalar T> void xavier_uniform(MatrixView<T> values, RandomStream& random, double gain) {
  const double bound = gain * std::sqrt(6.0 / static_cast<double>(values.rows() + values.cols()));
  uniform(values, random, -bound, bound);
}

template <Scalar T> void xavier_normal(MatrixView<T> values, RandomStream& random, double gain) {
  normal(values, random, 0, gain * std::sqrt(2.0 / static_cast<double>(values.rows() + values.cols())));
}

template <Scalar T> void orthogonal(MatrixView<T> values, RandomStream& random, double gain) {
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

}  // namespace init

SEQLSTM_INLINE void initialize_constructed(const ModuleRef& layer) {
  layer.initialize(RandomKey{});
  for_each_parameter(layer, [](const std::string&, auto& parameter) { parameter.mark_untouched(); });
}

SEQLSTM_INLINE void initialize(const ModuleRef& module, std::uint64_t seed) {
  set_names(module);
  detail::for_each_module(module, [&](const std::string& path, const ModuleRef& layer) {
    layer.initialize({seed, init::stream_of(path), 0});
  });
}

SEQLSTM_INLINE void initialize_untouched(const ModuleRef& module, std::uint64_t seed) {
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

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                                          \
  template void init::uniform(MatrixView<T> values, RandomStream& random, double low, double high);   \
  template void init::normal(MatrixView<T> values, RandomStream& random, double mean, double stddev); \
  template void init::xavier_uniform(MatrixView<T> values, RandomStream& random, double gain);        \
  template void init::xavier_normal(MatrixView<T> values, RandomStream& random, double gain);         \
  template void init::orthogonal(MatrixView<T> values, RandomStream& random, double gain);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END

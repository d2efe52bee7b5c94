// Principal components: the directions in which rows of numbers differ most.
#pragma once

#pragma push_macro("Success")  // of X11, and a name of Eigen's
#undef Success
#include <Eigen/Eigenvalues>
#include <seqlstm/core/error.hpp>
#pragma pop_macro("Success")
#include <seqlstm/data/features.hpp>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Components of a sample, most variance first (Pearson 1901; by the eigenvectors of the covariance matrix,
/// in double). A component's largest entry is positive, so that signs do not depend on the solver.
struct Pca {
  std::size_t width = 0;               ///< columns of the rows
  std::vector<double> mean;            ///< [width]
  std::vector<double> components;      ///< [count x width], of length 1
  std::vector<double> variance;        ///< [count]: of the sample along each component, over rows - 1
  std::vector<double> variance_share;  ///< [count]: of the sum over all `width` directions

  /// Number of components.
  [[nodiscard]] std::size_t count() const { return variance.size(); }
  /// Coordinates [rows x count] of any rows.
  [[nodiscard]] std::vector<double> transform(const FeatureDataset& data) const;
};

/// The first `count` components of the rows, at most as many as there are columns. Throws option_error for
/// fewer than two rows, no components, and for values that are not finite.
Pca pca(const FeatureDataset& data, std::size_t count);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/explain/pca.ipp>
#endif

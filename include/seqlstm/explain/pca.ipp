// Definitions of pca.hpp.
#pragma once

#include <algorithm>
#include <seqlstm/core/error.hpp>
#include <seqlstm/eigen.hpp>
#include <seqlstm/explain/pca.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::vector<double> Pca::transform(const FeatureDataset& data) const {
  if (data.width != width)
    throw shape_error("pca: the rows have " + std::to_string(data.width) + " columns, the components " +
                      std::to_string(width));
  std::vector<double> coordinates(data.size() * count());
  for (std::size_t r = 0; r < data.size(); ++r)
    for (std::size_t k = 0; k < count(); ++k) {
      double sum = 0;
      for (std::size_t c = 0; c < width; ++c)
        sum += (double{data.values[r * width + c]} - mean[c]) * components[k * width + c];
      coordinates[r * count() + k] = sum;
    }
  return coordinates;
}

SEQLSTM_INLINE Pca pca(const FeatureDataset& data, std::size_t count) {
  const std::size_t rows = data.size(), width = data.width;
  if (rows < 2 || count == 0)
    throw option_error("pca: " + std::to_string(count) + " components of " + std::to_string(rows) +
                       " rows; expected at least one of at least two");
  Pca result;
  result.width = width;
  const auto size = static_cast<Eigen::Index>(width);
  Eigen::MatrixXd centred =
      as_eigen(ConstMatrixView<float>(data.values.data(), rows, width)).template cast<double>();
  if (!centred.allFinite()) throw option_error("pca: a value is not finite; leave its row out");
  const Eigen::RowVectorXd mean = centred.colwise().mean();
  centred.rowwise() -= mean;
  const Eigen::MatrixXd covariance = centred.transpose() * centred / static_cast<double>(rows - 1);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solved(covariance);  // variances ascend
  const double total = std::max(covariance.trace(), 1e-300);
  result.mean.assign(mean.data(), mean.data() + mean.size());
  for (std::size_t k = 0; k < std::min(count, width); ++k) {
    const Eigen::Index place = size - 1 - static_cast<Eigen::Index>(k);
    const Eigen::VectorXd component = solved.eigenvectors().col(place);
    Eigen::Index largest = 0;
    component.cwiseAbs().maxCoeff(&largest);
    const double sign = component[largest] < 0 ? -1 : 1;
    for (Eigen::Index c = 0; c < size; ++c) result.components.push_back(sign * component[c]);
    result.variance.push_back(std::max(0.0, solved.eigenvalues()[place]));
    result.variance_share.push_back(result.variance.back() / total);
  }
  return result;
}

SEQLSTM_NAMESPACE_END

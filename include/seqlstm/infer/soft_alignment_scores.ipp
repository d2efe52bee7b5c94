// Definitions of soft_alignment_scores.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/infer/monotone_path.hpp>
#include <seqlstm/infer/soft_alignment_scores.hpp>
#include <seqlstm/kernels/set.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Columns that are summed side by side: four vectors of 512 bits.
inline constexpr std::size_t aligned_columns = 64;

inline std::size_t padded_columns(std::size_t count) {
  return (count + aligned_columns - 1) / aligned_columns * aligned_columns;
}

/// The states of all sequences transposed, [width, padded length] each, so that a row of distances is made of
/// whole vectors.
class TransposedStates {
 public:
  explicit TransposedStates(const StateSequences& states) : first_(states.size() + 1) {
    for (std::size_t s = 0; s < states.size(); ++s)
      first_[s + 1] = first_[s] + padded_columns(states.of(s).rows()) * states.width;
    values_.assign(first_.back(), 0.0F);
    for (std::size_t s = 0; s < states.size(); ++s) {
      const auto from = states.of(s);
      const std::size_t stride = padded_columns(from.rows());
      for (std::size_t r = 0; r < from.rows(); ++r)
        for (std::size_t c = 0; c < from.cols(); ++c) values_[first_[s] + c * stride + r] = from(r, c);
    }
  }
  [[nodiscard]] const float* of(std::size_t sequence) const { return values_.data() + first_[sequence]; }

 private:
  std::vector<std::size_t> first_;
  std::vector<float> values_;
};

/// d(j) = |a - b_j|_1 for the padded columns of b, which is transposed.
inline void distance_row(const float* a, const float* b, std::size_t width, std::size_t stride, float* d) {
  for (std::size_t from = 0; from < stride; from += aligned_columns) {
    std::array<float, aligned_columns> sum{};
    for (std::size_t c = 0; c < width; ++c) {
      const float x = a[c];
      const float* y = b + c * stride + from;
      for (std::size_t j = 0; j < aligned_columns; ++j) sum[j] += std::abs(x - y[j]);
    }
    std::copy(sum.begin(), sum.end(), d + from);
  }
}

/// w = alpha + beta - alpha beta of distances d, as soft_symmetric_alignment() has them.
inline void weigh_softly(ConstMatrixView<double> d, MatrixView<double> w) {
  std::vector<double> least(d.cols(), std::numeric_limits<double>::infinity()), sums(d.cols());
  for (std::size_t i = 0; i < d.rows(); ++i)
    for (std::size_t j = 0; j < d.cols(); ++j) least[j] = std::min(least[j], d(i, j));
  for (std::size_t i = 0; i < d.rows(); ++i)
    for (std::size_t j = 0; j < d.cols(); ++j) sums[j] += std::exp(least[j] - d(i, j));
  for (std::size_t i = 0; i < d.rows(); ++i) {
    const auto row = d.row(i);
    const double nearest = *std::min_element(row.begin(), row.end());
    double sum = 0;
    for (const double distance : row) sum += std::exp(nearest - distance);
    for (std::size_t j = 0; j < d.cols(); ++j) {
      const double alpha = std::exp(nearest - row[j]) / sum, beta = std::exp(least[j] - row[j]) / sums[j];
      w(i, j) = std::fma(-alpha, beta, alpha + beta);
    }
  }
}

/// Scores of one sequence with others.
class SoftAligner {
 public:
  SoftAligner(const StateSequences& states, const TransposedStates& transposed)
      : states_(states), transposed_(transposed) {}

  double score(std::size_t a, std::size_t b) {
    const auto x = states_.of(a);
    const std::size_t rows = x.rows(), cols = states_.of(b).rows(), stride = padded_columns(cols);
    if (rows == 0 || cols == 0) return 0;
    grow(rows, stride);
    for (std::size_t i = 0; i < rows; ++i)
      distance_row(x.row_data(i), transposed_.of(b), x.cols(), stride, d_.data() + i * stride);
    return share_columns(rows, cols, stride) ? sum(rows, cols, stride) : exactly(rows, cols, stride);
  }

 private:
  void grow(std::size_t rows, std::size_t stride) {
    if (d_.size() < rows * stride) {
      d_.resize(rows * stride);
      alpha_.resize(rows * stride);
    }
    row_weight_.resize(std::max(row_weight_.size(), rows));
    column_.resize(std::max(column_.size(), stride));
  }
  [[nodiscard]] MatrixView<float> view(std::vector<float>& of, std::size_t rows, std::size_t cols,
                                       std::size_t stride) {
    return {of.data(), rows, cols, stride};
  }

  /// alpha, and what a cell of it is to be multiplied by for beta: with z(i) the sum of row i of e^(c - d),
  /// beta(i, j) = alpha(i, j) z(i) / (sum over k of alpha(k, j) z(k)). False where a column's sum is too
  /// small to divide by.
  bool share_columns(std::size_t rows, std::size_t cols, std::size_t stride) {
    float least = std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < rows; ++i) {
      const float* d = d_.data() + i * stride;
      float* minus = alpha_.data() + i * stride;
      row_weight_[i] = *std::min_element(d, d + cols);
      least = std::min(least, row_weight_[i]);
      for (std::size_t j = 0; j < stride; ++j) minus[j] = -d[j];
    }
    const MatrixView<float> alpha = view(alpha_, rows, cols, stride);
    Kernels<float>::softmax_rows(alpha, alpha);
    std::fill_n(column_.begin(), stride, 0.0F);
    for (std::size_t i = 0; i < rows; ++i) {
      float* own = alpha_.data() + i * stride;
      std::fill(own + cols, own + stride, 0.0F);
      const float largest = *std::max_element(own, own + cols);  // 1 / the sum of e^(least of the row - d)
      row_weight_[i] = std::exp(least - row_weight_[i]) / largest;
      for (std::size_t j = 0; j < stride; ++j) column_[j] = std::fma(own[j], row_weight_[i], column_[j]);
    }
    bool divides = true;
    for (std::size_t j = 0; j < cols; ++j) {
      divides = divides && column_[j] > 1e-30F;
      column_[j] = 1 / column_[j];
    }
    std::fill(column_.begin() + static_cast<std::ptrdiff_t>(cols),
              column_.begin() + static_cast<std::ptrdiff_t>(stride), 0.0F);
    return divides;
  }
  double sum(std::size_t rows, std::size_t cols, std::size_t stride) {
    std::array<float, 16> shared{};
    double weights = static_cast<double>(rows + cols), distances = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      const float *d = d_.data() + i * stride, *alpha = alpha_.data() + i * stride, z = row_weight_[i];
      std::array<float, 16> of_row{};
      for (std::size_t j = 0; j < stride; j += 16)
        for (std::size_t k = 0; k < 16; ++k) {
          const float a = alpha[j + k], b = a * z * column_[j + k];
          shared[k] = std::fma(a, b, shared[k]);
          of_row[k] = std::fma(std::fma(-a, b, a + b), d[j + k], of_row[k]);
        }
      for (const float part : of_row) distances += double{part};
    }
    for (const float part : shared) weights -= double{part};
    return -distances / weights;
  }
  /// The same without shortcuts.
  double exactly(std::size_t rows, std::size_t cols, std::size_t stride) {
    std::vector<double> distances(rows * cols), weights(rows * cols);
    for (std::size_t i = 0; i < rows; ++i)
      std::copy_n(d_.data() + i * stride, cols, distances.data() + i * cols);
    weigh_softly({distances.data(), rows, cols}, {weights.data(), rows, cols});
    double weight = 0, sum = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      weight += weights[k];
      sum = std::fma(weights[k], distances[k], sum);
    }
    return -sum / weight;
  }

  const StateSequences& states_;
  const TransposedStates& transposed_;
  std::vector<float> d_, alpha_, row_weight_, column_;
};

inline constexpr std::size_t encoded_at_once = 64;  // sequences

}  // namespace detail

SEQLSTM_INLINE StateSequences state_sequences(const ProteinAligner<float>& aligner,
                                              const SequenceDataset& data, StateKind kind) {
  const FlushDenormals flush;
  StateSequences all;
  all.width = aligner.options().states;
  Tape<float> tape(Mode::inference);
  SequenceBatch batch;
  std::vector<std::span<const Token>> sequences;
  std::vector<std::uint64_t> records;
  for (std::size_t first = 0; first < data.size(); first += detail::encoded_at_once) {
    sequences.clear();
    records.clear();
    for (std::size_t s = first; s < std::min(first + detail::encoded_at_once, data.size()); ++s) {
      sequences.push_back(data.sequence(s));
      records.push_back(s);
    }
    batch.assign(sequences, records);
    tape.reset();
    const SeqVar<float> q =
        kind == StateKind::windows ? aligner.states(tape, batch) : aligner.position_states(tape, batch);
    const PackedLayout& layout = *q.layout();
    for (std::size_t s = 0; s < sequences.size(); ++s) {
      const std::size_t r = layout.rank(s);
      for (std::size_t t = 0; t < layout.length(r); ++t) {
        const auto row = q.value().row(layout.offset(t) + r);
        all.values.insert(all.values.end(), row.begin(), row.end());
      }
      all.offsets.push_back(all.offsets.back() + layout.length(r));
    }
  }
  return all;
}

SEQLSTM_INLINE void soft_alignment_scores(const StateSequences& states, MatrixView<double> scores) {
  const std::size_t count = states.size();
  if (scores.rows() != count || scores.cols() != count)
    throw shape_error("soft_alignment_scores: scores are " + shape_text(scores) + ", expected " +
                      shape_text(count, count));
  const FlushDenormals flush;
  const detail::TransposedStates transposed(states);
  const std::size_t work = states.offsets.back() * states.offsets.back() * states.width / 16;
  const std::size_t parts = parts_for(work);
  parallel_for(parts, [&](std::size_t part) {
    detail::SoftAligner aligner(states, transposed);
    // Row a has count - a pairs: parts take every parts-th row.
    for (std::size_t a = part; a < count; a += parts)
      for (std::size_t b = a; b < count; ++b) scores(a, b) = scores(b, a) = aligner.score(a, b);
  });
}

SEQLSTM_INLINE void standardize_scores(MatrixView<double> scores) {
  const std::size_t count = scores.rows();
  if (scores.cols() != count)
    throw shape_error("standardize_scores: scores are " + shape_text(scores) +
                      ", expected as many columns as rows");
  if (count < 2) return;
  std::vector<double> mean(count), inverse(count);
  const auto others = static_cast<double>(count - 1);
  for (std::size_t a = 0; a < count; ++a) {
    const auto row = scores.row(a);
    double sum = 0, squares = 0, least = std::numeric_limits<double>::infinity(), most = -least;
    for (std::size_t b = 0; b < count; ++b) {
      if (b == a) continue;
      sum += row[b];
      least = std::min(least, row[b]);
      most = std::max(most, row[b]);
    }
    mean[a] = sum / others;
    for (std::size_t b = 0; b < count; ++b) {
      const double d = b == a ? 0 : row[b] - mean[a];
      squares = std::fma(d, d, squares);
    }
    inverse[a] = least < most ? 1 / std::sqrt(squares / others) : 0;
  }
  for (std::size_t a = 0; a < count; ++a)
    for (std::size_t b = 0; b < count; ++b)
      scores(a, b) = ((scores(a, b) - mean[a]) * inverse[a] + (scores(a, b) - mean[b]) * inverse[b]) / 2;
}

SEQLSTM_INLINE void soft_alignment_weights(ConstMatrixView<float> a, ConstMatrixView<float> b,
                                           MatrixView<double> weights) {
  if (a.cols() != b.cols() || weights.rows() != a.rows() || weights.cols() != b.rows())
    throw shape_error("soft_alignment_weights: states are " + shape_text(a) + " and " + shape_text(b) +
                      ", the weights " + shape_text(weights) +
                      "; expected a row for each state of a, a column "
                      "for each of b, which are equally wide");
  if (weights.size() == 0) return;
  std::vector<double> d(weights.size());
  const MatrixView<double> distances(d.data(), a.rows(), b.rows());
  for (std::size_t i = 0; i < a.rows(); ++i)
    for (std::size_t j = 0; j < b.rows(); ++j)
      for (std::size_t c = 0; c < a.cols(); ++c)
        distances(i, j) += std::abs(double{a(i, c)} - double{b(j, c)});
  detail::weigh_softly(distances, weights);
}

SEQLSTM_INLINE std::vector<std::int32_t> soft_alignment_path(ConstMatrixView<double> weights, double least) {
  if (!std::isfinite(least))
    throw option_error("soft_alignment_path: least is not finite, expected a weight such as 0.1");
  const std::size_t cols = weights.cols() + 1;
  std::vector<double> values(weights.rows() * cols);  // the last column: no partner
  for (std::size_t i = 0; i < weights.rows(); ++i)
    for (std::size_t j = 0; j < weights.cols(); ++j) values[i * cols + j] = weights(i, j) - least;
  return monotone_path({values.data(), weights.rows(), cols});
}

SEQLSTM_NAMESPACE_END

// How alike two things are, as a number, against levels of relation that are ordered: none, class, fold,
// superfamily, family. Ordinal logistic regression, as in Bepler and Berger 2019, "Learning protein sequence
// embeddings using information from structure", section 3.3.
//
//     OrdinalScale<float> scale({.levels = 5});
//     auto loss = ordinal_loss<float>(scale(similarity), levels);
#pragma once

#include <cstddef>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/nn/parameter.hpp>
#include <span>

SEQLSTM_NAMESPACE_BEGIN

/// Shape and first values of an OrdinalScale.
struct OrdinalScaleOptions {
  std::size_t levels = 2;  ///< 0 .. levels - 1, at least 2
  double slope = 1,        ///< of every step at first, above 0
      offset = 0;          ///< of every step at first
};

/// y(r, t) = e^log_slope(t) s(r) + offset(t), for the levels - 1 steps from one level to the next: the logit
/// that the level of row r is above t. Slopes are above 0, so that a larger s never makes a level less likely
/// to be reached.
template <Scalar T = float> class OrdinalScale {
 public:
  OrdinalScale() = default;
  /// Throws option_error for fewer than two levels, a slope that is not above 0, and numbers that are not
  /// finite.
  explicit OrdinalScale(const OrdinalScaleOptions& options);

  /// y [rows, levels - 1] of s [rows, 1]. Throws shape_error for another width.
  Var<T> operator()(const Var<T>& s) const;
  /// The options' slope and offset again; draws nothing.
  void initialize(RandomKey key);
  /// Chooses the offsets so that the logits of this s are all 0: where a training may begin. Throws
  /// option_error where it is not finite.
  void center_at(double s);
  template <class V> void fields(V& v) {
    v("log_slope", log_slope);
    v("offset", offset);
  }
  /// The options of the constructor.
  [[nodiscard]] const OrdinalScaleOptions& options() const { return options_; }

 private:
  OrdinalScaleOptions options_;

 public:
  Parameter<T> log_slope,  ///< [levels - 1]
      offset;              ///< [levels - 1]
};

/// The mean over rows and steps of the cross-entropy of sigmoid(logits(r, t)) with whether the level of row r
/// is above t: logits [rows, steps], levels[r] from 0 to steps. `weights`, one for each row (none: all
/// alike), make it a weighted mean of rows; where all are 0 the loss is 0 and has no gradient.
///
/// Throws shape_error unless there is a level (and a weight) for each row, option_error for a level above
/// steps and a weight that is negative or not finite.
template <Scalar T>
Var<T> ordinal_loss(const Var<T>& logits, std::span<const std::size_t> levels,
                    std::span<const double> weights = {});

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/ordinal_loss.ipp>
#endif

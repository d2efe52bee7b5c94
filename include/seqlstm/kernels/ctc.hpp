// The lattice of connectionist temporal classification (Graves et al. 2006, section 4.1) of one record.
//
// S labels make 2S + 1 states: a blank before, between and behind them. Blank i stands before label i.
//
//   for each frame, first to last:   for each i:  u = log(e^blank[i] + e^label[i - 1])
//                                      blank'[i] = u + log p(blank)
//                                      label'[i] = log(e^label[i] + e^(u, or blank[i])) + log p(label i)
//   for each frame, last to first:   the same the other way; the sum of both is a state's posterior
//
// where u leads to label i if label i - 1 is another, else only blank[i] does. Vectors run over i. Everything
// is kept as logarithms in double: a state e^1000 behind the best of its frame may be the one that leads to
// the end, so one scale for a frame would not do.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <seqlstm/kernels/arguments.hpp>
#include <seqlstm/kernels/math.hpp>
#include <seqlstm/kernels/reduce.hpp>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

namespace detail::ctc {

/// The logarithm of 0 in a lattice: finite, so that the difference of two of them is a number.
inline constexpr double log_zero = -1e300;
/// Largest logarithm of a product with a factor of 0.
inline constexpr double log_impossible = -1e299;

/// log(1 + x) / x for 0 <= x <= 1: a polynomial of degree 20 that Chebyshev interpolation gives (error
/// 2e-17), by its even and its odd powers of 2x - 1.
inline constexpr struct Log1pRatio {
  static constexpr std::array<double, 11> even = {
      0x1.9a004c84084e0p-36, 0x1.da6d71b6afabdp-34, 0x1.76b09d6cf58dep-30, 0x1.cfdf64feee5f6p-27,
      0x1.2c70bed1f5192p-23, 0x1.8d3fc5df8233cp-20, 0x1.0f11916785076p-16, 0x1.83c50b0fd64f8p-13,
      0x1.2bec9fba50fb6p-9,  0x1.0f95b3dc0a12ap-5,  0x1.9f323ecbf984cp-1};
  static constexpr std::array<double, 10> odd = {
      -0x1.41ce9263aa3b0p-34, -0x1.780c594e32d50p-32, -0x1.2a015e6f8b787p-28, -0x1.740e66424b377p-25,
      -0x1.e6fd22346bd39p-22, -0x1.469c50e081538p-18, -0x1.c72c64467e5acp-15, -0x1.50abf6ca8389dp-11,
      -0x1.1540afd54c993p-7,  -0x1.2773a5da90bd5p-3};
  template <class V> [[gnu::always_inline]] V operator()(const V& x) const {
    const V u = fma(x, V(2.0), V(-1.0)), square = u * u;
    const V of_even = horner(square, even, std::make_index_sequence<even.size() - 1>{});
    const V of_odd = horner(square, odd, std::make_index_sequence<odd.size() - 1>{});
    return fma(u, of_odd, of_even);
  }
} log1p_ratio;

/// log(e^a + e^b) in double, to 3e-16 and the rounding of the result; NaN where either is. Differences beyond
/// 40 count as 40: e^-40 is lost in a sum with 1.
inline constexpr struct LogAdd {
  template <class V> [[gnu::always_inline]] V operator()(const V& a, const V& b) const {
    const V difference = a - b;
    const V below = at_least(at_most(difference, V(0.0) - difference), V(-40.0));
    const auto [scale, p] = reduce_exp(below);
    const V x = fma(scale, p, scale);
    return fma(x, log1p_ratio(x), at_least(a, b));
  }
} log_add;

/// Logarithms of a frame's states.
struct States {
  double *blanks, *labels;
};

/// One record's passes through its lattice. Of each frame it computes the states that can be reached from the
/// first frame and lead to the end, rounded outwards to whole vectors; what they read beside those is
/// log_zero or reaches only states that are no part of a path.
template <class T, class Arch> class Lattice {
 public:
  using V = Vec<double, Arch>;

  explicit Lattice(const CtcRecord<T>& record)
      : record_(record),
        labels_(record.label_count),
        columns_(record.columns()),
        frames_(record.layout.length(record.row)) {
    double* next = record.room;
    const auto take = [&](std::size_t count) { return std::exchange(next, next + count); };
    emissions_ = take(columns_);
    posteriors_ = take(columns_);
    other_ = take(columns_ + spare);
    ends_ = {take(columns_ + spare), take(columns_)};
    following_ = {take(columns_ + spare), take(columns_)};
    lattice_ = next;
    std::fill_n(emissions_, columns_, log_zero);
    for (std::size_t i = 0; i < columns_ + spare; ++i)
      other_[i] = i > 0 && i < labels_ && record.labels[i] != record.labels[i - 1] ? 1.0 : 0.0;
  }

  /// log P(labels); keeps the states of all frames where a gradient is wanted.
  double forward() {
    begin(row(0));
    for (std::size_t t = 1; t < frames_; ++t) step(t, row(t - 1), row(t));
    const States last = row(frames_ - 1);
    const double blank = last.blanks[labels_], label = labels_ > 0 ? last.labels[labels_ - 1] : log_zero;
    return std::max(blank, label) + std::log1p(std::exp(-std::abs(blank - label)));  // NaN stays
  }

  /// The gradient's rows, after forward().
  void backward(double log_probability) {
    std::fill_n(posteriors_, columns_, 0.0);
    std::fill_n(ends_.blanks, columns_ + spare, log_zero);
    std::fill_n(ends_.labels, columns_, log_zero);
    std::fill_n(following_.blanks, columns_ + spare, log_zero);
    ends_.blanks[labels_] = 0;
    if (labels_ > 0) ends_.labels[labels_ - 1] = 0;
    for (std::size_t t = frames_; t-- > 0;) {
      if (t + 1 < frames_) step_back(t + 1);
      add_posteriors(t, log_probability);
    }
  }

 private:
  static constexpr std::size_t spare = CtcRecord<T>::spare;

  /// Frame t's row; two rows take turns where none has to be kept.
  [[nodiscard]] States row(std::size_t t) const {
    const std::size_t place = record_.gradient.data() != nullptr ? t : t % 2;
    double* states = lattice_ + place * (2 * columns_ + spare);
    return {states, states + columns_ + spare};
  }
  /// Columns that frame t computes. By then at most t labels are over, and at most one a frame can follow.
  [[nodiscard]] IndexRange used(std::size_t t) const {
    const std::size_t first = labels_ + t > frames_ ? labels_ + t - frames_ : 0;
    return {first / spare * spare, std::min(columns_, (t + spare) / spare * spare)};
  }
  [[nodiscard]] std::size_t packed_row(std::size_t t) const { return record_.layout.offset(t) + record_.row; }

  /// Logarithms of a frame's probabilities.
  struct Emission {
    const double* logits;
    V log_sum, blank;
    /// Of label i and those behind it.
    [[nodiscard, gnu::always_inline]] V label(std::size_t i) const {
      return at_least(load<V>(logits + i) - log_sum, V(log_zero));
    }
  };
  Emission look_up(std::size_t t) {
    const T* logits = record_.logits.row_data(packed_row(t));
    for (std::size_t i = 0; i < labels_; ++i) emissions_[i] = double{logits[record_.labels[i]]};
    const V log_sum(double{record_.log_sums[packed_row(t)]});
    return {emissions_, log_sum, at_least(V(double{logits[record_.blank]}) - log_sum, V(log_zero))};
  }

  void begin(const States& to) {
    const Emission emission = look_up(0);
    std::fill_n(to.blanks, 2 * columns_ + spare, log_zero);
    store_partial(to.blanks, emission.blank, 1);
    if (labels_ > 0) store_partial(to.labels, emission.label(0), 1);
  }

  void step(std::size_t t, const States& from, const States& to) {
    const Emission emission = look_up(t);
    const auto [first, last] = used(t);
    for (std::size_t i = first; i < last; i += V::size) {
      const V b = load<V>(from.blanks + i);
      const V u = log_add(b, load<V>(from.labels + i - 1));
      const V before = select(load<V>(other_ + i) > V(0.0), u, b);
      store(to.blanks + i, u + emission.blank);
      store(to.labels + i, log_add(load<V>(from.labels + i), before) + emission.label(i));
    }
    to.labels[static_cast<std::ptrdiff_t>(first) - 1] = log_zero;
    const std::size_t behind = std::min(spare, columns_ - last);
    std::fill_n(to.blanks + last, behind, log_zero);
    std::fill_n(to.labels + last, behind, log_zero);
  }

  /// What the states of frame t lead to becomes what those of the frame before lead to.
  void step_back(std::size_t t) {
    const Emission emission = look_up(t);
    const std::size_t first = used(t - 1).begin;
    for (std::size_t i = first; i < used(t).end; i += V::size) {
      const V b = load<V>(ends_.blanks + i) + emission.blank;
      const V l = load<V>(ends_.labels + i) + emission.label(i);
      store(following_.blanks + i, b);
      store(following_.labels + i, l);
      store(ends_.blanks + i, log_add(b, l));
    }
    for (std::size_t i = first; i < used(t - 1).end; i += V::size) {
      const V behind = select(load<V>(other_ + i + 1) > V(0.0), load<V>(ends_.blanks + i + 1),
                              load<V>(following_.blanks + i + 1));
      store(ends_.labels + i, log_add(load<V>(following_.labels + i), behind));
    }
  }

  /// Row t of the gradient, from its softmax.
  void add_posteriors(std::size_t t, double log_probability) {
    const States states = row(t);
    const auto [first, last] = used(t);
    const V total(log_probability);
    V blanks(0.0);
    for (std::size_t i = first; i < last; i += V::size) {
      blanks = blanks + kernels::exp(load<V>(states.blanks + i) + load<V>(ends_.blanks + i) - total);
      store(posteriors_ + i, kernels::exp(load<V>(states.labels + i) + load<V>(ends_.labels + i) - total));
    }
    std::fill_n(posteriors_ + last, columns_ - last, 0.0);
    T* gradient = record_.gradient.row_data(packed_row(t));
    for (std::size_t c = 0; c < record_.gradient.cols(); ++c) gradient[c] *= record_.share;
    const auto subtract = [&](std::size_t c, double posterior) {
      gradient[c] = std::fma(-record_.share, static_cast<T>(posterior), gradient[c]);
    };
    subtract(record_.blank, kernels::detail::sum_lanes(blanks));
    for (std::size_t k = 0; k < labels_;) {
      const std::int32_t label = record_.labels[record_.by_class[k]];
      double sum = 0;
      for (; k < labels_ && record_.labels[record_.by_class[k]] == label; ++k)
        sum += posteriors_[record_.by_class[k]];
      subtract(static_cast<std::size_t>(label), sum);
    }
  }

  const CtcRecord<T>& record_;
  std::size_t labels_, columns_, frames_;
  double *emissions_, *posteriors_, *other_;  // of labels; other_: 1 where the label before is another
  States ends_, following_;  // log P(labels behind | state), without and with the frame of the state
  double* lattice_;
};

}  // namespace detail::ctc

/// log P(labels) of a record whose labels fit its frames; -infinity where probabilities of 0 leave no path.
/// With a gradient its rows become share (softmax - posteriors), unless the result is -infinity.
template <class T, class Arch = DefaultArch> [[gnu::flatten]] double ctc_record(const CtcRecord<T>& record) {
  detail::ctc::Lattice<T, Arch> lattice(record);
  const double log_probability = lattice.forward();
  if (log_probability < detail::ctc::log_impossible) return -std::numeric_limits<double>::infinity();
  if (record.gradient.data() != nullptr) lattice.backward(log_probability);
  return log_probability;
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END

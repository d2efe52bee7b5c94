#include <seqlstm/kernels/ctc.hpp>

#include <numeric>
#include <seqlstm/core/aligned_buffer.hpp>

#include "support/ctc.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

/// log_add of vectors of one number each.
double added(double a, double b) {
  using V = kernels::Vec<double, kernels::DefaultArch>;
  double lanes[V::size];
  kernels::store(lanes, V(kernels::detail::ctc::log_add(V(a), V(b))));
  return lanes[0];
}

/// The middle record of three of one length, with labels that repeat.
template <class T> struct Case {
  PackedLayout layout;
  reference::Matrix logits;
  reference::Labels labels;
  std::vector<T> x, log_sums, gradient;
  std::vector<std::int32_t> by_class;
  std::vector<double> room;
  kernels::CtcRecord<T> record;
  double log_probability = 0;

  Case(std::size_t frames, std::size_t classes, std::size_t label_count, double range, bool trains = true,
       bool repeats = true)
      : layout(std::vector<std::size_t>(3, frames)),
        logits(reference::random_matrix(layout.tokens(), classes, 7 * frames + label_count)),
        log_sums(layout.tokens()),
        gradient(trains ? layout.tokens() * classes : 0),
        by_class(label_count) {
    RandomStream random(label_count);
    for (std::size_t i = 0; i < label_count; ++i)
      labels.push_back(
          static_cast<std::int32_t>(1 + (repeats ? random.below(classes - 1) : i % (classes - 1))));
    for (double& v : logits.data) v *= range;
    x.assign(logits.data.begin(), logits.data.end());
    kernels::log_sum_exp_rows<T>({x.data(), logits.rows, classes}, log_sums.data());
    if (trains)
      kernels::softmax_rows<T>({x.data(), logits.rows, classes}, {gradient.data(), logits.rows, classes});
    std::iota(by_class.begin(), by_class.end(), 0);
    std::stable_sort(by_class.begin(), by_class.end(), [&](auto a, auto b) {
      return labels[static_cast<std::size_t>(a)] < labels[static_cast<std::size_t>(b)];
    });
    const MatrixView<T> wanted =
        trains ? MatrixView<T>(gradient.data(), logits.rows, classes) : MatrixView<T>();
    record = {layout.view(),
              1,
              {x.data(), logits.rows, classes},
              log_sums.data(),
              0,
              labels.data(),
              label_count,
              by_class.data(),
              T(0.5),
              wanted,
              nullptr};
    room.assign(record.room_size() + 1, std::numeric_limits<double>::quiet_NaN());
    record.room = room.data() + 1;  // no address of a vector
    log_probability = kernels::ctc_record<T>(record);
  }
  /// The logits of the record, as the kernel has them.
  [[nodiscard]] reference::Matrix frames() const {
    reference::Matrix own(layout.steps(), logits.cols);
    for (std::size_t t = 0; t < own.rows; ++t)
      for (std::size_t c = 0; c < own.cols; ++c) own(t, c) = double{x[(layout.offset(t) + 1) * own.cols + c]};
    return own;
  }
};

template <class T>
void compare(std::size_t frames, std::size_t classes, std::size_t label_count, double range, double tolerance,
             bool repeats = true) {
  INFO(frames << " frames, " << classes << " classes, " << label_count << " labels");
  const Case<T> found(frames, classes, label_count, range, true, repeats);
  const auto log_p = reference::log_softmax(found.frames());
  const auto expected = reference::ctc_by_lattice(log_p, found.labels, 0);
  REQUIRE(found.log_probability == Approx(expected.log_probability).epsilon(tolerance));
  for (std::size_t t = 0; t < frames; ++t)
    for (std::size_t c = 0; c < classes; ++c)
      REQUIRE(double{found.gradient[(found.layout.offset(t) + 1) * classes + c]} ==
              Approx(0.5 * (std::exp(log_p(t, c)) - expected.posteriors(t, c))).margin(20 * tolerance));
}

}  // namespace

TEST_CASE("ctc: log_add is the logarithm of a sum, to the last digits of the larger") {
  RandomStream random(1);
  for (std::size_t k = 0; k < 20000; ++k) {
    const double a = random.uniform(-3, 3), b = a + random.uniform(-45, 45);
    const long double larger = std::max(a, b), smaller = std::min(a, b);
    const long double truth = larger + std::log1p(std::exp(smaller - larger));
    REQUIRE(std::abs(static_cast<long double>(added(a, b)) - truth) < 4e-16L + 1.2e-16L * std::abs(truth));
    REQUIRE(added(a, b) == added(b, a));
  }
}

TEST_CASE("ctc: log_add of zeros, and of NaN on either side") {
  constexpr double zero = kernels::detail::ctc::log_zero, nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(added(zero, -3.0) == -3.0);
  CHECK(added(-3.0, zero) == -3.0);
  CHECK(added(zero, zero) == zero);
  CHECK(std::isnan(added(nan, 1.0)));
  CHECK(std::isnan(added(1.0, nan)));
  CHECK(std::isnan(added(nan, zero)));
}

TEST_CASE("ctc: probabilities and gradients are the textbook's for every number of labels") {
  for (std::size_t labels = 0; labels <= 35; ++labels) {
    compare<double>(75, 4, labels, 3, 1e-12);
    compare<float>(75, 4, labels, 3, 2e-6);
  }
  for (const std::size_t frames : {1U, 2U, 3U}) compare<double>(frames, 9, 1, 1, 1e-13);
}

TEST_CASE("ctc: as many labels as frames, and few more frames than labels") {
  for (const std::size_t labels : {1U, 7U, 8U, 9U, 24U, 31U})
    for (std::size_t more = 0; more <= 18; ++more)
      compare<double>(labels + more, 30, labels, 2, 1e-12, false);
}

TEST_CASE("ctc: labels that fill all frames, two classes, logits far apart") {
  compare<double>(40, 30, 19, 1, 1e-12);
  compare<double>(40, 2, 20, 1, 1e-12);  // 20 equal labels need 39 frames
  compare<double>(39, 2, 20, 1, 1e-12);
  compare<double>(60, 5, 17, 200, 1e-12);
}

TEST_CASE("ctc: without a gradient two rows of the lattice do") {
  const Case<double> with(50, 5, 13, 2, true), without(50, 5, 13, 2, false);
  CHECK(without.log_probability == with.log_probability);
  CHECK(without.room.size() < with.room.size() / 3);
}

TEST_CASE("ctc: rows of other records are left as they are") {
  const Case<float> found(9, 5, 3, 2);
  std::vector<float> softmax(found.x.size());
  kernels::softmax_rows<float>({found.x.data(), 27, 5}, {softmax.data(), 27, 5});
  for (std::size_t t = 0; t < 9; ++t)
    for (std::size_t c = 0; c < 5; ++c) {
      CHECK(found.gradient[(found.layout.offset(t) + 0) * 5 + c] ==
            softmax[(found.layout.offset(t) + 0) * 5 + c]);
      CHECK(found.gradient[(found.layout.offset(t) + 2) * 5 + c] ==
            softmax[(found.layout.offset(t) + 2) * 5 + c]);
    }
}

TEST_CASE("ctc: no path where a class that must be has a probability of 0") {
  Case<double> found(9, 3, 4, 1);
  for (std::size_t i = 0; i < found.x.size(); i += 3) found.x[i + 2] = -inf;  // labels have 2s
  const auto before = found.gradient;
  CHECK(kernels::ctc_record<double>(found.record) == -inf);
  CHECK(same_bits(found.gradient, before));
}

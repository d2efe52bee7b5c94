// Dropout: numbers set to zero at random, in training only (Srivastava et al. 2014).
#pragma once

#include <cstdint>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/names.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// What a Dropout sets to zero.
struct DropoutOptions {
  double p = 0.5;            ///< probability of a zero, 0 to 1
  bool variational = false;  ///< one mask for all tokens of a sequence (Gal and Ghahramani 2016)
  std::string name = {};     ///< for error messages: "dropout 'name': ..."
};

namespace detail {

/// Which elements of a value are kept: one byte each, drawn from (seed, step, layer, record, time, unit), so
/// that neither threads nor the batch's composition change a mask. A variational mask has one row per
/// sequence.
class DropoutMask {
 public:
  template <Scalar T>
  DropoutMask(const Var<T>& x, const DropoutOptions& options)
      : DropoutMask(x.tape(), x, x.rows(), options.p) {
    const PackedLayout* layout =
        x.layout() != nullptr && x.layout()->sequences() == x.rows() ? x.layout() : nullptr;
    const StepShards<T>* shards = x.tape().shards();
    draw(rows_, [&](std::size_t row) {
      if (layout != nullptr) return Place{layout->record(layout->rank(row)), 0};
      return Place{shards != nullptr ? shards->number(row) : row, 0};
    });
  }
  template <Scalar T>
  DropoutMask(const SeqVar<T>& x, const DropoutOptions& options)
      : DropoutMask(x.tape(), x, options.variational ? x.layout()->sequences() : x.rows(), options.p) {
    const PackedLayout& layout = *x.layout();
    if (options.variational) {
      layout_ = &layout;
      draw(rows_, [&](std::size_t row) { return Place{layout.record(row), 0}; });
      return;
    }
    draw(rows_, [&](std::size_t row) {
      const std::size_t t = step_of(layout, row);
      return Place{layout.record(row - layout.offset(t)), static_cast<std::uint32_t>(t)};
    });
  }

  /// out (+)= x * mask / (1 - p). NaN and infinity stay NaN where they are dropped.
  template <Scalar T> void apply(ConstMatrixView<T> x, MatrixView<T> out, bool accumulate) const {
    const T scale = p_ < 1 ? static_cast<T>(1 / (1 - p_)) : T(0);
    for_parts(x.rows(), 1, x.size(), [&](IndexRange rows) {
      for (std::size_t row = rows.begin; row < rows.end; ++row) {
        const std::uint8_t* keep = keep_ + mask_row(row) * cols_;
        Kernels<T>::mask_elements(x.row_data(row), keep, scale, out.row_data(row), cols_, accumulate);
      }
    });
  }

 private:
  struct Place {
    std::uint64_t record;
    std::uint32_t time;
  };

  template <Scalar T>
  DropoutMask(Tape<T>& tape, const Variable<T>& x, std::size_t rows, double p)
      : key_(tape.next_random()), rows_(rows), cols_(x.cols()), p_(p) {
    keep_ = tape.arena().template allocate<std::uint8_t>(rows * x.cols());
  }

  /// The step of a packed row.
  static std::size_t step_of(const PackedLayout& layout, std::size_t row);
  [[nodiscard]] std::size_t mask_row(std::size_t row) const;

  template <class PlaceOf> void draw(std::size_t count, PlaceOf place_of) {
    const Coin dropped(p_);
    for_parts(count, 1, count * cols_ * 8, [&](IndexRange rows) {
      for (std::size_t row = rows.begin; row < rows.end; ++row) {
        const Place place = place_of(row);
        std::uint8_t* keep = keep_ + row * cols_;
        for_each_coin(dropped, key_, place.record, place.time, cols_,
                      [&](std::size_t c, bool drop) { keep[c] = drop ? 0 : 1; });
      }
    });
  }

  RandomKey key_;
  std::size_t rows_, cols_;
  double p_;
  std::uint8_t* keep_ = nullptr;
  const PackedLayout* layout_ = nullptr;  // of a variational mask
};

}  // namespace detail

/// y = x mask / (1 - p), each element of the mask 1 with probability 1 - p; x itself in inference, while
/// `training` is false and for p = 0. Masks are a function of the tape's seed and step, the order of random
/// layers in the model, and a row's record, time and column: threads, batch order and batch size cannot
/// change them. Stores a byte per element. Throws option_error when p is not within [0, 1].
template <Scalar T = float> class Dropout {
 public:
  Dropout() : Dropout(DropoutOptions{}) {}
  /// Not variational. Throws option_error when p is not within [0, 1].
  explicit Dropout(double p) : Dropout(DropoutOptions{p, false, {}}) {}
  /// The same with all options.
  explicit Dropout(DropoutOptions options);

  /// y, of x's shape. `variational` changes nothing for a Var: it has one row per sequence.
  template <template <class> class V> V<T> operator()(const V<T>& x) const {
    if (!training || !x.tape().training() || options_.p == 0) return x;
    const detail::DropoutMask mask(x, options_);
    V<T> y = x.tape().make_like(x, x.needs_gradient());
    mask.apply(x.value(), y.node()->value, false);
    x.tape().record(y, [x, mask](ConstMatrixView<T> dy) {
      const auto dx = x.tape().gradient_destination(x);
      mask.apply(dy, dx.gradient, dx.accumulate);
    });
    return y;
  }

  /// Another p than that of the options. Throws option_error when it is not within [0, 1].
  void set_probability(double p);
  /// The options, with the p that set_probability() set last.
  [[nodiscard]] const DropoutOptions& options() const { return options_; }
  template <class Visitor> void fields(Visitor&) {}

  std::string name;      ///< in error messages; set_names() makes it the path in the module
  bool training = true;  ///< false: the identity, even on a training tape

 private:
  DropoutOptions options_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/dropout.ipp>
#endif

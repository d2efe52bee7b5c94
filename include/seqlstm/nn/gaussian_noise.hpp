// Gaussian noise: normal numbers added in training only, so that a network does not rely on exact values
// (Bishop 1995, "Training with noise is equivalent to Tikhonov regularization"; Keras' GaussianNoise).
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/core/random.hpp>
#include <seqlstm/nn/names.hpp>
#include <string>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

/// How much a GaussianNoise adds.
struct GaussianNoiseOptions {
  double stddev = 0.1;       ///< of the numbers added, at least 0
  bool variational = false;  ///< one number for all tokens of a sequence in a column: an offset
  std::string name = {};     ///< for error messages: "gaussian noise 'name': ..."
};

/// y = x + stddev * n with n standard normal; x itself in inference, while `training` is false and for a
/// stddev of 0. The numbers are a function of the tape's seed and step, the order of random layers in the
/// model, and a row's record, time and column: threads, batch order and batch size cannot change them.
/// Stores a number per element. Throws option_error for a stddev below 0 or not finite.
template <Scalar T = float> class GaussianNoise {
 public:
  GaussianNoise() : GaussianNoise(GaussianNoiseOptions{}) {}
  /// Throws option_error for a stddev below 0 or not finite.
  explicit GaussianNoise(GaussianNoiseOptions options) : name(options.name), options_(std::move(options)) {
    if (!(options_.stddev >= 0 && std::isfinite(options_.stddev)))
      throw option_error(detail::title("gaussian noise", name) + ": stddev is " +
                         detail::number_text(options_.stddev) + ", expected a finite number from 0 on");
  }

  /// y, of x's shape.
  SeqVar<T> operator()(const SeqVar<T>& x) const {
    if (!training || !x.tape().training() || options_.stddev == 0) return x;
    const RandomKey key = x.tape().next_random();
    const SeqVar<T> noise = x.tape().make_like(x, false);
    const PackedLayout& layout = *x.layout();
    const MatrixView<T> value = noise.node()->value;
    for_parts(layout.sequences(), 1, x.value().size() * 32, [&](IndexRange ranks) {
      for (std::size_t r = ranks.begin; r < ranks.end; ++r) fill(key, layout, r, value);
    });
    return x + noise;
  }

  /// The options of the constructor.
  [[nodiscard]] const GaussianNoiseOptions& options() const { return options_; }
  template <class Visitor> void fields(Visitor&) {}

  std::string name;      ///< in error messages; set_names() makes it the path in the module
  bool training = true;  ///< false: the identity, even on a training tape

 private:
  /// The rows of one sequence, from its first token on: how long it is changes none of them.
  void fill(const RandomKey& key, const PackedLayout& layout, std::size_t rank, MatrixView<T> value) const {
    RandomStream random(key, layout.record(rank));
    for (std::size_t t = 0; t < layout.length(rank); ++t) {
      T* row = value.row_data(layout.offset(t) + rank);
      if (options_.variational && t > 0) {
        std::copy_n(value.row_data(layout.offset(0) + rank), value.cols(), row);
      } else {
        for (std::size_t c = 0; c < value.cols(); ++c)
          row[c] = static_cast<T>(options_.stddev * random.normal());
      }
    }
  }

  GaussianNoiseOptions options_;
};

SEQLSTM_NAMESPACE_END

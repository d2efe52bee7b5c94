// Definitions of basecaller.hpp.
#pragma once

#include <seqlstm/models/basecaller.hpp>
#include <seqlstm/nn/reversed.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// A base goes on only after itself, and a read begins with one that begins.
SEQLSTM_INLINE CrfOptions base_crf() {
  CrfOptions options{.labels = base_classes(BaseCode::crf)};
  for (std::size_t base = 0; base < 4; ++base) {
    options.forbidden_start.push_back(base + 4);
    for (std::size_t before = 0; before < 8; ++before)
      if (before % 4 != base) options.forbidden.emplace_back(before, base + 4);
  }
  return options;
}

}  // namespace detail

SEQLSTM_INLINE double expected_parameters(const BasecallerOptions& o) {
  const auto filters = static_cast<double>(o.filters), hidden = static_cast<double>(o.hidden),
             classes = static_cast<double>(base_classes(o.code));
  const double gru = 3 * hidden * (hidden + 2);
  return filters * (static_cast<double>(o.stride) * static_cast<double>(o.kernel) + 1) +
         gru * static_cast<double>(o.layers) + 3 * hidden * filters +
         3 * hidden * hidden * (static_cast<double>(o.layers) - 1) + classes * (hidden + 1);
}

template <Scalar T>
Basecaller<T>::Basecaller(const BasecallerOptions& o)
    : options_(o),
      convolution_({.input = o.stride, .output = o.filters, .kernel = o.kernel}),
      output_(o.hidden, base_classes(o.code)) {
  if (o.layers == 0) throw option_error("basecaller: 0 layers, expected at least one");
  for (std::size_t i = 0; i < o.layers; ++i)
    grus_.emplace_back(GruOptions{.input = i == 0 ? o.filters : o.hidden, .hidden = o.hidden});
  if (o.code == BaseCode::crf) crf_.emplace(detail::base_crf());
}

template <Scalar T> ModelOutput<T> Basecaller<T>::forward(Tape<T>& tape, const SequenceBatch& batch) const {
  SeqVar<T> x = relu(convolution_(channels(tape, batch)));
  for (const auto& gru : grus_) x = gru(reversed(x));
  if (grus_.size() % 2 == 1) x = reversed(x);
  const SeqVar<T> scores = output_(x);
  if (crf_) return (*crf_)(scores);
  return scores;
}

template <Scalar T> Loss Basecaller<T>::loss() const {
  return crf_ ? crf_loss() : ctc_loss();
}

#if !SEQLSTM_HEADER_ONLY
template class Basecaller<float>;
template class Basecaller<double>;
#endif

SEQLSTM_NAMESPACE_END

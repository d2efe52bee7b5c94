// From states to a score per token of the vocabulary, with the embedding's own vectors.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/detail/linear.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/names.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// logits = x E^T + b with the weight E [V, width] of an embedding and a bias b [V] of its own, zero at first
/// (Inan et al. 2017; Press and Wolf 2017). Both uses of E add to its gradient, the padding row's too where
/// logits use it, as in PyTorch. Throws shape_error when x is not as wide as the embedding. Keeps copies of E
/// in the kernels' order, made once per update. Must outlive the tape's step, as must the embedding.
template <Scalar T = float> class TiedDecoder {
 public:
  TiedDecoder() = default;
  /// `vocabulary`: the embedding's.
  explicit TiedDecoder(std::size_t vocabulary, std::string layer_name = {});

  /// A row of logits per row of x: [rows, V].
  template <template <class> class V> V<T> operator()(const V<T>& x, const Embedding<T>& embedding) const {
    detail::check_columns("tied_decoder", name, x, "embedding", embedding.weight.cols());
    if (embedding.weight.rows() != bias.size())
      throw shape_error(detail::title("tied_decoder", name) + ": the embedding has " +
                        std::to_string(embedding.weight.rows()) + " tokens, the bias " +
                        std::to_string(bias.size()) + "; build both for one vocabulary");
    return linear_(x, embedding.weight, bias, precision_);
  }

  /// Packs the embedding's vectors for the products now and not in the first pass. A module that has both
  /// layers calls it in a prepare() of its own, which seqlstm::prepare() calls.
  void prepare(const Embedding<T>& embedding) const { linear_.prepare(embedding.weight, precision_); }
  /// What factors are rounded to, f32 at first; an option_error for bf16 or int8 where T is double.
  void set_precision(Precision precision);
  /// What factors are rounded to now.
  [[nodiscard]] Precision precision() const { return precision_; }
  /// Sets the bias to zero. Draws nothing: the key is not used.
  void initialize(RandomKey);
  template <class Visitor> void fields(Visitor& v) { v("bias", bias); }

  std::string name;   ///< in error messages; set_names() makes it the path in the module
  Parameter<T> bias;  ///< [V]

 private:
  detail::Linear<T> linear_;
  Precision precision_ = Precision::f32;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/tied_decoder.ipp>
#endif

// What a convolution makes of tokens: W_k times every distinct row once, then lookups. No product with a unit
// vector is ever made, and none of a token that stands in many places.
//
//   forward    table_k = rows W_k^T                y rows += table_k rows of their tokens
//   backward   dtable_k rows of tokens += dy rows  dW_k += dtable_k^T rows    drows += dtable_k W_k
#pragma once

#include <array>
#include <seqlstm/nn/detail/tap_runs.hpp>
#include <seqlstm/nn/detail/tap_weights.hpp>
#include <seqlstm/nn/embedded_tokens.hpp>
#include <seqlstm/nn/row_sums.hpp>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Where the gradients of a convolution of tokens are added: that of the weight, and of a table each; no
/// memory where there is none.
template <Scalar T> struct ConvGradients {
  MatrixView<T> weight;
  std::array<MatrixView<T>, 2> tables;
};

/// The tokens of one step with the products P; lives in the tape's arena. The weight [O, I, kernel] must
/// outlive the step.
template <Scalar T, class P> class ConvLookup {
 public:
  /// Finds the distinct rows and multiplies them by all taps.
  ConvLookup(Tape<T>& tape, const EmbeddedTokens<T>& tokens, const Parameter<T>& weight,
             const TapFactors<T, P>& factors);

  /// Does a table of these tokens want a gradient?
  [[nodiscard]] bool trains_rows() const;
  /// y rows += what tap k makes of the tokens.
  void add_rows(std::size_t tap, const TapRun& run, MatrixView<T> y) const;
  /// Adds the gradients of weight and tables to `to`. for_each_run(taps, body) calls body(tap, run) for all
  /// runs of these taps; backward_factors() are those of the weight.
  template <class ForEachRun, class BackwardFactors>
  void backward(ConstMatrixView<T> dy, const ConvGradients<T>& to, ForEachRun&& for_each_run,
                BackwardFactors&& backward_factors) const {
    for (std::size_t s = 0; s < 2; ++s) {
      if (!is_lookup(s) || !(weight_->trainable || trains(s))) continue;
      T* sums = table_sums(s, dy, for_each_run);
      if (weight_->trainable) add_weight_gradient(s, sums, to.weight);
      if (trains(s)) add_table_gradient(s, sums, backward_factors(), to.tables[s]);
    }
  }
  /// Where they belong.
  [[nodiscard]] ConvGradients<T> gradients() const {
    return gradients_at([](const Parameter<T>& parameter) { return parameter.gradient(); });
  }
  /// place(parameter) for each that wants one.
  template <class Place> ConvGradients<T> gradients_at(Place&& place) const {
    ConvGradients<T> own;
    if (weight_->trainable) own.weight = place(*weight_);
    for (std::size_t s = 0; s < 2; ++s)
      if (trains(s)) own.tables[s] = place(*sources_[s].table);
    return own;
  }
  /// The tokens of a shard, which `own` gathers.
  [[nodiscard]] ConvLookup part(GatheredRows<T>& own) const {
    ConvLookup tokens = *this;
    for (std::size_t s = 0; s < 2; ++s)
      if (is_lookup(s))
        tokens.distinct_[s] =
            distinct_part(tape_->arena(), distinct_[s], own(std::as_const(distinct_[s].indices)), own.size());
    return tokens;
  }

 private:
  [[nodiscard]] bool is_lookup(std::size_t s) const { return sources_[s].index != RowSource<T>::Index::none; }
  [[nodiscard]] bool trains(std::size_t s) const {
    return sources_[s].table != nullptr && sources_[s].table->trainable;
  }
  /// Of a table for every tap, [kernel][distinct rows][O].
  [[nodiscard]] MatrixView<T> of_tap(T* tables, std::size_t s, std::size_t tap) const {
    const std::size_t rows = distinct_[s].count, outputs = weight_->rows();
    return {tables + tap * rows * outputs, rows, outputs};
  }
  [[nodiscard]] T* make_tables(std::size_t s, const TapFactors<T, P>& factors) const;
  /// Calls body(rows of `all`, ids of their tokens) for the run, in one piece where its tokens lie side by
  /// side.
  template <class M, class Body>
  void for_tokens(std::size_t s, const TapRun& run, const M& all, Body&& body) const {
    const auto rows = run.rows_of_output(all);
    const std::int32_t* ids = distinct_[s].indices + run.in;
    if (run.in_step == 1) return body(rows, ids);
    for (std::size_t j = 0; j < run.count; ++j) body(rows.row_range(j, 1), ids + j * run.in_step);
  }
  /// The gradients of the tables: threads split the columns of all taps.
  template <class ForEachRun>
  T* table_sums(std::size_t s, ConstMatrixView<T> dy, ForEachRun&& for_each_run) const {
    const std::size_t all = TapSizes(*weight_).taps * dy.cols();
    T* sums = tape_->arena().template allocate_zero<T>(distinct_[s].count * all);
    for_parts(all, cache_line / sizeof(T), dy.rows() * all, [&](IndexRange own) {
      const TapPart part{own, dy.cols()};
      for_each_run(part.taps(), [&](std::size_t k, const TapRun& run) {
        for_tokens(s, run, dy, [&](ConstMatrixView<T> rows, const std::int32_t* ids) {
          Kernels<T>::scatter_add_rows(rows, ids, of_tap(sums, s, k), part.outputs(k));
        });
      });
    });
    return sums;
  }
  void add_weight_gradient(std::size_t s, T* sums, MatrixView<T> gradient) const;
  void add_table_gradient(std::size_t s, T* sums, const TapFactors<T, P>& factors,
                          MatrixView<T> target) const;

  Tape<T>* tape_;
  std::array<RowSource<T>, 2> sources_;
  const Parameter<T>* weight_;
  std::array<DistinctRows<T>, 2> distinct_{};
  std::array<T*, 2> tables_{};
};

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/conv_lookup.ipp>
#endif

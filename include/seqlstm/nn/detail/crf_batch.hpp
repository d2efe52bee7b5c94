// What a conditional random field is asked of a batch: its labels, checked, and its sequences in groups.
#pragma once

#include <algorithm>
#include <memory>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/nn/detail/crf_run.hpp>
#include <seqlstm/nn/detail/label_graph.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// Sequences that are computed together. Sums over the batch are made of sums over groups, so that they do
/// not depend on threads.
inline constexpr std::size_t crf_group = 16;
/// Groups of so many sequences.
inline std::size_t crf_groups(std::size_t sequences) {
  return (sequences + crf_group - 1) / crf_group;
}

/// A batch's labels.
struct CrfLabels {
  std::int32_t* observed;             // [tokens], packed; -1: not known
  std::span<const std::size_t> rows;  // the sequences with a label, longest first
  bool* complete;                     // [sequences]: every position of packed row r has a label
  std::size_t positions;              // with a label
};

/// Which labels a sequence may have, and for whom errors speak.
struct CrfRules {
  const LabelGraph& graph;
  const std::string& name;  // of the Crf
  const PackedLayout& layout;

  /// Throws what crf_loss() says of wrong labels.
  [[nodiscard]] CrfLabels read(Arena& arena, std::span<const double> labels) const;
  /// Throws option_error where no allowed path through packed row r has the observed labels (null: any). For
  /// sequences whose sum over paths is 0 or NaN.
  void check_path(std::size_t r, const std::int32_t* observed = nullptr) const;

 private:
  [[nodiscard]] std::string record_text(std::size_t r) const;
  /// The label at step t of packed row r, -1 for NaN; `before` is that of the step before.
  [[nodiscard]] std::int32_t read_label(double label, std::size_t r, std::size_t t,
                                        std::int32_t before) const;
};

/// All sequences that are not empty, longest first.
std::span<const std::size_t> rows_with_tokens(Arena& arena, const PackedLayout& layout);

/// Calls f(packed row of the batch, token of the run) for every token of the run of `rows`.
template <class F>
void for_each_run_token(const PackedLayout& layout, std::span<const std::size_t> rows, const CrfRun& run,
                        F&& f) {
  for (std::size_t t = 0; t < run.layout.steps(); ++t)
    for (std::size_t k = 0; k < run.layout.active(t); ++k) f(layout.offset(t) + rows[k], run.token(t, k));
}

/// Lays out `rows` with their emissions and observed labels (null: none).
template <Scalar T>
void load_run(CrfRun& run, const SeqVar<T>& x, std::span<const std::size_t> rows,
              const std::int32_t* observed) {
  lay_out_run(run, *x.layout(), rows);
  for_each_run_token(*x.layout(), rows, run, [&](std::size_t row, std::size_t token) {
    std::copy_n(x.value().row_data(row), x.cols(), run.values.row_data(token));
    run.observed[token] = observed == nullptr ? -1 : observed[row];
  });
}

/// Parts that threads split the work on a batch into, at most `most`.
template <Scalar T> std::size_t crf_parts(const SeqVar<T>& x, std::size_t most) {
  return std::min(most, parts_for(x.rows() * x.cols() * x.cols() * 4));
}

/// Calls body(group, its rows, room for a run of them) for all groups of `rows`, which threads share.
template <Scalar T, class Body>
void for_each_crf_group(const SeqVar<T>& x, std::span<const std::size_t> rows, Body&& body) {
  const PackedLayout& layout = *x.layout();
  const std::size_t groups = crf_groups(rows.size()), parts = crf_parts(x, groups);
  const auto rows_of = [rows](std::size_t group) {
    const std::size_t first = group * crf_group;
    return rows.subspan(first, std::min(crf_group, rows.size() - first));
  };
  auto* runs = x.tape().arena().template allocate<CrfRun>(parts);
  for (std::size_t part = 0; part < parts; ++part) {  // its first group has the most tokens
    std::size_t tokens = 0;
    for (const std::size_t r : rows_of(part)) tokens += layout.length(r);
    std::construct_at(runs + part, crf_run(x.tape().arena(), x.cols(), tokens, rows_of(part).size(),
                                           layout.length(rows_of(part)[0])));
  }
  parallel_for(parts, [&](std::size_t part) {
    for (std::size_t group = part; group < groups; group += parts) body(group, rows_of(group), runs[part]);
  });
}

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/crf_batch.ipp>
#endif

// Several networks that answer as one (deep ensembles; Lakshminarayanan et al. 2017, who average
// probabilities: here it is the outputs, logits or numbers).
#pragma once

#include <algorithm>
#include <concepts>
#include <iterator>
#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/core/concepts.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/model_output.hpp>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// What an ensemble does with outputs: their values kept on a tape, sums and multiples, of rows and of scores
/// of sites.
template <Scalar T> MatrixView<T> copied(Tape<T>& tape, ConstMatrixView<T> values) {
  const auto kept = tape.arena().template matrix<T>(values.rows(), values.cols());
  for (std::size_t r = 0; r < values.rows(); ++r)
    std::copy_n(values.row_data(r), values.cols(), kept.row_data(r));
  return kept;
}
template <Scalar T, class Batch> Var<T> kept_on(Tape<T>& tape, const Var<T>& rows, const Batch&) {
  return tape.leaf(copied(tape, rows.value()));
}
template <Scalar T, class Batch>
RowsAndSites<T> kept_on(Tape<T>& tape, const RowsAndSites<T>& output, const Batch& batch) {
  const auto rows = tape.leaf(copied(tape, output.value()));
  if (!output.sites.defined()) return rows;
  return {rows, tape.leaf(copied(tape, output.sites.value()), batch.layout)};
}
template <Scalar T> Var<T> sum_of(const Var<T>& a, const Var<T>& b) {
  return a + b;
}
template <Scalar T> RowsAndSites<T> sum_of(const RowsAndSites<T>& a, const RowsAndSites<T>& b) {
  if (!a.sites.defined()) return a.rows + b.rows;
  return {a.rows + b.rows, a.sites + b.sites};
}
template <Scalar T> Var<T> multiple_of(const Var<T>& x, T factor) {
  return factor * x;
}
template <Scalar T> RowsAndSites<T> multiple_of(const RowsAndSites<T>& x, T factor) {
  if (!x.sites.defined()) return factor * x.rows;
  return {factor * x.rows, factor * x.sites};
}

}  // namespace detail

/// Networks of one kind and shape, mostly trained one by one, whose mean output is the answer. Parameters of
/// one network have their own names; of several "member0.", "member1.", ... stands before them.
template <class Model> class Ensemble {
 public:
  /// Throws option_error where there is none.
  explicit Ensemble(std::vector<Model> members) : members_(std::move(members)) { check(); }
  /// One network, whose parameters keep their names.
  explicit Ensemble(Model only) { members_.push_back(std::move(only)); }
  /// `count` networks of the same options. Throws option_error for 0.
  template <class Options>
  explicit Ensemble(const Options& options,
                    std::size_t count = 1) requires std::constructible_from<Model, const Options&> {
    members_.reserve(count);
    for (std::size_t m = 0; m < count; ++m) members_.emplace_back(options);
    check();
  }

  /// The mean of the members' outputs, rows or RowsAndSites.
  template <Scalar T, class Batch>
  auto forward(Tape<T>& tape, const Batch& batch) const requires RunsOn<const Model, Tape<T>, Batch> {
    if (members_.size() == 1) return members_[0].forward(tape, batch);
    auto sum = output_of(members_[0], tape, batch);
    for (std::size_t m = 1; m < members_.size(); ++m)
      sum = detail::sum_of(sum, output_of(members_[m], tape, batch));
    return detail::multiple_of(sum, 1 / static_cast<T>(members_.size()));
  }
  template <class V> void fields(V& v) {
    if (members_.size() == 1) return members_[0].fields(v);
    for (std::size_t m = 0; m < members_.size(); ++m) v("member" + std::to_string(m), members_[m]);
  }

  /// Takes the members of another one of the same shape. Names and addresses of parameters change.
  void join(Ensemble other) { std::ranges::move(other.members_, std::back_inserter(members_)); }
  /// Number of members.
  [[nodiscard]] std::size_t size() const { return members_.size(); }
  /// Member 0 to size() - 1.
  [[nodiscard]] Model& operator[](std::size_t member) { return members_[member]; }
  /// The same, to read.
  [[nodiscard]] const Model& operator[](std::size_t member) const { return members_[member]; }

 private:
  void check() const {
    if (members_.empty()) throw option_error("ensemble: no members, expected at least one network");
  }
  /// In prediction what one member computes makes room for the next one: only its output stays.
  template <Scalar T, class Batch>
  static auto output_of(const Model& member, Tape<T>& tape, const Batch& batch) {
    if (tape.training()) return member.forward(tape, batch);
    Tape<T>& scratch = tape.scratch();
    scratch.reset();
    return detail::kept_on(tape, member.forward(scratch, batch), batch);
  }

  std::vector<Model> members_;
};

SEQLSTM_NAMESPACE_END

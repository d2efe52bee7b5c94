// Definitions of crf.hpp.
#pragma once

#include <array>
#include <limits>
#include <seqlstm/nn/crf.hpp>
#include <seqlstm/nn/detail/crf_batch.hpp>
#include <seqlstm/nn/detail/crf_best_path.hpp>
#include <seqlstm/nn/detail/crf_sums.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/row_sums.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
Crf<T>::Crf(CrfOptions options)
    : name(std::move(options.name)),
      start_transitions(options.labels),
      end_transitions(options.labels),
      transitions(options.labels, options.labels, detail::title("crf", name)),
      graph_(detail::title("crf", name), options.labels, options.forbidden, options.forbidden_start,
             options.forbidden_end) {
  initialize_constructed(*this);
}

template <Scalar T> CrfScores<T> Crf<T>::operator()(const SeqVar<T>& emissions) const {
  if (emissions.cols() != labels())
    throw shape_error(detail::title("crf", name) + ": the emissions have " +
                      std::to_string(emissions.cols()) + " columns, expected " + std::to_string(labels()) +
                      ", one for each label");
  return {emissions, this};
}

template <Scalar T> void Crf<T>::initialize(RandomKey key) {
  RandomStream random(key);
  for (auto* parameter : {&start_transitions, &end_transitions, &transitions})
    init::uniform(parameter->edit(), random, -0.1, 0.1);
}

namespace detail {

/// Which labels the batch may have.
template <Scalar T> CrfRules rules_of(const CrfScores<T>& scores) {
  return {scores.crf->graph(), scores.crf->name, *scores.emissions.layout()};
}

/// The scores of transitions, -infinity where forbidden, and their factors.
template <Scalar T> CrfFactors factors_of(const CrfScores<T>& scores) {
  const Crf<T>& crf = *scores.crf;
  const std::size_t labels = crf.labels();
  CrfFactors f = crf_factors(scores.emissions.tape().arena(), labels);
  constexpr double never = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < labels; ++i) {
    f.start(0, i) = crf.may_start(i) ? double{crf.start_transitions.data()[i]} : never;
    f.end(0, i) = crf.may_end(i) ? double{crf.end_transitions.data()[i]} : never;
    for (std::size_t j = 0; j < labels; ++j)
      f.transitions(i, j) = crf.may_follow(i, j) ? double{crf.transitions.view()(i, j)} : never;
  }
  fill_crf_factors(f);
  return f;
}

/// Where share times the gradient of -log likelihood goes.
template <Scalar T> struct CrfGradient {
  MatrixView<T> emissions;      // [tokens, K]
  CrfCounts* counts = nullptr;  // of each group, without the share
  double share = 0;
};

/// What is counted of each of so many groups, nothing yet.
inline CrfCounts* zero_crf_counts(Arena& arena, std::size_t labels, std::size_t groups) {
  auto* counts = arena.template allocate<CrfCounts>(groups);
  for (std::size_t group = 0; group < groups; ++group)
    std::construct_at(counts + group, CrfCounts{arena.template zero_matrix<double>(labels, labels),
                                                arena.template zero_matrix<double>(1, labels),
                                                arena.template zero_matrix<double>(1, labels)});
  return counts;
}

/// The score of the labels of packed row r, which are complete. They are taken from what is expected.
template <Scalar T>
double path_score(const CrfFactors& f, const SeqVar<T>& x, const std::int32_t* observed, std::size_t r,
                  const CrfGradient<T>* gradient, const CrfCounts& counts) {
  const PackedLayout& layout = *x.layout();
  double score = 0;
  std::size_t label = 0;
  for (std::size_t t = 0; t < layout.length(r); ++t) {
    const std::size_t row = layout.offset(t) + r, before = label;
    label = static_cast<std::size_t>(observed[row]);
    score += (t == 0 ? f.start(0, label) : f.transitions(before, label)) + double{x.value()(row, label)};
    if (gradient == nullptr) continue;
    gradient->emissions(row, label) = T(-1);
    (t == 0 ? counts.start(0, label) : counts.transitions(before, label)) -= 1;
  }
  if (gradient != nullptr) counts.end(0, label) -= 1;
  return score + f.end(0, label);
}

/// Log likelihoods of some sequences, by packed row, and their gradient (null: not wanted).
template <Scalar T>
void group_likelihood(const CrfScores<T>& scores, const CrfFactors& f, const CrfLabels& labels,
                      std::span<const std::size_t> rows, CrfRun& run, double* log_likelihood,
                      const CrfGradient<T>* gradient, const CrfCounts& counts) {
  const SeqVar<T>& x = scores.emissions;
  const PackedLayout& layout = *x.layout();
  std::array<std::size_t, crf_group> partly;  // rows of which some labels are known
  std::size_t partly_count = 0;
  for (const std::size_t r : rows) {
    if (labels.complete[r])
      log_likelihood[r] = path_score(f, x, labels.observed, r, gradient, counts);
    else
      partly[partly_count++] = r;
  }
  if (partly_count > 0) {
    const std::span<const std::size_t> some(partly.data(), partly_count);
    load_run(run, x, some, labels.observed);
    crf_forward(f, run);
    for (std::size_t k = 0; k < partly_count; ++k) log_likelihood[partly[k]] = run.log_sum[k];
    if (gradient != nullptr) {
      crf_backward(f, run, -1, counts);
      for_each_run_token(layout, some, run, [&](std::size_t row, std::size_t token) {
        for (std::size_t j = 0; j < x.cols(); ++j)
          gradient->emissions(row, j) = static_cast<T>(-run.values(token, j));
      });
    }
  }
  load_run(run, x, rows, nullptr);
  crf_forward(f, run);
  for (std::size_t k = 0; k < rows.size(); ++k) log_likelihood[rows[k]] -= run.log_sum[k];
  if (gradient == nullptr) return;
  crf_backward(f, run, 1, counts);
  for_each_run_token(layout, rows, run, [&](std::size_t row, std::size_t token) {
    for (std::size_t j = 0; j < x.cols(); ++j) {
      T& g = gradient->emissions(row, j);
      g = static_cast<T>((double{g} + run.values(token, j)) * gradient->share);
    }
  });
}

/// log_likelihood[r] of every packed row with a label, and the gradient (null: not wanted).
template <Scalar T>
void crf_likelihood(const CrfScores<T>& scores, const CrfLabels& labels, double* log_likelihood,
                    const CrfGradient<T>* gradient) {
  const CrfFactors f = factors_of(scores);
  for_each_crf_group(scores.emissions, labels.rows,
                     [&](std::size_t group, std::span<const std::size_t> rows, CrfRun& run) {
                       group_likelihood(scores, f, labels, rows, run, log_likelihood, gradient,
                                        gradient == nullptr ? CrfCounts{} : gradient->counts[group]);
                     });
  for (const std::size_t r : labels.rows)
    if (!std::isfinite(log_likelihood[r])) rules_of(scores).check_path(r, labels.observed);
}

/// What a batch's sequences add up to, side by side so that ranks can send it: counts, and -log likelihood.
struct CrfTotals {
  explicit CrfTotals(std::size_t count) : labels(count) {}
  std::size_t labels;
  [[nodiscard]] std::size_t size() const { return labels * labels + 2 * labels + 1; }
  [[nodiscard]] CrfCounts counts(double* totals) const {
    double* const start = totals + labels * labels;
    return {{totals, labels, labels}, {start, 1, labels}, {start + labels, 1, labels}};
  }
  [[nodiscard]] double& loss(double* totals) const { return totals[size() - 1]; }

  /// Adds those of the sequences of `known`, group by group.
  template <Scalar T>
  void add(const CrfScores<T>& scores, const CrfLabels& known, double* log_likelihood,
           const CrfGradient<T>* gradient, double* totals) const {
    const std::size_t groups = crf_groups(known.rows.size());
    CrfGradient<T> own;
    if (gradient != nullptr) own = *gradient;
    if (gradient != nullptr) own.counts = zero_crf_counts(scores.emissions.tape().arena(), labels, groups);
    crf_likelihood(scores, known, log_likelihood, gradient == nullptr ? nullptr : &own);
    for (const std::size_t r : known.rows) loss(totals) -= log_likelihood[r];
    const CrfCounts all = counts(totals);
    for (std::size_t group = 0; gradient != nullptr && group < groups; ++group)
      for (const auto kind : {&CrfCounts::transitions, &CrfCounts::start, &CrfCounts::end})
        Kernels<double>::add(all.*kind, own.counts[group].*kind, all.*kind);
  }
  /// The same shard by shard, and over all ranks: [shards][size()], the first with the sum at the end.
  template <Scalar T>
  void add_shards(const CrfScores<T>& scores, const CrfLabels& known, double* log_likelihood,
                  const CrfGradient<T>* gradient, double* totals) const {
    Tape<T>& tape = scores.emissions.tape();
    const PackedLayout& layout = *scores.emissions.layout();
    StepShards<T>& shards = *tape.shards();
    auto* rows = tape.arena().template allocate<std::size_t>(known.rows.size());
    for (std::size_t s = 0; s < shards.count(); ++s) {
      const auto* end = std::copy_if(known.rows.begin(), known.rows.end(), rows, [&](std::size_t r) {
        return shards.of_sequence()[layout.order(r)] == s;
      });
      CrfLabels own = known;
      own.rows = {rows, static_cast<std::size_t>(end - rows)};
      if (!own.rows.empty()) add(scores, own, log_likelihood, gradient, totals + s * size());
    }
    for (std::size_t step = 1; step < shards.count(); step *= 2)
      for (std::size_t left = 0; left < shards.count(); left += 2 * step)
        for (std::size_t i = 0; i < size(); ++i)
          totals[left * size() + i] += totals[(left + step) * size() + i];
    shards.sum_doubles({totals, size()});
  }
};

template <Scalar T>
void record_crf_gradient(const Var<T>& loss, const CrfScores<T>& scores, const CrfGradient<T>& gradient,
                         const CrfCounts& all) {
  Arena& arena = loss.tape().arena();
  const auto share_of = [&](const MatrixView<double>& sum) {
    const MatrixView<T> result = arena.template matrix<T>(sum.rows(), sum.cols());
    for (std::size_t i = 0; i < sum.size(); ++i)
      result.data()[i] = static_cast<T>(gradient.share * sum.data()[i]);
    return result;
  };
  const auto start = share_of(all.start), end = share_of(all.end), transitions = share_of(all.transitions);
  const MatrixView<T> emissions = gradient.emissions;
  loss.tape().record(loss, [scores, start, end, transitions, emissions](ConstMatrixView<T> d) {
    const SeqVar<T>& x = scores.emissions;
    Tape<T>& tape = x.tape();
    const auto add = [&](const MatrixView<T>& from, const Parameter<T>& to) {
      if (!to.trainable) return;
      if (tape.shards() == nullptr) return Kernels<T>::add_scaled(d(0, 0), from, to.gradient());
      T* sums = tape.arena().template allocate_zero<T>(to.size());  // of all ranks
      Kernels<T>::add_scaled(d(0, 0), from, {sums, to.rows(), to.cols()});
      tape.shards()->keep(to.gradient(), sums);
    };
    add(start, scores.crf->start_transitions);
    add(end, scores.crf->end_transitions);
    add(transitions, scores.crf->transitions);
    if (x.needs_gradient()) Kernels<T>::add_scaled(d(0, 0), emissions, tape.gradient(x));
  });
}

}  // namespace detail

template <Scalar T> Var<T> crf_loss(const CrfScores<T>& scores, std::span<const double> labels) {
  const SeqVar<T>& x = scores.emissions;
  const Crf<T>& crf = *scores.crf;
  Tape<T>& tape = x.tape();
  Arena& arena = tape.arena();
  const auto known = detail::rules_of(scores).read(arena, labels);
  Var<T> loss = tape.make(1, 1,
                          x.needs_gradient() || crf.start_transitions.trainable ||
                              crf.end_transitions.trainable || crf.transitions.trainable);
  loss.node()->value(0, 0) = 0;
  const double positions = detail::count_on_ranks(tape, known.positions);
  if (positions == 0) return loss;
  auto* log_likelihood = arena.template allocate<double>(x.layout()->sequences());
  detail::CrfGradient<T> gradient;
  if (loss.needs_gradient())
    gradient = {arena.template zero_matrix<T>(x.rows(), x.cols()), nullptr, 1 / positions};
  const detail::CrfGradient<T>* wanted = loss.needs_gradient() ? &gradient : nullptr;
  const detail::CrfTotals of(x.cols());
  const std::size_t parts = tape.shards() == nullptr ? 1 : tape.shards()->count();
  double* totals = arena.template allocate_zero<double>(parts * of.size());
  if (tape.shards() == nullptr) {
    of.add(scores, known, log_likelihood, wanted, totals);
  } else {
    of.add_shards(scores, known, log_likelihood, wanted, totals);
  }
  loss.node()->value(0, 0) = static_cast<T>(of.loss(totals) * (1 / positions));
  if (wanted != nullptr) detail::record_crf_gradient(loss, scores, gradient, of.counts(totals));
  return loss;
}

template <Scalar T>
void crf_log_likelihood(const CrfScores<T>& scores, std::span<const double> labels, std::span<double> out) {
  const PackedLayout& layout = *scores.emissions.layout();
  if (out.size() != layout.sequences())
    throw shape_error("crf_log_likelihood: room for " + std::to_string(out.size()) + " numbers, expected " +
                      std::to_string(layout.sequences()) + ", one for each sequence");
  const auto known = detail::rules_of(scores).read(scores.emissions.tape().arena(), labels);
  auto* by_row = scores.emissions.tape().arena().template allocate_zero<double>(layout.sequences());
  detail::crf_likelihood<T>(scores, known, by_row, nullptr);
  for (std::size_t r = 0; r < layout.sequences(); ++r) out[layout.order(r)] = by_row[r];
}

template <Scalar T> void crf_marginals(const CrfScores<T>& scores, MatrixView<double> out) {
  const SeqVar<T>& x = scores.emissions;
  if (out.rows() != x.rows() || out.cols() != x.cols())
    throw shape_error("crf_marginals: the result is " + shape_text(out) + ", expected " +
                      shape_text(x.value()) + ", a row for each position");
  const auto f = detail::factors_of(scores);
  const auto all = detail::rows_with_tokens(x.tape().arena(), *x.layout());
  auto* log_sum = x.tape().arena().template allocate<double>(all.size());
  detail::for_each_crf_group(
      x, all, [&](std::size_t, std::span<const std::size_t> rows, detail::CrfRun& run) {
        detail::load_run(run, x, rows, nullptr);
        detail::crf_forward(f, run);
        for (std::size_t k = 0; k < rows.size(); ++k) log_sum[rows[k]] = run.log_sum[k];
        detail::crf_backward(f, run, 1, {});
        detail::for_each_run_token(*x.layout(), rows, run, [&](std::size_t row, std::size_t token) {
          std::copy_n(run.values.row_data(token), x.cols(), out.row_data(row));
        });
      });
  for (const std::size_t r : all)
    if (!std::isfinite(log_sum[r])) detail::rules_of(scores).check_path(r);
}

template <Scalar T> void viterbi(const CrfScores<T>& scores, std::span<std::int32_t> labels) {
  const SeqVar<T>& x = scores.emissions;
  const PackedLayout& layout = *x.layout();
  if (labels.size() != x.rows())
    throw shape_error("viterbi: room for " + std::to_string(labels.size()) + " labels, expected " +
                      std::to_string(x.rows()) + ", one for each position");
  const auto f = detail::factors_of(scores);
  const std::size_t sequences = layout.active(0), parts = detail::crf_parts(x, sequences);
  Arena& arena = x.tape().arena();
  auto* best = arena.template allocate<double>(sequences);
  auto* rooms = arena.template allocate<MatrixView<double>>(parts);
  auto* paths = arena.template allocate<std::int32_t*>(parts);
  for (std::size_t part = 0; part < parts; ++part) {  // its first sequence is its longest
    std::construct_at(rooms + part, arena.template matrix<double>(layout.length(part) + 1, x.cols()));
    paths[part] = arena.template allocate<std::int32_t>(layout.length(part));
  }
  parallel_for(parts, [&](std::size_t part) {
    for (std::size_t r = part; r < sequences; r += parts) {
      const std::size_t length = layout.length(r);
      const auto room = rooms[part].row_range(0, length);
      for (std::size_t t = 0; t < length; ++t)
        std::copy_n(x.value().row_data(layout.offset(t) + r), x.cols(), room.row_data(t));
      best[r] = detail::best_path(f, room, rooms[part].row_data(length), paths[part]);
      for (std::size_t t = 0; t < length; ++t) labels[layout.offset(t) + r] = paths[part][t];
    }
  });
  for (std::size_t r = 0; r < sequences; ++r)
    if (!std::isfinite(best[r])) detail::rules_of(scores).check_path(r);
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                                   \
  template class Crf<T>;                                                                       \
  template Var<T> crf_loss(const CrfScores<T>& scores, std::span<const double> labels);        \
  template void crf_log_likelihood(const CrfScores<T>& scores, std::span<const double> labels, \
                                   std::span<double> out);                                     \
  template void crf_marginals(const CrfScores<T>& scores, MatrixView<double> out);             \
  template void viterbi(const CrfScores<T>& scores, std::span<std::int32_t> labels);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END

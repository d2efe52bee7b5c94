// Definitions of ctc_loss.hpp.
#pragma once

#include <algorithm>
#include <limits>
#include <numeric>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/ctc_loss.hpp>
#include <seqlstm/nn/row_sums.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// "ctc_loss: record 12".
inline std::string ctc_record_text(const PackedLayout& layout, std::size_t index) {
  return "ctc_loss: record " + std::to_string(layout.record(layout.rank(index)));
}

inline void check_ctc_offsets(std::size_t records, const CtcTargets& targets) {
  if (records == 0) throw shape_error("ctc_loss: the batch has no records, expected at least one");
  if (targets.offsets.size() != records + 1)
    throw shape_error("ctc_loss: got " + std::to_string(targets.offsets.size()) + " offsets for " +
                      std::to_string(records) + " records, expected " + std::to_string(records + 1));
  for (std::size_t i = 0; i < records; ++i)
    if (targets.offsets[i] > targets.offsets[i + 1] || targets.offsets[i + 1] > targets.ids.size())
      throw shape_error("ctc_loss: the labels of place " + std::to_string(i) + " of the batch are " +
                        std::to_string(targets.offsets[i]) + " to before " +
                        std::to_string(targets.offsets[i + 1]) + ", expected a range within the " +
                        std::to_string(targets.ids.size()) + " ids");
}

inline void check_ctc_labels(const PackedLayout& layout, std::size_t index, std::span<const Token> labels,
                             std::size_t classes, std::size_t blank) {
  for (std::size_t k = 0; k < labels.size(); ++k) {
    const bool known = labels[k] >= 0 && static_cast<std::size_t>(labels[k]) < classes;
    if (known && static_cast<std::size_t>(labels[k]) != blank) continue;
    throw token_error(ctc_record_text(layout, index) + ": label " + std::to_string(k) + " is " +
                      std::to_string(labels[k]) +
                      (known ? ", the blank, which is no label"
                             : ", expected one of the classes [0, " + std::to_string(classes) + ")"));
  }
}

/// Frames that labels take at least: one each, and one for the blank between equal ones.
inline std::size_t ctc_frames_needed(std::span<const Token> labels) {
  std::size_t needed = labels.size();
  for (std::size_t k = 1; k < labels.size(); ++k) needed += labels[k] == labels[k - 1] ? 1 : 0;
  return needed;
}

inline void check_ctc_length(const PackedLayout& layout, std::size_t index, std::span<const Token> labels) {
  const std::size_t frames = layout.length(layout.rank(index)), needed = ctc_frames_needed(labels);
  if (frames < needed)
    throw shape_error(ctc_record_text(layout, index) + " has " + std::to_string(frames) +
                      " frames, but its " + std::to_string(labels.size()) +
                      " labels, with a blank between equal ones, need " + std::to_string(needed) +
                      "; give the network fewer strides, leave the record out, or set zero_infinity");
}

/// Throws for everything that ctc_loss() refuses.
inline void check_ctc(const PackedLayout& layout, std::size_t classes, const CtcTargets& targets,
                      const CtcOptions& options) {
  check_ctc_offsets(layout.sequences(), targets);
  if (options.blank >= classes)
    throw option_error("ctc_loss: the blank is class " + std::to_string(options.blank) +
                       ", the logits have " + std::to_string(classes) + " columns");
  for (std::size_t i = 0; i < layout.sequences(); ++i) {
    check_ctc_labels(layout, i, targets.of(i), classes, options.blank);
    if (!options.zero_infinity) check_ctc_length(layout, i, targets.of(i));
  }
}

/// The records of a batch as kernels take them, `all` with those of other ranks; in the tape's arena.
template <Scalar T>
kernels::CtcRecord<T>* ctc_records(const SeqVar<T>& x, const CtcTargets& targets, std::size_t blank,
                                   double all, const T* log_sums, MatrixView<T> gradient) {
  const PackedLayout& layout = *x.layout();
  const std::size_t count = layout.sequences();
  auto& arena = x.tape().arena();
  auto* records = arena.template allocate<kernels::CtcRecord<T>>(count);
  for (std::size_t r = 0; r < count; ++r) {
    const auto labels = targets.of(layout.order(r));
    auto* by_class = arena.template allocate<std::int32_t>(labels.size());
    std::iota(by_class, by_class + labels.size(), 0);
    const auto key = [&](std::int32_t k) { return std::pair(labels[static_cast<std::size_t>(k)], k); };
    std::sort(by_class, by_class + labels.size(), [&](auto a, auto b) { return key(a) < key(b); });
    const double parts = all * static_cast<double>(std::max<std::size_t>(labels.size(), 1));
    ::new (static_cast<void*>(records + r))
        kernels::CtcRecord<T>{layout.view(), r,        x.value(),    log_sums, blank,  labels.data(),
                              labels.size(), by_class, T(1 / parts), gradient, nullptr};
  }
  return records;
}

/// log sum exp of each row of x, and its softmax where `softmax` has memory.
template <Scalar T> void ctc_frames(ConstMatrixView<T> x, T* log_sums, MatrixView<T> softmax) {
  for_parts(x.rows(), 1, x.size() * 8, [&](IndexRange part) {
    const std::size_t count = part.end - part.begin;
    Kernels<T>::log_sum_exp_rows(x.row_range(part.begin, count), log_sums + part.begin);
    if (softmax.data() != nullptr)
      Kernels<T>::softmax_rows(x.row_range(part.begin, count), softmax.row_range(part.begin, count));
  });
}

/// -log P(labels) of a record, and its rows of the gradient.
template <Scalar T> double ctc_of_record(const kernels::CtcRecord<T>& record, bool zero_infinity) {
  const std::size_t frames = record.layout.length(record.row);
  const bool fits = frames >= ctc_frames_needed({record.labels, record.label_count});
  if (fits && frames == 0) return 0;
  const double loss = fits ? -Kernels<T>::ctc_record(record) : std::numeric_limits<double>::infinity();
  if (loss != std::numeric_limits<double>::infinity()) return loss;
  const T none = zero_infinity ? T(0) : std::numeric_limits<T>::quiet_NaN();
  for (std::size_t t = 0; record.gradient.data() != nullptr && t < frames; ++t)
    std::fill_n(record.gradient.row_data(record.layout.offset(t) + record.row), record.gradient.cols(), none);
  return zero_infinity ? 0 : loss;
}

}  // namespace detail

template <Scalar T>
Var<T> ctc_loss(const SeqVar<T>& logits, const CtcTargets& targets, const CtcOptions& options) {
  const PackedLayout& layout = *logits.layout();
  const std::size_t rows = logits.rows(), classes = logits.cols(), count = layout.sequences();
  detail::check_ctc(layout, classes, targets, options);
  auto& arena = logits.tape().arena();
  T* log_sums = arena.template allocate<T>(rows);
  const MatrixView<T> gradient =
      logits.needs_gradient() ? arena.template matrix<T>(rows, classes) : MatrixView<T>();
  const double all = detail::count_on_ranks(logits.tape(), count);
  auto* records = detail::ctc_records(logits, targets, options.blank, all, log_sums, gradient);
  auto* losses = arena.template allocate<double>(count);
  std::size_t work = 0, room = 0;
  for (std::size_t r = 0; r < count; ++r) {
    work += layout.length(r) * records[r].columns() * 16;
    room = std::max(room, records[r].room_size());
  }
  const std::size_t parts = parts_for(work);
  double* rooms = arena.template allocate<double>(parts * room);
  detail::ctc_frames(logits.value(), log_sums, gradient);
  parallel_for(parts,
               [&](std::size_t part) {  // records are sorted by length: each part has long and short ones
                 for (std::size_t r = part; r < count; r += parts) {
                   records[r].room = rooms + part * room;
                   losses[layout.order(r)] = detail::ctc_of_record(records[r], options.zero_infinity);
                 }
               });
  RowTotal<T> total(logits.tape());
  for (std::size_t i = 0; i < count; ++i)
    total.of(i) += losses[i] / static_cast<double>(std::max<std::size_t>(targets.of(i).size(), 1));
  return detail::loss_value<T>(logits, total.sum() / all, gradient);
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) \
  template Var<T> ctc_loss(const SeqVar<T>& logits, const CtcTargets& targets, const CtcOptions& options);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END

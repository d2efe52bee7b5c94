// Definitions of predict.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <seqlstm/infer/ctc_decode.hpp>
#include <seqlstm/infer/predict.hpp>
#include <seqlstm/metrics/positions.hpp>
#include <seqlstm/ranks/shared_parts.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE CountedRows::CountedRows(std::span<const double> labels, ConstMatrixView<double> rows)
    : labels_(labels), rows_(rows) {
  const auto ignored = [](double label) { return std::isnan(label); };
  if (labels.size() != rows.rows() || std::none_of(labels.begin(), labels.end(), ignored)) return;
  for (std::size_t r = 0; r < labels.size(); ++r) {
    if (std::isnan(labels[r])) continue;
    kept_labels_.push_back(labels[r]);
    kept_values_.insert(kept_values_.end(), rows.row(r).begin(), rows.row(r).end());
  }
  labels_ = kept_labels_;
  rows_ = {kept_values_.data(), kept_labels_.size(), rows.cols()};
}

/// Share of records whose decoded labels are their label sequences.
SEQLSTM_INLINE double exact_share(const Predictions& predictions, const BatchTargets& targets) {
  const CtcTargets wanted{targets.label_sequences, targets.label_sequence_offsets};
  const std::size_t records = wanted.offsets.empty() ? 0 : wanted.offsets.size() - 1;
  if (records == 0 || predictions.decoded_offsets.size() != wanted.offsets.size())
    throw shape_error("report: label sequences of " + std::to_string(records) +
                      " records; ctc_loss() is judged by one for each record that was predicted");
  double exact = 0;
  for (std::size_t i = 0; i < records; ++i) {
    const auto found = predictions.classes(i);
    const auto own = wanted.of(i);
    exact += std::equal(found.begin(), found.end(), own.begin(), own.end()) ? 1 : 0;
  }
  return exact / static_cast<double>(records);
}

SEQLSTM_INLINE Report report_of_rows(const Predictions& predictions, const BatchTargets& targets,
                                     const Loss& loss, const std::vector<std::string>& label_names,
                                     bool curves) {
  const bool by_position = predictions.by_position();
  const std::span<const double> labels = by_position ? targets.position_labels : targets.labels;
  const Task task = loss.task(predictions.cols);
  Report report;
  if (std::holds_alternative<CtcOptions>(loss.choice())) {
    report.metrics = {{"exact", exact_share(predictions, targets)}};
  } else if (by_position && task == Task::regression) {
    report = position_regression_report(labels, predictions.values);
  } else if (by_position) {
    report = position_report({.labels = labels,
                              .probabilities = predictions.view(),
                              .offsets = predictions.offsets,
                              .decoded = predictions.decoded},
                             label_names, {.sov = true, .curves = curves});
  } else if (task == Task::regression) {
    report = regression_report(labels, predictions.values);
  } else if (task == Task::multi_label) {
    report = classification_report(labels, {predictions.values.data(), predictions.values.size(), 1}, {});
  } else {
    report = classification_report(labels, predictions.view(), label_names);
  }
  report.metrics.insert(report.metrics.begin(), {"loss", predictions.loss});
  return report;
}

}  // namespace detail

SEQLSTM_INLINE Report report_of(const Predictions& predictions, const BatchTargets& targets, const Loss& loss,
                                const std::vector<std::string>& label_names) {
  return detail::report_of_rows(predictions, targets, loss, label_names, true);
}

SEQLSTM_INLINE std::vector<Token> Predictions::classes(std::size_t i) const {
  if (!decoded_offsets.empty())
    return {decoded.begin() + static_cast<std::ptrdiff_t>(decoded_offsets[i]),
            decoded.begin() + static_cast<std::ptrdiff_t>(decoded_offsets[i + 1])};
  const auto classes = detail::predicted_classes(of_record(i));
  return {classes.begin(), classes.end()};
}

SEQLSTM_INLINE void Predictions::append(const Predictions& more) {
  if (&more == this) return append(Predictions(more));
  if (more.rows == 0 && more.offsets.size() < 2) return;
  if (rows == 0 && offsets.size() < 2) {
    *this = more;
    return;
  }
  if (more.cols != cols || more.by_position() != by_position() ||
      more.decoded_offsets.empty() != decoded_offsets.empty())
    throw shape_error("predictions: " + shape_text(rows, cols) + " and " + shape_text(more.rows, more.cols) +
                      " are of models that answer differently");
  if (const double weight = loss_weight + more.loss_weight; weight > 0)
    loss = (loss * loss_weight + more.loss * more.loss_weight) / weight;
  loss_weight += more.loss_weight;
  const auto continued = [](std::vector<std::size_t>& to, std::size_t from,
                            const std::vector<std::size_t>& next) {
    for (std::size_t i = 1; i < next.size(); ++i) to.push_back(from + next[i]);
  };
  continued(offsets, rows, more.offsets);
  continued(decoded_offsets, decoded.size(), more.decoded_offsets);
  values.insert(values.end(), more.values.begin(), more.values.end());
  decoded.insert(decoded.end(), more.decoded.begin(), more.decoded.end());
  rows += more.rows;
}

SEQLSTM_INLINE Predictions mean_of(std::span<const Predictions> of_models) {
  if (of_models.empty()) throw shape_error("mean_of: no predictions, expected those of one model at least");
  const auto count = static_cast<double>(of_models.size());
  Predictions mean = of_models.front();
  mean.decoded.clear();
  mean.decoded_offsets.clear();
  for (const Predictions& more : of_models.subspan(1)) {
    if (more.rows != mean.rows || more.cols != mean.cols)
      throw shape_error("mean_of: " + shape_text(mean.rows, mean.cols) + " and " +
                        shape_text(more.rows, more.cols) + " are of models that answer differently");
    if (more.offsets != mean.offsets)
      throw shape_error("mean_of: the predictions are of records of other lengths");
    for (std::size_t i = 0; i < mean.values.size(); ++i) mean.values[i] += more.values[i];
    mean.loss += more.loss;
  }
  for (double& value : mean.values) value /= count;
  mean.loss /= count;
  return mean;
}

SEQLSTM_INLINE std::ostream& operator<<(std::ostream& out, const Prediction& prediction) {
  for (std::size_t i = 0; i < prediction.values.size(); ++i)
    out << (i > 0 ? " " : "") << prediction.values[i];
  return out;
}

namespace detail {

/// body(sequence of the batch, its packed row for each of its positions in turn, how many positions) for rows
/// per position; the batch's order.
template <Scalar T, class Body> void for_each_record_of(const SeqVar<T>& output, Body&& body) {
  const PackedLayout& layout = *output.layout();
  for (std::size_t index = 0; index < layout.sequences(); ++index) {
    const std::size_t r = layout.rank(index);
    body(
        index, [&layout, r](std::size_t t) { return layout.offset(t) + r; }, layout.length(r));
  }
}

/// What a model's outputs say, in their order: probabilities, or numbers.
template <Scalar T> void said_of(const ModelOutput<T>& output, const Loss& loss, MatrixView<double> out) {
  if (output.has_crf()) return crf_marginals(output.crf_scores(), out);
  loss.probabilities(output.value(), out);
}

/// The labels of each sequence of the batch, where they are more than the likeliest of each row; else none.
template <Scalar T>
std::vector<std::vector<Token>> decoded_of(const ModelOutput<T>& output, const Loss& loss) {
  if (const auto* ctc = std::get_if<CtcOptions>(&loss.choice()))
    return ctc_greedy(output.positions(), ctc->blank);
  std::vector<std::vector<Token>> labels;
  if (!output.has_crf()) return labels;
  std::vector<Token> packed(output.value().rows());
  viterbi(output.crf_scores(), packed);
  for_each_record_of(output.positions(), [&](std::size_t, auto&& row_at, std::size_t length) {
    auto& own = labels.emplace_back();
    for (std::size_t t = 0; t < length; ++t) own.push_back(packed[row_at(t)]);
  });
  return labels;
}

/// Parts of records as they come, put in the order of the records.
template <class Number> class PartsOfRecords {
 public:
  explicit PartsOfRecords(std::size_t records) : parts_(records) {}
  void append(std::size_t record, std::span<const Number> values) {
    parts_[record].insert(parts_[record].end(), values.begin(), values.end());
  }
  /// Those of other ranks' records too.
  void share(const SharedParts& parts) { parts.share(parts_); }
  /// All of them; offsets count `width` numbers as one.
  void take(std::vector<Number>& values, std::vector<std::size_t>& offsets, std::size_t width) const {
    offsets = {0};
    for (const auto& part : parts_) {
      values.insert(values.end(), part.begin(), part.end());
      offsets.push_back(width == 0 ? 0 : values.size() / width);
    }
  }

 private:
  std::vector<std::vector<Number>> parts_;
};

/// What a model says of records as they come, put in their order.
class PredictedRows {
 public:
  PredictedRows(std::size_t records, bool by_position)
      : by_position_(by_position), values_(records), decoded_(records) {}

  /// The rows of a batch, whose sequences are the records of these numbers.
  template <Scalar T>
  void add(const ModelOutput<T>& output, ConstMatrixView<double> rows, std::span<const std::uint64_t> numbers,
           const std::vector<std::vector<Token>>& decoded) {
    cols_ = rows.cols();
    if (by_position_) {
      for_each_record_of(output.positions(), [&](std::size_t index, auto&& row_at, std::size_t length) {
        for (std::size_t t = 0; t < length; ++t) values_.append(numbers[index], rows.row(row_at(t)));
      });
    } else {
      for (std::size_t r = 0; r < rows.rows(); ++r) values_.append(numbers[r], rows.row(r));
    }
    decodes_ = decodes_ || !decoded.empty();
    for (std::size_t i = 0; i < decoded.size(); ++i) decoded_.append(numbers[i], decoded[i]);
  }
  /// Those of other ranks' batches too.
  void share(const SharedParts& parts) {
    if (!parts.shared()) return;
    cols_ = parts.largest(cols_);
    decodes_ = parts.largest(decodes_ ? 1 : 0) > 0;
    values_.share(parts);
    if (decodes_) decoded_.share(parts);
  }
  /// All of them, in order.
  [[nodiscard]] Predictions take() const {
    Predictions result;
    result.cols = cols_;
    values_.take(result.values, result.offsets, cols_);
    result.rows = by_position_ ? result.offsets.back() : result.offsets.size() - 1;
    if (!by_position_) result.offsets.clear();
    if (decodes_) decoded_.take(result.decoded, result.decoded_offsets, 1);
    return result;
  }

 private:
  bool by_position_, decodes_ = false;
  std::size_t cols_ = 0;
  PartsOfRecords<double> values_;
  PartsOfRecords<Token> decoded_;
};

/// The loss of a batch.
struct BatchLoss {
  double mean = 0, weight = 0;
};

template <Scalar T, class Dataset>
Predictions predict_records(const Forward<T, typename BatchesOf<Dataset>::Batch>& forward,
                            const Dataset& data, const Loss& loss, BatchOptions options,
                            CommunicatorRef ranks) {
  using Batches = BatchesOf<Dataset>;
  const FlushDenormals flush;
  options.shuffle = false;
  options.sampler = {};  // every record is asked once
  if (options.max_tokens == 0 && options.cut_tokens == 0) options.cut_tokens = most_predicted_tokens;
  auto batcher = Batches::make(data, options);
  batcher.begin_epoch(0);
  typename Batches::Batch batch;
  Tape<T> tape(Mode::inference);
  PredictedRows rows(data.size(), forward.by_position);
  std::vector<BatchLoss> losses;
  const SharedParts parts(ranks);
  parts.or_tell([&] {
    while (batcher.next(batch)) {
      losses.emplace_back();
      if (!parts.here(losses.size() - 1)) continue;
      tape.reset();
      const ModelOutput<T> output = forward.run(tape, batch, loss);
      const BatchTargets targets = batch.targets();
      if (loss.has_labels(targets, forward.by_position)) {
        // A batch of classes or positions that do not count alone has no mean.
        if (const double weight = loss.total_weight(targets, Batches::rows(batch), forward.by_position);
            weight > 0)
          losses.back() = {static_cast<double>(loss(output, targets).value()(0, 0)), weight};
      }
      const auto values = output.value();
      auto* probabilities = tape.arena().template allocate<double>(values.rows() * values.cols());
      const MatrixView<double> said(probabilities, values.rows(), values.cols());
      said_of(output, loss, said);
      rows.add(output, said, batch.records, decoded_of(output, loss));
    }
  });
  parts.share(std::span(losses));
  rows.share(parts);
  Predictions result = rows.take();
  for (const BatchLoss& of_batch : losses) {
    result.loss += of_batch.mean * of_batch.weight;
    result.loss_weight += of_batch.weight;
  }
  if (result.loss_weight != 0) result.loss /= result.loss_weight;
  return result;
}

template <Scalar T, class Batch>
ConstMatrixView<double> answer(const Forward<T, Batch>& forward, const Batch& batch, const Loss& loss,
                               RequestRoom<T>& room) {
  const FlushDenormals flush;
  room.tape.reset();
  const ModelOutput<T> output = forward.run(room.tape, batch, loss);
  const auto values = output.value();
  room.values.resize(values.rows() * values.cols());
  const MatrixView<double> answers(room.values.data(), values.rows(), values.cols());
  if (!output.by_position()) {
    loss.probabilities(values, answers);
    return answers;
  }
  auto* packed = room.tape.arena().template allocate<double>(room.values.size());
  const MatrixView<double> said(packed, values.rows(), values.cols());
  said_of(output, loss, said);
  std::size_t next = 0;
  for_each_record_of(output.positions(), [&](std::size_t, auto&& row_at, std::size_t length) {
    for (std::size_t t = 0; t < length; ++t)
      std::copy_n(said.row_data(row_at(t)), said.cols(), answers.row_data(next++));
  });
  return answers;
}

}  // namespace detail

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                                                 \
  template Predictions detail::predict_records<T, SequenceDataset>(                                          \
      const Forward<T, SequenceBatch>&, const SequenceDataset&, const Loss&, BatchOptions, CommunicatorRef); \
  template Predictions detail::predict_records<T, FeatureDataset>(                                           \
      const Forward<T, FeatureBatch>&, const FeatureDataset&, const Loss&, BatchOptions, CommunicatorRef);   \
  template ConstMatrixView<double> detail::answer(const Forward<T, SequenceBatch>&, const SequenceBatch&,    \
                                                  const Loss&, RequestRoom<T>&);                             \
  template ConstMatrixView<double> detail::answer(const Forward<T, FeatureBatch>&, const FeatureBatch&,      \
                                                  const Loss&, RequestRoom<T>&);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END

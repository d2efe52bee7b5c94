// Definitions of predict.hpp.
#pragma once

#include <seqlstm/infer/predict.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE Report report_of(const Predictions& predictions, std::span<const double> labels,
                                const Loss& loss, const std::vector<std::string>& label_names) {
  Report report;
  switch (loss.task(predictions.cols)) {
    case Task::regression:
      report = regression_report(labels, predictions.values);
      break;
    case Task::multi_label:
      report = classification_report(labels, {predictions.values.data(), predictions.values.size(), 1}, {});
      break;
    case Task::binary:
    case Task::multi_class:
      report = classification_report(labels, predictions.view(), label_names);
      break;
  }
  report.metrics.insert(report.metrics.begin(), {"loss", predictions.loss});
  return report;
}

SEQLSTM_INLINE std::ostream& operator<<(std::ostream& out, const Prediction& prediction) {
  for (std::size_t i = 0; i < prediction.values.size(); ++i)
    out << (i > 0 ? " " : "") << prediction.values[i];
  return out;
}

namespace detail {

template <Scalar T, class Dataset>
Predictions predict_records(const Forward<T, typename BatchesOf<Dataset>::Batch>& forward,
                            const Dataset& data, const Loss& loss, BatchOptions options) {
  using Batches = BatchesOf<Dataset>;
  const FlushDenormals flush;
  options.shuffle = false;
  options.sampler = {};  // every record is asked once
  if (options.max_tokens == 0 && options.cut_tokens == 0) options.cut_tokens = most_predicted_tokens;
  auto batcher = Batches::make(data, options);
  batcher.begin_epoch(0);
  typename Batches::Batch batch;
  Tape<T> tape(Mode::inference);
  Predictions result;
  result.rows = data.size();
  double loss_sum = 0, weight_sum = 0;
  while (batcher.next(batch)) {
    tape.reset();
    const Var<T> output = forward(tape, batch);
    if (!batch.labels.empty()) {
      // A batch of classes that do not count alone has no mean.
      if (const double weight = loss.total_weight(batch.labels, output.rows()); weight > 0) {
        loss_sum += static_cast<double>(loss(output, batch.labels).value()(0, 0)) * weight;
        weight_sum += weight;
      }
    }
    if (result.values.empty()) {
      result.cols = output.cols();
      result.values.resize(result.rows * result.cols);
    }
    auto* probabilities = tape.arena().template allocate<double>(output.rows() * output.cols());
    loss.probabilities(output.value(), MatrixView<double>(probabilities, output.rows(), output.cols()));
    for (std::size_t r = 0; r < output.rows(); ++r)
      std::copy_n(probabilities + r * result.cols, result.cols,
                  result.values.begin() + static_cast<std::ptrdiff_t>(batch.records[r] * result.cols));
  }
  if (weight_sum != 0) result.loss = loss_sum / weight_sum;
  return result;
}

template <Scalar T, class Batch>
ConstMatrixView<double> answer(const Forward<T, Batch>& forward, const Batch& batch, const Loss& loss,
                               RequestRoom<T>& room) {
  const FlushDenormals flush;
  room.tape.reset();
  const Var<T> output = forward(room.tape, batch);
  room.values.resize(output.rows() * output.cols());
  loss.probabilities(output.value(), MatrixView<double>(room.values.data(), output.rows(), output.cols()));
  return {room.values.data(), output.rows(), output.cols()};
}

}  // namespace detail

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                                            \
  template Predictions detail::predict_records<T, TokenDataset>(                                        \
      const Forward<T, TokenBatch>&, const TokenDataset&, const Loss&, BatchOptions);                   \
  template Predictions detail::predict_records<T, FeatureDataset>(                                      \
      const Forward<T, FeatureBatch>&, const FeatureDataset&, const Loss&, BatchOptions);               \
  template ConstMatrixView<double> detail::answer(const Forward<T, TokenBatch>&, const TokenBatch&,     \
                                                  const Loss&, RequestRoom<T>&);                        \
  template ConstMatrixView<double> detail::answer(const Forward<T, FeatureBatch>&, const FeatureBatch&, \
                                                  const Loss&, RequestRoom<T>&);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END

// The input that a model file keeps with the model's output, so that whoever loads it can see that it answers
// as it did.
#pragma once

#include <concepts>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/infer/predict.hpp>
#include <seqlstm/nn/module.hpp>
#include <span>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace io {

/// One sequence: of tokens, of rows of real numbers, or of both side by side.
struct StoredInput {
  std::vector<Token> tokens = {};    ///< [length]; empty for channels alone
  std::vector<float> channels = {};  ///< [length x channel_count]; empty for tokens alone
  std::size_t channel_count = 0;     ///< real numbers at each position

  StoredInput() = default;
  /// Of tokens: implicit, so that most models are saved with `data.sequence(0)`.
  StoredInput(std::span<const Token> sequence)  // NOLINT(google-explicit-constructor)
      : tokens(sequence.begin(), sequence.end()) {}
  /// The same.
  StoredInput(std::vector<Token> sequence)  // NOLINT(google-explicit-constructor)
      : tokens(std::move(sequence)) {}
  /// What record i of a data set holds.
  StoredInput(const SequenceDataset& data, std::size_t i) : StoredInput(data.sequence(i)) {
    const auto rows = data.channel_rows(i);
    channels.assign(rows.data(), rows.data() + rows.size());
    channel_count = data.channel_count;
  }

  /// Is there nothing at all?
  [[nodiscard]] bool empty() const { return tokens.empty() && channels.empty(); }
  /// As a batch of one record. Throws shape_error where tokens and channels differ in length.
  [[nodiscard]] SequenceBatch batch() const {
    const ConstMatrixView<float> rows(
        channels.data(), channel_count == 0 ? 0 : channels.size() / channel_count, channel_count);
    const std::span<const Token> sequence(tokens);
    SequenceBatch batch;
    if (tokens.empty() && channel_count > 0) {
      batch.assign(std::span(&rows, 1));
    } else {
      batch.assign(std::span(&sequence, 1));
      if (channel_count > 0) batch.set_channels(std::span(&rows, 1));
    }
    return batch;
  }
};

namespace detail {

/// Raw outputs of one sequence, in f32 whatever the model's precision; of a model that says something of
/// every position, what it says of the last.
template <class Model> std::vector<double> output_of_stored(Model& model, const StoredInput& input) {
  const seqlstm::detail::InF32 in_f32(model);
  const FlushDenormals flush;
  const SequenceBatch batch = input.batch();
  const auto last_row = [](const auto& rows) {
    if (rows.rows() == 0)
      throw option_error(
          "save: the stored input has no position, but the model answers at every one; give it "
          "at least one token");
    const auto last = rows.row(rows.rows() - 1);
    return std::vector<double>(last.begin(), last.end());
  };
  if constexpr (requires { model.carried_state(1); }) {
    Tape<float> tape(Mode::inference);
    auto carried = model.carried_state(1);
    return last_row(model.forward(tape, batch, carried).logits.value());
  } else {
    using T = seqlstm::detail::NumberOf<Model, SequenceBatch>;
    Tape<T> tape(Mode::inference);
    const ModelOutput<T> output = model.forward(tape, batch);
    if (!output.has_crf()) return last_row(output.value());
    std::vector<double> marginals(output.value().size());  // the transitions count in them
    const MatrixView<double> rows(marginals.data(), output.value().rows(), output.value().cols());
    crf_marginals(output.crf_scores(), rows);
    return last_row(rows);
  }
}

}  // namespace detail

}  // namespace io

SEQLSTM_NAMESPACE_END

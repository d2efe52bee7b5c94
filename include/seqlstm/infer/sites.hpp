// Where a model that scores sites (RowsAndSites) finds the site of each record.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/core/model_use.hpp>
#include <seqlstm/data/batches.hpp>
#include <seqlstm/infer/predict.hpp>
#include <seqlstm/ranks/shared_parts.hpp>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// The likeliest site of a record.
struct PredictedSite {
  std::size_t position = 0;  ///< counted from 0
  double probability = 0;    ///< of all positions of the record

  /// The same site with the same probability.
  bool operator==(const PredictedSite&) const = default;
};

/// Of each record the position of the largest score, the first of equal ones, and its probability under a
/// softmax over the record's positions. The first `skipped` tokens, such as those of CategoricalInputs, are
/// no positions. Throws option_error for a model that scores no sites. Memory is that of one batch. `ranks`
/// share the batches, as in predict().
template <class Model>
std::vector<PredictedSite> predict_sites(Model& model, const SequenceDataset& data, std::size_t skipped = 0,
                                         BatchOptions options = {}, CommunicatorRef ranks = {}) {
  using Batches = detail::BatchesOf<SequenceDataset>;
  using T = detail::NumberOf<Model, SequenceBatch>;
  const FlushDenormals flush;
  const detail::ReadsModel reading(&model);
  options.shuffle = false;
  options.sampler = {};
  if (options.max_tokens == 0 && options.cut_tokens == 0) options.cut_tokens = most_predicted_tokens;
  std::vector<std::vector<PredictedSite>> of_records(data.size());
  const SharedParts parts(ranks);
  std::size_t batches = 0;
  auto batcher = Batches::make(data, options);
  batcher.begin_epoch(0);
  Tape<T> tape(Mode::inference);
  bool without = false;
  parts.or_tell([&] {
    for (SequenceBatch batch; batcher.next(batch);) {
      if (!parts.here(batches++)) continue;
      tape.reset();
      const ModelOutput<T> output = model.forward(tape, batch);
      without = !output.has_sites();
      if (without) return;
      const PackedLayout& layout = batch.layout;
      const auto scores = output.sites().value();
      for (std::size_t r = 0; r < layout.sequences(); ++r) {
        const auto score = [&](std::size_t t) { return double{scores(layout.offset(t) + r, 0)}; };
        std::size_t best = skipped;
        for (std::size_t t = skipped; t < layout.length(r); ++t) best = score(t) > score(best) ? t : best;
        double sum = 0;
        for (std::size_t t = skipped; t < layout.length(r); ++t) sum += std::exp(score(t) - score(best));
        if (sum > 0) of_records[batch.records[layout.order(r)]] = {{best - skipped, 1 / sum}};
      }
    }
  });
  if (parts.largest(without ? 1 : 0) > 0)
    throw option_error("predict_sites: the model scores no sites; train one with a weight of sites");
  parts.share(of_records);
  std::vector<PredictedSite> sites(data.size());
  for (std::size_t i = 0; i < sites.size(); ++i)
    if (!of_records[i].empty()) sites[i] = of_records[i].front();
  return sites;
}

SEQLSTM_NAMESPACE_END

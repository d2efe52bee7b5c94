// All single-letter mutants of a sequence of 151 bases, scored in three ways by a classifier on the encoder
// of a genome language model: with the states before the mutation used again, by whole passes of many
// mutants, and by a pass for each.
#pragma once

#include <seqlstm/explain/mutagenesis.hpp>
#include <seqlstm/models/awd_lstm.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/pooling.hpp>

namespace bench {

/// Last, max and mean of the encoder's states, means of sixths, and last, max and mean of a bidirectional
/// LSTM on them; `Forward` says whether mutagenesis may see the states.
template <bool Forward> struct MutantNet {
  static constexpr std::size_t width = 192, context = 64, pieces = 6;
  seqlstm::AwdLstm<float> encoder;
  seqlstm::Lstm<float> around;
  seqlstm::Dense<float> output;

  MutantNet()
      : encoder({.vocabulary = 1024, .embedding_dim = width, .hidden = 384, .layers = 3}),
        around({.input = width, .hidden = context, .bidirectional = true}),
        output((3 + pieces) * width + 6 * context, 1) {
    seqlstm::initialize(*this, 1);
  }
  seqlstm::Var<float> head(const seqlstm::SeqVar<float>& y) requires Forward { return judged(y); }
  seqlstm::Var<float> forward(seqlstm::Tape<float>& tape, const seqlstm::SequenceBatch& batch) {
    return judged(encoder(tape, batch));
  }
  template <class V> void fields(V& v) {
    v("encoder", encoder);
    v("around", around);
    v("output", output);
  }

 private:
  seqlstm::Var<float> judged(const seqlstm::SeqVar<float>& y) {
    const auto z = around(y);
    return output(
        concat(concat(last(y), max(y), mean(y)), adaptive_mean(y, pieces), concat(last(z), max(z), mean(z))));
  }
};

/// Scores the mutants of one sequence, up to `batch` together; how many there are.
template <bool Forward> std::size_t score_mutants(MutantNet<Forward>& net, std::size_t batch) {
  static_assert(seqlstm::ReadsForward<MutantNet<Forward>> == Forward);
  const seqlstm::Tokenizer tokenizer(seqlstm::dna4, {.k = 5, .stride = 2});
  seqlstm::RandomStream random(1);
  std::string sequence;
  for (std::size_t i = 0; i < 151; ++i) sequence += "ACGT"[random.below(4)];
  return seqlstm::mutagenesis(net, tokenizer, sequence, {}, batch).scores.size() - sequence.size();
}

}  // namespace bench

// Pore models: what is read is a model, is refused nowhere, and reads a signal.
#include <seqlstm/data/alphabet.hpp>
#include <seqlstm/infer/pore_viterbi.hpp>
#include <seqlstm/io/pore_model.hpp>

#include "harness.hpp"

FUZZ_TARGET(pore_model) {
  using namespace seqlstm;
  const PoreModel model = io::read_pore_model(fuzz::memory_file(bytes));
  fuzz::require(fuzz::accepts([&] { model.check(); }), "what is read is a pore model");
  for (std::size_t kmer = 0; kmer < model.kmers(); ++kmer) {
    const auto letters = dna4.encode(model.text(kmer));
    fuzz::require(model.kmer(letters) == kmer, "a k-mer has its number: " + model.text(kmer));
    fuzz::require(model.base_of(kmer) == letters[model.centre()], "and its middle base");
  }
  if (model.k > 4) return;
  const std::vector<float> signal = {80, 90, 90, 100};
  const auto path = pore_viterbi(signal, model);
  fuzz::require(!path.bases.empty() && path.bases.size() <= signal.size(), "a signal has bases");
}

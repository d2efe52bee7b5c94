// data: from letters to batches, in memory. Reading files is io's business.
//
// A `Record` is an id and letters; it remembers its file and line, so that a later complaint can name them.
// `append_letters` takes out what is no letter in any file: white space and digits. `label(records, value)`
// and `+` make labelled records of several files; label_names.hpp says which names of a label column are one
// class, and which of two is the positive one, which class_order.hpp makes class 1; missing_values.hpp which
// cells stand for no value.
//
// An `Alphabet` numbers letters: `dna4`, `dna5` (with N), `dna15` (IUPAC), `aa20`, `aa21` (with X), and
// `aa27` (all 26 letters, id 0 for padding), or one of your own. A `Tokenizer` is an alphabet plus k, stride
// and what to do with letters the alphabet lacks; by default they are errors. `UnknownLetters` counts them.
// An alphabet is a tokenizer of single letters.
//
// `encode(records, tokenizer)` gives a `SequenceDataset`: one flat array of ids with offsets, so that a
// sequence is a span and nothing is padded. It may hold rows of real numbers beside the ids or instead of
// them, and labels of records, of positions (position_labels.hpp, interval_labels.hpp) or of no known
// position; windows.hpp cuts long ones. `split` and `k_fold` divide it by seed, stratified where asked;
// `split_by_singletons` and `grouped_k_fold` keep `Clusters` of relatives together, those of a file, or of
// `clusters_by_shared_words` for windows that overlap; `cross_validation_folds` are those that the data
// brings. leakage.hpp says how much of a test part was trained
// on all the same, sequence_type.hpp when two sequences are one. `FeatureDataset` holds rows of numbers for
// models that read no sequence; composition.hpp makes them of letters, channel_features.hpp of signals.
// `CategoricalInputs` are read beside the letters. `Contigs` are genomes as language models read them.
// simulated.hpp makes data for first runs and tests, memory_tasks.hpp sequences whose answer lies far back.
// resample.hpp balances a training part: copies, rows left out, and (of numbers only) SMOTE and ADASYN;
// label_regions.hpp does it for a continuous label.
//
// A `Batcher` cuts a data set into batches for an epoch: shuffled, of similar lengths, by number of sequences
// or tokens (`BatchOptions`). The batches follow from (seed, epoch), and position() and seek() resume in the
// middle of one. A `Sampler` says which rows an epoch reads, for instance those of rare classes more often.
// `TokenStreams` cut one long text into windows of streams instead, for language models. `KmerPhases` read
// a batch of k-mers from another letter on.
//
// A `NanoporeSimulator` draws reads by a `PoreModel`: signals whose bases are known. base_labels.hpp makes a
// data set of them. A `ReadSimulator` draws mutated reads, of which is known where each base comes from.
// A `HaplotypePanel` has modern haplotypes beside an outgroup and an archaic genome.
// `RelatedPairs` draw records that are related at every level of a classification.
//
//     auto data = label(promoters, 1) + label(others, 0);
//     auto [train, valid, test] = split(encode(data, dna4), {0.8, 0.1, 0.1}, {.seed = 1, .stratified =
//     true});
#pragma once

#include <seqlstm/data/alphabet.hpp>
#include <seqlstm/data/base_labels.hpp>
#include <seqlstm/data/batcher.hpp>
#include <seqlstm/data/batches.hpp>
#include <seqlstm/data/categorical_inputs.hpp>
#include <seqlstm/data/channel_features.hpp>
#include <seqlstm/data/class_order.hpp>
#include <seqlstm/data/clusters.hpp>
#include <seqlstm/data/composition.hpp>
#include <seqlstm/data/contigs.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/data/features.hpp>
#include <seqlstm/data/folds.hpp>
#include <seqlstm/data/haplotypes.hpp>
#include <seqlstm/data/interval_labels.hpp>
#include <seqlstm/data/kmer_phases.hpp>
#include <seqlstm/data/label_names.hpp>
#include <seqlstm/data/label_regions.hpp>
#include <seqlstm/data/leakage.hpp>
#include <seqlstm/data/letters.hpp>
#include <seqlstm/data/memory_tasks.hpp>
#include <seqlstm/data/missing_values.hpp>
#include <seqlstm/data/mutated_reads.hpp>
#include <seqlstm/data/nanopore_signal.hpp>
#include <seqlstm/data/pore_model.hpp>
#include <seqlstm/data/position_labels.hpp>
#include <seqlstm/data/record.hpp>
#include <seqlstm/data/related_pairs.hpp>
#include <seqlstm/data/resample.hpp>
#include <seqlstm/data/sampler.hpp>
#include <seqlstm/data/sequence_type.hpp>
#include <seqlstm/data/simulated.hpp>
#include <seqlstm/data/simulated_waves.hpp>
#include <seqlstm/data/sites.hpp>
#include <seqlstm/data/split.hpp>
#include <seqlstm/data/stream.hpp>
#include <seqlstm/data/tokenizer.hpp>
#include <seqlstm/data/unknown_letters.hpp>
#include <seqlstm/data/windows.hpp>

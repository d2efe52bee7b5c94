// io: files. The top floor; only programs include it, so a model in memory needs no zlib and no JSON.
//
// Sequences. `FastaReader` and `FastqReader` stream records, `read_fasta` and `read_fastq` give all of them,
// `FastaPieces` streams what is larger than memory, and `read_three_line_fasta` gives annotations beside
// letters. `read_csv` gives a `CsvTable` whose columns have names and whose rows become records; `read_table`
// also joins, filters and cleans it, and notes what it left out. All of them read gzip too (within
// `TextLimits`), take white space and digits out of sequences, and remember file and line, so that every
// complaint can name them. `clusters_of` reads which records cd-hit or mmseqs found alike.
//
// Labels by position and signals. `read_position_labels` reads a label for each letter, `read_bed` intervals
// of a genome; `read_ts_file` and `read_npy` read rows of real numbers, `read_pore_model` the currents of a
// nanopore, `read_haplotypes` the alleles of modern genomes beside an archaic one.
//
// Weights. `read_safetensors` and `write_safetensors` exchange named tensors with Python; `state_dict` and
// `load_state_dict` make them of a model and fill one, under PyTorch's names or those that a prefix turns
// into them, all of it or what fits (`LoadReport`). `read_matrix` takes a matrix of NumPy or of a safetensors
// file. Files of other formats are named, with what to do: tools/seqlstm_convert.py converts those of Keras,
// PyTorch, fastai and Flax, and `load` builds a chain of layers from the architecture beside the weights.
//
// Models. `save` and `load` keep a model with its tokenizer, loss and labels, in one call each. Below them,
// `save_model` writes weights, options, tokenizer and labels in one file with an input and its
// output, which `load_model` computes again and compares. `save_checkpoint` adds where a training stands, and
// `load_checkpoint` goes on with it bit for bit. What is damaged or does not fit is refused before anything
// is changed. `load_encoder` and `load_masked_encoder` take what a language model has learned into a
// classifier, whose vocabulary may be another. `size_from`, `number_from` and their siblings read a file's
// options within bounds, `check_fits` compares what they imply with the file's tensors.
//
// What the programs save, `load_classifier`, `load_labeller`, `load_signal_classifier` and `load_basecaller`
// read. `sequence_embeddings` runs any of these files over records, a `GenomeScan` runs a classifier over a
// genome, where `KnownPositions` say how good it is.
//
// Training from files. `read_labelled_parts` makes the three parts of a table that a `ClassifierTrainer`
// learns from, `read_contigs` what a language model reads; a `PretrainedEncoder` is what a classifier begins
// with. `ResumableFits` keep every fit in a file; a `SignalWatch` lets Ctrl-C end it in order; a `FilePlan`
// asks before the work whether all outputs can be written. `result_json` and `result_page` are what there is
// to keep and to look at.
//
// Programs of others, but on Windows. `mmseqs_clusters`, `mmseqs_relatives` and `without_copies` (cd-hit) run
// what biologists use, in a folder of their own, and compare by k-mers what it passes over; `mmseqs_search`
// gives all hits of proteins among themselves; `audit` says how much of a test part was trained on all the
// same.
//
// Writing. Whatever is written goes through `write_file_atomically`: a temporary file, synced and renamed, so
// that a kill at any moment leaves the old file or the new one. A writer locks its temporary file; one
// without a lock is a dead writer's, and the next writer of that name removes it. `check_output` asks before
// the work whether a file can be written, `same_file` whether two paths are one.
#pragma once

#include <seqlstm/io/architecture.hpp>
#include <seqlstm/io/basecaller.hpp>
#include <seqlstm/io/bed.hpp>
#include <seqlstm/io/bundle.hpp>
#include <seqlstm/io/cd_hit.hpp>
#include <seqlstm/io/checkpoint.hpp>
#include <seqlstm/io/classifier.hpp>
#include <seqlstm/io/clusters.hpp>
#include <seqlstm/io/contig_files.hpp>
#include <seqlstm/io/csv.hpp>
#include <seqlstm/io/embeddings.hpp>
#include <seqlstm/io/encoder.hpp>
#include <seqlstm/io/external_program.hpp>
#include <seqlstm/io/fasta.hpp>
#include <seqlstm/io/file.hpp>
#include <seqlstm/io/file_plan.hpp>
#include <seqlstm/io/genome_scan.hpp>
#include <seqlstm/io/haplotypes.hpp>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/io/known_positions.hpp>
#include <seqlstm/io/labelled_table.hpp>
#include <seqlstm/io/labeller.hpp>
#include <seqlstm/io/leakage_audit.hpp>
#include <seqlstm/io/lines.hpp>
#include <seqlstm/io/masked_encoder.hpp>
#include <seqlstm/io/matrix.hpp>
#include <seqlstm/io/mmseqs.hpp>
#include <seqlstm/io/mmseqs_search.hpp>
#include <seqlstm/io/model_options.hpp>
#include <seqlstm/io/npy.hpp>
#include <seqlstm/io/objective.hpp>
#include <seqlstm/io/pore_model.hpp>
#include <seqlstm/io/position_labels.hpp>
#include <seqlstm/io/pretrained_encoder.hpp>
#include <seqlstm/io/report_json.hpp>
#include <seqlstm/io/report_page.hpp>
#include <seqlstm/io/resumable_fits.hpp>
#include <seqlstm/io/safetensors.hpp>
#include <seqlstm/io/signal_classifier.hpp>
#include <seqlstm/io/signal_watch.hpp>
#include <seqlstm/io/silent_process.hpp>
#include <seqlstm/io/state_dict.hpp>
#include <seqlstm/io/stored_input.hpp>
#include <seqlstm/io/table.hpp>
#include <seqlstm/io/ts_file.hpp>

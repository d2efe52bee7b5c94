// infer: using a trained model.
//
// predict.hpp runs a model over a data set, or over one sequence, and reports how good it is. predictor.hpp
// answers requests from many threads: a `Predictor` shares a const model and keeps memory of its own.
// generate.hpp lets a language model write; peaks.hpp finds maxima along a genome;
// predict_windows.hpp reads chromosomes in pieces; embeddings.hpp makes a row of numbers of a sequence;
// ctc_decode.hpp reads labels out of frames, basecall.hpp bases; pore_viterbi.hpp reads bases with a pore
// model and no network; monotone_path.hpp reads alignments out of what is likely position by position,
// soft_alignment_scores.hpp compares every two of many sequences.
//
// No tape is recorded, dropout and batch norm are at rest, and a sequence's answer does not depend on what is
// read beside it, nor on the number of threads.
#pragma once

#include <seqlstm/infer/basecall.hpp>
#include <seqlstm/infer/ctc_decode.hpp>
#include <seqlstm/infer/embeddings.hpp>
#include <seqlstm/infer/generate.hpp>
#include <seqlstm/infer/monotone_path.hpp>
#include <seqlstm/infer/peaks.hpp>
#include <seqlstm/infer/pore_viterbi.hpp>
#include <seqlstm/infer/predict.hpp>
#include <seqlstm/infer/predict_windows.hpp>
#include <seqlstm/infer/predictor.hpp>
#include <seqlstm/infer/sites.hpp>
#include <seqlstm/infer/soft_alignment_scores.hpp>

// data: from letters to batches, in memory.
//
// A Record holds letters and where they came from. An Alphabet numbers letters and says, by file and line,
// which one it does not know; a Tokenizer makes ids of single letters or k-mers and is saved with the model.
// A TokenDataset is one flat array of ids with offsets, labels and names. split and k_fold cut it into parts
// by seed; a Batcher gives the batches of an epoch, a function of (seed, epoch) alone. FeatureDataset is the
// same for rows of numbers.
#pragma once

#include <seqlstm/data/alphabet.hpp>
#include <seqlstm/data/batcher.hpp>
#include <seqlstm/data/dataset.hpp>
#include <seqlstm/data/features.hpp>
#include <seqlstm/data/record.hpp>
#include <seqlstm/data/split.hpp>
#include <seqlstm/data/tokenizer.hpp>

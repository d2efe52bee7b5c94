// train: the loop around a model.
//
// fit() and the Trainer behind it run epochs: forward, loss,
// backward, clipping, update by schedule; then validation, which decides the best epoch and when to stop. A
// Trainer's state, its optimizer and the model are all there is, so that a checkpoint continues bit for bit.
// finite.hpp says whether a training has diverged.
//
// objective.hpp says what is to be learned (`Objective`: task, loss, scaling of targets), baseline.hpp what a
// simpler model makes of it, self_training.hpp what rows without labels are good for. `LabelledParts` are
// records in three parts; a `ClassifierTrainer` makes a classifier of them, chosen by validation;
// signal_training.hpp makes one of rows of real numbers.
//
// progress.hpp tells how far long work is; callbacks.hpp tells the caller about every epoch and update;
// learning_rate.hpp looks for a good rate.
//
// language_model.hpp trains models of what comes next, on streams of tokens;
// masked_model.hpp trains models of what is missing, on whole sequences read in both directions; transfer.hpp
// goes on with what they have learned, a group of layers at a time.
#pragma once

#include <seqlstm/train/baseline.hpp>
#include <seqlstm/train/callbacks.hpp>
#include <seqlstm/train/classifier_training.hpp>
#include <seqlstm/train/finite.hpp>
#include <seqlstm/train/fit.hpp>
#include <seqlstm/train/labelled_parts.hpp>
#include <seqlstm/train/language_model.hpp>
#include <seqlstm/train/learning_rate.hpp>
#include <seqlstm/train/masked_model.hpp>
#include <seqlstm/train/objective.hpp>
#include <seqlstm/train/progress.hpp>
#include <seqlstm/train/self_training.hpp>
#include <seqlstm/train/signal_training.hpp>
#include <seqlstm/train/snapshot.hpp>
#include <seqlstm/train/transfer.hpp>

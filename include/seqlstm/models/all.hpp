// models: whole networks, ready to train.
//
// A model is layers in a class with `forward`, and options that say its shape: a file keeps them beside the
// weights (io/model_options.hpp). SequenceClassifier reads letters or k-mers in both directions;
// SignalClassifier rows of real numbers likewise; SequenceLabeller answers at every position, of letters,
// real numbers or both; Basecaller reads bases out of nanopore signals; SequenceAligner
// scores which positions of two sequences belong together, ProteinAligner how two proteins are related;
// EncoderClassifier goes on with what a
// language model has learned (AwdLanguageModel, whose encoder is an AwdLstm); MaskedLanguageModel learns from
// proteins without labels for a SequenceClassifier; ReferenceProteinNet is a published one, layer by layer.
// AnyClassifier is one of the classifiers, whichever a file holds; an Ensemble answers with the mean of
// several.
//
// LinearModel and Mlp read rows of numbers and NgramModel counts: they cannot read in order, which is what
// makes them baselines. A PoissonHmm finds two kinds of stretches in counts, without labels.
#pragma once

#include <seqlstm/models/any_classifier.hpp>
#include <seqlstm/models/awd_lstm.hpp>
#include <seqlstm/models/basecaller.hpp>
#include <seqlstm/models/encoder_classifier.hpp>
#include <seqlstm/models/ensemble.hpp>
#include <seqlstm/models/feature_models.hpp>
#include <seqlstm/models/masked_language_model.hpp>
#include <seqlstm/models/ngram.hpp>
#include <seqlstm/models/poisson_hmm.hpp>
#include <seqlstm/models/protein_aligner.hpp>
#include <seqlstm/models/reference_protein_net.hpp>
#include <seqlstm/models/sequence_aligner.hpp>
#include <seqlstm/models/sequence_classifier.hpp>
#include <seqlstm/models/sequence_labeller.hpp>
#include <seqlstm/models/signal_classifier.hpp>

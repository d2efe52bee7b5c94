// metrics: what a result is worth.
//
// Functions of plain numbers, without knowledge of models. Classes are counted in a ConfusionMatrix, from
// which accuracy, precision, recall, F1 and Matthews correlation follow; rankings are judged by ROC-AUC and
// average precision, of two classes or of each against the rest; numbers by squared and absolute error, R2,
// Pearson's and Spearman's correlation. calibration.hpp asks whether probabilities mean what they say, and
// fits the temperature that makes them. A Report names them, prints them, and is what early stopping and the
// programs' JSON read; per_class.hpp has the same of every class against the rest.
//
// positions.hpp is for models that say something at every position: reports over the positions whose label is
// known. Runs of one label are segments, found by overlap (segments.hpp, the SOV of secondary structure);
// single places are sites (sites.hpp, cleavage sites). retrieval.hpp asks whether scores of pairs rank a
// query's relatives first.
//
// Undefined cases follow scikit-learn and scipy: each function says which it has and what it gives there, 0
// or NaN, and a Report lists those it met in `undefined`. The tests compare with both libraries.
#pragma once

#include <seqlstm/metrics/calibration.hpp>
#include <seqlstm/metrics/classification.hpp>
#include <seqlstm/metrics/curve.hpp>
#include <seqlstm/metrics/detection.hpp>
#include <seqlstm/metrics/per_class.hpp>
#include <seqlstm/metrics/positions.hpp>
#include <seqlstm/metrics/regression.hpp>
#include <seqlstm/metrics/report.hpp>
#include <seqlstm/metrics/retrieval.hpp>
#include <seqlstm/metrics/segments.hpp>
#include <seqlstm/metrics/sites.hpp>

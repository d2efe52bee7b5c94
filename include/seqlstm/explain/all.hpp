// explain: why a model says what it says.
//
// mutagenesis.hpp replaces every letter of a sequence by every other and asks again: a table, and a heat map.
// mutation_map.hpp does it for the classifiers of models/, whichever kind they are.
// gradient_by_lag.hpp shows how far back a gradient reaches.
// pca.hpp shows how a model's vectors of many sequences lie to each other: their principal components.
#pragma once

#include <seqlstm/explain/gradient_by_lag.hpp>
#include <seqlstm/explain/mutagenesis.hpp>
#include <seqlstm/explain/mutation_map.hpp>
#include <seqlstm/explain/pca.hpp>

// The promised entry: everything to build, train and run LSTM models in memory. No files, no zlib, no JSON;
// and no vectors: kernels of your own include <seqlstm/kernels/all.hpp>.
//
//     #include <seqlstm/lstm.hpp>
#pragma once

#include <seqlstm/autograd/all.hpp>
#include <seqlstm/core/all.hpp>
#include <seqlstm/data/all.hpp>
#include <seqlstm/deprecated.hpp>
#include <seqlstm/infer/all.hpp>
#include <seqlstm/kernels/report.hpp>
#include <seqlstm/metrics/all.hpp>
#include <seqlstm/models/all.hpp>
#include <seqlstm/nn/all.hpp>
#include <seqlstm/optim/all.hpp>
#include <seqlstm/ranks/all.hpp>
#include <seqlstm/train/all.hpp>

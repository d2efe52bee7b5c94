// autograd: values of one training step and the way back.
//
// A Tape keeps the operations of a step in order; each is coarse (a whole LSTM layer is one) and brings its
// own backward. Var and SeqVar are light handles to values on the tape, one row per sequence and one row per
// token: different types, because only pooling leads from one to the other. All memory is the tape's arena:
// once a step as large was seen and reset, nothing is allocated. Values add and multiply like numbers;
// tape.op adds an operation of one's own; check_gradient compares any backward with central differences in
// double. StepShards makes a step one of several ranks, each with a part of the batch on its tape.
#pragma once

#include <seqlstm/autograd/gradcheck.hpp>
#include <seqlstm/autograd/ops.hpp>
#include <seqlstm/autograd/step_shards.hpp>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/autograd/variable.hpp>

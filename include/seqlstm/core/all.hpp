// core: what every other folder stands on, and nothing that knows of sequences' meaning or of layers.
//
// Memory. `AlignedBuffer` owns numbers on cache-line boundaries, `MatrixView` looks at rows somebody else
// owns, and `Arena` hands out a training step's memory by moving a pointer, so that a step no larger than one
// before allocates nothing. Large arrays stand on large pages where Linux has some.
//
// Ragged batches. `PackedLayout` says where each token of sequences of different lengths is stored:
// time-major, longest sequence first, no padding. Whatever runs over steps runs over its rows. A
// `SequenceBatch` is a layout with what stands at each place, tokens or real numbers, and the labels.
//
// Reproducible results. `RandomKey` and `RandomStream` make a random number a function of what it is for,
// never of when it is drawn; `parallel_for` cuts work the same way for every number of threads and carries
// the floating-point control word (`FlushDenormals`) to its workers; `parallel_team` is for threads that must
// meet. A `ThreadPool` of one's own serves what runs while a `RunOn` lives. Same input, same seed: same bits.
//
// Errors. One exception type per cause, all derived from `Error`; a message says what was found, what was
// expected and what to do.
//
// Text. `parse_number` reads a number whatever the locale, `printable` shows what a file says without letting
// it move the cursor.
//
// Sizes. `checked_product` multiplies sizes that come from outside without wrapping around.
//
// Link safety. abi.hpp puts version and instruction set into an inline namespace, so objects compiled with
// different flags can share a program; plain data that they hand to each other is of the version alone;
// `arch_name()` tells which one the caller was compiled for, and `require_cpu()` whether this CPU can run it.
#pragma once

#include <seqlstm/core/abi.hpp>
#include <seqlstm/core/aligned_buffer.hpp>
#include <seqlstm/core/arch.hpp>
#include <seqlstm/core/arena.hpp>
#include <seqlstm/core/bfloat16.hpp>
#include <seqlstm/core/concepts.hpp>
#include <seqlstm/core/cpu.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/float16.hpp>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/core/large_pages.hpp>
#include <seqlstm/core/model_use.hpp>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/core/random.hpp>
#include <seqlstm/core/runtime.hpp>
#include <seqlstm/core/sequence_batch.hpp>
#include <seqlstm/core/sizes.hpp>
#include <seqlstm/core/text.hpp>
#include <seqlstm/core/view.hpp>

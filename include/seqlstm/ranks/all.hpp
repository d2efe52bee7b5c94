// ranks: processes that compute one result together, to the bit that of one.
//
// A `Communicator` sends bytes between ranks; nothing here knows what carries them. `single_process()` is a
// rank alone, `run_as_ranks` makes ranks of threads for tests, and `mpi::world()` (mpi.hpp, seqlstm::mpi) is
// the one of a cluster.
//
// A batch is cut into shards whose number does not depend on the ranks. `deal_sequences` says which sequences
// each has, `ShardTree` which rank computes which shards, and in which order they are added; `TreeSum` adds
// vectors over ranks in that order, in buckets that travel while something else is computed. `AllGather`
// gives every rank the parts of vectors that others have.
//
// `SharedParts` deals work that has no sums over the batch, such as predictions, and gives every rank all of
// it.
//
// `require_agreement` and `require_same_kernels` ask, before a training begins, whether all ranks are to do
// the same.
#pragma once

#include <seqlstm/ranks/agreement.hpp>
#include <seqlstm/ranks/all_gather.hpp>
#include <seqlstm/ranks/communicator.hpp>
#include <seqlstm/ranks/dealt_batch.hpp>
#include <seqlstm/ranks/same_kernels.hpp>
#include <seqlstm/ranks/shard_tree.hpp>
#include <seqlstm/ranks/shared_parts.hpp>
#include <seqlstm/ranks/thread_ranks.hpp>
#include <seqlstm/ranks/tree_sum.hpp>

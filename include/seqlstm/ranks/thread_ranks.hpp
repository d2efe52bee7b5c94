// Ranks that are threads of one process: to test, without MPI, what many processes would do.
#pragma once

#include <functional>
#include <seqlstm/ranks/communicator.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Calls body(communicator) on `count` threads at the same time (at least 1), one for each rank, and returns
/// when all have returned. Where one throws, the waits of the others throw rank_error; the first exception is
/// then thrown here.
void run_as_ranks(std::size_t count, const std::function<void(Communicator&)>& body);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/ranks/thread_ranks.ipp>
#endif

// Do all ranks train the same? Asked once, before they begin.
#pragma once

#include <seqlstm/ranks/communicator.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// What must be the same at every rank.
struct SharedFact {
  std::string name;    ///< "the training data"
  std::string value;   ///< a number, a name or a fingerprint()
  std::string advice;  ///< what to do where ranks differ: "give all ranks the same files"
};

/// 16 hexadecimal digits that differ where bytes differ (but by chance, once in 2^64).
std::string fingerprint(std::span<const std::byte> bytes);

/// Throws option_error at every rank unless all have the same facts: it names the first fact in which a rank
/// differs from rank 0, that rank, and both values.
void require_agreement(Communicator& communicator, std::span<const SharedFact> facts);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/ranks/agreement.ipp>
#endif

// Simulated signals: for a first run without files, and for tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <seqlstm/data/dataset.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// `count` waves of 30 to 89 positions in all: "sine", "square", "rising saw" and "falling saw" in turn, with
/// random period (8 to 16 positions), phase and amplitude. Channel 1 is the wave in volts, channel 2 a
/// quarter of a period later in millivolts, channel 3 another sine of no meaning. Each has noise and an
/// offset of its own. The shapes have one mean and one deviation, so that only their course tells them
/// apart. A function of its arguments alone.
SequenceDataset simulated_waves(std::size_t count, std::uint64_t seed);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/simulated_waves.ipp>
#endif

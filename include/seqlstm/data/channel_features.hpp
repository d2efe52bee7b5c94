// What a signal is without its course in time: for baselines, which cannot read in order.
#pragma once

#include <seqlstm/data/dataset.hpp>
#include <seqlstm/data/features.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// A row for each record: mean and standard deviation (n, not n - 1) of each channel over the record's
/// positions, summed in double, then log(1 + length); [records, 2 * channels + 1], with the records' labels.
/// A record without positions has zeros.
FeatureDataset channel_features(const SequenceDataset& data);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/channel_features.ipp>
#endif

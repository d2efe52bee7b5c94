// What the headers of these chapters declare, defined once for all programs that link the library.
#include <seqlstm/data/alphabet.ipp>
#include <seqlstm/data/batcher.ipp>
#include <seqlstm/data/clusters.ipp>
#include <seqlstm/data/dataset.ipp>
#include <seqlstm/data/features.ipp>
#include <seqlstm/data/label_names.ipp>
#include <seqlstm/data/label_regions.ipp>
#include <seqlstm/data/leakage.ipp>
#include <seqlstm/data/letters.ipp>
#include <seqlstm/data/missing_values.ipp>
#include <seqlstm/data/reading_frames.ipp>
#include <seqlstm/data/record.ipp>
#include <seqlstm/data/resample.ipp>
#include <seqlstm/data/sampler.ipp>
#include <seqlstm/data/split.ipp>
#include <seqlstm/data/stream.ipp>
#include <seqlstm/data/tokenizer.ipp>

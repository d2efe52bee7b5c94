// What the headers of these chapters declare, defined once for all programs that link the library.
#include <seqlstm/metrics/calibration.ipp>
#include <seqlstm/metrics/classification.ipp>
#include <seqlstm/metrics/curve.ipp>
#include <seqlstm/metrics/detail/undefined.ipp>
#include <seqlstm/metrics/per_class.ipp>
#include <seqlstm/metrics/positions.ipp>
#include <seqlstm/metrics/regression.ipp>
#include <seqlstm/metrics/report.ipp>
#include <seqlstm/metrics/retrieval.ipp>
#include <seqlstm/metrics/segments.ipp>
#include <seqlstm/metrics/sites.ipp>

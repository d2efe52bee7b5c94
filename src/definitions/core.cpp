// What the headers of these chapters declare, defined once for all programs that link the library.
#include <seqlstm/autograd/gradcheck.ipp>
#include <seqlstm/autograd/ops.ipp>
#include <seqlstm/autograd/tape.ipp>
#include <seqlstm/core/error.ipp>
#include <seqlstm/core/model_use.ipp>
#include <seqlstm/core/packed.ipp>
#include <seqlstm/core/parallel.ipp>
#include <seqlstm/core/random.ipp>
#include <seqlstm/core/runtime.ipp>
#include <seqlstm/core/sequence_batch.ipp>
#include <seqlstm/core/sizes.ipp>
#include <seqlstm/core/text.ipp>

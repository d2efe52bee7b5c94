// What the headers of this chapter declare, defined once for all programs that link the library.
#include <seqlstm/models/awd_lstm.ipp>
#include <seqlstm/models/basecaller.ipp>
#include <seqlstm/models/ngram.ipp>
#include <seqlstm/models/poisson_hmm.ipp>
#include <seqlstm/models/protein_aligner.ipp>
#include <seqlstm/models/sequence_aligner.ipp>
#include <seqlstm/models/sequence_labeller.ipp>

// Bases out of what a Basecaller says of a signal.
//
//     const auto said = predict(net, reads, net.loss());
//     std::cout << base_letters(called_bases(said, 0, net.options().code));    // "ACCGT..."
#pragma once

#include <seqlstm/data/base_labels.hpp>
#include <seqlstm/infer/ctc_decode.hpp>
#include <seqlstm/infer/predict.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// The bases, 0 to 3, of record i of what predict() gave of a Basecaller: of BaseCode::ctc the labels of the
/// best path, or with a beam_width those of ctc_beam_search(); of BaseCode::crf those that the most likely
/// labels begin. Throws option_error for a beam of BaseCode::crf.
std::vector<Token> called_bases(const Predictions& said, std::size_t record, BaseCode code,
                                std::size_t beam_width = 0);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/infer/basecall.ipp>
#endif

// Which class is which number: of two the positive one is class 1, and a model's classes stand in its order.
#pragma once

#include <seqlstm/data/record.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Makes class 1 of two class 0, and the other way round.
void swap_classes(LabelledRecords& data);

/// Makes `positive`, in any of its spellings (same_label), class 1 of two. Throws option_error unless it is
/// one of two classes.
void set_positive_class(LabelledRecords& data, const std::string& positive);

/// Renames and, of two, swaps classes so that they are those of a model, where they are the same ones in
/// other spellings; other classes stay as they are.
void match_classes(LabelledRecords& data, const std::vector<std::string>& model);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/class_order.ipp>
#endif

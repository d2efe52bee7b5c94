// The names of classes, as label columns write them: which spellings are one class, in which order classes
// stand, and which of two is the positive one.
#pragma once

#include <cstddef>
#include <optional>
#include <seqlstm/core/abi.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

// Numbers by value, other names by letter, numbers first.
bool label_name_less(const std::string& a, const std::string& b);

/// Letters in lower case; the locale does not matter.
std::string lower_case(std::string_view text);

/// What spellings of one class have in common.
std::string label_key(std::string_view name, bool all_numbers);

/// "amp" of "non-AMP", "NonAMP", "not an AMP", "no AMP": what is left without the word that denies, in lower
/// case; empty where there is none.
std::string denied(std::string_view name);

}  // namespace detail

/// One class of a label column.
struct LabelClass {
  std::string name;                    ///< the shortest spelling; of equally long ones the first by letter
  std::vector<std::string> spellings;  ///< as the column writes it, in order of letters; mostly one
};

/// The classes of a label column, in order: by value where names are numbers, else by letter, numbers first.
///
/// Spellings of one class: names that differ in white space around them; true, false, yes and no in any case;
/// and, where every name is a number, whole numbers of one value ("1", "1.0", "01"). Numbers that are not
/// whole stay apart ("1.1" and "1.10" are two EC classes), and so do other words that differ in case.
/// Allocates; the locale does not matter.
std::vector<LabelClass> label_classes(std::span<const std::string> names);

/// Are both spellings of one class, as label_classes() reads them where there are no others?
bool same_label(const std::string& a, const std::string& b);

/// Which of two classes precision, recall and F1 are of, where their names say it: 0 or 1; nothing where they
/// do not.
///
/// In any case: + over -, pos and positive over neg and negative, yes over no, true over false, y over n, t
/// over f, 1 over 0 and over -1, active over inactive, case over control; X over nonX, non-X, "not X", "not
/// an X" and "no X" (coding over noncoding, AMP over nonAMP); and any other name over one that only denies:
/// other, others, none, rest, background, random, decoy, control, negative, neg.
std::optional<std::size_t> positive_label(std::span<const std::string> names);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/label_names.ipp>
#endif

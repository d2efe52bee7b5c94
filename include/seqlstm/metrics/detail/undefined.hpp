// Sentences about what a report counts although it is not defined, and as what.
#pragma once

#include <seqlstm/metrics/classification.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// name(c) is what to call a class. Of two classes only class 1 is judged. `curves`: are there roc_auc and
/// pr_auc to speak of?
template <class Name>
std::vector<std::string> undefined_classes(const ConfusionMatrix& m, Name name, bool curves = true) {
  std::vector<std::string> notes;
  const bool binary = m.classes() == 2;
  std::size_t present = 0, predicted = 0;
  for (std::size_t c = 0; c < m.classes(); ++c) {
    present += m.support(c) > 0 ? 1 : 0;
    predicted += m.predicted(c) > 0 ? 1 : 0;
    if (binary && c == 0) continue;
    const std::string who = "class " + name(c);
    if (m.support(c) == 0 && m.predicted(c) == 0)
      notes.push_back(who + " has no members and was never predicted: " +
                      (binary   ? curves ? "precision, recall, f1 and pr_auc count as 0"
                                         : "precision, recall and f1 count as 0"
                       : curves ? "precision, recall and f1 leave it out, pr_auc counts as 0"
                                : "precision, recall and f1 leave it out") +
                      (curves ? ", roc_auc is not defined" : ""));
    else if (m.support(c) == 0)
      notes.push_back(who + (curves ? " has no members: recall and pr_auc count as 0, roc_auc is not defined"
                                    : " has no members: recall counts as 0"));
    else if (m.predicted(c) == 0)
      notes.push_back(who + " was never predicted: precision counts as 0");
    if (curves && m.support(c) == m.total())
      notes.push_back("every row is " + who + ": roc_auc is not defined");
  }
  if (present == 1) notes.emplace_back("one class only is present: mcc counts as 0");
  if (present > 1 && predicted == 1) notes.emplace_back("one class only was predicted: mcc counts as 0");
  return notes;
}

std::vector<std::string> undefined_numbers(std::span<const double> truth, std::span<const double> predicted);

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/metrics/detail/undefined.ipp>
#endif

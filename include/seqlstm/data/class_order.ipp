// Definitions of class_order.hpp.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/data/class_order.hpp>
#include <seqlstm/data/label_names.hpp>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE void swap_classes(LabelledRecords& data) {
  std::swap(data.label_names[0], data.label_names[1]);
  for (double& value : data.labels) value = 1 - value;
}

SEQLSTM_INLINE void set_positive_class(LabelledRecords& data, const std::string& positive) {
  const auto& names = data.label_names;
  const bool one_of_two =
      names.size() == 2 && (same_label(names[0], positive) || same_label(names[1], positive));
  if (!one_of_two)
    throw option_error("positive_label '" + positive + "' must be one of two labels; found " +
                       std::to_string(names.size()) + " labels" +
                       (names.size() < 2 ? "" : ", the first are '" + names[0] + "' and '" + names[1] + "'"));
  if (!same_label(names[1], positive)) swap_classes(data);
}

SEQLSTM_INLINE void match_classes(LabelledRecords& data, const std::vector<std::string>& model) {
  auto& names = data.label_names;
  if (names.size() != model.size()) return;
  if (names.size() == 2 && same_label(names[0], model[1]) && same_label(names[1], model[0]))
    swap_classes(data);
  for (std::size_t c = 0; c < names.size(); ++c)
    if (names[c] != model[c] && same_label(names[c], model[c])) names[c] = model[c];
}

SEQLSTM_NAMESPACE_END

// Definitions of labelled_parts.hpp.
#pragma once

#include <algorithm>
#include <map>
#include <seqlstm/core/error.hpp>
#include <seqlstm/data/sequence_type.hpp>
#include <seqlstm/train/labelled_parts.hpp>
#include <set>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

inline std::string class_text(const LabelledRecords& data, std::size_t c) {
  return "label '" + (c < data.label_names.size() ? data.label_names[c] : std::to_string(c)) + "'";
}

/// Every class needs a record in each of three parts.
inline void require_three_of_each(const LabelledRecords& all) {
  const auto counts = class_counts(all.labels);
  for (std::size_t c = 0; c < counts.size(); ++c)
    if (counts[c] < 3)
      throw option_error(class_text(all, c) + " has " + std::to_string(counts[c]) +
                         " records, expected at least 3, one for each of training, validation and test");
}

/// Of a split that was brought, every class needs records to learn from; two where validation is to have one.
inline void require_learnable(const LabelledParts& parts) {
  const auto learned = class_counts(parts.train.labels);
  const std::size_t needed = parts.valid.records.empty() ? 2 : 1;
  for (std::size_t c = 0; c < parts.train.label_names.size(); ++c) {
    const std::size_t count = c < learned.size() ? learned[c] : 0;
    if (count < needed)
      throw option_error(class_text(parts.train, c) + " has " + std::to_string(count) +
                         " records in the training part, expected at least " + std::to_string(needed) +
                         "; leave the class out, or small ones with min_class_size");
  }
}

/// A label that one record has can be learned or tested, not both.
inline void require_two_of_each(const LabelledRecords& all, Task task) {
  if (task == Task::regression) return;
  const bool several = task == Task::multi_label;
  const auto classes = several ? std::vector<std::size_t>() : class_counts(all.labels);
  for (std::size_t c = 0; c < all.label_names.size(); ++c) {
    std::size_t count = c < classes.size() ? classes[c] : 0;
    for (std::size_t i = 0; several && i < all.size(); ++i) count += all.label(i)[c] != 0 ? 1 : 0;
    if (count < 2)
      throw option_error(class_text(all, c) + " has " + std::to_string(count) +
                         " records, expected at least 2; leave it out" +
                         (several ? "" : " with min_class_size 2"));
  }
}

}  // namespace detail

SEQLSTM_INLINE LabelledParts split_parts(const LabelledRecords& all, Task task, std::uint64_t seed) {
  if (has_classes(task)) detail::require_three_of_each(all);
  if (task == Task::multi_label) detail::require_two_of_each(all, task);
  if (all.size() < 3)
    throw option_error(std::to_string(all.size()) +
                       " records, expected at least one for each of training, validation and test");
  const auto rows = split_indices<3>(all.labels, all.size(), {0.8, 0.1, 0.1},
                                     {.seed = seed, .stratified = has_classes(task)});
  return {all.subset(rows[0]), all.subset(rows[1]), all.subset(rows[2]), task, true, seed};
}

SEQLSTM_INLINE LabelledParts partitioned(const LabelledRecords& all, Task task, const Partition& rows,
                                         std::uint64_t seed) {
  if (rows.train.empty() || rows.test.empty())
    throw option_error(std::string("no row is in the ") + (rows.train.empty() ? "training" : "test") +
                       " part; every part needs rows");
  LabelledParts parts{
      all.subset(rows.train), all.subset(rows.valid), all.subset(rows.test), task, false, seed};
  if (task == Task::multi_label) detail::require_two_of_each(all, task);
  if (has_classes(task)) {
    detail::require_learnable(parts);
    detail::require_two_of_each(all, task);
  }
  if (!rows.valid.empty()) return parts;
  const LabelledRecords train = std::move(parts.train);
  const auto drawn = split_indices<2>(train.labels, train.size(), {0.9, 0.1},
                                      {.seed = seed, .stratified = has_classes(task)});
  parts.train = train.subset(drawn[0]);
  parts.valid = train.subset(drawn[1]);
  return parts;
}

SEQLSTM_INLINE void keep_train_rows(LabelledParts& parts, std::size_t rows) {
  const std::size_t all = parts.train.size();
  if (rows > all)
    throw option_error("train_rows is " + std::to_string(rows) + ", the training part has " +
                       std::to_string(all) + " rows");
  if (rows > 0 && has_classes(parts.task) && rows < parts.train.label_names.size())
    throw option_error("train_rows is " + std::to_string(rows) + ", expected at least one for each of " +
                       std::to_string(parts.train.label_names.size()) + " classes");
  if (rows == 0 || rows == all) return;
  const double share = static_cast<double>(rows) / static_cast<double>(all);
  const auto kept = split_indices<2>(parts.train.labels, all, {share, 1 - share},
                                     {.seed = parts.seed, .stratified = has_classes(parts.task)});
  parts.unlabelled = parts.train.subset(kept[1]).records;
  parts.train = parts.train.subset(kept[0]);
  if (parts.groups.empty()) return;
  std::vector<std::string> groups;
  for (const std::size_t row : kept[0]) groups.push_back(parts.groups[row]);
  groups.insert(groups.end(), parts.groups.begin() + static_cast<std::ptrdiff_t>(all), parts.groups.end());
  parts.groups = std::move(groups);
}

SEQLSTM_INLINE Overlap overlap(const LabelledParts& parts) {
  std::map<std::string, std::set<std::vector<double>>, CanonicalLess> labels;
  for (const auto* part : {&parts.train, &parts.valid, &parts.test})
    for (std::size_t i = 0; i < part->size(); ++i) {
      const auto own = part->label(i);
      labels[part->records[i].sequence].emplace(own.begin(), own.end());
    }
  std::set<std::string, CanonicalLess> trained;
  for (const auto& record : parts.train.records) trained.insert(record.sequence);
  Overlap found;
  for (const auto& record : parts.test.records) found.test_in_train += trained.count(record.sequence);
  for (const auto* part : {&parts.train, &parts.valid, &parts.test})
    for (const auto& record : part->records)
      found.contradictory += labels[record.sequence].size() > 1 ? 1 : 0;
  return found;
}

SEQLSTM_INLINE bool EncodedParts::same_length() const {
  const auto like_train = [&](const SequenceDataset& data) {
    return data.same_length() && data.max_length() == train.max_length();
  };
  return like_train(train) && like_train(valid) && like_train(test) &&
         (unlabelled.size() == 0 || like_train(unlabelled));
}

SEQLSTM_INLINE EncodedParts encode_parts(const LabelledParts& parts, const Objective& objective,
                                         const Tokenizer& tokenizer, const CategoricalInputs& inputs,
                                         const std::string& source) {
  const auto encoded = [&](const LabelledRecords& part, const char* name) {
    auto data = inputs.encode(part, tokenizer);
    if (has_classes(objective.task)) require_two_classes(data, source + ", " + name + " part");
    return objective.learned(std::move(data));
  };
  return {objective,
          inputs,
          encoded(parts.train, "training"),
          encoded(parts.valid, "validation"),
          encoded(parts.test, "test"),
          inputs.encode(parts.unlabelled, tokenizer),
          parts.groups};
}

SEQLSTM_NAMESPACE_END

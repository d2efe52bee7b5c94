// The rows of each training of sequence_labelling, as a network reads them.
#pragma once

#include <cmath>
#include <map>
#include <numeric>
#include <seqlstm/core/text.hpp>
#include <seqlstm/data/sequence_type.hpp>
#include <seqlstm/data/windows.hpp>
#include <seqlstm/io/labeller.hpp>
#include <seqlstm/nn/channels.hpp>

#include "labelling_source.hpp"

namespace examples {

using namespace seqlstm;

/// The rows of each training: one, or one for every fold, which is tested while the next one validates.
/// `groups` has the part or fold of each row; it is empty where nothing says.
inline std::vector<Partition> partitions(std::size_t rows, const std::vector<std::string>& groups,
                                         const std::string& name, const LabellingSourceOptions& options,
                                         std::uint64_t seed) {
  if (!options.folds.empty()) {
    try {
      return cross_validation_folds(groups);
    } catch (const option_error& error) {
      throw option_error("--folds " + options.folds + ": " + error.what());
    }
  }
  Partition one;
  if (groups.empty()) {
    const auto drawn = split_indices<3>({}, rows, {0.8, 0.1, 0.1}, {.seed = seed});
    return {{drawn[0], drawn[1], drawn[2]}};
  }
  const std::string& column = options.split_column;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::string& part = groups[i];
    if (part != "train" && part != "valid" && part != "test")
      throw option_error(name + ": '" + printable(part) + "' in column '" + column +
                         "', expected train, valid or test");
    (part == "train" ? one.train : part == "valid" ? one.valid : one.test).push_back(i);
  }
  if (one.train.empty() || one.test.empty())
    throw option_error(name + ": column '" + column + "' names no " + (one.train.empty() ? "train" : "test") +
                       " row; every part needs rows");
  if (one.valid.empty()) {
    const auto drawn = split_indices<2>({}, one.train.size(), {0.9, 0.1}, {.seed = seed});
    const auto train = one.train;
    one.train.clear();
    for (const std::size_t i : drawn[0]) one.train.push_back(train[i]);
    for (const std::size_t i : drawn[1]) one.valid.push_back(train[i]);
  }
  return {one};
}

/// Stretches of a genome in their order: the last tenth is tested, the tenth before validates, so that no
/// tested base has neighbours that were learned.
inline Partition stretches(std::size_t windows) {
  if (windows < 10)
    throw option_error("the genome is " + std::to_string(windows) +
                       " windows long, expected at least 10: eight to train on, one to validate, one to "
                       "test; make --window smaller");
  std::vector<std::size_t> all(windows);
  std::iota(all.begin(), all.end(), std::size_t{0});
  const auto cut = [&](std::size_t tenth) {
    return all.begin() + static_cast<std::ptrdiff_t>(windows * tenth / 10);
  };
  return {{cut(0), cut(8)}, {cut(8), cut(9)}, {cut(9), cut(10)}};
}

/// Letters of proteins or of nucleic acids; any other counts as unknown.
inline Tokenizer tokenizer_for(const std::vector<Record>& records) {
  std::vector<std::string> sequences;
  for (const Record& record : records) sequences.push_back(record.sequence);
  const bool dna = inferred_sequence_type(sequences) == SequenceType::dna;
  return {dna ? dna5 : aa21, {.unknown = unknown::map}};
}

struct Parts {
  SequenceDataset train, valid, test;
};

/// All records as they are read, or windows of them, and the rows of each training.
struct Encoded {
  SequenceDataset data;
  std::vector<Partition> folds;
};

/// The windows of some of the records.
inline std::vector<std::size_t> windows_of(const std::vector<std::size_t>& some,
                                           const std::vector<std::size_t>& record_of_window,
                                           std::size_t records) {
  std::vector<bool> wanted(records, false);
  for (const std::size_t record : some) wanted[record] = true;
  std::vector<std::size_t> windows;
  for (std::size_t w = 0; w < record_of_window.size(); ++w)
    if (wanted[record_of_window[w]]) windows.push_back(w);
  return windows;
}

inline Encoded encoded(const LabellingSource& source, const Tokenizer& tokenizer,
                       const LabellingSourceOptions& options, std::uint64_t seed) {
  Encoded all{.data = encode(source.records, tokenizer), .folds = {}};
  const std::size_t records = all.data.size();
  const auto channels = read_channels(options.channels, all.data.tokens());
  if (channels.cols > 0) all.data.add_channels({channels.values.data(), channels.rows, channels.cols});
  if (options.window == 0) {
    all.folds = partitions(records, source.groups, source.name, options, seed);
    return all;
  }
  auto windows = cut_into_windows(all.data, io::labeller_windows(options.window));
  all.data = std::move(windows.data);
  if (source.genome) {
    all.folds = {stretches(all.data.size())};
    return all;
  }
  // Records are drawn, and their windows with them: no window is tested whose neighbours were learned.
  for (const Partition& of_records : partitions(records, source.groups, source.name, options, seed))
    all.folds.push_back({windows_of(of_records.train, windows.records, records),
                         windows_of(of_records.valid, windows.records, records),
                         windows_of(of_records.test, windows.records, records)});
  return all;
}

/// The rows of each network that answers for a fold: one, which with `refit` learns from validation too, or
/// those of a committee, whose other folds validate in turn.
inline std::vector<Partition> members_of(const LabellingSource& source, const Partition& fold,
                                         const LabellingSourceOptions& options, bool refit) {
  if (refit) {
    Partition one{fold.train, {}, fold.test};
    one.train.insert(one.train.end(), fold.valid.begin(), fold.valid.end());
    std::sort(one.train.begin(), one.train.end());
    return {one};
  }
  if (options.committee == 0) return {fold};
  std::vector<std::size_t> others = fold.train;
  others.insert(others.end(), fold.valid.begin(), fold.valid.end());
  std::sort(others.begin(), others.end());
  std::vector<std::string> groups;
  for (const std::size_t row : others) groups.push_back(source.groups[row]);
  auto members = validation_folds(groups, options.committee);
  for (Partition& member : members) {
    for (auto* part : {&member.train, &member.valid})
      for (std::size_t& row : *part) row = others[row];
    member.test = fold.test;
  }
  return members;
}

/// The records' categories as the training part has them.
inline CategoricalInputs inputs_of(const LabellingSource& source, const Partition& rows,
                                   const LabellingSourceOptions& options) {
  if (options.extra_columns.empty()) return {};
  std::vector<Record> train;  // rows are records: windows have no categories
  for (const std::size_t row : rows.train) train.push_back(source.records.records[row]);
  return {options.extra_columns, train};
}

/// Weights by which these rows are drawn: those of a type in a category of the first extra column share one,
/// their number to the power of minus `power`.
inline std::vector<double> type_weights(const LabellingSource& source, const std::vector<std::size_t>& rows,
                                        const LabellingSourceOptions& options, double power) {
  std::vector<std::string> kinds;
  std::map<std::string, double> counts;
  for (const std::size_t row : rows) {
    std::string kind = source.types[row];
    if (!options.extra_columns.empty())
      kind += "|" + header_value(source.records.records[row], options.extra_columns.front());
    ++counts[kind];
    kinds.push_back(std::move(kind));
  }
  std::vector<double> weights;
  for (const auto& kind : kinds) weights.push_back(std::pow(counts[kind], -power));
  return weights;
}

inline Parts parts_of(const LabellingSource& source, const Encoded& all, const Partition& rows,
                      const CategoricalInputs& inputs) {
  const auto part = [&](const std::vector<std::size_t>& of) {
    auto data = all.data.subset(of);
    if (inputs.columns.empty()) return data;
    std::vector<Record> records;
    for (const std::size_t row : of) records.push_back(source.records.records[row]);
    const auto categories = inputs.channels(records);
    data.add_channels({categories.data(), data.tokens(), inputs.vocabulary()});
    return data;
  };
  return {part(rows.train), part(rows.valid), part(rows.test)};
}

/// What is measured is standardised, categories stay 0 and 1.
inline ChannelScale scale_of(const SequenceDataset& train, std::size_t categories) {
  auto scale = channel_scale(train.channel_rows());
  for (std::size_t c = scale.channels() - categories; c < scale.channels(); ++c) {
    scale.mean[c] = 0;
    scale.stddev[c] = 1;
  }
  return scale;
}

}  // namespace examples

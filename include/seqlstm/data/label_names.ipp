// Definitions of label_names.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <seqlstm/core/text.hpp>
#include <seqlstm/data/label_names.hpp>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

SEQLSTM_INLINE bool label_name_less(const std::string& a, const std::string& b) {
  const auto left = parse_number(a), right = parse_number(b);
  if (left.has_value() != right.has_value()) return left.has_value();
  return left && *left != *right ? *left < *right : a < b;
}

SEQLSTM_INLINE std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

SEQLSTM_INLINE std::string label_key(std::string_view name, bool all_numbers) {
  name = trimmed(name);
  std::string lower = lower_case(name);
  for (const char* word : {"true", "false", "yes", "no"})
    if (lower == word) return lower;
  const auto value = all_numbers ? parse_number(name) : std::nullopt;
  // Above 2^53 numbers that differ are one double.
  if (value && *value == std::trunc(*value) && std::abs(*value) < 9007199254740992.0)
    return std::to_string(static_cast<long long>(*value));
  return std::string(name);
}

SEQLSTM_INLINE std::string denied(std::string_view name) {
  const std::string lower = lower_case(name);
  for (const std::string_view word : {"non", "not", "no"}) {
    if (!lower.starts_with(word)) continue;
    std::string_view rest = std::string_view(lower).substr(word.size());
    const std::size_t begin = rest.find_first_not_of("-_ ");
    const bool apart = begin != 0;  // "nonAMP" denies, "notochord" does not
    if (begin == std::string_view::npos || (!apart && word != "non")) continue;
    rest = rest.substr(begin);
    for (const std::string_view article : {"an ", "a "})
      if (apart && rest.starts_with(article)) rest = rest.substr(article.size());
    return std::string(rest);
  }
  return {};
}

}  // namespace detail

SEQLSTM_INLINE std::vector<LabelClass> label_classes(std::span<const std::string> names) {
  std::map<std::string_view, bool> distinct;
  for (const std::string& name : names) distinct.emplace(name, false);
  const bool numbers = std::all_of(distinct.begin(), distinct.end(),
                                   [](const auto& entry) { return parse_number(entry.first).has_value(); });
  std::map<std::string, LabelClass> by_key;
  for (const auto& [spelling, ignored] : distinct) {
    LabelClass& one = by_key[detail::label_key(spelling, numbers)];
    const std::string name(detail::trimmed(spelling));
    if (one.spellings.empty() || std::pair(name.size(), name) < std::pair(one.name.size(), one.name))
      one.name = name;
    one.spellings.emplace_back(spelling);
  }
  std::vector<LabelClass> classes;
  for (auto& [key, one] : by_key) classes.push_back(std::move(one));
  std::sort(classes.begin(), classes.end(),
            [](const LabelClass& a, const LabelClass& b) { return detail::label_name_less(a.name, b.name); });
  return classes;
}

SEQLSTM_INLINE bool same_label(const std::string& a, const std::string& b) {
  const std::array<std::string, 2> both = {a, b};
  return label_classes(both).size() == 1;
}

SEQLSTM_INLINE std::optional<std::size_t> positive_label(std::span<const std::string> names) {
  if (names.size() != 2) return std::nullopt;
  const std::array<std::string, 2> lower = {detail::lower_case(detail::trimmed(names[0])),
                                            detail::lower_case(detail::trimmed(names[1]))};
  constexpr std::pair<std::string_view, std::string_view> pairs[] = {{"+", "-"},
                                                                     {"pos", "neg"},
                                                                     {"yes", "no"},
                                                                     {"true", "false"},
                                                                     {"y", "n"},
                                                                     {"t", "f"},
                                                                     {"+1", "-1"},
                                                                     {"positive", "negative"},
                                                                     {"active", "inactive"},
                                                                     {"case", "control"}};
  const std::array<std::optional<double>, 2> value = {parse_number(lower[0]), parse_number(lower[1])};
  for (std::size_t c = 0; c < 2; ++c) {
    const std::string &one = lower[c], &other = lower[1 - c];
    for (const auto& [positive, negative] : pairs)
      if (one == positive && other == negative) return c;
    if (value[c] == 1.0 && (value[1 - c] == 0.0 || value[1 - c] == -1.0)) return c;
    if (!one.empty() && detail::denied(other) == one) return c;
  }
  constexpr std::string_view deny[] = {"other",  "others", "none",    "rest",     "background",
                                       "random", "decoy",  "control", "negative", "neg"};
  const auto denies = [&](std::size_t c) {
    return std::find(std::begin(deny), std::end(deny), lower[c]) != std::end(deny);
  };
  if (denies(0) != denies(1)) return denies(0) ? 1 : 0;
  return std::nullopt;
}

SEQLSTM_NAMESPACE_END

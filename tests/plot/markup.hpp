// Is a text well-formed markup? Enough of XML to find a tag or a quote that is not closed.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace testing {

/// What is wrong with it; empty where every element is closed and every < and & is markup.
inline std::string markup_fault(const std::string& text, const std::vector<std::string>& never_closed = {}) {
  std::vector<std::string> open;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '&') {
      const std::size_t end = text.find(';', i);
      if (end == std::string::npos || end - i > 6) return "a bare & at " + std::to_string(i);
      continue;
    }
    if (text[i] == '>') return "a bare > at " + std::to_string(i);
    if (text[i] != '<') continue;
    const bool closes = text[i + 1] == '/';
    std::size_t end = i + 1 + (closes ? 1 : 0);
    const std::size_t begin = end;
    while (end < text.size() && text[end] != ' ' && text[end] != '>' && text[end] != '/') ++end;
    const std::string name = text.substr(begin, end - begin);
    bool quoted = false;
    while (end < text.size() && (quoted || text[end] != '>')) {
      if (text[end] == '"') quoted = !quoted;
      if (text[end] == '<') return "a < inside <" + name;
      ++end;
    }
    if (end == text.size()) return "<" + name + " does not end";
    const bool alone = text[end - 1] == '/' || name[0] == '!' ||
                       std::find(never_closed.begin(), never_closed.end(), name) != never_closed.end();
    if (closes) {
      if (open.empty() || open.back() != name) return "</" + name + "> closes nothing";
      open.pop_back();
    } else if (!alone) {
      open.push_back(name);
    }
    i = end;
    if (name == "style" && !closes) i = text.find("</style>", i) - 1;  // not markup
  }
  return open.empty() ? "" : "<" + open.back() + "> is not closed";
}

/// How often a piece of text stands in another.
inline std::size_t times(const std::string& text, const std::string& piece) {
  std::size_t count = 0;
  for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) ++count;
  return count;
}

}  // namespace testing

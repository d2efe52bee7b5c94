// JSON of a file, read with bounds: nothing that a parser accepts in silence, or that takes memory, stack or
// time beyond the text's own size.
#pragma once

#include <nlohmann/json.hpp>
#include <seqlstm/core/error.hpp>
#include <set>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

/// Names, values and ends of lists and objects in one text.
inline constexpr std::size_t most_parts = 3'200'000;

/// Walks a text without making anything of it; the sentence says what is wrong, if anything is.
class JsonBounds : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit JsonBounds(std::size_t deepest) : deepest_(deepest) {}
  [[nodiscard]] const std::string& sentence() const { return sentence_; }

  bool null() override { return part(); }
  bool boolean(bool) override { return part(); }
  bool number_integer(number_integer_t) override { return part(); }
  bool number_unsigned(number_unsigned_t) override { return part(); }
  bool number_float(number_float_t, const string_t&) override { return part(); }
  bool string(string_t&) override { return part(); }
  bool binary(binary_t&) override { return part(); }
  bool start_object(std::size_t) override { return begin(); }
  bool start_array(std::size_t) override { return begin(); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool key(string_t& name) override {
    if (!names_.back().insert(name).second) return wrong("has the name '" + name + "' twice");
    return part();
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;  // the parser says it better
  }

 private:
  bool wrong(std::string sentence) {
    sentence_ = std::move(sentence);
    return false;
  }
  bool part() {
    return ++parts_ <= most_parts || wrong("has more than " + std::to_string(most_parts) + " parts");
  }
  bool begin() {
    if (names_.size() >= deepest_)
      return wrong("nests lists and objects more than " + std::to_string(deepest_) + " deep");
    names_.emplace_back();
    return part();
  }
  bool end() {
    names_.pop_back();
    return part();
  }

  std::size_t deepest_, parts_ = 0;
  std::vector<std::set<std::string>> names_;  // of every object that is open
  std::string sentence_;
};

/// JSON without names that stand twice in an object, of which a parser would keep the last; with lists and
/// objects within one another up to `deepest`, as copying follows them on the stack; of bounded parts; and
/// without NUL bytes, which a parser takes for the end. `error(byte, what)` makes the exception.
template <class MakeError>
nlohmann::json bounded_json(const std::string& text, std::size_t deepest, MakeError error) {
  if (const std::size_t nul = text.find('\0'); nul != std::string::npos) throw error(nul, "has a NUL byte");
  JsonBounds bounds(deepest);
  const bool whole = nlohmann::json::sax_parse(text, &bounds);
  if (!whole && !bounds.sentence().empty()) throw error(0, bounds.sentence());
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& wrong) {
    throw error(wrong.byte, "is not JSON");
  } catch (const nlohmann::json::exception&) {
    throw error(0, "holds a number out of range");
  }
}

}  // namespace io::detail
SEQLSTM_NAMESPACE_END

// Recipes of layers as JSON objects: one list of options for each, which is written, read and checked alike.
#pragma once

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <seqlstm/io/json_values.hpp>
#include <seqlstm/nn/any_sequential.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io::detail {

/// Throws format_error unless `json` is an object of no other keys than these.
template <class Keys>
void check_key_set(const nlohmann::json& json, const std::string& what, const Keys& keys) {
  if (!json.is_object()) throw format_error(what + " is " + shown_json(json) + ", expected an object");
  for (const auto& [key, value] : json.items()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    std::string known;
    for (const auto& name : keys) known += (known.empty() ? "'" : ", '") + std::string(name) + "'";
    throw format_error(what + " has no option " + shown_json(nlohmann::json(key)) + ", expected one of " +
                       known);
  }
}
inline void check_keys(const nlohmann::json& json, const std::string& what,
                       std::initializer_list<std::string_view> keys) {
  check_key_set(json, what, keys);
}

/// A word for each value of an enum.
template <class Enum> struct Words;
template <> struct Words<Padding> {
  static constexpr std::array<const char*, 3> all = {"same", "valid", "causal"};
};
template <> struct Words<MergeMode> {
  static constexpr std::array<const char*, 3> all = {"sum", "mean", "product"};
};
template <> struct Words<PoolingKind> {
  static constexpr std::array<const char*, 3> all = {"last", "mean", "max"};
};
template <class Enum> const char* word(Enum value) {
  return Words<Enum>::all.at(static_cast<std::size_t>(value));
}
template <class Enum> Enum value_of_word(std::string_view key, const nlohmann::json& json) {
  std::string expected;
  for (std::size_t i = 0; i < Words<Enum>::all.size(); ++i) {
    if (json == Words<Enum>::all[i]) return static_cast<Enum>(i);
    expected += (i > 0 ? ", '" : "one of '") + std::string(Words<Enum>::all[i]) + "'";
  }
  throw wrong_value(key, shown_json(json), expected);
}

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

/// Writes options into a JSON object.
struct OptionWriter {
  nlohmann::json& json;
  void size(const char* key, std::size_t& value, std::size_t = 0) { json[key] = value; }
  void flag(const char* key, bool& value) { json[key] = value; }
  void number(const char* key, double& value, double, double) { json[key] = value; }
  void maybe(const char* key, std::optional<double>& value) {
    if (value) json[key] = *value;
  }
  void sizes(const char* key, std::vector<std::size_t>& value) {
    if (!value.empty()) json[key] = value;
  }
  void pairs(const char* key, Pairs& value) {
    if (!value.empty()) json[key] = value;
  }
  template <class Enum> void choice(const char* key, Enum& value) { json[key] = word(value); }
  template <class Enum> void choices(const char* key, std::vector<Enum>& values) {
    json[key] = nlohmann::json::array();
    for (const Enum value : values) json[key].push_back(word(value));
  }
};

/// Reads them from one; what it does not name keeps its value, where that is one.
struct OptionReader {
  const nlohmann::json& json;
  std::vector<std::string> known = {"type"};

  bool named(const char* key) {
    known.emplace_back(key);
    return json.contains(key);
  }
  void size(const char* key, std::size_t& value, std::size_t least = 0) {
    if (named(key) || value < least) value = size_from(json, key, least);
  }
  void flag(const char* key, bool& value) {
    if (named(key)) value = flag_from(json, key);
  }
  void number(const char* key, double& value, double least, double most) {
    if (named(key)) value = number_from(json, key, least, most);
  }
  void maybe(const char* key, std::optional<double>& value) {
    if (named(key)) value = number_from(json, key);
  }
  void sizes(const char* key, std::vector<std::size_t>& value) {
    if (named(key)) value = sizes_from(json, key, largest_size, 0);
  }
  void pairs(const char* key, Pairs& value) {
    if (!named(key)) return;
    value.clear();
    if (!json[key].is_array()) throw wrong_value(key, shown_json(json[key]), "a list of pairs");
    for (const auto& pair : json[key]) {
      const auto both = sizes_from({{key, pair}}, key, largest_size, 0);
      if (both.size() != 2) throw wrong_value(key, shown_json(pair), "pairs of labels");
      value.emplace_back(both[0], both[1]);
    }
  }
  template <class Enum> void choice(const char* key, Enum& value) {
    if (named(key)) value = value_of_word<Enum>(key, json[key]);
  }
  template <class Enum> void choices(const char* key, std::vector<Enum>& values) {
    known.emplace_back(key);
    const auto& list = member(json, key, "a list of words");
    if (!list.is_array() || list.empty() || list.size() > most_layers)
      throw wrong_value(key, shown_json(list), "a list of words");
    values.clear();
    for (const auto& item : list) values.push_back(value_of_word<Enum>(key, item));
  }
};

// ---- the options of each recipe
// --------------------------------------------------------------------------------------------

template <class V> void visit_options(V& v, EmbeddingRecipe& r) {
  v.size("dim", r.dim, 1);
}
template <class V> void visit_options(V& v, LstmRecipe& r) {
  auto& o = r.options;
  v.size("hidden", o.hidden, 1);
  v.size("layers", o.layers, 1);
  v.flag("bidirectional", o.bidirectional);
  v.flag("reverse", o.reverse);
  v.number("dropout", o.dropout, 0, 1);
  v.number("weight_drop", o.weight_drop, 0, 1);
  v.maybe("forget_bias", o.forget_bias);
  v.size("projection", o.projection);
  v.flag("peephole", o.peephole);
  v.flag("layer_norm", o.layer_norm);
}
template <class V> void visit_options(V& v, GruRecipe& r) {
  auto& o = r.options;
  v.size("hidden", o.hidden, 1);
  v.size("layers", o.layers, 1);
  v.flag("bidirectional", o.bidirectional);
  v.number("dropout", o.dropout, 0, 1);
  v.flag("reset_after", o.reset_after);
}
template <class V> void visit_options(V& v, RnnRecipe& r) {
  auto& o = r.options;
  v.size("hidden", o.hidden, 1);
  v.size("layers", o.layers, 1);
  v.flag("bidirectional", o.bidirectional);
  v.number("dropout", o.dropout, 0, 1);
}
template <class V> void visit_options(V& v, Conv1dRecipe& r) {
  auto& o = r.options;
  v.size("output", o.output, 1);
  v.size("kernel", o.kernel, 1);
  v.size("stride", o.stride, 1);
  v.size("dilation", o.dilation, 1);
  v.choice("padding", o.padding);
  v.flag("bias", o.bias);
}
template <class V, class Layer>
requires std::is_same_v<Layer, MaxPool1d> || std::is_same_v<Layer, AvgPool1d>
void visit_options(V& v, PlainRecipe<Layer>& r) {
  Pool1dOptions o = r.layer.options();
  if constexpr (std::is_same_v<V, OptionReader>) o = {};  // nothing of the layer that stood for one
  v.size("kernel", o.kernel, 1);
  v.size("stride", o.stride);
  v.flag("ceil_mode", o.ceil_mode);
  r = {Layer(o)};
}
template <class V> void visit_options(V& v, MergeDirectionsRecipe& r) {
  v.choice("mode", r.layer.mode);
}
template <class V> void visit_options(V& v, PoolingListRecipe& r) {
  v.choices("kinds", r.kinds);
}
template <class V> void visit_options(V& v, AttentionPoolingRecipe& r) {
  v.size("attention", r.options.attention, 1);
  v.size("heads", r.options.heads, 1);
}
template <class V> void visit_options(V& v, DenseRecipe& r) {
  v.size("output", r.options.output, 1);
  v.flag("bias", r.options.bias);
}
template <class V> void visit_options(V& v, BatchNormRecipe& r) {
  v.number("momentum", r.options.momentum, 0, 1);
  v.number("eps", r.options.eps, 0, 1);
}
template <class V> void visit_options(V& v, LayerNormRecipe& r) {
  v.number("eps", r.options.eps, 0, 1);
}
template <class V> void visit_options(V& v, DropoutRecipe& r) {
  v.number("p", r.options.p, 0, 1);
  v.flag("variational", r.options.variational);
}
template <class V> void visit_options(V& v, GaussianNoiseRecipe& r) {
  v.number("stddev", r.options.stddev, 0, 1e6);
  v.flag("variational", r.options.variational);
}
template <class V> void visit_options(V& v, CrfRecipe& r) {
  v.pairs("forbidden", r.options.forbidden);
  v.sizes("forbidden_start", r.options.forbidden_start);
  v.sizes("forbidden_end", r.options.forbidden_end);
}
template <class V, class Recipe> void visit_options(V&, Recipe&) {}  // has none

// ---- a recipe as a whole
// -------------------------------------------------------------------------------------------------

inline nlohmann::json recipe_json(AnyRecipe recipe) {
  nlohmann::json json = {{"type", recipe_name(recipe)}};
  OptionWriter writer{json};
  std::visit([&](auto& r) { visit_options(writer, r); }, recipe);
  return json;
}

/// A recipe of a kind before its options are read.
template <class Recipe> Recipe blank() {
  if constexpr (std::is_same_v<Recipe, PlainRecipe<MaxPool1d>>) {
    return max_pool1d({.kernel = 1});
  } else if constexpr (std::is_same_v<Recipe, PlainRecipe<AvgPool1d>>) {
    return avg_pool1d({.kernel = 1});
  } else {
    return Recipe{};
  }
}
template <std::size_t Index = 0> AnyRecipe recipe_of_type(const std::string& type, std::string known = "") {
  if constexpr (Index < std::variant_size_v<AnyRecipe>) {
    AnyRecipe recipe(blank<std::variant_alternative_t<Index, AnyRecipe>>());
    if (type == recipe_name(recipe)) return recipe;
    return recipe_of_type<Index + 1>(type, known + (Index > 0 ? ", " : "") + recipe_name(recipe));
  } else {
    throw format_error("no layer has the type " + shown_json(nlohmann::json(type)) + ", expected one of " +
                       known);
  }
}

inline AnyRecipe recipe_from(const nlohmann::json& json) {
  if (!json.is_object()) throw format_error("it is " + shown_json(json) + ", expected an object with a type");
  const std::string type = text_from(json, "type");
  AnyRecipe recipe = recipe_of_type(type);
  OptionReader reader{json};
  std::visit([&](auto& r) { visit_options(reader, r); }, recipe);
  check_key_set(json, type, reader.known);
  return recipe;
}

}  // namespace io::detail
SEQLSTM_NAMESPACE_END

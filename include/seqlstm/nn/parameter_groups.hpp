// Groups of a model's layers, from bottom to top: what is frozen, or learns at another rate, together.
#pragma once

#include <initializer_list>
#include <seqlstm/nn/module_ref.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// A model's parameters from bottom to top: each group is the prefixes of its parameters' names, as in
/// `ParameterGroups groups = {{"encoder.embedding", "encoder.rnns.0"}, {"encoder.rnns.1"}, {"hidden",
/// "output"}}`.
class ParameterGroups {
 public:
  /// Groups from bottom to top. A prefix fits a name that it equals or that goes on with a dot; the first
  /// group that fits counts.
  ParameterGroups(std::initializer_list<std::vector<std::string>> groups) : groups_(groups) {}
  /// The same from a vector.
  explicit ParameterGroups(std::vector<std::vector<std::string>> groups) : groups_(std::move(groups)) {}

  /// Number of groups.
  [[nodiscard]] std::size_t size() const { return groups_.size(); }
  /// The group of a parameter; option_error for one that is in none.
  [[nodiscard]] std::size_t of(std::string_view name) const;
  /// Trains the groups from `first` on, freezes those below.
  void train_from(std::size_t first, const ModuleRef& model) const;

 private:
  std::vector<std::vector<std::string>> groups_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/parameter_groups.ipp>
#endif

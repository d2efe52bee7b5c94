// Definitions of transfer.hpp.
#pragma once

#include <cmath>
#include <seqlstm/train/transfer.hpp>
#include <unordered_map>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE std::vector<Token> matching_tokens(const Tokenizer& from, const Tokenizer& to) {
  const auto cut = [](const Tokenizer& t) {
    return std::to_string(t.options().k) + "-mers every " + std::to_string(t.options().stride) + " letters";
  };
  if (from.options().k != to.options().k || from.options().stride != to.options().stride)
    throw option_error("vocabulary: the encoder reads " + cut(from) + ", the data is cut into " + cut(to) +
                       "; cut it as the encoder was trained");
  if (from.alphabet().options().nucleotides != to.alphabet().options().nucleotides)
    throw option_error("vocabulary: the encoder reads letters of " + std::string(from.alphabet().name()) +
                       ", the data's are of " + std::string(to.alphabet().name()) +
                       ": equal letters mean other things; use an encoder of the same kind");
  std::unordered_map<std::string, Token> known;
  for (std::size_t id = 0; id < from.vocabulary(); ++id)
    known.emplace(from.text(static_cast<Token>(id)), static_cast<Token>(id));
  std::vector<Token> matches(to.vocabulary(), -1);
  std::size_t found = 0;
  for (std::size_t id = 0; id < matches.size(); ++id) {
    const auto match = known.find(to.text(static_cast<Token>(id)));
    if (match == known.end()) continue;
    matches[id] = match->second;
    ++found;
  }
  if (found == 0)
    throw option_error("vocabulary: the encoder's letters (" + std::string(from.alphabet().letters()) +
                       ") and the data's (" + std::string(to.alphabet().letters()) +
                       ") have no token in common; use an encoder of the same alphabet");
  return matches;
}

template <Scalar T>
void copy_matching_rows(ConstMatrixView<T> from, std::span<const Token> matches, MatrixView<T> to) {
  if (from.cols() != to.cols() || matches.size() != to.rows())
    throw shape_error("vocabulary: vectors are " + shape_text(from) + ", expected " +
                      shape_text(matches.size(), to.cols()) + "; the encoder has another width");
  std::vector<double> mean(from.cols());
  for (std::size_t r = 0; r < from.rows(); ++r)
    for (std::size_t c = 0; c < from.cols(); ++c)
      mean[c] += double{from(r, c)} / static_cast<double>(from.rows());
  for (std::size_t r = 0; r < to.rows(); ++r)
    for (std::size_t c = 0; c < to.cols(); ++c)
      to(r, c) = matches[r] < 0 ? static_cast<T>(mean[c]) : from(static_cast<std::size_t>(matches[r]), c);
}

SEQLSTM_INLINE std::function<LrScale(const std::string&)> lr_scales(const ParameterGroups& groups,
                                                                    const GroupDecay& decay) {
  detail::check_at_least_one("parameter groups: decay of rates", decay.rate);
  detail::check_at_least_one("parameter groups: decay of momenta", decay.momentum);
  return [groups, decay](const std::string& name) {
    const double below = static_cast<double>(groups.size() - 1 - groups.of(name));
    return LrScale(std::pow(decay.rate, -below), std::pow(decay.momentum, -below));
  };
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) \
  template void copy_matching_rows(ConstMatrixView<T> from, std::span<const Token> matches, MatrixView<T> to);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END

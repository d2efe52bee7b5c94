// A small language and a small model of it.
#pragma once

#include <seqlstm/nn/init.hpp>
#include <seqlstm/train/language_model.hpp>

namespace testing {

/// Tokens of which each is the one before it plus 1 or, now and then, plus 3, modulo 6: half a nat per token,
/// about.
inline std::vector<seqlstm::Token> tiny_language(std::size_t count, std::uint64_t seed) {
  seqlstm::RandomStream random(seed);
  std::vector<seqlstm::Token> tokens = {0};
  while (tokens.size() < count)
    tokens.push_back(static_cast<seqlstm::Token>((tokens.back() + (random.uniform() < 0.8 ? 1 : 3)) % 6));
  return tokens;
}

/// `dropout`: factor of the usual dropouts; 2 where masks are to show.
inline seqlstm::AwdLanguageModel<float> tiny_language_model(double dropout = 0.1) {
  seqlstm::AwdLanguageModel<float> model({.vocabulary = 6,
                                          .embedding_dim = 12,
                                          .hidden = 16,
                                          .layers = 2,
                                          .dropouts = seqlstm::AwdDropouts::language_model().times(dropout)},
                                         {.alpha = 0.1, .beta = 0.1});
  seqlstm::initialize(model, 1);
  return model;
}
using TinyLanguageModel = seqlstm::AwdLanguageModel<float>;

inline seqlstm::LanguageFitOptions tiny_language_options(std::size_t epochs) {
  seqlstm::LanguageFitOptions options;
  options.schedule = seqlstm::one_cycle(2e-2);
  options.epochs = epochs;
  options.batch_size = 4;
  options.bptt = 10;
  options.seed = 7;
  options.clip_norm = 1;
  return options;
}

}  // namespace testing

// Text from a language model, a token at a time.
#pragma once

#include <cmath>
#include <functional>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/core/model_use.hpp>
#include <seqlstm/nn/names.hpp>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// How generate() draws the next token.
struct GenerateOptions {
  double temperature = 1;  ///< below 1: likely tokens more often; 0: always the likeliest
  std::size_t top_k = 0;   ///< draw from the so many likeliest tokens only; 0: from all
  std::uint64_t seed = 0;  ///< of the draws
  /// Which tokens may stand behind another, as k-mers that share letters; without it any may.
  std::function<bool(Token before, Token next)> may_follow = {};
};

namespace detail {

/// The logits of the tokens that may stand behind `before`; minus infinity for the others.
template <Scalar T>
std::span<const T> allowed(std::span<const T> logits, Token before, const GenerateOptions& options,
                           std::vector<T>& scratch);

/// A token drawn from softmax(logits / temperature) of the `top_k` largest logits, of equal ones the first.
template <Scalar T>
Token draw_token(std::span<const T> logits, const GenerateOptions& options, RandomStream& random,
                 std::vector<double>& scratch);

}  // namespace detail

/// `count` tokens that a language model says after `prompt`, one by one through its step(): the same for the
/// same seed. on_token(Token) sees each as it comes; false ends the text. Throws option_error for a
/// temperature below 0 and an empty prompt, numeric_error for logits that are no numbers, or where no token
/// may follow.
template <class Model, class OnToken, Scalar T = float>
void generate(Model& model, std::span<const Token> prompt, std::size_t count, const GenerateOptions& options,
              OnToken&& on_token) {
  if (!(options.temperature >= 0 && std::isfinite(options.temperature)))
    throw option_error("generate: temperature is " + detail::number_text(options.temperature) +
                       ", expected a finite number of at least 0");
  if (prompt.empty())
    throw option_error("generate: the prompt is empty, expected at least one token to begin with");
  const detail::ReadsModel reading(&model);
  const FlushDenormals flush;
  auto states = model.initial_state(1);
  Tape<T> tape(Mode::inference);
  RandomStream random({options.seed, 0x47454E45U, 0});  // "GENE"
  std::vector<double> scratch;
  std::vector<T> permitted;
  ConstMatrixView<T> logits;
  Token before = prompt.back();
  for (const Token& token : prompt) {
    tape.reset();
    logits = model.step(tape, std::span(&token, 1), states).value();
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto choice = detail::allowed<T>(logits.row(0), before, options, permitted);
    const Token token = before = detail::draw_token<T>(choice, options, random, scratch);
    if (!on_token(token)) return;
    tape.reset();
    logits = model.step(tape, std::span(&token, 1), states).value();
  }
}
/// The same, all at once.
template <class Model>
std::vector<Token> generate(Model& model, std::span<const Token> prompt, std::size_t count,
                            const GenerateOptions& options = {}) {
  std::vector<Token> text;
  generate(model, prompt, count, options, [&](Token token) {
    text.push_back(token);
    return true;
  });
  return text;
}

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/infer/generate.ipp>
#endif

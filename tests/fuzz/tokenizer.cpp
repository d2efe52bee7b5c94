// Tokenizers from configurations, written as lines of key=value; a line without '=' is a sequence.
#include <seqlstm/data/tokenizer.hpp>

#include "harness.hpp"

FUZZ_TARGET(tokenizer) {
  seqlstm::TokenizerConfig config;
  std::vector<std::string> sequences;
  for (const auto& line : fuzz::lines_of(bytes)) {
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos) {
      sequences.push_back(line);
    } else {
      config[line.substr(0, equals)] = line.substr(equals + 1);
    }
  }
  const auto tokenizer = seqlstm::Tokenizer::from_config(config);
  seqlstm::Tokenizer again;
  fuzz::require(fuzz::accepts([&] { again = seqlstm::Tokenizer::from_config(tokenizer.to_config()); }),
                "what was written is read");
  fuzz::require(again == tokenizer, "a configuration makes the tokenizer it was made of");
  fuzz::require(
      tokenizer.vocabulary() > 0 && tokenizer.vocabulary() <= seqlstm::Tokenizer::largest_vocabulary + 1,
      "a vocabulary is bounded");
  sequences.emplace_back(tokenizer.alphabet().letters());
  const bool strands = tokenizer.alphabet().options().nucleotides;
  for (const auto& sequence : sequences)
    fuzz::accepts([&] {
      const auto tokens = tokenizer.encode(sequence);
      const std::size_t k = tokenizer.options().k, stride = tokenizer.options().stride;
      for (const auto token : tokens)
        fuzz::require(token >= 0 && static_cast<std::size_t>(token) < tokenizer.vocabulary(),
                      "a token is in the vocabulary");
      const bool complete = tokenizer.options().unknown != seqlstm::Unknown::skip && sequence.size() >= k;
      if (complete)
        fuzz::require(tokens.size() == (sequence.size() - k) / stride + 1, "a token at every stride");
      if (stride <= k) {  // the letters are those of the tokens
        std::vector<seqlstm::Token> back;
        const bool read = fuzz::accepts([&] { back = tokenizer.encode(tokenizer.decode(tokens)); });
        if (complete) fuzz::require(read && back == tokens, "letters of tokens make the tokens");
      }
      // The other strand, where the last token ends with the sequence and letters are all known.
      const bool ends = complete && (sequence.size() - k) % stride == 0;
      if (!strands || !ends || tokenizer.options().unknown != seqlstm::Unknown::error) return;
      const auto back = tokenizer.reverse_complement(tokens);
      fuzz::require(back == tokenizer.encode(seqlstm::reverse_complement(sequence)),
                    "tokens of the other strand are those of its letters: " + fuzz::shown(sequence));
      fuzz::require(tokenizer.reverse_complement(back) == tokens,
                    "the other strand's other strand is the first");
    });
}

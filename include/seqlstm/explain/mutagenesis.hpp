// What every single letter of a sequence means to a model: in-silico mutagenesis (Zhou and Troyanskaya 2015,
// Nature Methods 12). Every letter is replaced by every other, and the model is asked again.
#pragma once

#include <algorithm>
#include <ostream>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/core/model_use.hpp>
#include <seqlstm/data/tokenizer.hpp>
#include <seqlstm/models/awd_lstm.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// A model's first output for a sequence and for all its single-letter mutants.
struct MutationMap {
  std::string id,        ///< of the record; empty until the caller sets it
      sequence;          ///< letters as the alphabet writes them
  std::string letters;   ///< that were put in
  double reference = 0;  ///< output for the sequence itself
  std::vector<double>
      scores;  ///< [positions x letters]: outputs of the mutants, the reference at the own letter

  /// Output with letters[letter] at a position, both from 0.
  [[nodiscard]] double score(std::size_t position, std::size_t letter) const {
    return scores[position * letters.size() + letter];
  }
  /// What the model says more (or less) with this letter at this position.
  [[nodiscard]] double change(std::size_t position, std::size_t letter) const {
    return score(position, letter) - reference;
  }
};

/// A model whose encoder reads forward: an AwdLstm `encoder`, and `head(SeqVar)`, what is said of its states,
/// where forward(tape, batch) is head(encoder(tape, batch)); the head may read both ways. What it made of the
/// letters before a mutation need not be computed again.
template <class Model>
concept ReadsForward = requires(Model& model, const SeqVar<float>& states) {
  model.encoder.initial_state(std::size_t{1});
  model.head(states);
};

namespace detail {

/// One mutant: which score it is, the first token that differs from the reference's, and its tokens from
/// there on.
struct Mutant {
  std::size_t score = 0, first = 0;
  std::vector<Token> tokens;
};

/// Calls body(mutants) for all mutants that the tokenizer tells from the sequence itself, up to `count` at a
/// time.
template <class Body>
void for_each_batch(const MutationMap& map, const Tokenizer& tokenizer, const std::vector<Token>& reference,
                    std::size_t count, Body&& body) {
  std::vector<Mutant> batch;
  std::string sequence = map.sequence;
  for (std::size_t i = 0; i < sequence.size(); ++i) {
    const char own = sequence[i];
    for (std::size_t letter = 0; letter < map.letters.size(); ++letter) {
      if (map.letters[letter] == own) continue;
      sequence[i] = map.letters[letter];
      auto tokens = tokenizer.encode(sequence);
      if (tokens == reference) continue;
      const auto differs = std::mismatch(tokens.begin(), tokens.end(), reference.begin(), reference.end());
      const auto first = static_cast<std::size_t>(differs.first - tokens.begin());
      tokens.erase(tokens.begin(), differs.first);
      batch.push_back({i * map.letters.size() + letter, first, std::move(tokens)});
      if (batch.size() == count) {
        body(std::span<const Mutant>(batch));
        batch.clear();
      }
    }
    sequence[i] = own;
  }
  if (!batch.empty()) body(std::span<const Mutant>(batch));
}

/// What a forward reader makes of the reference: its memory before each token, its states of each.
class Prefixes {
 public:
  template <class Encoder>
  Prefixes(Encoder& encoder, const std::vector<Token>& tokens) : width_(encoder.output()) {
    auto memory = encoder.initial_state(1);
    for (const Token& token : tokens) {
      memories_.push_back(memory);
      const auto h = encoder.step(std::span(&token, 1), memory);
      states_.insert(states_.end(), h.row_data(0), h.row_data(0) + width_);
    }
    memories_.push_back(memory);
  }

  /// Puts the memory before token `before` into stream b of `carried`.
  void begin(std::size_t before, std::size_t b, std::size_t streams, CarriedState<float>& carried);
  /// The states of a token.
  [[nodiscard]] const float* state(std::size_t token) const { return states_.data() + token * width_; }

 private:
  std::size_t width_;
  std::vector<std::vector<LstmStream<float>>> memories_;
  std::vector<float> states_;  // [tokens][width]
};

/// First outputs for whole sequences: the mutants' tokens behind those of the reference that they share.
template <class Model>
std::vector<double> outputs_of(Model& model, Tape<float>& tape, const std::vector<Token>& reference,
                               std::span<const Mutant> mutants) {
  std::vector<std::vector<Token>> whole;
  for (const Mutant& mutant : mutants) {
    whole.emplace_back(reference.begin(), reference.begin() + static_cast<std::ptrdiff_t>(mutant.first));
    whole.back().insert(whole.back().end(), mutant.tokens.begin(), mutant.tokens.end());
  }
  SequenceBatch batch;
  batch.assign(std::vector<std::span<const Token>>(whole.begin(), whole.end()));
  tape.reset();
  const auto output = model.forward(tape, batch).value();
  std::vector<double> values;
  for (std::size_t b = 0; b < mutants.size(); ++b) values.push_back(double{output(b, 0)});
  return values;
}

/// The same for mutants of one reference, whose states before the mutation are known.
template <ReadsForward Model>
std::vector<double> outputs_behind(Model& model, Tape<float>& tape, std::span<const Mutant> mutants,
                                   Prefixes& prefixes) {
  std::vector<std::span<const Token>> suffixes;
  auto carried = model.encoder.carried_state(mutants.size());
  for (std::size_t b = 0; b < mutants.size(); ++b) {
    suffixes.emplace_back(mutants[b].tokens);
    prefixes.begin(mutants[b].first, b, mutants.size(), carried);
  }
  SequenceBatch batch;
  batch.assign(suffixes);
  tape.reset();
  const auto y = model.encoder(tape, batch, carried);
  std::vector<std::size_t> lengths;
  for (const Mutant& mutant : mutants) lengths.push_back(mutant.first + mutant.tokens.size());
  const PackedLayout layout(lengths);
  const auto states = tape.arena().template matrix<float>(layout.tokens(), y.cols());
  for (std::size_t b = 0; b < mutants.size(); ++b)
    for (std::size_t t = 0; t < lengths[b]; ++t) {
      const std::size_t first = mutants[b].first;
      const float* from = t < first ? prefixes.state(t)
                                    : y.value().row_data(y.layout()->offset(t - first) + y.layout()->rank(b));
      std::copy_n(from, y.cols(), states.row_data(layout.offset(t) + layout.rank(b)));
    }
  const auto output = model.head(tape.leaf(states, layout)).value();
  std::vector<double> values;
  for (std::size_t b = 0; b < mutants.size(); ++b) values.push_back(double{output(b, 0)});
  return values;
}

}  // namespace detail

/// Scores all single-letter mutants of a sequence, many at a time; the states of a ReadsForward model before
/// the mutation are computed once. `letters` are put in; without, those of the tokenizer's alphabet but for
/// the letter for any other. Throws token_error for unknown letters, shape_error for a sequence without a
/// token.
template <class Model>
MutationMap mutagenesis(Model& model, const Tokenizer& tokenizer, const std::string& sequence,
                        std::string letters = {}, std::size_t batch = 128) {
  const detail::ReadsModel reading(&model);
  const FlushDenormals flush;
  MutationMap map;
  if (batch == 0) throw option_error("mutagenesis: batch is 0, expected at least 1");
  map.sequence = sequence;
  for (char& letter : map.sequence)  // as the alphabet writes it
    if (const Token id = tokenizer.alphabet().id(letter); id != Alphabet::none)
      letter = tokenizer.alphabet().letter(id);
  map.letters = std::move(letters);
  if (map.letters.empty())
    for (const char letter : tokenizer.alphabet().letters())
      if (letter != tokenizer.alphabet().any()) map.letters += letter;
  const auto reference = tokenizer.encode(map.sequence);
  if (reference.empty())
    throw shape_error(
        "mutagenesis: the sequence of " + std::to_string(sequence.size()) +
        " letters has no token; it is shorter than k = " + std::to_string(tokenizer.options().k));
  Tape<float> tape(Mode::inference);
  const detail::Mutant itself{0, 0, reference};
  map.reference = detail::outputs_of(model, tape, reference, std::span(&itself, 1))[0];
  map.scores.assign(map.sequence.size() * map.letters.size(), map.reference);
  const auto score_with = [&](auto&& outputs) {
    detail::for_each_batch(map, tokenizer, reference, batch, [&](std::span<const detail::Mutant> mutants) {
      const std::vector<double> values = outputs(mutants);
      for (std::size_t m = 0; m < mutants.size(); ++m) map.scores[mutants[m].score] = values[m];
    });
  };
  if constexpr (ReadsForward<Model>) {
    detail::Prefixes prefixes(model.encoder, reference);
    score_with([&](std::span<const detail::Mutant> mutants) {
      return detail::outputs_behind(model, tape, mutants, prefixes);
    });
  } else {
    score_with([&](std::span<const detail::Mutant> mutants) {
      return detail::outputs_of(model, tape, reference, mutants);
    });
  }
  return map;
}

/// A table: id (control characters escaped), position from 1, own letter, letter put in, output, change.
void write_table(std::ostream& out, const MutationMap& map, bool header = true);

/// A heat map as SVG: a column per position, a row per letter; red where the letter raises the output, blue
/// where it lowers it, white at no change. The sequence stands below.
std::string heat_map_svg(const MutationMap& map);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/explain/mutagenesis.ipp>
#endif

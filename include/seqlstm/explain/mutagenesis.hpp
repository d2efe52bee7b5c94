// What every single letter of a sequence means to a model: in-silico mutagenesis (Zhou and Troyanskaya 2015,
// Nature Methods 12). Every letter is replaced by every other, and the model is asked again.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iomanip>
#include <ostream>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/data/tokenizer.hpp>
#include <seqlstm/nn/awd_lstm.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <sstream>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// A model's first output for a sequence and for all its single-letter mutants.
struct MutationMap {
  std::string id, sequence;
  std::string letters;   ///< that were put in
  double reference = 0;  ///< output for the sequence itself
  std::vector<double>
      scores;  ///< [positions x letters]: outputs of the mutants, the reference at the own letter

  [[nodiscard]] double score(std::size_t position, std::size_t letter) const {
    return scores[position * letters.size() + letter];
  }
  /// What the model says more (or less) with this letter at this position.
  [[nodiscard]] double change(std::size_t position, std::size_t letter) const {
    return score(position, letter) - reference;
  }
};

/// A model that reads forward and judges by the last, largest and mean state: an AwdLstm `encoder`, and
/// `head(Var)` for the three side by side. What it made of the letters before a mutation need not be computed
/// again.
template <class Model>
concept ReadsForward = requires(Model& model, const Var<float>& pooled) {
  model.encoder.initial_state(std::size_t{1});
  model.head(pooled);
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

/// What a forward reader knows of the reference before each of its tokens.
class Prefixes {
 public:
  template <class Encoder> Prefixes(Encoder& encoder, const std::vector<Token>& tokens) {
    auto states = encoder.initial_state(1);
    const std::size_t width = encoder.output();
    std::vector<double> sum(width);
    std::vector<float> largest(width, -std::numeric_limits<float>::infinity());
    const auto remember = [&] {
      states_.push_back(states);
      sums_.push_back(sum);
      largest_.push_back(largest);
    };
    for (const Token& token : tokens) {
      remember();
      const auto h = encoder.step(std::span(&token, 1), states);
      for (std::size_t c = 0; c < width; ++c) {
        sum[c] += double{h(0, c)};
        largest[c] = std::max(largest[c], h(0, c));
      }
    }
    remember();
  }

  /// Puts the states before token `before` into stream b of `carried`.
  void begin(std::size_t before, std::size_t b, std::size_t streams, CarriedState<float>& carried) {
    std::size_t buffer = 0;
    carried.for_each_buffer([&](AlignedBuffer<float>& values) {
      auto& stream = states_[before][buffer / 2];
      const auto row = buffer % 2 == 0 ? stream.h(0) : stream.c(0);
      std::copy_n(row.data(), row.cols(), values.data() + b * (values.size() / streams));
      ++buffer;
    });
  }
  /// Row of last, max and mean over the tokens before `before` and the states y of those behind, of sequence
  /// row r.
  void pool(std::size_t before, const SeqVar<float>& y, std::size_t b, float* row) {
    const PackedLayout& layout = *y.layout();
    const std::size_t r = layout.rank(b), width = y.cols(), length = layout.length(r);
    auto sum = sums_[before];
    auto largest = largest_[before];
    if (length == 0) std::copy_n(states_[before].back().h(0).data(), width, row);
    for (std::size_t t = 0; t < length; ++t) {
      const float* h = y.value().row_data(layout.offset(t) + r);
      for (std::size_t c = 0; c < width; ++c) {
        sum[c] += double{h[c]};
        largest[c] = std::max(largest[c], h[c]);
      }
      if (t + 1 == length) std::copy_n(h, width, row);
    }
    std::copy(largest.begin(), largest.end(), row + width);
    for (std::size_t c = 0; c < width; ++c)
      row[2 * width + c] = static_cast<float>(sum[c] / static_cast<double>(before + length));
  }

 private:
  std::vector<std::vector<LstmStream<float>>> states_;
  std::vector<std::vector<double>> sums_;
  std::vector<std::vector<float>> largest_;
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
  TokenBatch batch;
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
  TokenBatch batch;
  batch.assign(suffixes);
  tape.reset();
  const auto y = model.encoder(tape, batch, carried);
  const auto pooled = tape.arena().template matrix<float>(mutants.size(), 3 * y.cols());
  for (std::size_t b = 0; b < mutants.size(); ++b) prefixes.pool(mutants[b].first, y, b, pooled.row_data(b));
  const auto output = model.head(tape.leaf(pooled)).value();
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

/// A table: id, position from 1, own letter, letter put in, output, change.
inline void write_table(std::ostream& out, const MutationMap& map, bool header = true) {
  if (header) out << "id\tposition\tletter\tmutant\toutput\tchange\n";
  for (std::size_t i = 0; i < map.sequence.size(); ++i)
    for (std::size_t letter = 0; letter < map.letters.size(); ++letter)
      if (map.letters[letter] != map.sequence[i])
        out << map.id << '\t' << i + 1 << '\t' << map.sequence[i] << '\t' << map.letters[letter] << '\t'
            << map.score(i, letter) << '\t' << map.change(i, letter) << '\n';
}

/// A heat map as SVG: a column per position, a row per letter; red where the letter raises the output, blue
/// where it lowers it, white at no change. The sequence stands below.
inline std::string heat_map_svg(const MutationMap& map) {
  constexpr std::size_t cell = 10, left = 20, top = 22;
  double largest = 1e-12;
  for (std::size_t i = 0; i < map.sequence.size(); ++i)
    for (std::size_t letter = 0; letter < map.letters.size(); ++letter)
      largest = std::max(largest, std::abs(map.change(i, letter)));
  const std::size_t rows = map.letters.size(), width = left + cell * map.sequence.size() + 10,
                    height = top + cell * (rows + 2) + 4;
  const auto escaped = [](char c) {
    return c == '<' ? std::string("&lt;") : c == '&' ? std::string("&amp;") : std::string(1, c);
  };
  std::ostringstream svg;
  svg << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << width << "\" height=\"" << height
      << "\" font-family=\"monospace\" font-size=\"9\">\n<rect width=\"100%\" height=\"100%\" "
         "fill=\"white\"/>\n<text x=\""
      << left << "\" y=\"14\">";
  for (const char c : map.id) svg << escaped(c);
  svg << " output " << std::setprecision(4) << map.reference << ", strongest change " << largest
      << "</text>\n";
  for (std::size_t letter = 0; letter < rows; ++letter)
    svg << "<text x=\"6\" y=\"" << top + cell * letter + 9 << "\">" << escaped(map.letters[letter])
        << "</text>\n";
  for (std::size_t i = 0; i < map.sequence.size(); ++i) {
    for (std::size_t letter = 0; letter < rows; ++letter) {
      const double share = map.change(i, letter) / largest;
      const auto fade = static_cast<int>(std::lround(255 * (1 - std::abs(share))));
      svg << "<rect x=\"" << left + cell * i << "\" y=\"" << top + cell * letter << "\" width=\"" << cell
          << "\" height=\"" << cell << "\" fill=\"rgb(" << (share < 0 ? fade : 255) << ',' << fade << ','
          << (share > 0 ? fade : 255) << ")\"/>\n";
    }
    svg << "<text x=\"" << left + cell * i + 2 << "\" y=\"" << top + cell * (rows + 1) << "\">"
        << escaped(map.sequence[i]) << "</text>\n";
  }
  svg << "</svg>\n";
  return svg.str();
}

SEQLSTM_NAMESPACE_END

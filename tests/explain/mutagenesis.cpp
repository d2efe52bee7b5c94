#include <seqlstm/explain/mutagenesis.hpp>

#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/lstm.hpp>

#include "support/tiny.hpp"
#include "support/values.hpp"

using namespace seqlstm;
using namespace testing;

namespace {

/// Reads forward; judges by last, max, mean and the means of thirds of the states, and by an LSTM that reads
/// them both ways.
struct ForwardNet {
  AwdLstm<float> encoder;
  Lstm<float> around;
  Dense<float> output;
  std::size_t passes = 0;

  explicit ForwardNet(std::size_t vocabulary)
      : encoder({.vocabulary = vocabulary, .embedding_dim = 6, .hidden = 11, .layers = 2}),
        around({.input = 6, .hidden = 3, .bidirectional = true}),
        output(42, 1) {
    initialize(*this, 5);
  }
  Var<float> head(const SeqVar<float>& y) {
    return output(concat(concat(last(y), max(y), mean(y), adaptive_mean(y, 3)), mean(around(y))));
  }
  Var<float> forward(Tape<float>& tape, const SequenceBatch& batch) {
    ++passes;
    return head(encoder(tape, batch));
  }
  template <class V> void fields(V& v) {
    v("encoder", encoder);
    v("around", around);
    v("output", output);
  }
};
static_assert(ReadsForward<ForwardNet>);
static_assert(!ReadsForward<TinyModel>);

/// Every mutant on its own, from its first letter on.
template <class Model>
void check_against_whole_passes(Model& model, const Tokenizer& tokenizer, double tolerance,
                                const std::string& sequence = "ACGGTTACAATGC") {
  const auto map = mutagenesis(model, tokenizer, sequence, {}, 7);
  REQUIRE(map.letters == "ACGT");
  REQUIRE(map.scores.size() == 4 * sequence.size());
  std::size_t changed = 0;
  for (std::size_t i = 0; i < sequence.size(); ++i)
    for (std::size_t letter = 0; letter < 4; ++letter) {
      std::string mutant = sequence;
      mutant[i] = map.letters[letter];
      const auto tokens = tokenizer.encode(mutant);
      SequenceBatch batch;
      const std::span<const Token> view = tokens;
      batch.assign(std::span(&view, 1));
      Tape<float> tape(Mode::inference);
      const double expected = double{model.forward(tape, batch).value()(0, 0)};
      INFO("position " << i << ", letter " << map.letters[letter]);
      CHECK(std::abs(map.score(i, letter) - expected) <= tolerance);
      CHECK(map.change(i, letter) == map.score(i, letter) - map.reference);
      changed += map.change(i, letter) != 0 ? 1 : 0;
    }
  CHECK(changed > sequence.size());  // k = 1 every 2 letters reads 7 of the 13
}

}  // namespace

TEST_CASE("mutagenesis: the outputs of whole passes, with the states before the mutation used again") {
  for (const std::size_t k : {1U, 3U}) {
    for (const std::size_t stride : {1U, 2U}) {
      const Tokenizer tokenizer(dna4, {.k = k, .stride = stride});
      ForwardNet net(tokenizer.vocabulary());
      INFO("k = " << k << ", stride = " << stride);
      check_against_whole_passes(net, tokenizer, 1e-6);
    }
  }
  ForwardNet net(4);
  mutagenesis(net, Tokenizer(dna4), "ACGTACGT");
  CHECK(net.passes == 1);  // the reference alone goes through forward()
}

TEST_CASE("mutagenesis: a mutant of a skipped letter has more tokens than the sequence") {
  for (const std::size_t k : {1U, 3U}) {
    const Tokenizer tokenizer(dna4, {.k = k, .unknown = unknown::skip});
    ForwardNet net(tokenizer.vocabulary());
    INFO("k = " << k);
    check_against_whole_passes(net, tokenizer, 1e-6, "ACGNTTACAATGN");
  }
}

TEST_CASE("mutagenesis: models that read both ways are asked anew, to the bit") {
  auto model = tiny_model();
  model.build({.vocabulary = 4, .max_length = 13, .seed = 1});
  check_against_whole_passes(model, Tokenizer(dna4), 0);
}

TEST_CASE("mutagenesis: a letter for any other is not put in, and may be replaced") {
  auto model = tiny_model();
  model.build({.vocabulary = 5, .max_length = 13, .seed = 1});
  const auto map = mutagenesis(model, Tokenizer(dna5), "ANG");
  CHECK(map.letters == "ACGT");
  CHECK(map.change(1, 0) != 0);
  CHECK(map.change(0, 0) == 0);
  CHECK(mutagenesis(model, Tokenizer(dna5), "ACG", "TN").letters == "TN");
}

TEST_CASE("mutagenesis: mistakes are named") {
  auto model = tiny_model();
  model.build({.vocabulary = 4, .max_length = 13, .seed = 1});
  CHECK_THROWS_WITH(mutagenesis(model, Tokenizer(dna4), ""), ContainsSubstring("has no token"));
  CHECK_THROWS_AS(mutagenesis(model, Tokenizer(dna4), "ACJ"), token_error);
  CHECK_THROWS_AS(mutagenesis(model, Tokenizer(dna4), "ACG", "J"), token_error);
}

TEST_CASE("mutagenesis: the table has a row per mutant, the heat map a cell per letter") {
  MutationMap map{"a<b", "AC", "AC", 1, {1, 2, 0.5, 1}};
  std::ostringstream table;
  write_table(table, map);
  CHECK(table.str() ==
        "id\tposition\tletter\tmutant\toutput\tchange\na<b\t1\tA\tC\t2\t1\na<b\t2\tC\tA\t0.5\t-0.5\n");
  const std::string svg = heat_map_svg(map);
  CHECK_THAT(svg, ContainsSubstring("a&lt;b"));
  CHECK_THAT(svg, ContainsSubstring("fill=\"rgb(255,0,0)\""));
  CHECK_THAT(svg, ContainsSubstring("fill=\"rgb(128,128,255)\""));
  CHECK_THAT(svg, ContainsSubstring("fill=\"rgb(255,255,255)\""));
  CHECK(svg.rfind("</svg>\n") == svg.size() - 7);
}

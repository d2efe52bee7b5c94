#include <seqlstm/models/any_classifier.hpp>

#include "support/catch.hpp"
#include "support/tiny.hpp"

using namespace seqlstm;
using namespace testing;

TEST_CASE("any classifier: the kind its options say, with the parameters and answers of that kind") {
  const SequenceClassifierOptions plain{.positions = 4, .hidden = 4, .layers = 1, .outputs = 3};
  SequenceClassifier<float> own(plain);
  AnyClassifier any{AnyClassifierOptions(plain)};
  initialize(own, 5);
  initialize(any, 5);
  CHECK(everything(any) == everything(own));
  CHECK(any.positions() == 4);
  CHECK(any.get_if<SequenceClassifier<float>>() != nullptr);
  CHECK(any.get_if<EncoderClassifier<float>>() == nullptr);
  CHECK(std::get<SequenceClassifierOptions>(any.options()).hidden == 4);
  const std::vector<Token> tokens = {0, 1, 2, 3};
  const std::span<const Token> sequence(tokens);
  SequenceBatch batch;
  batch.assign(std::span(&sequence, 1));
  Tape<float> tape(Mode::inference);
  const auto a = any.forward(tape, batch).value(), b = own.forward(tape, batch).value();
  REQUIRE(a.cols() == 3);
  for (std::size_t c = 0; c < 3; ++c) CHECK(a(0, c) == b(0, c));
  CHECK(any.states(tape, batch).value().cols() == 8);
}

TEST_CASE("any classifier: outputs and sizes of every kind") {
  CHECK(outputs_of(SequenceClassifierOptions{.outputs = 3}) == 3);
  CHECK(outputs_of(EncoderClassifierOptions{.outputs = 2}) == 2);
  CHECK(outputs_of(ReferenceProteinNetOptions{.classes = 7}) == 7);
  const ReferenceProteinNetOptions reference;
  CHECK(expected_parameters(AnyClassifierOptions(reference)) == expected_parameters(reference));
  AnyClassifier net{AnyClassifierOptions(reference)};
  CHECK(net.positions() == 0);
  CHECK(net.visit([](const auto& kind) { return outputs_of(kind.options()); }) == 20);
}

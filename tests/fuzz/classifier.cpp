// The programs' model files with a fitting checksum: changes to the options of a network (model_edits.hpp).
// Only with libFuzzer, because the programs' networks take long to compile; tests/cli has the ordinary tests.
#include "support/classifier.hpp"
#include "model_edits.hpp"

namespace {

seqlstm::io::SafetensorsFile good_classifier() {
  const std::string path = fuzz::scratch_file("good.classifier");
  const seqlstm::Tokenizer tokenizer(seqlstm::dna5);
  const seqlstm::SequenceClassifierOptions shape{
      .vocabulary = 5, .positions = 4, .embedding_dim = 3, .hidden = 2, .layers = 1};
  examples::ClassifierNet net((seqlstm::AnyClassifierOptions(shape)), 2);
  seqlstm::initialize(net, 1);
  const std::vector<seqlstm::Token> probe = tokenizer.encode("ACGT");
  seqlstm::io::save_classifier(path, net,
                               {.kind = "fuzzed",
                                .tokenizer = tokenizer,
                                .label_names = {"no", "yes"},
                                .more = {{"split", examples::Split{1, 2, 0}}}},
                               probe);
  return seqlstm::io::read_safetensors(path);
}

}  // namespace

FUZZ_TARGET(classifier) {
  static const auto good = good_classifier();
  const std::string path = fuzz::scratch_file("edited.classifier");
  auto file = good;
  if (!fuzz::edit(file, bytes)) return;
  if (!fuzz::accepts([&] { seqlstm::io::write_safetensors(path, file); })) return;
  const examples::LoadedModel model(path, "fuzzed", {});
  fuzz::accepts([&] { static_cast<void>(model.option<examples::Split>("split")); });
  seqlstm::Record record;
  record.sequence = "ACGT";
  const auto data = model.encode(std::span(&record, 1));
  fuzz::require(data.size() == 1, "a record is encoded");
}

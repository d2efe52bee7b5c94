// Model files with a fitting checksum: the input is a list of changes to a good file (model_edits.hpp).
#include <seqlstm/io/encoder.hpp>

#include "model_edits.hpp"

namespace {

seqlstm::io::SafetensorsFile good_model() {
  using namespace seqlstm;
  const std::string path = fuzz::scratch_file("good.model");
  AwdLanguageModel<float> model({.vocabulary = 4, .embedding_dim = 3, .hidden = 4, .layers = 2});
  initialize(model, 1);
  const Tokenizer tokenizer(dna4);
  io::save_encoder(path, model, tokenizer, tokenizer.encode("ACGT"));
  return io::read_safetensors(path);
}

}  // namespace

FUZZ_TARGET(model) {
  using namespace seqlstm;
  static const auto good = good_model();
  const std::string path = fuzz::scratch_file("edited.model");
  auto file = good;
  if (!fuzz::edit(file, bytes)) return;
  if (!fuzz::accepts([&] { io::write_safetensors(path, file); })) return;
  fuzz::accepts([&] {
    const auto info = io::read_model_info(path);
    static_cast<void>(Tokenizer::from_config(info.tokenizer));
  });
  AwdLstm<float> encoder({.vocabulary = 4, .embedding_dim = 3, .hidden = 4, .layers = 2});
  const auto numbers = [&] {
    std::vector<float> all;
    for_each_parameter(encoder, [&](const std::string&, const auto& p) {
      all.insert(all.end(), p.data(), p.data() + p.size());
    });
    return all;
  };
  initialize(encoder, 2);
  const auto before = numbers();
  if (!fuzz::accepts([&] { io::load_encoder(path, encoder, Tokenizer(dna4)); }))
    fuzz::require(numbers() == before, "a refused file changes nothing");
}

// Checkpoints with a fitting checksum: the input is a list of changes to a good file (model_edits.hpp). What
// is refused changes neither model nor training; what is accepted trains on.
#include <seqlstm/nn/sequential.hpp>

#include "model_edits.hpp"

namespace {

using namespace seqlstm;

auto small_model() {
  auto model = sequential(embedding(2), mean(), dense(1));
  model.build({.vocabulary = 4, .max_length = 4, .seed = 1});
  return model;
}
using Model = decltype(small_model());
using SmallTrainer = Trainer<Model, SequenceDataset>;

SequenceDataset small_data() {
  LabelledRecords data;
  for (const char* sequence : {"ACGT", "AAAA", "CCAA", "GGTA", "TTT", "GTGT"}) {
    Record record;
    record.sequence = sequence;
    data.records.push_back(record);
    data.labels.push_back(sequence[0] == 'A' ? 1 : 0);
  }
  return encode(data, dna4);
}
FitOptions small_options() {
  return {.optimizer = adam(), .schedule = plateau(), .epochs = 2, .batch_size = 3};
}

template <class Numbers> void collect(Model& model, Numbers& numbers) {
  for_each_parameter(model, [&](const std::string&, const auto& p) {
    numbers.insert(numbers.end(), p.data(), p.data() + p.size());
  });
}

io::SafetensorsFile good_checkpoint(const SequenceDataset& data) {
  const std::string path = fuzz::scratch_file("good.checkpoint");
  auto model = small_model();
  SmallTrainer trainer(model, small_options());
  trainer.run(data, &data);
  const io::ModelInfo info{"small", nlohmann::json::object(), data.tokenizer.to_config(), {"no", "yes"}};
  io::save_checkpoint(path, model, trainer, info, data.sequence(0));
  return io::read_safetensors(path);
}

}  // namespace

FUZZ_TARGET(checkpoint) {
  static const auto data = small_data();
  static const auto good = good_checkpoint(data);
  const std::string path = fuzz::scratch_file("edited.checkpoint");
  auto file = good;
  if (!fuzz::edit(file, bytes)) return;
  if (!fuzz::accepts([&] { io::write_safetensors(path, file); })) return;
  auto model = small_model();
  SmallTrainer trainer(model, small_options());
  std::vector<float> before, after;
  collect(model, before);
  if (fuzz::accepts([&] { io::load_checkpoint(path, model, trainer); })) {
    fuzz::accepts([&] { trainer.run(data, &data); });
    return;
  }
  collect(model, after);
  fuzz::require(before == after, "a refused checkpoint leaves the model as it was");
  fuzz::require(trainer.state.epoch == 0 && trainer.optimizer.state.empty() && trainer.best.empty(),
                "a refused checkpoint leaves the training as it was");
}

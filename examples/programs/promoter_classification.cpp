// Is this stretch of DNA a promoter? Trains a bidirectional LSTM on labelled sequences, says how good it is
// on the test part and how good a linear model is there, and keeps the model for later predictions.
//
//     promoter_classification                                              simulated sigma-70 promoters
//     promoter_classification --data genes.csv --save model.safetensors
//     promoter_classification --load model.safetensors --predict new.fa
//     promoter_classification --data genes.csv --encoder ecoli.safetensors     on a genome language model
//     promoter_classification explain --load model.safetensors --fasta promoters.fa --out why
//     promoter_classification scan --load model.safetensors --genome ecoli.fa --out ecoli

#include <seqlstm/data/simulated.hpp>

#include "promoter_explain.hpp"
#include "promoter_scan.hpp"
#include "support/sequence_classifier.hpp"

namespace {

using namespace examples;

constexpr const char* program_name = "promoter_classification";

class PromoterKind : public SequenceKind {
 public:
  explicit PromoterKind(const SequenceOptions& options)
      : SequenceKind(program_name, options, seqlstm::dna5, false) {}

  [[nodiscard]] seqlstm::LabelledRecords simulated(std::uint64_t seed) const override {
    return seqlstm::simulated_promoters(3000, seed);
  }
  [[nodiscard]] std::vector<seqlstm::Baseline> baselines(const LabelledParts& parts, const EncodedParts& data,
                                                         bool refit) const override {
    const std::size_t positions = data.same_length() ? parts.train.records[0].sequence.size() : 0;
    return {linear_baseline("linear model on positions and 3- and 4-mers", parts, data.objective,
                            seqlstm::DnaFeatures(positions), refit)};
  }
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Promoter classification with a bidirectional LSTM", program_name);
  SequenceOptions options;
  options.unknown = "error";
  options.add_to(app, "ACGTN", 'N');
  options.run.add_page_to(app);
  ScanOptions scan;
  auto* scanning = app.add_subcommand("scan", "slide a saved model over a genome, both strands");
  scan.add_to(*scanning);
  ExplainOptions explaining;
  auto* explained = app.add_subcommand("explain", "what every letter of a sequence means to a saved model");
  explaining.add_to(*explained);
  return run_program(app, argc, argv, [&] {
    check_alone(app);
    if (scanning->parsed()) return Scan(scan, program_name).run();
    if (explained->parsed()) return explain(explaining, program_name);
    options.check(app);
    options.run.check_page();
    check_files(options.files());
    Classifier(PromoterKind(options), options).run();
  });
}

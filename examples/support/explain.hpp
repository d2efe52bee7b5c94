// What every letter of a sequence means to a saved classifier: a table, and a heat map for each sequence.
#pragma once

#include <chrono>
#include <seqlstm/explain/mutagenesis.hpp>

#include "support/classifier.hpp"

namespace examples {

struct ExplainOptions {
  std::string load, fasta, out;
  std::size_t threads = std::max(1U, std::thread::hardware_concurrency());

  void add_to(CLI::App& app) {
    app.add_option("--load", load, "a model that --save wrote")->required();
    app.add_option("--fasta", fasta, "FASTA of the sequences to explain")->required();
    app.add_option("--out", out, "PREFIX of PREFIX.tsv, and PREFIX.1.svg, PREFIX.2.svg, ...")->required();
    app.add_option("--threads", threads, "results do not depend on it")
        ->check(whole_number())
        ->capture_default_str();
  }
};

inline void explain(const ExplainOptions& options, const char* kind) {
  seqlstm::set_threads(options.threads);
  LoadedModel model(options.load, kind);
  const auto records = seqlstm::io::read_fasta(options.fasta);
  static_cast<void>(model.encode(records));  // names a record that the model cannot read
  const auto start = std::chrono::steady_clock::now();
  std::ostringstream table;
  std::size_t mutants = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    auto map = model.net.visit(
        [&](auto& net) { return seqlstm::mutagenesis(net, model.tokenizer, records[i].sequence); });
    map.id = records[i].id;
    mutants += records[i].sequence.size() * (map.letters.size() - 1);
    write_table(table, map, i == 0);
    seqlstm::io::write_file_atomically(options.out + "." + std::to_string(i + 1) + ".svg", heat_map_svg(map));
  }
  seqlstm::io::write_file_atomically(options.out + ".tsv", table.str());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::cout << records.size() << " sequences, " << mutants << " mutants in "
            << seqlstm::duration_text(seconds) << '\n';
}

}  // namespace examples

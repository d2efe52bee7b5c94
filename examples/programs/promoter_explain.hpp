// What every letter of a sequence means to a saved classifier: a table, and a heat map for each sequence.
#pragma once

#include <chrono>
#include <seqlstm/explain/mutation_map.hpp>

#include "support/classifier.hpp"

namespace examples {

struct ExplainOptions {
  std::string load, fasta, out;
  MachineOptions machine;

  void add_to(CLI::App& app) {
    app.add_option("--load", load, "a model that --save wrote")->required();
    app.add_option("--fasta", fasta, "FASTA of the sequences to explain")->required();
    app.add_option("--out", out, "PREFIX of PREFIX.tsv, and PREFIX.1.svg, PREFIX.2.svg, ...")->required();
    machine.add_to(app);
  }
};

/// The heat map of the n-th sequence, from 1.
inline std::string svg_name(const std::string& prefix, std::size_t n) {
  return prefix + "." + std::to_string(n) + ".svg";
}

inline void explain(const ExplainOptions& options, const char* kind) {
  options.machine.start();
  LoadedModel model(options.load, kind, options.machine);
  const auto records = seqlstm::io::read_fasta(options.fasta);
  if (model.objective.task != seqlstm::Task::binary)
    throw seqlstm::option_error(options.load + ": a model of " + seqlstm::task_name(model.objective.task) +
                                " labels; explain needs one of two classes");
  seqlstm::io::FilePlan files;
  files.input("--load", options.load);
  files.input("--fasta", options.fasta);
  files.output("--out", options.out + ".tsv");
  files.output("--out", svg_name(options.out, 1));  // the others stand beside it
  check_files(files);
  static_cast<void>(model.encode(records));  // names a record that the model cannot read
  std::cout << "explaining with " << options.machine.text() << std::endl;
  const auto start = std::chrono::steady_clock::now();
  std::ostringstream table;
  std::vector<std::string> maps;
  std::size_t mutants = 0;
  for (const auto& record : records) {
    auto map = seqlstm::mutation_map(model.net, model.tokenizer, record.sequence);
    map.id = record.id;
    for (const char letter : map.sequence)
      mutants += map.letters.size() - (map.letters.find(letter) == std::string::npos ? 0 : 1);
    write_table(table, map, maps.empty());
    maps.push_back(heat_map_svg(map));
  }
  for (std::size_t i = 0; i < maps.size(); ++i)
    seqlstm::io::write_file_atomically(svg_name(options.out, i + 1), maps[i]);
  seqlstm::io::write_file_atomically(options.out + ".tsv", table.str());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::cout << records.size() << " sequences, " << mutants << " mutants in "
            << seqlstm::duration_text(seconds) << '\n';
}

}  // namespace examples

// What every letter of a sequence means to a saved classifier: a table, and a heat map for each sequence.
#pragma once

#include <chrono>
#include <seqlstm/explain/mutagenesis.hpp>

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

/// The mean of maps of one sequence.
inline seqlstm::MutationMap mean_map(std::vector<seqlstm::MutationMap> maps) {
  auto& mean = maps[0];
  const double share = 1 / static_cast<double>(maps.size());
  for (std::size_t m = 1; m < maps.size(); ++m) {
    mean.reference += maps[m].reference;
    for (std::size_t i = 0; i < mean.scores.size(); ++i) mean.scores[i] += maps[m].scores[i];
  }
  mean.reference *= share;
  for (double& score : mean.scores) score *= share;
  return std::move(mean);
}

/// What a network makes of all mutants of a sequence.
template <class Net>
seqlstm::MutationMap mutation_map(const Net& net, const seqlstm::Tokenizer& tokenizer,
                                  const std::string& sequence) {
  return seqlstm::mutagenesis(net, tokenizer, sequence);
}
/// The same of one that answers with the mean of its reading frames: the mean of their maps, if no letter was
/// skipped between two tokens. A letter that a frame does not read changes nothing there.
inline seqlstm::MutationMap mutation_map(const seqlstm::EncoderClassifier<float>& net,
                                         const seqlstm::Tokenizer& tokenizer, const std::string& sequence) {
  const std::size_t k = tokenizer.options().k, stride = tokenizer.options().stride,
                    tokens = tokenizer.encode(sequence).size(), read = (tokens - 1) * stride + k;
  if (tokens == 0 || read + stride <= sequence.size()) return seqlstm::mutagenesis(net, tokenizer, sequence);
  auto net_of_frame = net.one_frame();
  std::vector<seqlstm::MutationMap> maps = {seqlstm::mutagenesis(net_of_frame, tokenizer, sequence)};
  if (tokens == 1) return maps[0];  // read the same in every frame
  for (std::size_t frame = 1; frame < net.frames(); ++frame) {
    auto map = seqlstm::mutagenesis(net_of_frame, tokenizer, sequence.substr(frame, read - frame));
    std::vector<double> scores(frame * map.letters.size(), map.reference);
    scores.insert(scores.end(), map.scores.begin(), map.scores.end());
    scores.resize(maps[0].scores.size(), map.reference);
    map.scores = std::move(scores);
    maps.push_back(std::move(map));
  }
  return mean_map(std::move(maps));
}

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
  Files files;
  files.input("--load", options.load);
  files.input("--fasta", options.fasta);
  files.output("--out", options.out + ".tsv");
  files.output("--out", svg_name(options.out, 1));  // the others stand beside it
  files.check();
  static_cast<void>(model.encode(records));  // names a record that the model cannot read
  const auto start = std::chrono::steady_clock::now();
  std::ostringstream table;
  std::vector<std::string> maps;
  std::size_t mutants = 0;
  for (const auto& record : records) {
    std::vector<seqlstm::MutationMap> of_members;
    for (std::size_t m = 0; m < model.net.size(); ++m)
      of_members.push_back(model.net[m].visit(
          [&](const auto& net) { return mutation_map(net, model.tokenizer, record.sequence); }));
    auto map = mean_map(std::move(of_members));
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

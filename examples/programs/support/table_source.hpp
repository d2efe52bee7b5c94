// The options of programs that read tables, and what they say of them.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <ostream>
#include <seqlstm/io/table.hpp>
#include <string>
#include <vector>

#include "support/advice.hpp"

namespace examples {

struct TableOptions : seqlstm::io::TableOptions {
  TableOptions() { names = {"--labels CSV", "--drop-unlabelled", "--missing"}; }

  /// The options every program with a table has.
  void add_to(CLI::App& app) {
    app.add_option("--data", data,
                   needs_labels ? "CSV (.gz) with a header, or FASTA with --labels"
                                : "CSV (.gz) with a header, or FASTA");
    app.add_option("--labels", labels, "CSV (.gz) whose columns join those of --data by id");
    app.add_option("--id-column", id_column, "column of the ids")->capture_default_str();
    app.add_option("--sequence-column", sequence_column, "column of the sequences")->capture_default_str();
    app.add_option("--label-column", label_column, "column of the labels")->capture_default_str();
    app.add_option("--filter", filters, "keep rows with COLUMN=VALUE (may be repeated)");
    add_missing_to(app, missing);
  }
  /// One rule for all programs that read tables.
  static CLI::Option* add_missing_to(CLI::App& app, std::optional<std::string>& missing) {
    return app
        .add_option_function<std::string>(
            "--missing", [&missing](const std::string& words) { missing = words; },
            "words that stand for no value in labels and sequences, as an empty cell does, with commas "
            "between them; \"\": none")
        ->default_str("NA,N/A,NaN,nan,NULL,null in labels, none in sequences");
  }
};

/// A line for each.
inline void print_notes(std::ostream& out, const seqlstm::io::Notes& notes) {
  for (const auto& note : notes)
    out << (note.starts_with("warning: ") ? "" : "note: ")
        << (running_program() == nullptr ? note : detail::option_words(*running_program(), note)) << '\n';
}

/// Notes that are printed at the end, whether what makes them succeeds or throws.
class PrintedNotes {
 public:
  explicit PrintedNotes(std::ostream& out) : out_(out) {}
  ~PrintedNotes() { print_notes(out_, notes); }
  PrintedNotes(const PrintedNotes&) = delete;
  PrintedNotes& operator=(const PrintedNotes&) = delete;

  seqlstm::io::Notes notes;

 private:
  std::ostream& out_;
};

/// seqlstm::io::read_table, whose notes are printed.
inline seqlstm::io::CsvTable read_table(const TableOptions& options, std::ostream& out) {
  PrintedNotes printed(out);
  return seqlstm::io::read_table(options, printed.notes);
}

/// seqlstm::io::unlabelled_sequences, whose notes are printed.
inline std::vector<seqlstm::Record> unlabelled_sequences(const std::vector<std::string>& files,
                                                         const TableOptions& options,
                                                         const std::string& split_column, bool required,
                                                         std::ostream& out) {
  PrintedNotes printed(out);
  return seqlstm::io::unlabelled_sequences(files, options, split_column, required, printed.notes);
}

}  // namespace examples

// Splits that respect evolution: near copies are removed, sequences are clustered, validation and test come
// from clusters of one, and test sequences that a search still finds related to what is trained on are
// dropped. Or says how far any split of one's own is from that.
//
//     prepare_splits --data proteins.csv --out split.csv              needs cd-hit and mmseqs
//     prepare_splits --data proteins.fa --clusters clusters.tsv --out split.csv
//     prepare_splits --data proteins.csv --folds 5 --out folds.csv
//     prepare_splits --positive promoters.fa --negative others.fa --overlap 40 --folds 10 --out folds.csv
//     prepare_splits --data split.csv --audit-split                   only looks

#include <seqlstm/data/simulated.hpp>
#include <seqlstm/io/cd_hit.hpp>
#include <seqlstm/io/clusters.hpp>
#include <seqlstm/io/leakage_audit.hpp>
#include <seqlstm/io/report_json.hpp>
#include <seqlstm/train/objective.hpp>

#include "support/program.hpp"
#include "support/table_source.hpp"

namespace {

using namespace examples;

struct Options {
  TableOptions table;
  RunOptions run;  // seed, threads, json
  std::string positive, negative, out, clusters, redundancy_clusters, split_column = "set", audit = "auto",
                                                                      sequence_type = "auto";
  double redundancy = 0.95, identity = 0.3, valid_share = 0.1, test_share = 0.1;
  std::size_t valid = 0, test = 0, folds = 0, overlap = 0;
  bool audit_split = false, stratified = true;
  bool removes_copies = true;  ///< not beside --clusters or --overlap, unless --redundancy asks for it
  bool names_labels = false;   ///< the column of the labels was named, so it must be there

  void add_to(CLI::App& app);
  [[nodiscard]] bool simulated() const { return table.data.empty() && positive.empty(); }

  /// Throws option_error for options that are out of range, or would be ignored.
  void check(const CLI::App& app) {
    removes_copies = redundancy < 1 && ((clusters.empty() && overlap == 0) || app.count("--redundancy") > 0);
    names_labels = app.count("--label-column") > 0;
    refuse_beside(app, "--data", {"--positive", "--negative"});
    refuse_beside(app, "--positive",
                  {"--labels", "--filter", "--audit-split", "--clusters", "--redundancy-clusters"});
    if (positive.empty() != negative.empty())
      throw seqlstm::option_error("--positive and --negative go together: a FASTA file each");
    refuse_beside(app, "--audit-split",
                  {"--out", "--folds", "--valid", "--test", "--valid-share", "--test-share", "--clusters",
                   "--overlap", "--redundancy", "--redundancy-clusters"});
    refuse_beside(app, "--overlap", {"--clusters"});
    refuse_beside(app, "--folds", {"--valid", "--test", "--valid-share", "--test-share"});
    refuse_beside(app, "--redundancy-clusters", {"--redundancy"});
    if (simulated())
      for (const char* option : {"--labels", "--filter", "--missing", "--audit-split", "--clusters",
                                 "--redundancy-clusters", "--overlap"})
        if (app.count(option) > 0)
          throw seqlstm::option_error(std::string(option) + " needs sequences: --data FILE");
    check_at_least_one("--threads", run.threads);
    if (app.count("--overlap") > 0) check_at_least_one("--overlap", overlap);
    for (const auto& [name, value] : {std::pair{"--redundancy", redundancy}, {"--identity", identity}})
      if (!(value > 0 && value <= 1))
        throw seqlstm::option_error(std::string(name) + " is " + std::to_string(value) +
                                    ", expected an identity above 0 up to 1");
    for (const auto& [name, value] : {std::pair{"--valid-share", valid_share}, {"--test-share", test_share}})
      if (!(value > 0 && value < 0.5))
        throw seqlstm::option_error(std::string(name) + " is " + std::to_string(value) +
                                    ", expected above 0 and below 0.5");
    if (folds == 1) throw seqlstm::option_error("--folds is 1, expected at least 2");
    if (!simulated() && !audit_split && out.empty())
      throw seqlstm::option_error("nothing to do: name a file for the split (--out), or --audit-split");
    seqlstm::io::FilePlan files;
    files.input("--data", table.data);
    files.input("--labels", table.labels);
    files.input("--positive", positive);
    files.input("--negative", negative);
    files.input("--clusters", clusters);
    files.input("--redundancy-clusters", redundancy_clusters);
    files.output("--out", out);
    files.output("--json", run.json);
    check_files(files);
    if (audit == "mmseqs") seqlstm::io::require_program("mmseqs", "mmseqs2", "pass --audit kmers");
  }

 private:
  static void refuse_beside(const CLI::App& app, const std::string& option,
                            std::initializer_list<const char*> ignored) {
    for (const char* other : ignored)
      if (app.count(option) > 0 && app.count(other) > 0)
        throw seqlstm::option_error(other + (" and " + option) + " exclude each other; leave one out");
  }
};

void Options::add_to(CLI::App& app) {
  table.needs_labels = false;  // they only spread the classes
  table.add_to(app);
  app.add_option("--positive", positive, "FASTA of class 1, with --negative, instead of --data");
  app.add_option("--negative", negative, "FASTA of class 0");
  app.add_option("--split-column", split_column, "column of the parts, to write or to audit")
      ->capture_default_str();
  app.add_option("--out", out, "the sequences with their parts and clusters, as CSV");
  app.add_option(
         "--redundancy", redundancy,
         "identity from which sequences are copies by cd-hit; 1: keep all, the default beside --clusters and "
         "--overlap")
      ->capture_default_str();
  app.add_option("--redundancy-clusters", redundancy_clusters,
                 "clusters of copies (.clstr, or a table of representative and member) instead of cd-hit; "
                 "representatives stay");
  app.add_option("--identity", identity, "of mmseqs' clusters, and above which test sequences are dropped")
      ->capture_default_str();
  app.add_option("--clusters", clusters,
                 "clusters (.clstr, or a table of representative and member) of all sequences, or of those "
                 "without copies, instead of mmseqs");
  app.add_option("--overlap", overlap,
                 "clusters of sequences that share so many letters in a row (of DNA on either strand), as "
                 "windows that overlap do, instead of mmseqs'")
      ->check(whole_number());
  app.add_option("--valid", valid, "validation sequences; 0: by --valid-share")->check(whole_number());
  app.add_option("--test", test, "test sequences drawn; 0: by --test-share")->check(whole_number());
  app.add_option("--valid-share", valid_share, "share of all sequences")->capture_default_str();
  app.add_option("--test-share", test_share, "share of all sequences")->capture_default_str();
  app.add_option("--folds", folds,
                 "folds of whole clusters instead of parts; of three or more, the one after the test fold "
                 "is for validation")
      ->check(whole_number());
  app.add_flag("--stratified,!--no-stratified", stratified, "parts share the classes evenly");
  app.add_flag("--audit-split", audit_split, "only audit the parts the data has");
  app.add_option("--audit", audit,
                 "how relatives are found: mmseqs (aligns the 300 likeliest candidates of a sequence), "
                 "kmers, or auto")
      ->check(CLI::IsMember({"auto", "mmseqs", "kmers"}))
      ->capture_default_str();
  app.add_option(
         "--sequence-type", sequence_type,
         "protein, dna (cd-hit-est, both strands), or auto: dna where all letters are nucleotides, 90 "
         "% of them ACGTUN")
      ->check(CLI::IsMember({"auto", "protein", "dna"}))
      ->capture_default_str();
  app.add_option("--seed", run.seed, "draws the parts")->check(seed_number())->capture_default_str();
  app.add_option("--threads", run.threads, "of cd-hit and mmseqs")
      ->check(whole_number())
      ->capture_default_str();
  app.add_option("--json", run.json, "write what was found to this file");
}

class Preparation {
 public:
  explicit Preparation(const Options& options) : options_(options) {}

  void run() {
    load();
    if (options_.audit_split) {
      audit_own_split();
    } else {
      remove_copies();
      options_.folds > 0 ? make_folds() : make_split();
    }
    if (!options_.run.json.empty())
      seqlstm::io::write_file_atomically(options_.run.json, seqlstm::io::json_text(json_));
  }

 private:
  void load() {
    const auto& o = options_.table;
    if (options_.simulated()) {
      simulate();
    } else if (!options_.positive.empty()) {
      read_two_classes();
    } else {
      TableOptions reading = o;
      reading.read_columns = {options_.split_column};
      table_ = read_table(reading, std::cout);
    }
    if (options_.names_labels) static_cast<void>(table_.index(o.label_column));
    if (!table_.has(o.id_column)) {
      table_.columns.push_back(o.id_column);
      for (std::size_t r = 0; r < table_.size(); ++r) table_.rows[r].push_back("row" + std::to_string(r + 1));
    }
    if (!options_.clusters.empty() || !options_.redundancy_clusters.empty())
      seqlstm::io::rows_by_id(table_, o.id_column);
    check_sequences();
    std::cout << table_.size() << " sequences\n";
    json_ = {{"sequences", table_.size()}, {"seed", options_.run.seed}, {"threads", options_.run.threads}};
    json_["missing"] = o.missing_labels().words();
    if (type_ == seqlstm::SequenceType::dna) json_["sequence_type"] = "dna";
  }
  void read_two_classes() {
    const auto& o = options_.table;
    table_.file = options_.positive + " and " + options_.negative;
    table_.columns = {o.id_column, o.sequence_column, o.label_column};
    for (const auto* file : {&options_.positive, &options_.negative})
      for (const auto& record : seqlstm::io::read_fasta(*file)) {
        table_.rows.push_back({record.id, record.sequence, file == &options_.positive ? "1" : "0"});
        table_.lines.push_back(record.line);
        positives_ += file == &options_.positive ? 1 : 0;
      }
  }
  /// The file that a row was read from.
  [[nodiscard]] const std::string& file_of(std::size_t row) const {
    if (options_.positive.empty()) return table_.file;
    return row < positives_ ? options_.positive : options_.negative;
  }
  /// Proteins or DNA, with nothing inside that outside programs would take for another record.
  void check_sequences() {
    const auto all = records();
    std::vector<std::string> sequences;
    for (const auto& record : all) {
      const auto& letters = record.sequence;
      const auto wrong = std::find_if(letters.begin(), letters.end(), [](char c) {
        return !((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '*' || c == '-' || c == '.');
      });
      if (wrong != letters.end())
        throw seqlstm::parse_error(file_of(sequences.size()), record.line,
                                   "the sequence of '" + record.id + "' has '" + std::string(1, *wrong) +
                                       "' at position " + std::to_string(wrong - letters.begin() + 1) +
                                       "; expected letters, and * - or . at most");
      sequences.push_back(letters);
    }
    type_ = options_.sequence_type == "auto"  ? seqlstm::inferred_sequence_type(sequences)
            : options_.sequence_type == "dna" ? seqlstm::SequenceType::dna
                                              : seqlstm::SequenceType::protein;
    if (type_ == seqlstm::SequenceType::dna && options_.sequence_type == "auto")
      std::cout
          << "note: the sequences are taken for DNA (or RNA); if they are proteins, pass --sequence-type "
             "protein\n";
    if (options_.removes_copies && options_.redundancy < seqlstm::io::lowest_cd_hit_identity(type_))
      throw seqlstm::option_error("--redundancy is " + std::to_string(options_.redundancy) + ", " +
                                  (type_ == seqlstm::SequenceType::dna
                                       ? "cd-hit-est clusters DNA from 0.8 on"
                                       : "cd-hit clusters proteins from 0.4 on"));
  }
  /// Families in pairs: of two relatives one is the other with a third of its residues drawn anew.
  void simulate() {
    const auto& o = options_.table;
    table_.file = "the simulated data";
    table_.columns = {o.id_column, o.sequence_column, o.label_column, cluster_column};
    const auto data = seqlstm::simulated_families(1000, options_.run.seed);
    seqlstm::RandomStream random(options_.run.seed, 0x50414952U);  // "PAIR"
    for (std::size_t i = 0; i < data.records.size(); ++i) {
      const auto& record = data.records[i];
      const auto& label = data.label_names[static_cast<std::size_t>(data.labels[i])];
      const std::string cluster = std::to_string(i);
      table_.rows.push_back({record.id, record.sequence, label, cluster});
      if (i % 4 != 0) continue;
      std::string relative = record.sequence;
      for (char& residue : relative)
        if (random.below(3) == 0) residue = seqlstm::random_residue(random);
      table_.rows.push_back({record.id + "b", relative, label, cluster});
    }
    for (std::size_t r = 0; r < table_.size(); ++r) table_.lines.push_back(r + 2);
  }

  [[nodiscard]] std::vector<std::string> sequences() const {
    std::vector<std::string> all;
    for (const auto& record : records()) all.push_back(seqlstm::canonical_letters(record.sequence, type_));
    return all;
  }
  [[nodiscard]] static std::vector<std::string> some_of(const std::vector<std::string>& all,
                                                        std::span<const std::size_t> rows) {
    std::vector<std::string> some;
    for (const std::size_t row : rows) some.push_back(all[row]);
    return some;
  }
  /// Rows without a label stay, and parts share them evenly: they count as one class.
  void spread_unlabelled(std::vector<std::string>& names) const {
    const auto missing = options_.table.missing_labels();
    const auto found = seqlstm::io::rows_without_label(table_, options_.table);
    if (found.count() == 0) return;
    const std::string one = found.words.empty() ? "" : found.words.begin()->first;
    for (auto& name : names)
      if (missing(name)) name = one;
    const std::string named = found.named();
    std::cout << "note: " << found.count() << " of " << names.size() << " rows have no label"
              << (named.empty() ? "" : " (" + named + ")") << "; parts share them as they share a class";
    if (!named.empty())
      std::cout << ", and " << seqlstm::io::RowsWithoutLabel::advice(options_.table) << " makes " << named
                << " a label";
    std::cout << '\n';
  }
  /// Class indices where there is a label column; empty without, or where labels are numbers.
  [[nodiscard]] std::vector<double> classes() const {
    const auto& column = options_.table.label_column;
    if (!options_.stratified || !table_.has(column)) return {};
    auto names = table_.values(column);
    spread_unlabelled(names);
    if (seqlstm::inferred_task(names) == seqlstm::Task::regression) {
      std::cout << "note: labels are numbers, of which parts do not get equal shares\n";
      return {};
    }
    print_notes(std::cout, seqlstm::io::spelling_notes(names));
    auto labels = seqlstm::label(std::vector<seqlstm::Record>(names.size()), names);
    return labels.label_names.size() < 2 ? std::vector<double>{} : labels.labels;
  }
  [[nodiscard]] std::vector<seqlstm::Record> records() const {
    return table_.records(options_.table.sequence_column, options_.table.id_column);
  }

  /// One of every cluster of near copies stays: of cd-hit's the longest, of the user's the representative.
  void remove_copies() {
    const bool own = !options_.redundancy_clusters.empty();
    if (options_.simulated()) return;
    if (!own && !options_.removes_copies) {
      if (options_.redundancy < 1)
        std::cout << "note: near copies stay: beside " << (options_.overlap > 0 ? "--overlap" : "--clusters")
                  << ", cd-hit runs only where --redundancy is named\n";
      return;
    }
    const auto all = records();
    const auto kept =
        own ? seqlstm::io::clusters_of(all, options_.redundancy_clusters).representatives : outside_copies();
    std::vector<char> stays(table_.size(), 0);
    for (const std::size_t row : kept) stays[row] = 1;
    seqlstm::io::keep_rows(table_, [&](std::size_t r) { return stays[r] != 0; });
    for (std::size_t r = 0; r < all.size(); ++r)
      if (stays[r] == 0) removed_.push_back(all[r]);
    std::cout << removed_.size() << " near copies removed (";
    if (own) {
      std::cout << seqlstm::printable(options_.redundancy_clusters);
    } else {
      std::cout << 100 * options_.redundancy << " % identity";
      json_["redundancy"] = options_.redundancy;
    }
    std::cout << "), " << table_.size() << " sequences left\n";
    json_["copies_removed"] = removed_.size();
  }
  [[nodiscard]] std::vector<std::size_t> outside_copies() {
    const auto found =
        seqlstm::io::without_copies(sequences(), options_.redundancy, type_, options_.run.threads);
    if (found.unread > 0)
      std::cout
          << "note: " << found.unread << " sequences of fewer than " << seqlstm::io::shortest_for_cd_hit
          << " letters, or with others than letters inside, are not read by cd-hit; they are compared by "
          << seqlstm::kmer_letters(type_) << "-mers: " << found.unread_copies
          << " are near copies, the others stay\n";
    json_["not_read_by_cd_hit"] = found.unread;
    return found.kept;
  }

  /// By the user's file, by overlaps, else by mmseqs at --identity.
  seqlstm::Clusters clusters() {
    const auto found = options_.simulated() ? seqlstm::Clusters(table_.values(cluster_column))
                       : !options_.clusters.empty()
                           ? seqlstm::io::clusters_of(records(), options_.clusters, removed_)
                       : options_.overlap > 0 ? overlaps()
                                              : outside_clusters();
    std::size_t singletons = 0;
    for (const std::size_t size : found.sizes) singletons += size == 1 ? 1 : 0;
    std::cout << found.size() << " clusters, " << singletons << " of one sequence\n";
    json_["clusters"] = found.size();
    json_["singletons"] = singletons;
    return found;
  }
  seqlstm::Clusters overlaps() {
    json_["overlap"] = options_.overlap;
    return seqlstm::clusters_by_shared_words(sequences(), options_.overlap,
                                             type_ == seqlstm::SequenceType::dna,
                                             std::string(1, seqlstm::any_letter(type_)));
  }
  seqlstm::Clusters outside_clusters() {
    json_["identity"] = options_.identity;
    std::size_t too_short = 0;
    auto found =
        seqlstm::io::mmseqs_clusters(sequences(), options_.identity, type_, options_.run.threads, too_short);
    if (too_short > 0)
      std::cout << "note: " << too_short << " sequences of fewer than "
                << seqlstm::io::shortest_for_mmseqs(type_)
                << " letters are too short for mmseqs; they are clustered by their "
                << seqlstm::kmer_letters(type_) << "-mers\n";
    return found;
  }

  [[nodiscard]] std::size_t count(std::size_t wanted, double share) const {
    return wanted > 0
               ? wanted
               : std::max<std::size_t>(
                     1, static_cast<std::size_t>(std::lround(share * static_cast<double>(table_.size()))));
  }
  [[nodiscard]] seqlstm::SplitOptions draw(const std::vector<double>& labels) const {
    return {.seed = options_.run.seed, .stratified = !labels.empty()};
  }

  /// What the library says of rows is said of this file's rows.
  template <class Draw> auto drawn(Draw draw) const {
    try {
      return draw();
    } catch (const seqlstm::option_error& error) {
      throw seqlstm::option_error(table_.file + ": " + error.what());
    }
  }

  void make_split() {
    const auto found = clusters();
    const auto labels = classes();
    auto parts = drawn([&] {
      return seqlstm::split_by_singletons(found, labels, count(options_.valid, options_.valid_share),
                                          count(options_.test, options_.test_share), draw(labels));
    });
    const std::size_t wanted = parts.test.size();
    drop_relatives(parts);
    if (parts.test.empty())
      throw seqlstm::option_error(table_.file +
                                  ": no test sequence is left without relatives; ask for more (--test)");
    std::cout << wanted - parts.test.size() << " of " << wanted
              << " test sequences have relatives all the same and are dropped\n";
    const seqlstm::io::Audit last = audit_of(parts);
    std::cout << last;
    json_["audit"] = last;
    compare_with_random(parts, labels);
    write_parts(parts, found);
  }
  /// Test sequences that a search still finds related; the JSON says to what.
  void drop_relatives(seqlstm::Partition& parts) {
    const seqlstm::io::Audit found = audit_of(parts);
    const std::size_t id = table_.index(options_.table.id_column);
    std::vector<std::size_t> clean;
    json_["dropped"] = nlohmann::json::array();
    for (std::size_t i = 0; i < parts.test.size(); ++i) {
      const auto& relative = found.relatives[i];
      if (!found.leaks(i)) {
        clean.push_back(parts.test[i]);
        continue;
      }
      const std::size_t row = relative.row < parts.train.size()
                                  ? parts.train[relative.row]
                                  : parts.valid[relative.row - parts.train.size()];
      json_["dropped"].push_back({{"id", table_.rows[parts.test[i]][id]},
                                  {"relative", table_.rows[row][id]},
                                  {"identity", relative.identity},
                                  {"coverage", relative.coverage}});
    }
    json_["test_dropped"] = parts.test.size() - clean.size();
    parts.test = std::move(clean);
  }
  [[nodiscard]] seqlstm::io::Audit audit_of(const seqlstm::Partition& parts) const {
    const auto all = sequences();
    auto trained = some_of(all, parts.train);
    const auto valid = some_of(all, parts.valid);
    trained.insert(trained.end(), valid.begin(), valid.end());
    return seqlstm::io::audit(seqlstm::io::audit_method(options_.audit), some_of(all, parts.test), trained,
                              options_.run.threads, options_.identity, type_);
  }
  /// What the usual split, by chance, would have done.
  void compare_with_random(const seqlstm::Partition& parts, const std::vector<double>& labels) {
    const double rows = static_cast<double>(parts.train.size() + parts.valid.size() + parts.test.size()),
                 valid = static_cast<double>(parts.valid.size()) / rows,
                 test = static_cast<double>(parts.test.size()) / rows;
    auto draw_random = draw(labels);
    if (draw_random.stratified)
      for (const std::size_t n : seqlstm::class_counts(labels))
        draw_random.stratified = draw_random.stratified && n >= 3;
    std::array<std::vector<std::size_t>, 3> random;
    try {
      random = seqlstm::split_indices<3>(labels, table_.size(), {1 - valid - test, valid, test}, draw_random);
    } catch (const seqlstm::option_error& error) {
      std::cout << "note: no random split to compare with: " << error.what() << '\n';
      return;
    }
    const seqlstm::io::Audit found = audit_of({random[0], random[1], random[2]});
    std::cout << "a random split of the same sizes: " << found.sentence() << '\n';
    json_["random_split_audit"] = found;
  }
  void write_parts(const seqlstm::Partition& parts, const seqlstm::Clusters& found) {
    std::vector<std::string> set(table_.size());
    const auto name = [&](const std::vector<std::size_t>& rows, const char* part) {
      for (const std::size_t row : rows) set[row] = part;
      std::cout << part << ": " << rows.size() << " sequences\n";
      json_["parts"][part] = rows.size();
    };
    name(parts.train, "train");
    name(parts.valid, "valid");
    name(parts.test, "test");
    write_table({options_.split_column}, {set}, found);
  }
  /// The rows that have a part, with columns of parts and their cluster.
  void write_table(const std::vector<std::string>& names, const std::vector<std::vector<std::string>>& sets,
                   const seqlstm::Clusters& found) {
    if (options_.out.empty()) return;
    seqlstm::io::CsvTable out{.file = options_.out, .columns = {}};
    std::vector<std::size_t> kept;
    for (std::size_t c = 0; c < table_.columns.size(); ++c)
      if (table_.columns[c] != cluster_column &&
          std::find(names.begin(), names.end(), table_.columns[c]) == names.end()) {
        kept.push_back(c);
      } else if (!options_.simulated()) {
        std::cout << "note: column '" << seqlstm::printable(table_.columns[c]) << "' of "
                  << seqlstm::printable(table_.file) << " is replaced in " << seqlstm::printable(options_.out)
                  << '\n';
      }
    for (const std::size_t c : kept) out.columns.push_back(table_.columns[c]);
    out.columns.insert(out.columns.end(), names.begin(), names.end());
    out.columns.emplace_back(cluster_column);
    for (std::size_t r = 0; r < table_.size(); ++r) {
      if (sets[0][r].empty()) continue;
      auto& row = out.rows.emplace_back();
      for (const std::size_t c : kept) row.push_back(table_.rows[r][c]);
      for (const auto& set : sets) row.push_back(set[r]);
      row.push_back(std::to_string(found.of_row[r]));
    }
    seqlstm::io::write_csv(options_.out, out);
  }

  /// Folds for a cross-validation: a column of parts for each, set1 (test in the first fold, validation in
  /// the next where there are three or more, else train), set2, ...
  void make_folds() {
    const auto found = clusters();
    const auto labels = classes();
    const auto folds =
        drawn([&] { return seqlstm::grouped_k_fold(found, labels, options_.folds, draw(labels)); });
    std::vector<std::string> names;
    std::vector<std::vector<std::string>> sets(folds.size(),
                                               std::vector<std::string>(table_.size(), "train"));
    for (std::size_t f = 0; f < folds.size(); ++f) {
      names.push_back(options_.split_column + std::to_string(f + 1));
      for (const std::size_t row : folds[f].test) sets[f][row] = "test";
      if (folds.size() > 2)
        for (const std::size_t row : folds[(f + 1) % folds.size()].test) sets[f][row] = "valid";
      const seqlstm::io::Audit leaks = audit_of({folds[f].train, {}, folds[f].test});
      std::cout << names.back() << ": " << folds[f].test.size() << " test sequences, " << leaks.leaks()
                << " of them with a " << leaks.relative() << " in training"
                << (folds.size() > 2 ? " or validation" : "") << '\n';
      json_["folds"].push_back({{"test", folds[f].test.size()}, {"audit", leaks}});
    }
    write_table(names, sets, found);
  }

  void audit_own_split() {
    auto rows = seqlstm::io::rows_of_parts(table_, options_.split_column);
    const seqlstm::Partition parts{rows["train"], rows["valid"], rows["test"]};
    if (parts.train.empty() || parts.test.empty())
      throw seqlstm::option_error(
          table_.file + ": column '" + options_.split_column +
          "' has no train or no test rows; name the column of the parts: --split-column");
    const seqlstm::io::Audit found = audit_of(parts);
    std::cout << found;
    std::cout << found.sentence() << '\n';
    json_["audit"] = found;
  }

  static constexpr const char* cluster_column = "cluster";
  const Options& options_;
  seqlstm::io::CsvTable table_;
  std::size_t positives_ = 0;  ///< rows of --positive, which come first
  seqlstm::SequenceType type_ = seqlstm::SequenceType::protein;
  std::vector<seqlstm::Record> removed_;  ///< near copies
  nlohmann::json json_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Splits of sequences that respect evolution", "prepare_splits");
  Options options;
  options.add_to(app);
  return run_program(app, argc, argv, [&] {
    options.check(app);
    Preparation(options).run();
  });
}

// A saved classifier slid over a genome, both strands, in one pass: memory does not depend on the genome's
// length.
#pragma once

#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <seqlstm/io/csv.hpp>
#include <seqlstm/io/fasta.hpp>
#include <seqlstm/metrics/curve.hpp>
#include <seqlstm/train/progress.hpp>
#include <unordered_map>

#include "support/classifier.hpp"

namespace examples {

struct ScanOptions {
  std::string load, genome, out, truth, split_column = "set", json;
  std::vector<std::string> parts = {"valid", "test"};  ///< of the truth
  std::size_t step = 10, window = 0;
  std::optional<std::size_t> anchor = {};
  MachineOptions machine;
  double threshold = 0.5;
  std::uint64_t seed = 1;

  void add_to(CLI::App& app) {
    app.add_option("--load", load, "a model that --save wrote")->required();
    app.add_option("--genome", genome, "FASTA (.gz)")->required();
    app.add_option("--out", out, "PREFIX of PREFIX.plus.bedGraph, PREFIX.minus.bedGraph, PREFIX.bed")
        ->required();
    const auto number = [&](const char* name, std::size_t& value, const char* help) {
      return app.add_option(name, value, help)->check(whole_number());
    };
    number("--step", step, "bases from one window to the next")->capture_default_str();
    number("--window", window, "bases per window")->default_str("those of the training sequences");
    app.add_option("--anchor", anchor, "the base of a window, from 0, that its probability is written at")
        ->check(whole_number())
        ->default_str("the middle");
    machine.add_to(app);
    app.add_option("--threshold", threshold, "of the local maxima in PREFIX.bed")->capture_default_str();
    app.add_option("--truth", truth,
                   "CSV: columns start (first base of a positive window, from 0) and strand");
    app.add_option("--truth-part", parts, "rows of --truth by their column 'set', where it has one")
        ->capture_default_str();
    app.add_option("--seed", seed, "draws the random positions beside --truth")
        ->check(seed_number())
        ->capture_default_str();
    app.add_option("--json", json, "write time, counts and ROC-AUC to this file");
  }
};

/// Both strands, in the order of BED.
inline constexpr std::array<const char*, 2> strand_names = {"+", "-"};

/// Local maxima of at least a threshold: values that none within `radius` bases exceeds, the first of equals.
class PeakFinder {
 public:
  PeakFinder(double threshold, std::size_t radius) : threshold_(threshold), radius_(radius) {}

  /// Values arrive in order of their places; peaks are found `radius` bases later.
  template <class OnPeak> void add(std::size_t place, double value, OnPeak&& on_peak) {
    recent_.push_back({place, value});
    settle(place, on_peak);
  }
  template <class OnPeak> void finish(OnPeak&& on_peak) {
    if (!recent_.empty()) settle(recent_.back().place + radius_ + 1, on_peak);
    recent_.clear();
    next_ = 0;
  }

 private:
  struct Value {
    std::size_t place;
    double value;
  };
  template <class OnPeak> void settle(std::size_t now, OnPeak&& on_peak) {
    for (; next_ < recent_.size() && recent_[next_].place + radius_ < now; ++next_) {
      const Value& candidate = recent_[next_];
      if (candidate.value < threshold_) continue;
      bool highest = true;
      for (std::size_t i = 0; i < recent_.size() && highest; ++i) {
        const bool near =
            recent_[i].place + radius_ >= candidate.place && recent_[i].place <= candidate.place + radius_;
        if (near && i != next_)
          highest = i < next_ ? recent_[i].value < candidate.value : recent_[i].value <= candidate.value;
      }
      if (highest) on_peak(candidate.place, candidate.value);
    }
    while (next_ > 0 &&
           recent_.front().place + radius_ < recent_[std::min(next_, recent_.size() - 1)].place) {
      recent_.pop_front();
      --next_;
    }
  }

  double threshold_;
  std::size_t radius_, next_ = 0;  // the first value whose neighbourhood is not known yet
  std::deque<Value> recent_;
};

/// Probabilities at known positions, and at a sample of all others. A known position is found in the last
/// window that begins at or before it. Positives of other parts of the table count as neither.
class TruthSample {
 public:
  explicit TruthSample(const ScanOptions& options)
      : step_(options.step), random_(options.seed, 0x5343414EU) {  // "SCAN"
    if (options.truth.empty()) return;
    const auto table = detail::noted_table(options.truth, std::cout);
    for (std::size_t r = 0; r < table.size(); ++r) {
      if (table.has("label") && !seqlstm::same_label(table.cell(r, "label"), "1")) continue;
      const std::string &start = table.cell(r, "start"), &strand = table.cell(r, "strand");
      if (start.empty() || start.size() > 15 || start.find_first_not_of("0123456789") != std::string::npos ||
          (strand != "+" && strand != "-"))
        throw seqlstm::parse_error(
            table.file, table.line(r),
            "start '" + start + "' and strand '" + strand + "', expected a base counted from 0 and + or -");
      const bool asked = !table.has(options.split_column) ||
                         std::find(options.parts.begin(), options.parts.end(),
                                   table.cell(r, options.split_column)) != options.parts.end();
      auto& times = known_[key(std::stoull(start) / step_ * step_, strand == "-" ? 1 : 0)];
      times += asked ? 1 : 0;
      given_ += asked ? 1 : 0;
    }
    if (given_ == 0)
      throw seqlstm::option_error(options.truth +
                                  ": no row is a positive of the parts that --truth-part names");
  }

  /// `start`: first base of the window.
  void add(std::size_t start, std::size_t strand, double probability) {
    if (given_ == 0) return;
    if (const auto found = known_.find(key(start, strand)); found != known_.end()) {
      of_known_.insert(of_known_.end(), found->second, probability);
      return;
    }
    constexpr std::size_t sample_size = 20000;  // a reservoir (Vitter 1985, algorithm R)
    ++others_;
    if (of_others_.size() < sample_size) {
      of_others_.push_back(probability);
    } else if (const std::size_t place = random_.below(others_); place < sample_size) {
      of_others_[place] = probability;
    }
  }
  /// Positives asked for, and found in a window.
  [[nodiscard]] std::size_t given() const { return given_; }
  [[nodiscard]] std::size_t found() const { return of_known_.size(); }
  [[nodiscard]] std::size_t others() const { return of_others_.size(); }
  /// Of known positions against random ones.
  [[nodiscard]] double roc_auc() const {
    std::vector<int> labels(of_known_.size(), 1);
    std::vector<double> scores = of_known_;
    labels.resize(of_known_.size() + of_others_.size(), 0);
    scores.insert(scores.end(), of_others_.begin(), of_others_.end());
    return seqlstm::roc_auc(labels, scores);
  }

 private:
  static std::uint64_t key(std::size_t start, std::size_t strand) { return 2 * start + strand; }
  std::size_t step_;
  std::unordered_map<std::uint64_t, std::size_t> known_;  // how many asked-for positives a window stands for
  std::size_t given_ = 0;
  std::vector<double> of_known_, of_others_;
  std::size_t others_ = 0;
  seqlstm::RandomStream random_;
};

class Scan {
 public:
  Scan(const ScanOptions& options, const char* kind)
      : options_(checked(options)),
        model_(options.load, kind, options.machine),
        truth_(options),
        window_(options.window) {
    if (model_.objective.task != seqlstm::Task::binary)
      throw seqlstm::option_error(options.load + ": a model of " + seqlstm::task_name(model_.objective.task) +
                                  " labels; scan needs one of two classes");
    if (window_ == 0) window_ = model_.size_option("window", 0);
    if (window_ == 0)
      throw seqlstm::option_error(options.load +
                                  ": the training sequences had several lengths; give --window");
    const std::size_t tokens =
        model_.tokenizer.encode(std::string(window_, model_.tokenizer.alphabet().letters()[0])).size();
    const std::size_t positions = model_.net[0].positions();
    if (tokens == 0 || (positions > 0 && tokens != positions))
      throw seqlstm::option_error("--window " + std::to_string(window_) + " has " + std::to_string(tokens) +
                                  " tokens, the model reads " +
                                  (positions > 0 ? "exactly " + std::to_string(positions) : "at least 1"));
    finders_.assign(2, PeakFinder(options.threshold, window_ / 2));
    anchor_ = options.anchor.value_or(window_ / 2);
    if (anchor_ >= window_)
      throw seqlstm::option_error("--anchor " + std::to_string(anchor_) + " is not within a window of " +
                                  std::to_string(window_) + " bases");
  }

  void run() {
    const auto start = std::chrono::steady_clock::now();
    options_.machine.start();
    const SignalWatch watch;  // a scan that is stopped removes what it began to write
    seqlstm::io::AtomicFile plus(options_.out + ".plus.bedGraph"), minus(options_.out + ".minus.bedGraph"),
        peaks(options_.out + ".bed");
    graphs_ = {&plus, &minus};
    peaks_ = &peaks;
    read_genome();
    if (windows_ == 0)
      throw seqlstm::option_error(options_.genome + ": no window of " + std::to_string(window_) +
                                  " known bases: the longest sequence has " + std::to_string(longest_) +
                                  ", " + std::to_string(unknown_letters_) +
                                  " of all letters are unknown; is it the right genome?");
    if (truth_.given() > 0 && (truth_.found() == 0 || truth_.others() == 0))
      throw seqlstm::option_error(options_.truth + ": none of " + std::to_string(truth_.given()) +
                                  " positions is in a window of " + options_.genome +
                                  "; is it the genome they were counted on?");
    for (auto* file : {&plus, &minus, &peaks}) file->commit();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::cout << bases_ << " bases, " << windows_ << " windows of " << window_ << " on each strand in "
              << seqlstm::duration_text(seconds) << ", " << skipped_
              << " windows with unknown letters skipped, " << found_ << " local maxima of at least "
              << options_.threshold << '\n';
    if (unknown_letters_ > 0)
      std::cout << "note: " << unknown_letters_ << " unknown letters in " << unknown_runs_ << " runs\n";
    if (short_records_ > 0)
      std::cout << "note: " << short_records_ << " sequences are shorter than a window\n";
    nlohmann::json json = {{"bases", bases_},
                           {"windows", windows_},
                           {"skipped", skipped_},
                           {"unknown_letters", unknown_letters_},
                           {"unknown_runs", unknown_runs_},
                           {"short_records", short_records_},
                           {"maxima", found_},
                           {"seconds", seconds},
                           {"window", window_},
                           {"step", options_.step},
                           {"threshold", options_.threshold},
                           {"anchor", anchor_},
                           {"seed", options_.seed},
                           {"positive_class", positive_class()},
                           {"config",
                            {{"model", file_name(options_.load)},
                             {"model_checksum", model_.info.checksum},
                             {"genome", file_name(options_.genome)},
                             {"truth", file_name(options_.truth)},
                             {"truth_parts", options_.parts},
                             {"net", model_.net[0].options()},
                             {"ensemble", model_.net.size()}}},
                           {"peak_memory_mib", peak_memory_mib()}};
    options_.machine.note(json);
    std::cout << "probabilities are those of class '" << seqlstm::printable(positive_class()) << "'\n";
    std::cout << "peak memory " << json["peak_memory_mib"] << " MiB\n";
    if (truth_.given() > 0) {
      json["metrics"] = {{"roc_auc", truth_.roc_auc()}};
      json["known_positions"] = truth_.given();
      json["known_positions_found"] = truth_.found();
      json["random_positions"] = truth_.others();
      std::cout << "ROC-AUC of " << truth_.found() << " of " << truth_.given() << " known positions against "
                << truth_.others() << " random ones: " << truth_.roc_auc() << '\n';
    }
    if (!options_.json.empty())
      seqlstm::io::write_file_atomically(options_.json, seqlstm::io::json_text(json));
  }

 private:
  static constexpr std::size_t batch_windows = 256;

  /// What must be right before anything is read.
  static const ScanOptions& checked(const ScanOptions& options) {
    if (options.step == 0) throw seqlstm::option_error("--step is 0, expected at least 1");
    if (!(options.threshold >= 0 && options.threshold <= 1))
      throw seqlstm::option_error("--threshold is " + std::to_string(options.threshold) +
                                  ", expected a probability from 0 to 1");
    Files files;
    files.input("--load", options.load);
    files.input("--genome", options.genome);
    files.input("--truth", options.truth);
    files.outputs("--out", options.out, {".plus.bedGraph", ".minus.bedGraph", ".bed"});
    files.output("--json", options.json);
    files.check();
    return options;
  }

  /// Of this process, from the kernel's own account; 0 where there is none.
  static double peak_memory_mib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("VmHWM:")) return std::round(std::stod(line.substr(6)) / 1024);
    return 0;
  }

  /// The class whose probability is written.
  [[nodiscard]] std::string positive_class() const {
    const auto& names = model_.info.label_names;
    return names.size() > 1 ? names[1] : "1";
  }
  static std::string file_name(const std::string& path) {
    return std::filesystem::path(path).filename().string();
  }

  /// What there is to do. A pipe is read once only: 0.
  [[nodiscard]] std::size_t letters_of_genome() const {
    if (!std::filesystem::is_regular_file(options_.genome)) return 0;
    std::size_t letters = 0;
    for (seqlstm::io::FastaPieces pieces(options_.genome); pieces.next();)
      letters += pieces.is_header() ? 0 : seqlstm::count_letters(pieces.text());
    return letters;
  }
  void read_genome() {
    progress_.begin("scan", letters_of_genome());
    seqlstm::io::FastaPieces pieces(options_.genome);
    std::size_t records = 0;
    while (pieces.next()) {
      if (pieces.is_header()) {
        if (records > 0) end_record();
        if (++records > 1 && truth_.given() > 0)
          throw pieces.error("a second sequence; --truth counts bases of one, give a file with one");
        seqlstm::Record record;
        seqlstm::io::detail::read_header(pieces.text(), record);
        name_ = record.id.empty() ? "unnamed" : seqlstm::printable(record.id);
        continue;
      }
      const std::size_t before = buffer_.size();
      seqlstm::append_letters(buffer_, pieces.text());
      const std::size_t letters = buffer_.size() - before;
      bases_ += letters;
      count_unknown(std::string_view(buffer_).substr(before));
      take_windows();
      progress_.advance(letters);
    }
    end_record();
    progress_.end();
  }
  void count_unknown(std::string_view letters) {
    for (const char letter : letters) {
      const bool unknown = !model_.tokenizer.alphabet().knows(letter);
      unknown_letters_ += unknown ? 1 : 0;
      unknown_runs_ += unknown && !in_unknown_ ? 1 : 0;
      in_unknown_ = unknown;
    }
  }
  void end_record() {
    const std::size_t length = begin_ + buffer_.size();
    short_records_ += length < window_ ? 1 : 0;
    in_unknown_ = false;
    longest_ = std::max(longest_, length);
    judge();
    for (std::size_t strand = 0; strand < 2; ++strand) {
      if (!last_[strand].empty())
        graphs_[strand]->write(graph_line(last_place_[strand], length, last_[strand]));
      last_[strand].clear();
      finders_[strand].finish([&](std::size_t place, double value) {
        peaks_found_.push_back({place, strand, value});
      });
    }
    write_peaks(length);
    buffer_.clear();
    begin_ = next_ = 0;
  }

  void take_windows() {
    while (next_ + window_ <= begin_ + buffer_.size()) {
      const std::string letters = buffer_.substr(next_ - begin_, window_);
      add_window(letters);
      next_ += options_.step;
    }
    if (next_ > begin_ + 65536 || buffer_.size() > 1U << 20U) {
      const std::size_t done = std::min(next_ - begin_, buffer_.size());
      buffer_.erase(0, done);
      begin_ += done;
    }
  }
  void add_window(const std::string& letters) {
    const auto& alphabet = model_.tokenizer.alphabet();
    if (!std::all_of(letters.begin(), letters.end(), [&](char letter) { return alphabet.knows(letter); })) {
      ++skipped_;
      return;
    }
    ++windows_;
    starts_.push_back(next_);
    tokens_.push_back(model_.tokenizer.encode(letters));
    tokens_.push_back(
        model_.tokenizer.encode(seqlstm::reverse_complement(letters, model_.tokenizer.alphabet())));
    if (starts_.size() == batch_windows) judge();
  }
  void judge() {
    if (starts_.empty()) return;
    SignalWatch::check("nothing is written");
    const seqlstm::FlushDenormals flush;
    views_.assign(tokens_.begin(), tokens_.end());
    batch_.assign(views_);
    tape_.reset();
    const auto logits = model_.net.forward(tape_, batch_).value();
    std::array<std::string, 2> lines;
    for (std::size_t i = 0; i < starts_.size(); ++i)
      for (std::size_t strand = 0; strand < 2; ++strand) {
        const double probability = 1 / (1 + std::exp(-double{logits(2 * i + strand, 0)}));
        const std::size_t place = starts_[i] + (strand == 0 ? anchor_ : window_ - 1 - anchor_);
        // A value holds up to the next one, or to the end; so a line is written when its end is known.
        if (!last_[strand].empty())
          lines[strand] += graph_line(last_place_[strand],
                                      std::min(place, last_place_[strand] + options_.step), last_[strand]);
        last_[strand] = number_text(probability);
        last_place_[strand] = place;
        finders_[strand].add(place, probability, [&](std::size_t at, double value) {
          peaks_found_.push_back({at, strand, value});
        });
        truth_.add(starts_[i], strand, probability);
      }
    for (std::size_t strand = 0; strand < 2; ++strand) graphs_[strand]->write(lines[strand]);
    write_peaks(starts_.back() > 2 * window_ ? starts_.back() - 2 * window_ : 0);
    starts_.clear();
    tokens_.clear();
  }
  [[nodiscard]] std::string graph_line(std::size_t begin, std::size_t end, const std::string& value) const {
    return name_ + '\t' + std::to_string(begin) + '\t' +
           std::to_string(std::min(end, begin + options_.step)) + '\t' + value + '\n';
  }
  static std::string number_text(double value) {
    std::ostringstream text;
    text.precision(4);
    text << value;
    return text.str();
  }
  /// Writes the peaks before a base, of both strands in order; none can come there any more.
  void write_peaks(std::size_t before) {
    std::sort(peaks_found_.begin(), peaks_found_.end());
    std::size_t written = 0;
    for (; written < peaks_found_.size() && peaks_found_[written].place < before; ++written) {
      const Peak& peak = peaks_found_[written];
      ++found_;
      peaks_->write(name_ + '\t' + std::to_string(peak.place) + '\t' + std::to_string(peak.place + 1) +
                    "\tmaximum_" + std::to_string(found_) + '\t' +
                    std::to_string(std::lround(peak.value * 1000)) + '\t' + strand_names[peak.strand] + '\n');
    }
    peaks_found_.erase(peaks_found_.begin(), peaks_found_.begin() + static_cast<std::ptrdiff_t>(written));
  }

  struct Peak {
    std::size_t place, strand;
    double value;
    auto operator<=>(const Peak&) const = default;
  };

  const ScanOptions& options_;
  LoadedModel model_;
  TruthSample truth_;
  std::size_t window_, anchor_ = 0;
  std::vector<PeakFinder> finders_;  // of each strand
  std::vector<Peak> peaks_found_;    // and not written yet
  std::array<std::string, 2> last_;  // value of each strand that waits for its end
  std::array<std::size_t, 2> last_place_{};
  std::array<seqlstm::io::AtomicFile*, 2> graphs_{};
  seqlstm::io::AtomicFile* peaks_ = nullptr;
  seqlstm::Tape<float> tape_{seqlstm::Mode::inference};
  seqlstm::TokenBatch batch_;
  seqlstm::Progress progress_{&std::cerr, on_terminal(), "bases"};
  std::string name_, buffer_;         // of the record being read: its letters from begin_ on
  std::size_t begin_ = 0, next_ = 0;  // first base in the buffer; first base of the next window
  std::vector<std::size_t> starts_;   // of the windows that wait
  std::vector<std::vector<seqlstm::Token>> tokens_;
  std::vector<std::span<const seqlstm::Token>> views_;
  std::size_t bases_ = 0, windows_ = 0, skipped_ = 0, found_ = 0, longest_ = 0;
  std::size_t unknown_letters_ = 0, unknown_runs_ = 0, short_records_ = 0;
  bool in_unknown_ = false;  // was the last letter unknown?
};

}  // namespace examples

// A classifier of two classes slid over a genome, both strands, in one pass: memory does not depend on the
// genome's length.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/core/text.hpp>
#include <seqlstm/infer/peaks.hpp>
#include <seqlstm/io/classifier.hpp>
#include <seqlstm/io/fasta.hpp>
#include <seqlstm/io/file.hpp>
#include <seqlstm/ranks/shared_parts.hpp>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN
namespace io {

/// How a GenomeScan reads a genome, and whom it tells.
struct GenomeScanOptions {
  std::size_t window = 0;  ///< bases; 0: those of the training sequences
  std::size_t step = 10;   ///< bases from one window to the next
  double threshold = 0.5;  ///< of the local maxima
  std::optional<std::size_t> anchor =
      {};  ///< base of a window that its probability is written at; without: the middle
  /// Called for each window and strand (0: +, 1: -) with its first base and probability.
  std::function<void(std::size_t start, std::size_t strand, double probability)> on_window = {};
  /// Called at each sequence but the first; may throw.
  std::function<void(FastaPieces&)> on_next_sequence = {};
  /// Called with how many bases were read since the last call, also with 0; what it throws ends the scan, and
  /// nothing is written.
  std::function<void(std::size_t bases)> on_bases = {};
  /// Called when all is read and before anything is there; may throw.
  std::function<void()> before_commit = {};
  CommunicatorRef communicator = {};  ///< ranks that share the windows: all make the same scan
};

/// What a scan read and found.
struct GenomeScanResult {
  std::size_t window = 0;           ///< bases of a window
  std::size_t anchor = 0;           ///< base of a window, from 0, that its probability is written at
  std::size_t bases = 0;            ///< letters of the file, known or not
  std::size_t windows = 0;          ///< windows that were classified, on each strand
  std::size_t skipped = 0;          ///< windows with unknown letters
  std::size_t maxima = 0;           ///< lines of PREFIX.bed, of both strands
  std::size_t unknown_letters = 0;  ///< letters that the model's alphabet does not know, N included
  std::size_t unknown_runs = 0;     ///< stretches of these, none over the end of a sequence
  std::size_t short_records = 0;    ///< sequences shorter than a window
};

/// Writes PREFIX.plus.bedGraph and PREFIX.minus.bedGraph, the probability of class 1 along each strand, and
/// PREFIX.bed, its local maxima of at least the threshold: values that none within half a window exceeds.
/// None is there before the whole genome is read.
class GenomeScan {
 public:
  GenomeScan(SavedClassifier&& model, GenomeScanOptions options) = delete;  // the model would be gone
  /// Throws option_error for a model that is not of two classes, or does not read such windows, and for
  /// options out of range. The model must outlive it.
  GenomeScan(const SavedClassifier& model, GenomeScanOptions options)
      : model_(model), options_(std::move(options)) {
    if (model.objective.task != Task::binary)
      throw option_error(model.path + ": a model of " + task_name(model.objective.task) +
                         " labels; scan needs one of two classes");
    if (model.objective.outputs() != 1)
      throw option_error(model.path +
                         ": a model with a column for each class; scan needs one of a single logit");
    if (!model.inputs.columns.empty())
      throw option_error(model.path + ": the model also reads '" + model.inputs.columns[0] +
                         "', which a genome does not have");
    if (options_.step == 0) throw option_error("scan: the step is 0, expected at least 1");
    if (!(options_.threshold >= 0 && options_.threshold <= 1))
      throw option_error("scan: the threshold is " + std::to_string(options_.threshold) +
                         ", expected a probability from 0 to 1");
    window_ = options_.window > 0 ? options_.window : model.size_option("window", 0);
    if (window_ == 0)
      throw option_error(model.path + ": the training sequences had several lengths; give a window");
    const std::size_t tokens =
        model.tokenizer.encode(std::string(window_, model.tokenizer.alphabet().letters()[0])).size();
    const std::size_t positions = model.net[0].positions();
    if (tokens == 0 || (positions > 0 && tokens != positions))
      throw option_error("scan: a window of " + std::to_string(window_) + " has " + std::to_string(tokens) +
                         " tokens, the model reads " +
                         (positions > 0 ? "exactly " + std::to_string(positions) : "at least 1"));
    anchor_ = options_.anchor.value_or(window_ / 2);
    if (anchor_ >= window_)
      throw option_error("scan: the anchor " + std::to_string(anchor_) + " is not within a window of " +
                         std::to_string(window_) + " bases");
    parts_ = SharedParts(options_.communicator);
    if (parts_.shared()) most_windows_ *= options_.communicator->size();
    finders_.assign(2, PeakFinder(options_.threshold, window_ / 2));
  }

  /// Reads a FASTA file (.gz). Throws io_error, and option_error where no window has known bases alone. Once:
  /// another genome takes another scan.
  GenomeScanResult run(const std::string& genome, const std::string& prefix) {
    AtomicFile plus(prefix + ".plus.bedGraph"), minus(prefix + ".minus.bedGraph"), peaks(prefix + ".bed");
    graphs_ = {&plus, &minus};
    peaks_ = &peaks;
    parts_.or_tell([&] { read_genome(genome); });
    if (found_.windows == 0)
      throw option_error(genome + ": no window of " + std::to_string(window_) +
                         " known bases: the longest sequence has " + std::to_string(longest_) + ", " +
                         std::to_string(found_.unknown_letters) +
                         " of all letters are unknown; is it the right genome?");
    if (options_.before_commit) options_.before_commit();
    for (auto* file : {&plus, &minus, &peaks}) file->commit();
    found_.window = window_;
    found_.anchor = anchor_;
    return found_;
  }

 private:
  static constexpr std::size_t batch_windows = 256;  // that are computed together

  void read_genome(const std::string& genome) {
    FastaPieces pieces(genome);
    std::size_t records = 0;
    while (pieces.next()) {
      if (pieces.is_header()) {
        if (records > 0) end_record();
        if (++records > 1 && options_.on_next_sequence) options_.on_next_sequence(pieces);
        Record record;
        detail::read_header(pieces.text(), record);
        name_ = record.id.empty() ? "unnamed" : printable(record.id);
        continue;
      }
      const std::size_t before = buffer_.size();
      append_letters(buffer_, pieces.text());
      const std::size_t letters = buffer_.size() - before;
      found_.bases += letters;
      count_unknown(std::string_view(buffer_).substr(before));
      take_windows();
      if (options_.on_bases) options_.on_bases(letters);
    }
    end_record();
  }
  void count_unknown(std::string_view letters) {
    for (const char letter : letters) {
      const bool unknown = !model_.tokenizer.alphabet().knows(letter);
      found_.unknown_letters += unknown ? 1 : 0;
      found_.unknown_runs += unknown && !in_unknown_ ? 1 : 0;
      in_unknown_ = unknown;
    }
  }
  void end_record() {
    const std::size_t length = begin_ + buffer_.size();
    found_.short_records += length < window_ ? 1 : 0;
    in_unknown_ = false;
    longest_ = std::max(longest_, length);
    classify();
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
      ++found_.skipped;
      return;
    }
    ++found_.windows;
    starts_.push_back(next_);
    tokens_.push_back(model_.tokenizer.encode(letters));
    tokens_.push_back(model_.tokenizer.encode(reverse_complement(letters, model_.tokenizer.alphabet())));
    if (starts_.size() == most_windows_) classify();
  }
  void classify() {
    if (starts_.empty()) return;
    if (options_.on_bases) options_.on_bases(0);
    const auto logits = logits_of_windows();
    std::array<std::string, 2> lines;
    for (std::size_t i = 0; i < starts_.size(); ++i)
      for (std::size_t strand = 0; strand < 2; ++strand) {
        const double probability = 1 / (1 + std::exp(-double{logits[2 * i + strand]}));
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
        if (options_.on_window) options_.on_window(starts_[i], strand, probability);
      }
    for (std::size_t strand = 0; strand < 2; ++strand) graphs_[strand]->write(lines[strand]);
    write_peaks(starts_.back() > 2 * window_ ? starts_.back() - 2 * window_ : 0);
    starts_.clear();
    tokens_.clear();
  }
  /// Of the windows that wait, both strands of each.
  std::vector<float> logits_of_windows() {
    const FlushDenormals flush;
    std::vector<std::vector<float>> batches;
    for (std::size_t begin = 0; begin < tokens_.size(); begin += 2 * batch_windows) {
      auto& logits = batches.emplace_back();
      if (!parts_.here(batches.size() - 1)) continue;
      const std::size_t end = std::min(tokens_.size(), begin + 2 * batch_windows);
      views_.assign(tokens_.begin() + static_cast<std::ptrdiff_t>(begin),
                    tokens_.begin() + static_cast<std::ptrdiff_t>(end));
      batch_.assign(views_);
      tape_.reset();
      const auto values = model_.net.forward(tape_, batch_).value();
      for (std::size_t i = 0; i < values.rows(); ++i) logits.push_back(values(i, 0));
    }
    parts_.share(batches);
    std::vector<float> all;
    for (const auto& logits : batches) all.insert(all.end(), logits.begin(), logits.end());
    return all;
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
      ++found_.maxima;
      peaks_->write(name_ + '\t' + std::to_string(peak.place) + '\t' + std::to_string(peak.place + 1) +
                    "\tmaximum_" + std::to_string(found_.maxima) + '\t' +
                    std::to_string(std::lround(peak.value * 1000)) + '\t' + (peak.strand == 0 ? "+" : "-") +
                    '\n');
    }
    peaks_found_.erase(peaks_found_.begin(), peaks_found_.begin() + static_cast<std::ptrdiff_t>(written));
  }

  struct Peak {
    std::size_t place, strand;
    double value;
    auto operator<=>(const Peak&) const = default;
  };

  const SavedClassifier& model_;
  GenomeScanOptions options_;
  GenomeScanResult found_;
  std::size_t window_ = 0, anchor_ = 0;
  std::vector<PeakFinder> finders_;  // of each strand
  std::vector<Peak> peaks_found_;    // and not written yet
  std::array<std::string, 2> last_;  // value of each strand that waits for its end
  std::array<std::size_t, 2> last_place_{};
  std::array<AtomicFile*, 2> graphs_{};
  AtomicFile* peaks_ = nullptr;
  Tape<float> tape_{Mode::inference};
  SequenceBatch batch_;
  SharedParts parts_;
  std::size_t most_windows_ = batch_windows;  // that wait for each other
  std::string name_, buffer_;                 // of the record being read: its letters from begin_ on
  std::size_t begin_ = 0, next_ = 0;          // first base in the buffer; first base of the next window
  std::vector<std::size_t> starts_;           // of the windows that wait
  std::vector<std::vector<Token>> tokens_;
  std::vector<std::span<const Token>> views_;
  std::size_t longest_ = 0;
  bool in_unknown_ = false;  // was the last letter unknown?
};

/// Letters of a FASTA file: what there is to scan. 0 for a pipe, which is read once only.
inline std::size_t count_fasta_letters(const std::string& path) {
  if (!std::filesystem::is_regular_file(path)) return 0;
  std::size_t letters = 0;
  for (FastaPieces pieces(path); pieces.next();)
    letters += pieces.is_header() ? 0 : count_letters(pieces.text());
  return letters;
}

}  // namespace io
SEQLSTM_NAMESPACE_END

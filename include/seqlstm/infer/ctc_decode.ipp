// Definitions of ctc_decode.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/core/text.hpp>
#include <seqlstm/infer/ctc_decode.hpp>
#include <seqlstm/kernels/set.hpp>
#include <span>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// The frames of one record: the rows of a matrix, or a row of a packed batch.
template <Scalar T> struct CtcFrames {
  ConstMatrixView<T> logits;
  const PackedLayout* layout = nullptr;
  std::size_t row = 0;

  [[nodiscard]] std::size_t count() const { return layout == nullptr ? logits.rows() : layout->length(row); }
  [[nodiscard]] ConstMatrixView<T> frame(std::size_t t) const {
    return logits.row_range(layout == nullptr ? t : layout->offset(t) + row, 1);
  }
};

/// read(frames of a record) for every record of a batch; results in the caller's order.
template <Scalar T, class Read> auto read_ctc_records(const SeqVar<T>& x, Read read) {
  const PackedLayout& layout = *x.layout();
  std::vector<decltype(read(CtcFrames<T>{}))> results(layout.sequences());
  for_parts(layout.sequences(), 1, x.value().size() * 64, [&](IndexRange rows) {
    for (std::size_t r = rows.begin; r < rows.end; ++r)
      results[layout.order(r)] = read(CtcFrames<T>{x.value(), &layout, r});
  });
  return results;
}

inline void check_ctc_blank(const char* who, std::size_t blank, std::size_t classes) {
  if (blank >= classes)
    throw option_error(std::string(who) + ": the blank is class " + std::to_string(blank) +
                       ", the logits have " + std::to_string(classes) + " columns");
}

template <Scalar T> std::vector<Token> read_best_path(const CtcFrames<T>& frames, std::size_t blank) {
  std::vector<Token> labels;
  std::size_t before = blank;
  for (std::size_t t = 0; t < frames.count(); ++t) {
    const auto logits = frames.frame(t).row(0);
    if (std::any_of(logits.begin(), logits.end(), [](T v) { return std::isnan(v); }))
      throw numeric_error("ctc_greedy: frame " + std::to_string(t) +
                          " has a NaN; the model's weights are damaged, or its training diverged");
    const auto best =
        static_cast<std::size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
    if (best != before && best != blank) labels.push_back(static_cast<Token>(best));
    before = best;
  }
  return labels;
}

/// log(e^a + e^b), also where both are minus infinity.
inline double ctc_log_add(double a, double b) {
  const double larger = std::max(a, b), smaller = std::min(a, b);
  return std::isfinite(smaller) ? larger + std::log1p(std::exp(smaller - larger)) : larger;
}

/// Prefix beam search, a frame at a time. Beginnings are the nodes of a tree; those of the beam know the
/// probability of their paths that end with a blank, and of those that end with their last label.
class CtcBeam {
 public:
  CtcBeam(std::size_t classes, const CtcBeamOptions& options) : classes_(classes), options_(options) {
    nodes_.push_back({none, -1, none, none, 0});
    beam_.push_back({0, 0, impossible, 0});
  }

  /// The next frame: the logarithms of its classes' probabilities. False where no beginning remains possible.
  bool add(std::span<const double> frame) {
    extend(frame);
    stay(frame);
    merge();
    choose();
    keep_chosen();
    return !beam_.empty();
  }

  /// What is in the beam, the best first.
  [[nodiscard]] std::vector<CtcReading> readings() const;

 private:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  static constexpr double impossible = -std::numeric_limits<double>::infinity();

  struct Node {
    std::uint32_t parent;
    Token label;  // the last one; -1 of the root
    std::uint32_t first_child, next_sibling;
    std::uint32_t place;  // in the beam, or none
  };
  struct Entry {
    std::uint32_t node;
    double blank, label, total;  // log P of the paths that end with a blank, with the label, of both
  };
  struct Candidate {
    double total;
    std::size_t number;  // an entry's place in the beam; or, behind those, place and class
    bool operator<(const Candidate& other) const {
      return total != other.total ? total > other.total : number < other.number;
    }
  };

  void extend(std::span<const double> frame);
  void stay(std::span<const double> frame);
  void merge();
  void choose();
  void keep_chosen();
  std::uint32_t child(std::uint32_t parent, Token label);

  std::size_t classes_;
  const CtcBeamOptions& options_;
  std::vector<Node> nodes_;
  std::vector<Entry> beam_, stayed_, kept_;  // stayed_: the beam's entries a frame later
  std::vector<double> extended_;             // [places in the beam, classes]
  std::vector<Candidate> candidates_;
};

/// extended_ = log P of each beginning with each class behind it.
SEQLSTM_INLINE void CtcBeam::extend(std::span<const double> frame) {
  const double likeliest = *std::max_element(frame.begin(), frame.end());
  const double lowest = std::min(std::log(options_.prune), likeliest);
  extended_.assign(beam_.size() * classes_, impossible);
  for (std::size_t c = 0; c < classes_; ++c) {
    if (c == options_.blank || frame[c] < lowest) continue;
    for (std::size_t k = 0; k < beam_.size(); ++k) {
      const Token before = nodes_[beam_[k].node].label, next = static_cast<Token>(c);
      const double added = options_.extension ? options_.extension(before, next) : 0.0;
      extended_[k * classes_ + c] = (before == next ? beam_[k].blank : beam_[k].total) + frame[c] + added;
    }
  }
}

/// stayed_ = the beginnings as they are, behind a blank or a repeat of their last label.
SEQLSTM_INLINE void CtcBeam::stay(std::span<const double> frame) {
  stayed_.clear();
  for (const Entry& entry : beam_) {
    const Token last = nodes_[entry.node].label;
    stayed_.push_back({entry.node, entry.total + frame[options_.blank],
                       last < 0 ? impossible : entry.label + frame[static_cast<std::size_t>(last)], 0});
  }
}

/// An extended beginning that is in the beam itself adds its paths there.
SEQLSTM_INLINE void CtcBeam::merge() {
  for (Entry& entry : stayed_) {
    const Node& node = nodes_[entry.node];
    if (node.parent != none && nodes_[node.parent].place != none) {
      double& extended =
          extended_[nodes_[node.parent].place * classes_ + static_cast<std::size_t>(node.label)];
      entry.label = ctc_log_add(entry.label, extended);
      extended = impossible;
    }
    entry.total = ctc_log_add(entry.blank, entry.label);
  }
}

SEQLSTM_INLINE void CtcBeam::choose() {
  candidates_.clear();
  for (std::size_t k = 0; k < stayed_.size(); ++k)
    if (stayed_[k].total > impossible) candidates_.push_back({stayed_[k].total, k});
  for (std::size_t i = 0; i < extended_.size(); ++i)
    if (extended_[i] > impossible) candidates_.push_back({extended_[i], stayed_.size() + i});
  const auto kept = static_cast<std::ptrdiff_t>(std::min(options_.beam_width, candidates_.size()));
  std::partial_sort(candidates_.begin(), candidates_.begin() + kept, candidates_.end());
  candidates_.resize(static_cast<std::size_t>(kept));
}

SEQLSTM_INLINE void CtcBeam::keep_chosen() {
  for (const Entry& entry : beam_) nodes_[entry.node].place = none;
  kept_.clear();
  for (const Candidate& candidate : candidates_) {
    if (candidate.number < stayed_.size()) {
      kept_.push_back(stayed_[candidate.number]);
    } else {
      const std::size_t i = candidate.number - stayed_.size();
      const auto node = child(stayed_[i / classes_].node, static_cast<Token>(i % classes_));
      kept_.push_back({node, impossible, candidate.total, candidate.total});
    }
    nodes_[kept_.back().node].place = static_cast<std::uint32_t>(kept_.size() - 1);
  }
  beam_.swap(kept_);
}

/// The node of a label behind a beginning, also where it left the beam before: its children may still be
/// there.
SEQLSTM_INLINE std::uint32_t CtcBeam::child(std::uint32_t parent, Token label) {
  for (std::uint32_t node = nodes_[parent].first_child; node != none; node = nodes_[node].next_sibling)
    if (nodes_[node].label == label) return node;
  const auto made = static_cast<std::uint32_t>(nodes_.size());
  nodes_.push_back({parent, label, none, nodes_[parent].first_child, none});
  nodes_[parent].first_child = made;
  return made;
}

SEQLSTM_INLINE std::vector<CtcReading> CtcBeam::readings() const {
  std::vector<CtcReading> readings;
  for (const Entry& entry : beam_) {
    CtcReading reading{{}, entry.total};
    for (std::uint32_t node = entry.node; nodes_[node].parent != none; node = nodes_[node].parent)
      reading.labels.push_back(nodes_[node].label);
    std::reverse(reading.labels.begin(), reading.labels.end());
    readings.push_back(std::move(reading));
  }
  return readings;
}

SEQLSTM_INLINE void check_ctc_beam(const CtcBeamOptions& options, std::size_t classes) {
  check_ctc_blank("ctc_beam_search", options.blank, classes);
  if (options.beam_width == 0)
    throw option_error("ctc_beam_search: the beam's width is 0, expected at least 1");
  if (!(options.prune >= 0 && options.prune <= 1))
    throw option_error("ctc_beam_search: prune is " + number_text(options.prune) +
                       ", expected a probability from 0 to 1");
}

template <Scalar T>
std::vector<CtcReading> search_ctc(const CtcFrames<T>& frames, const CtcBeamOptions& options) {
  CtcBeam beam(frames.logits.cols(), options);
  std::vector<double> log_probabilities(frames.logits.cols());
  for (std::size_t t = 0; t < frames.count(); ++t) {
    const auto logits = frames.frame(t);
    T log_sum = 0;
    Kernels<T>::log_sum_exp_rows(logits, &log_sum);
    if (!std::isfinite(log_sum))
      throw numeric_error("ctc_beam_search: the logits of frame " + std::to_string(t) +
                          " are no distribution (NaN, infinity, or all minus infinity)");
    for (std::size_t c = 0; c < log_probabilities.size(); ++c)
      log_probabilities[c] = double{logits(0, c)} - double{log_sum};
    if (!beam.add(log_probabilities))
      throw numeric_error("ctc_beam_search: at frame " + std::to_string(t) +
                          " every path has a probability of 0; allow more in `extension`, or more classes");
  }
  return beam.readings();
}

}  // namespace detail

template <Scalar T> std::vector<Token> ctc_greedy(ConstMatrixView<T> logits, std::size_t blank) {
  detail::check_ctc_blank("ctc_greedy", blank, logits.cols());
  return detail::read_best_path(detail::CtcFrames<T>{logits}, blank);
}
template <Scalar T> std::vector<std::vector<Token>> ctc_greedy(const SeqVar<T>& logits, std::size_t blank) {
  detail::check_ctc_blank("ctc_greedy", blank, logits.cols());
  return detail::read_ctc_records(
      logits, [&](const detail::CtcFrames<T>& frames) { return detail::read_best_path(frames, blank); });
}

template <Scalar T>
std::vector<CtcReading> ctc_beam_search(ConstMatrixView<T> logits, const CtcBeamOptions& options) {
  detail::check_ctc_beam(options, logits.cols());
  return detail::search_ctc(detail::CtcFrames<T>{logits}, options);
}
template <Scalar T>
std::vector<std::vector<CtcReading>> ctc_beam_search(const SeqVar<T>& logits, const CtcBeamOptions& options) {
  detail::check_ctc_beam(options, logits.cols());
  return detail::read_ctc_records(
      logits, [&](const detail::CtcFrames<T>& frames) { return detail::search_ctc(frames, options); });
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                                                       \
  template std::vector<Token> ctc_greedy(ConstMatrixView<T> logits, std::size_t blank);            \
  template std::vector<std::vector<Token>> ctc_greedy(const SeqVar<T>& logits, std::size_t blank); \
  template std::vector<CtcReading> ctc_beam_search(ConstMatrixView<T> logits,                      \
                                                   const CtcBeamOptions& options);                 \
  template std::vector<std::vector<CtcReading>> ctc_beam_search(const SeqVar<T>& logits,           \
                                                                const CtcBeamOptions& options);
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END

// Nanopore reads: simulated ones, whose bases are known, and how a signal is brought to the form that
// networks read.
//
// DNA moves through the pore base by base. While a k-mer stands in it, for a number of samples that differs
// from visit to visit (its dwell), the current is near that of the k-mer: off by some amount for the whole
// visit, plus noise at every sample, on a baseline that drifts.
#pragma once

#include <cstdint>
#include <seqlstm/core/random.hpp>
#include <seqlstm/core/view.hpp>
#include <seqlstm/data/pore_model.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

/// How a signal comes about besides the pore model.
struct NanoporeSignalOptions {
  double dwell_mean = 9;       ///< samples of a k-mer: 4,000 samples/s at 450 bases/s
  double dwell_deviation = 4;  ///< their standard deviation, at most twice the mean; 0: all dwell alike
  double level_noise = 1;      ///< factor on the pore model's deviation of visits; 0: none
  double noise = 1;            ///< factor on its deviation of samples; 0: none
  double shift = 5;            ///< pA: deviation of the baseline from read to read
  double drift = 1;            ///< pA: deviation of the baseline's way in 1,000 samples, a random walk
};

/// A read with what is known of it because it was simulated.
struct NanoporeRead {
  std::vector<float> signal;        ///< [samples] current, pA
  std::vector<float> baseline;      ///< [samples] the part of it that is shift and drift
  std::vector<Token> bases;         ///< [events] the middle base of each k-mer, 0 to 3
  std::vector<std::size_t> starts;  ///< [events] the first sample of each k-mer; the first is 0
};

/// Simulates `samples` samples of a strand of DNA that enters at its beginning, `dna` being bases 0 to 3.
/// Dwells are gamma distributed, rounded, at least 1; the last k-mer is cut off by the end. Noise is normal
/// and independent. Throws option_error for a mean dwell below 1 or above 1,000,000, a deviation of more than
/// twice that, and other numbers that are negative or not finite; shape_error where the strand is too short.
NanoporeRead simulate_nanopore_read(const PoreModel& model, std::span<const Token> dna, std::size_t samples,
                                    const NanoporeSignalOptions& options, RandomStream& random);

/// Bases of DNA that a read of `samples` samples takes at most, through a pore of k-mers. Throws option_error
/// as simulate_nanopore_read() does.
std::size_t nanopore_read_bases(std::size_t k, std::size_t samples, const NanoporeSignalOptions& options);

/// Draws reads of one length from stretches of DNA: from either strand, beginning at any place with room for
/// the read, all places alike. Keeps a byte for each base.
class NanoporeSimulator {
 public:
  /// `dna`: stretches of the letters A, C, G and T. Stretches that have no room for a read of `samples`
  /// samples, nanopore_read_bases(), are left out. Throws option_error where all are, and as
  /// PoreModel::check() and simulate_nanopore_read() do; token_error for another letter.
  NanoporeSimulator(PoreModel model, const NanoporeSignalOptions& options, std::span<const std::string> dna,
                    std::size_t samples);

  /// Read number `record`: a function of the constructor's arguments, key and record alone.
  [[nodiscard]] NanoporeRead read(const RandomKey& key, std::uint64_t record) const;
  /// The pore.
  [[nodiscard]] const PoreModel& model() const { return model_; }
  /// How signals come about.
  [[nodiscard]] const NanoporeSignalOptions& options() const { return options_; }

 private:
  PoreModel model_;
  NanoporeSignalOptions options_;
  std::size_t samples_, room_;  // of a read, in samples and at most in bases
  std::vector<std::vector<std::uint8_t>> pieces_;
  std::vector<std::size_t> ends_;  // places up to the end of each piece
};

/// Brings a signal to median 0 and a median absolute deviation of 1 / 1.4826, that of a normal distribution
/// with deviation 1. Where half of the samples or more are alike, the standard deviation becomes 1 instead. A
/// constant signal becomes 0. Throws numeric_error, with the position, for a number that
/// is not finite.
std::vector<float> standardised_signal(std::span<const float> signal);

/// A signal as rows of `stride` samples side by side, [samples / stride, stride], the form that a Basecaller
/// reads: a convolution over such rows is one over samples with this stride. Up to stride - 1 samples at the
/// end are left out. Throws option_error for a stride of 0.
ConstMatrixView<float> signal_frames(std::span<const float> signal, std::size_t stride);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/nanopore_signal.ipp>
#endif

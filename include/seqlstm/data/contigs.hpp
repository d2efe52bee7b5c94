// Genomes (or proteins) as a language model reads them: stretches of known letters, held-out ends, and a long
// row of tokens for every epoch.
#pragma once

#include <cstdint>
#include <seqlstm/data/tokenizer.hpp>
#include <string>
#include <string_view>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Letters in unbroken stretches. Runs of letters that the alphabet does not know (N) are cut out and
/// counted.
struct Contigs {
  std::vector<std::string> pieces;  ///< in the order they came, none empty
  std::size_t letters = 0;          ///< of the pieces
  std::size_t unknown_letters = 0;  ///< cut out
  std::size_t unknown_runs = 0;     ///< stretches of letters that were cut out
  std::size_t records = 0;          ///< sequences added

  /// Appends the stretches of a sequence whose letters the alphabet knows (Alphabet::knows).
  void add(std::string_view sequence, const Alphabet& alphabet);
};

/// Pieces for training and validation.
struct HeldOut {
  std::vector<std::string> train,  ///< what is left to train on
      valid;                       ///< what is held out
};
/// Holds out the last `share` of every piece, where that is at least `shortest` letters. Shorter pieces stay
/// in training, but for every 1/share-th, which is held out whole: so it is with proteins. Throws
/// option_error for a share that is not between 0 and 1.
HeldOut hold_out_ends(std::vector<std::string> pieces, double share, std::size_t shortest);

/// The tokens of an epoch: stretches of up to 65,536 letters in an order of their own, each begun at another
/// phase of the stride and, with `both_strands`, every other one on the other strand (those of one epoch
/// being these of the next; the phase is cut off where that strand ends, so that it is read in one phase),
/// behind each other; then turned, so that streams begin in other places. A function of (pieces, seed,
/// epoch). Padding, where the vocabulary has it, stands between stretches.
std::vector<Token> epoch_tokens(const std::vector<std::string>& pieces, const Tokenizer& tokenizer,
                                bool both_strands, std::uint64_t seed, std::size_t epoch);

/// The same for validation: as they come, without draws.
std::vector<Token> tokens_in_order(const std::vector<std::string>& pieces, const Tokenizer& tokenizer);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/contigs.ipp>
#endif

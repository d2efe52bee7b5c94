// Simulated data: for a first run without files, and for tests. Each is a function of its arguments alone.
#pragma once

#include <cstdint>
#include <seqlstm/core/random.hpp>
#include <seqlstm/data/record.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

/// `count` promoters (label 1) and as many others (label 0) of 60 bases, the transcription start at base 50.
///
/// Published sigma-70 motifs in random background: -35 box TTGACA and -10 box TATAAT with the letter
/// frequencies of Lisser and Margalit (Nucleic Acids Res. 21, 1993), 15 to 19 bases apart, 92 % of them 16 to
/// 18 (Harley and Reynolds, Nucleic Acids Res. 15, 1987). Others are random bases, half of them with one box
/// alone, anywhere.
LabelledRecords simulated_promoters(std::size_t count, std::uint64_t seed);

/// `count` random proteins of `length` residues with the motif AKGDKICL: label 1 where it stands in the first
/// or last eighth (class A), 0 where it stands in the middle quarter (class B). Only its place tells them
/// apart. Throws option_error for a length below 64.
LabelledRecords simulated_motif_positions(std::size_t count, std::size_t length, std::uint64_t seed);

/// `count` proteins of 60 to 300 residues in all: of four families and of none, in turn. A family's
/// signature, a published PROSITE pattern (Sigrist et al., Nucleic Acids Res. 41, 2013), stands anywhere
/// among residues as frequent as in Swiss-Prot.
LabelledRecords simulated_families(std::size_t count, std::uint64_t seed);

/// `count` proteins of one to six segments in the membrane, 18 to 25 residues that avoid water, between loops
/// of 8 to 40; annotated with M in the membrane and, as loops stand on its two sides in turn, i inside and o
/// outside, where inside ones have more K and R (the positive-inside rule of von Heijne, 1986).
std::vector<Record> simulated_membrane_proteins(std::size_t count, std::uint64_t seed);

/// A residue about as frequent as in Swiss-Prot.
char random_residue(RandomStream& random);

/// A bacterial genome of at least `letters` bases: genes in the codons that E. coli prefers (frequencies per
/// thousand of Nakamura, Gojobori and Ikemura, Nucleic Acids Res. 28, 2000, rounded), on both strands, with a
/// ribosome binding site before each and random bases between them.
std::string simulated_genome(std::size_t letters, std::uint64_t seed);

/// At least `letters` characters of a laboratory's diary, told from a small stock of sentences. Who does what
/// with which organism is drawn once a day and kept up over several sentences, so that a reader who remembers
/// the day's beginning knows more than one who sees the last few letters.
std::string simulated_diary(std::size_t letters, std::uint64_t seed);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/data/simulated.ipp>
#endif

// All single-letter mutants of a sequence under the library's classifiers, whichever kind they are.
#pragma once

#include <seqlstm/explain/mutagenesis.hpp>
#include <seqlstm/models/any_classifier.hpp>
#include <seqlstm/models/ensemble.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// The mean of maps of one sequence. Throws option_error without one, shape_error where they differ in size.
MutationMap mean_map(std::vector<MutationMap> maps);

/// As mutagenesis() has it: of a network that answers with the mean of its phases the mean of their
/// maps, if no letter was skipped between two tokens. A letter that a phase does not read changes nothing
/// there.
MutationMap mutation_map(const EncoderClassifier<float>& net, const Tokenizer& tokenizer,
                         const std::string& sequence);
/// Of whichever kind it is.
MutationMap mutation_map(const AnyClassifier& net, const Tokenizer& tokenizer, const std::string& sequence);
/// The mean of the members' maps.
MutationMap mutation_map(const Ensemble<AnyClassifier>& net, const Tokenizer& tokenizer,
                         const std::string& sequence);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/explain/mutation_map.ipp>
#endif

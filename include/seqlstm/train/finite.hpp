// Are all weights of a model numbers? A training that diverged leaves some that are not.
#pragma once

#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/module.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

/// Name of the first parameter or buffer with a value that is NaN or infinite; empty where there is none.
std::string first_not_finite(const ModuleRef& module);

/// Throws numeric_error naming such a parameter; `when` says where the training stood, "after update 3".
void require_finite(const ModuleRef& module, const std::string& when);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/train/finite.ipp>
#endif

// Ranks on different CPUs: other kernels may give other bits, so all run those of one tier.
#pragma once

#include <algorithm>
#include <seqlstm/kernels/report.hpp>
#include <seqlstm/ranks/agreement.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// What to do where ranks would run kernels of different tiers.
enum class RankTiers {
  refuse,  ///< option_error that names both
  common,  ///< all run the highest tier that every rank's CPU has; needs seqlstm::kernels
};

namespace detail {

/// The tiers that this process can run, the lowest first; without compiled kernels its own alone.
inline std::vector<std::string> tiers_here() {
#if defined(SEQLSTM_COMPILED_KERNELS)
  std::vector<std::string> names;
  for (const auto& tier : kernels::detail::kernel_tiers())
    if (tier.runs_here()) names.emplace_back(tier.name);
  return names;
#else
  return {std::string(cpu_tier())};
#endif
}

/// The highest tier that all ranks have, of those up to the one each has in use; empty where there is
/// none. Of each rank a text: the tier in use, then all it can run, the lowest first, with ends of lines.
inline std::string highest_common(const std::vector<std::string>& ranks) {
  const auto lines = [](const std::string& text) {
    std::vector<std::string> names;
    for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
      names.push_back(text.substr(begin, end - begin));
    return names;
  };
  auto common = lines(ranks.front());
  common.erase(common.begin());
  for (const std::string& rank : ranks) {
    const auto names = lines(rank);  // up to the one in use
    const auto end = std::find(names.begin() + 1, names.end(), names.front());
    std::erase_if(common, [&](const std::string& name) {
      return std::find(names.begin() + 1, end, name) == end && name != names.front();
    });
  }
  return common.empty() ? std::string() : common.back();
}

}  // namespace detail

/// Makes sure that all ranks run one version of the library on kernels of one tier, multiplied in bfloat16 by
/// one kind of unit. Throws option_error at every rank, naming the rank that differs and in what.
inline void require_same_kernels(Communicator& communicator, RankTiers tiers = RankTiers::refuse) {
  const std::string version = SEQLSTM_STRINGIZE(SEQLSTM_VERSION_MAJOR) "." SEQLSTM_STRINGIZE(
      SEQLSTM_VERSION_MINOR) "." SEQLSTM_STRINGIZE(SEQLSTM_VERSION_PATCH);
  const SharedFact of_version{"the seqlstm version", version, "start the same program on all hosts"};
  require_agreement(communicator, {&of_version, 1});
  if (tiers == RankTiers::common) {
    std::string own = std::string(cpu_tier()) + '\n';
    for (const std::string& name : detail::tiers_here()) own += name + '\n';
    const std::string tier = detail::highest_common(communicator.gather(own));
    if (!tier.empty() && tier != cpu_tier()) set_cpu_tier(tier);
  }
  const SharedFact facts[] = {{"the tier of kernels", std::string(cpu_tier()),
                               "set SEQLSTM_CPU to one that all hosts have, or ask for RankTiers::common"},
                              {"what multiplies in bfloat16", std::string(matrix_unit_name()),
                               "set SEQLSTM_MATRIX_UNIT for all ranks"}};
  require_agreement(communicator, facts);
}

SEQLSTM_NAMESPACE_END

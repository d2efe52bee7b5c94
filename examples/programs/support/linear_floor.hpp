// The floor that a result is held against, on the parts of its data.
#pragma once

#include <seqlstm/data/composition.hpp>
#include <seqlstm/train/baseline.hpp>
#include <string>
#include <utility>

#include "support/data_source.hpp"

namespace examples {

/// seqlstm::linear_baseline on features of the parts' letters.
template <class Features>
seqlstm::Baseline linear_floor(std::string name, const Parts& parts, const seqlstm::Objective& objective,
                               const Features& features) {
  return seqlstm::linear_baseline(std::move(name), objective,
                                  {features(parts.train), features(parts.valid), features(parts.test)},
                                  parts.test.label_names, parts.seed);
}

}  // namespace examples

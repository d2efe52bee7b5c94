// Definitions of callbacks.hpp.
#pragma once

#include <seqlstm/train/callbacks.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE Callback csv_log(std::ostream& out) {
  return [&out, header = false](const EpochReport& e) mutable {
    if (!header) {
      out << "epoch,train_loss,learning_rate,seconds,tokens_per_second";
      for (const auto& [name, value] : e.valid.metrics) out << ",valid_" << name;
      out << '\n';
      header = true;
    }
    out << e.epoch << ',' << e.train_loss << ',' << e.learning_rate << ',' << e.seconds << ','
        << e.tokens_per_second;
    for (const auto& [name, value] : e.valid.metrics) out << ',' << value;
    out << std::endl;
    return true;
  };
}

SEQLSTM_NAMESPACE_END

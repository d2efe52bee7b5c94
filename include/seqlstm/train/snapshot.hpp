// A copy of everything a model has learned, to go back to the best epoch.
#pragma once

#include <seqlstm/nn/module.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// Values of all parameters and buffers, in the order of fields().
class Snapshot {
 public:
  /// Copies the values, in place of those it had.
  void take(const ModuleRef& module);
  /// Writes the values back; the module must be the one take() saw, or of the same shape.
  void restore(const ModuleRef& module) const;
  /// Was nothing taken yet?
  [[nodiscard]] bool empty() const { return parts_.empty(); }
  /// The bytes of each parameter, then of each buffer: what a checkpoint keeps and fills again.
  [[nodiscard]] std::vector<std::vector<std::byte>>& parts() { return parts_; }

 private:
  std::vector<std::vector<std::byte>> parts_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/train/snapshot.ipp>
#endif

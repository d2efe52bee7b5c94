// Who uses a model: any number of threads read it, or one trains it.
#pragma once

#include <seqlstm/core/abi.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

class ModelUses;

/// While it lives, the model at that address is read. Throws option_error where another thread trains it;
/// the thread that trains may read in its callbacks. Allocates nothing while no more models are in use at
/// once than ever before.
class ReadsModel {
 public:
  explicit ReadsModel(const void* model);
  ~ReadsModel();
  ReadsModel(const ReadsModel&) = delete;
  ReadsModel& operator=(const ReadsModel&) = delete;

 private:
  const void* model_;
  ModelUses* uses_;  // those of the process that it began in
};

/// While it lives, this thread trains the model at that address. Throws option_error where another thread
/// reads or trains it.
class TrainsModel {
 public:
  explicit TrainsModel(const void* model);
  ~TrainsModel();
  TrainsModel(const TrainsModel&) = delete;
  TrainsModel& operator=(const TrainsModel&) = delete;

 private:
  const void* model_;
  ModelUses* uses_;  // those of the process that it began in
};

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/core/model_use.ipp>
#endif

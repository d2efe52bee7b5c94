// Definitions of model_use.hpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/model_use.hpp>
#include <seqlstm/core/parallel.hpp>
#include <thread>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// The models in use: few at a time.
class ModelUses {
 public:
  /// Those of this process: a child begins without, since its parent's other threads are not there.
  static ModelUses& all() {
    static ModelUses*& uses = made();
    return *uses;
  }

  void begin_reading(const void* model) {
    const std::scoped_lock lock(mutex_);
    Use& use = find_or_add(model);
    const bool trained = use.trainings > 0;
    if (trained && use.trainer != std::this_thread::get_id())
      throw option_error(
          "predict: another thread trains this model; wait until fit returns, or predict with a copy of it");
    ++(trained ? use.own_readings : use.readings);
  }
  void end_reading(const void* model) {
    const std::scoped_lock lock(mutex_);
    end(model, [](Use& use) -> std::size_t& {
      const bool own = use.own_readings > 0 && use.trainer == std::this_thread::get_id();
      return own ? use.own_readings : use.readings;
    });
  }
  void begin_training(const void* model) {
    const std::scoped_lock lock(mutex_);
    Use& use = find_or_add(model);
    if (use.trainings > 0 && use.trainer != std::this_thread::get_id())
      throw option_error("fit: another thread trains this model; wait until it is done, or train a copy");
    if (use.readings > 0)
      throw option_error(
          "fit: another thread predicts with this model; wait until it is done, or train a copy");
    use.trainer = std::this_thread::get_id();
    ++use.trainings;
  }
  void end_training(const void* model) {
    const std::scoped_lock lock(mutex_);
    end(model, [](Use& use) -> std::size_t& { return use.trainings; });
  }

 private:
  struct Use {
    const void* model;
    std::size_t readings, own_readings, trainings;  // own: of the thread that trains
    std::thread::id trainer;
  };

  static ModelUses*& made() {
    static ModelUses* uses = new ModelUses;  // NOLINT: until the program ends, whatever else ends before
#if defined(SEQLSTM_HAS_FORK)
    pthread_atfork(nullptr, nullptr, [] { uses = new ModelUses; });
#endif
    return uses;
  }
  std::vector<Use>::iterator find(const void* model) {
    return std::find_if(uses_.begin(), uses_.end(), [&](const Use& use) { return use.model == model; });
  }
  Use& find_or_add(const void* model) {
    const auto found = find(model);
    return found != uses_.end() ? *found : uses_.emplace_back(Use{model, 0, 0, 0, {}});
  }
  template <class Count> void end(const void* model, Count count) {
    const auto found = find(model);
    --count(*found);
    if (found->readings + found->own_readings + found->trainings > 0) return;
    *found = uses_.back();
    uses_.pop_back();
  }

  std::mutex mutex_;
  std::vector<Use> uses_;
};

SEQLSTM_INLINE ReadsModel::ReadsModel(const void* model) : model_(model), uses_(&ModelUses::all()) {
  uses_->begin_reading(model);
}
SEQLSTM_INLINE ReadsModel::~ReadsModel() {
  if (uses_ == &ModelUses::all()) uses_->end_reading(model_);
}
SEQLSTM_INLINE TrainsModel::TrainsModel(const void* model) : model_(model), uses_(&ModelUses::all()) {
  uses_->begin_training(model);
}
SEQLSTM_INLINE TrainsModel::~TrainsModel() {
  if (uses_ == &ModelUses::all()) uses_->end_training(model_);
}

}  // namespace detail

SEQLSTM_NAMESPACE_END

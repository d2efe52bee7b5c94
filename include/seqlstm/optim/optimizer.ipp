// Definitions of optimizer.hpp.
#pragma once

#include <algorithm>
#include <bit>
#include <seqlstm/core/random.hpp>
#include <seqlstm/optim/optimizer.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T> Optimizer<T>::Optimizer(OptimizerSpec spec) : spec_(std::move(spec)) {
  std::visit([](const auto& rule) { rule.check(); }, spec_);
}

template <Scalar T> double Optimizer<T>::lr() const {
  return std::visit([](const auto& rule) { return rule.lr; }, spec_);
}

template <Scalar T> std::optional<double> Optimizer<T>::momentum() const {
  return std::visit(
      [](const auto& rule) -> std::optional<double> {
        if constexpr (requires { rule.momentum; }) return rule.momentum;
        if constexpr (requires { rule.beta1; }) return rule.beta1;
        return {};
      },
      spec_);
}

template <Scalar T>
void Optimizer<T>::step(const ModuleRef& module, double lr, std::optional<double> momentum,
                        const std::function<LrScale(const std::string&)>& factor) {
  detail::check_rate("optimizer", lr);
  if (momentum) detail::check_fraction("optimizer: the momentum", *momentum);
  const std::optional<double> base_momentum = momentum ? momentum : this->momentum();
  std::size_t index = 0;
  for_each_parameter(module, [&](const std::string& name, Parameter<T>& p) {
    auto& slot = slot_of(index++, name, p.size());
    if (!p.trainable) return;
    const LrScale own = factor ? factor(name) : LrScale();
    const double rate = lr * own.lr;
    std::optional<double> own_momentum;
    if (base_momentum) own_momentum = *base_momentum * own.momentum;
    if (!(rate >= 0 && std::isfinite(rate)))  // the names are put together only here
      detail::check_rate("optimizer: '" + name + "'", rate);
    if (own_momentum && !(*own_momentum >= 0 && *own_momentum < 1))
      detail::check_fraction("optimizer: '" + name + "': the momentum", *own_momentum);
    for (const double number : {rate, own_momentum.value_or(0)})
      rates_ = detail::mix64(rates_ ^ std::bit_cast<std::uint64_t>(number));
    update(p, slot, {rate, own_momentum, ++slot.updates});
  });
  if (index != state.size())
    throw shape_error("optimizer: the model has " + std::to_string(index) + " parameters, the state " +
                      std::to_string(state.size()) + "; the optimizer belongs to another model");
  if (others_) share_weights(module);
}

template <Scalar T>
void Optimizer<T>::update(Parameter<T>& p, detail::OptimizerSlot<T>& slot, const UpdateStep& step) {
  const IndexRange part = part_of(p.size());
  const std::size_t size = part.end - part.begin;
  T* const weights = p.edit().data() + part.begin;
  const T* const gradients = p.gradient().data() + part.begin;
  std::visit(
      [&](const auto& rule) {
        for_parts(size, cache_line / sizeof(T), size * 4, [&](IndexRange r) {
          T* second = slot.second.empty() ? nullptr : slot.second.data() + r.begin;
          rule.update(step, r.end - r.begin, weights + r.begin, gradients + r.begin,
                      slot.first.data() + r.begin, second);
        });
      },
      spec_);
}

template <Scalar T> IndexRange Optimizer<T>::part_of(std::size_t size) const {
  return others_ ? rank_part(size, ranks_->rank(), ranks_->size()) : IndexRange{0, size};
}

template <Scalar T> void Optimizer<T>::share_weights(const ModuleRef& module) {
  weights_.clear();
  for_each_parameter(module, [&](const std::string&, Parameter<T>& p) {
    if (p.trainable) weights_.emplace_back(p.edit().data(), p.size());
  });
  others_->gather(weights_);
}

template <Scalar T> void Optimizer<T>::split_over(CommunicatorRef ranks) {
  traffic_ = traffic();
  ranks_ = ranks;
  rates_ = 0;
  others_.reset();
  if (ranks_) others_.emplace(*ranks_);
  had_parts_ = had_parts_ || others_;
}

template <Scalar T> void Optimizer<T>::gather_state(const ModuleRef& module) {
  if (!others_ || ranks_->least(is_whole(module) ? 1 : 0) > 0) return;
  std::size_t index = 0;
  for_each_parameter(module, [&](const std::string& name, Parameter<T>& p) {
    auto& slot = slot_of(index++, name, p.size());  // this rank's part
    for (AlignedBuffer<T>* kept : {&slot.first, &slot.second}) {
      if (kept == &slot.second && arrays() < 2) continue;
      AlignedBuffer<T> whole = others_->at_root(kept->span(), p.size());
      if (ranks_->rank() == 0) *kept = std::move(whole);
    }
  });
}

template <Scalar T> RankTraffic Optimizer<T>::traffic() const {
  RankTraffic all = traffic_;
  return others_ ? all += others_->traffic() : all;
}

template <Scalar T> bool Optimizer<T>::is_whole(const ModuleRef& module) const {
  if (state.empty()) return true;
  bool whole = true;
  std::size_t index = 0;
  for_each_parameter(module, [&](const std::string&, Parameter<T>& p) {
    whole = whole && index < state.size() && state[index].first.size() == p.size();
    ++index;
  });
  return whole;
}

template <Scalar T> int Optimizer<T>::arrays() const {
  return std::visit([](const auto& rule) { return rule.arrays; }, spec_);
}

template <Scalar T>
detail::OptimizerSlot<T>& Optimizer<T>::slot_of(std::size_t index, const std::string& name,
                                                std::size_t size) {
  const IndexRange part = part_of(size);
  const std::size_t own = part.end - part.begin, second = arrays() > 1 ? own : 0;
  if (index == state.size()) state.push_back({name, AlignedBuffer<T>(own), AlignedBuffer<T>(second)});
  auto& slot = state[index];
  for (AlignedBuffer<T>* kept : {&slot.first, &slot.second}) {  // a whole state is cut to this rank's part
    if (own == size || slot.name != name || kept->size() != size) continue;
    AlignedBuffer<T> cut(own);
    std::copy_n(kept->data() + part.begin, own, cut.data());
    *kept = std::move(cut);
  }
  if (had_parts_ && slot.name == name && slot.first.size() != own && slot.first.size() < size)
    throw shape_error("optimizer: of '" + name + "' this rank has a part of " +
                      std::to_string(slot.first.size()) + " numbers, expected " + std::to_string(own) +
                      "; before the ranks change, gather the state, and give all ranks what rank 0 has then");
  if (slot.name != name || slot.first.size() != own)
    throw shape_error("optimizer: parameter '" + name + "' of " + std::to_string(size) +
                      " numbers does not fit the state of '" + slot.name + "' with " +
                      std::to_string(slot.first.size()) + "; the optimizer belongs to another model");
  if (slot.second.size() != second)
    throw shape_error("optimizer: the state of '" + name + "' is that of another rule, which keeps " +
                      std::string(arrays() > 1 ? "one array" : "two arrays") + "; begin a new training");
  return slot;
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class Optimizer<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END

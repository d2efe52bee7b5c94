// Definitions of recurrent_stack.hpp.
#pragma once

#include <seqlstm/core/sizes.hpp>
#include <seqlstm/nn/detail/lstm_direction.hpp>
#include <seqlstm/nn/detail/recurrent_stack.hpp>
#include <seqlstm/nn/detail/rnn_layer.hpp>
#include <seqlstm/nn/init.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <class Direction>
RecurrentStack<Direction>::RecurrentStack(const char* kind, const std::string& name,
                                          const RecurrentSizes& sizes)
    : per_layer_(sizes.bidirectional ? 2 : 1) {
  if (sizes.input == 0 || sizes.hidden == 0 || sizes.layers == 0)
    throw option_error(title(kind, name) + ": input, hidden and layers must be at least 1, got " +
                       std::to_string(sizes.input) + ", " + std::to_string(sizes.hidden) + ", " +
                       std::to_string(sizes.layers));
  if (sizes.dropout > 0 && sizes.layers == 1)
    throw option_error(title(kind, name) + ": dropout is " + number_text(sizes.dropout) +
                       ", but it acts between layers and there is one; ask for at least 2 layers, or for " +
                       "dropout 0 and a Dropout after this layer");
  // Four gates, of which a Gru has three and an Rnn one: before 4 H can wrap around.
  addressable_product(title(kind, name), {sizes.layers, per_layer_, 4, sizes.hidden, sizes.input}, 4);
  addressable_product(title(kind, name),
                      {sizes.layers, per_layer_, 4, sizes.hidden, per_layer_, sizes.output}, 4);
  for (std::size_t layer = 0; layer < sizes.layers; ++layer) {
    for (std::size_t d = 0; d < per_layer_; ++d) {
      directions_.emplace_back(layer == 0 ? sizes.input : per_layer_ * sizes.output, sizes.hidden,
                               sizes.output);
      const std::string suffix = "_l" + std::to_string(layer) + (d == 1 ? "_reverse" : "");
      auto& names = names_.emplace_back();
      for (std::size_t i = 0; i < names.size(); ++i) names[i] = Direction::names[i] + suffix;
    }
  }
}

template <class Direction>
const Direction& RecurrentStack<Direction>::weights(std::size_t l, std::size_t direction) const {
  if (direction >= per_layer_ || l * per_layer_ >= directions_.size())
    throw option_error("weights: layer " + std::to_string(l) + ", direction " + std::to_string(direction) +
                       " do not exist; there are " + std::to_string(directions_.size() / per_layer_) +
                       " layers of " + std::to_string(per_layer_) + " directions");
  return directions_[l * per_layer_ + direction];
}

template <class Direction> void RecurrentStack<Direction>::initialize(RandomKey key) {
  RandomStream random(key);
  for (auto& d : directions_) {
    const double bound = 1 / std::sqrt(static_cast<double>(d.hidden()));
    for (auto* parameter : d.parameters())
      if (parameter->size() > 0) init::uniform(parameter->edit(), random, -bound, bound);
  }
}

}  // namespace detail

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T)                                       \
  template class detail::RecurrentStack<detail::LstmDirection<T>>; \
  template class detail::RecurrentStack<detail::GruDirection<T>>;  \
  template class detail::RecurrentStack<detail::RnnDirection<T>>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END

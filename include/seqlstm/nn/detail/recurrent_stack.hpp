// Layers times directions of a recurrent network, under PyTorch's names: what Lstm and Rnn have in common.
#pragma once

#include <array>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/names.hpp>
#include <string>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

template <class Direction> class RecurrentStack {
 public:
  RecurrentStack() = default;
  /// `options` of kind "lstm" or "rnn": input, hidden, layers, bidirectional, dropout.
  template <class Options>
  RecurrentStack(const char* kind, const std::string& name, const Options& options)
      : per_layer_(options.bidirectional ? 2 : 1) {
    if (options.input == 0 || options.hidden == 0 || options.layers == 0)
      throw option_error(title(kind, name) + ": input, hidden and layers must be at least 1, got " +
                         std::to_string(options.input) + ", " + std::to_string(options.hidden) + ", " +
                         std::to_string(options.layers));
    if (options.dropout > 0 && options.layers == 1)
      throw option_error(title(kind, name) + ": dropout is " + number_text(options.dropout) +
                         ", but it acts between layers and there is one; ask for at least 2 layers, or for " +
                         "dropout 0 and a Dropout after this layer");
    // Four gates, of which an Rnn has one: before 4 H can wrap around.
    addressable_product(title(kind, name), {options.layers, per_layer_, 4, options.hidden, options.input}, 4);
    addressable_product(title(kind, name),
                        {options.layers, per_layer_, 4, options.hidden, per_layer_, options.hidden}, 4);
    for (std::size_t layer = 0; layer < options.layers; ++layer) {
      for (std::size_t d = 0; d < per_layer_; ++d) {
        directions_.emplace_back(layer == 0 ? options.input : per_layer_ * options.hidden, options.hidden);
        const std::string suffix = "_l" + std::to_string(layer) + (d == 1 ? "_reverse" : "");
        names_.push_back(
            {"weight_ih" + suffix, "weight_hh" + suffix, "bias_ih" + suffix, "bias_hh" + suffix});
      }
    }
  }

  [[nodiscard]] std::size_t per_layer() const { return per_layer_; }
  /// The directions of one layer.
  [[nodiscard]] Direction* layer(std::size_t l) { return &directions_[l * per_layer_]; }
  [[nodiscard]] Direction& weights(std::size_t l, std::size_t direction) {
    if (direction >= per_layer_ || l * per_layer_ >= directions_.size())
      throw option_error("weights: layer " + std::to_string(l) + ", direction " + std::to_string(direction) +
                         " do not exist; there are " + std::to_string(directions_.size() / per_layer_) +
                         " layers of " + std::to_string(per_layer_) + " directions");
    return directions_[l * per_layer_ + direction];
  }
  [[nodiscard]] std::vector<Direction>& all() { return directions_; }

  /// U(-1/sqrt(H), 1/sqrt(H)) for every parameter.
  void initialize(RandomKey key) {
    RandomStream random(key);
    for (auto& d : directions_) {
      const double bound = 1 / std::sqrt(static_cast<double>(d.hidden()));
      for (auto* parameter : {&d.weight_ih, &d.weight_hh, &d.bias_ih, &d.bias_hh})
        init::uniform(parameter->edit(), random, -bound, bound);
    }
  }
  template <class V> void fields(V& v) {
    for (std::size_t k = 0; k < directions_.size(); ++k) {
      v(names_[k][0], directions_[k].weight_ih);
      v(names_[k][1], directions_[k].weight_hh);
      v(names_[k][2], directions_[k].bias_ih);
      v(names_[k][3], directions_[k].bias_hh);
    }
  }

 private:
  std::vector<Direction> directions_;
  std::vector<std::array<std::string, 4>> names_;  // made once: walking the fields allocates nothing
  std::size_t per_layer_ = 1;
};

}  // namespace detail

SEQLSTM_NAMESPACE_END

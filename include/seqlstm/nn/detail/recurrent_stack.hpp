// Layers times directions of a recurrent network, under PyTorch's names: what Lstm, Gru and Rnn have in
// common.
#pragma once

#include <array>
#include <seqlstm/nn/names.hpp>
#include <string>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// The options that a stack of either kind has.
struct RecurrentSizes {
  std::size_t input = 0, hidden = 0, layers = 1;
  bool bidirectional = false;
  double dropout = 0;
  std::size_t output = hidden;  ///< columns of h
};

template <class Direction> class RecurrentStack {
 public:
  RecurrentStack() = default;
  /// `kind` is "lstm", "gru" or "rnn".
  RecurrentStack(const char* kind, const std::string& name, const RecurrentSizes& sizes);

  [[nodiscard]] std::size_t per_layer() const { return per_layer_; }
  /// The directions of one layer.
  [[nodiscard]] const Direction* layer(std::size_t l) const { return &directions_[l * per_layer_]; }
  [[nodiscard]] const Direction& weights(std::size_t l, std::size_t direction) const;
  [[nodiscard]] Direction& weights(std::size_t l, std::size_t direction) {
    return const_cast<Direction&>(std::as_const(*this).weights(l, direction));
  }
  [[nodiscard]] const std::vector<Direction>& all() const { return directions_; }
  [[nodiscard]] std::vector<Direction>& all() { return directions_; }

  /// U(-1/sqrt(H), 1/sqrt(H)) for every parameter.
  void initialize(RandomKey key);
  template <class V> void fields(V& v) {
    for (std::size_t k = 0; k < directions_.size(); ++k) {
      const auto parameters = directions_[k].parameters();
      for (std::size_t i = 0; i < parameters.size(); ++i)
        if (parameters[i]->size() > 0) v(names_[k][i], *parameters[i]);
    }
  }

 private:
  std::vector<Direction> directions_;
  // Of all parameters that a direction may have; made once: walking the fields allocates nothing.
  std::vector<std::array<std::string, Direction::names.size()>> names_;
  std::size_t per_layer_ = 1;
};

}  // namespace detail

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/detail/recurrent_stack.ipp>
#endif

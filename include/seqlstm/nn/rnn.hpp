// The plain recurrent network (Elman 1990), PyTorch's nn.RNN with tanh, on ragged packed batches.
#pragma once

#include <cmath>
#include <seqlstm/nn/detail/rnn_layer.hpp>
#include <seqlstm/nn/dropout.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/names.hpp>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

struct RnnOptions {
  std::size_t input = 0;   ///< I: columns of x
  std::size_t hidden = 0;  ///< H: units per direction
  std::size_t layers = 1;
  bool bidirectional = false;  ///< output columns: H of the forward direction, then H of the reverse one
  double dropout = 0;          ///< between layers, in training only
  std::string name = {};       ///< for error messages: "rnn 'name': ..."
};

/// h' = tanh(W_ih x + b_ih + W_hh h + b_hh), h = 0 where a sequence begins; the reverse direction begins at
/// the last token of each sequence. Result: h of every token of the last layer [tokens, directions * H].
///
/// Parameters are PyTorch's: weight_ih_l0 [H, I], weight_hh_l0 [H, H], bias_ih_l0, bias_hh_l0 [H]; further
/// layers _l1,
/// ..., reverse direction _reverse. U(-1/sqrt(H), 1/sqrt(H)) at first. Throws shape_error when x has another
/// width. Must outlive the tape's step.
template <Scalar T = float> class Rnn {
 public:
  Rnn() = default;
  explicit Rnn(RnnOptions options) : name(options.name), options_(std::move(options)) {
    if (options_.input == 0 || options_.hidden == 0 || options_.layers == 0)
      throw option_error(detail::title("rnn", name) + ": input, hidden and layers must be at least 1, got " +
                         std::to_string(options_.input) + ", " + std::to_string(options_.hidden) + ", " +
                         std::to_string(options_.layers));
    dropout_ = Dropout<T>({.p = options_.dropout, .name = name});
    for (std::size_t layer = 0; layer < options_.layers; ++layer)
      for (std::size_t d = 0; d < directions(); ++d)
        directions_.emplace_back(layer == 0 ? options_.input : output(), options_.hidden);
    initialize({});
  }

  SeqVar<T> operator()(const SeqVar<T>& x) {
    detail::check_columns("rnn", name, x, "weight", options_.input);
    dropout_.training = training;
    SeqVar<T> y = x;
    for (std::size_t layer = 0; layer < options_.layers; ++layer)
      y = detail::rnn_layer(layer == 0 ? y : dropout_(y), &directions_[layer * directions()], directions());
    return y;
  }

  void initialize(RandomKey key) {
    const double bound = 1 / std::sqrt(static_cast<double>(options_.hidden));
    RandomStream random(key);
    for (auto& direction : directions_)
      for (auto* parameter :
           {&direction.weight_ih, &direction.weight_hh, &direction.bias_ih, &direction.bias_hh})
        init::uniform(parameter->edit(), random, -bound, bound);
  }

  [[nodiscard]] const RnnOptions& options() const { return options_; }
  [[nodiscard]] std::size_t directions() const { return options_.bidirectional ? 2 : 1; }
  /// Columns of the result.
  [[nodiscard]] std::size_t output() const { return directions() * options_.hidden; }

  template <class Visitor> void fields(Visitor& v) {
    for (std::size_t k = 0; k < directions_.size(); ++k) {
      const std::string suffix =
          "_l" + std::to_string(k / directions()) + (k % directions() == 1 ? "_reverse" : "");
      v("weight_ih" + suffix, directions_[k].weight_ih);
      v("weight_hh" + suffix, directions_[k].weight_hh);
      v("bias_ih" + suffix, directions_[k].bias_ih);
      v("bias_hh" + suffix, directions_[k].bias_hh);
    }
  }

  std::string name;
  bool training = true;  ///< false: no dropout between layers, whatever the tape says

 private:
  RnnOptions options_;
  std::vector<detail::RnnDirection<T>> directions_;
  Dropout<T> dropout_;
};

SEQLSTM_NAMESPACE_END

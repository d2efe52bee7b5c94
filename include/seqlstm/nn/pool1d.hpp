// Poolings over windows of steps: PyTorch's nn.MaxPool1d and nn.AvgPool1d on ragged packed batches. The
// result has fewer steps; poolings over whole sequences are in pooling.hpp.
#pragma once

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/nn/names.hpp>
#include <string>
#include <utility>

SEQLSTM_NAMESPACE_BEGIN

/// The windows of a pooling. A sequence of L tokens has floor((L - kernel) / stride) + 1 of them. With
/// ceil_mode the quotient is rounded up, for a last window of what is left, but none that begins behind the
/// last token.
///
/// A sequence that is not empty but shorter than the kernel is an error, as in PyTorch: a window of fewer
/// tokens than all others would go unnoticed. With ceil_mode, which asks for such windows, it has one. An
/// empty one stays empty.
struct Pool1dOptions {
  std::size_t kernel = 0;  ///< tokens of a window
  std::size_t stride = 0;  ///< from one window to the next; 0: the kernel, windows side by side
  bool ceil_mode = false;  ///< the last window may have fewer tokens
  std::string name = {};   ///< for error messages: "max_pool1d 'name': ..."
};

namespace detail {

/// What both poolings have in common. No parameters.
class WindowPooling {
 public:
  /// The options, with the stride that a 0 stands for.
  [[nodiscard]] const Pool1dOptions& options() const { return options_; }
  /// Windows of a sequence of so many tokens; 0 where it is too short.
  [[nodiscard]] std::size_t output_length(std::size_t tokens) const;
  template <class Visitor> void fields(Visitor&) {}

  std::string name;  ///< in error messages; set_names() makes it the path in the module

 protected:
  /// `kind`: "max_pool1d".
  WindowPooling(const char* kind, Pool1dOptions options);
  /// The layout of the windows; a shape_error where a sequence is too short.
  template <Scalar T> const PackedLayout& windows_of(const SeqVar<T>& x) const {
    check_lengths(*x.layout());
    PackedLayout& windows = x.tape().new_layout();
    windows.assign_shorter(*x.layout(), [this](std::size_t tokens) { return output_length(tokens); });
    return windows;
  }

 private:
  void check_lengths(const PackedLayout& input) const;

  const char* kind_;
  Pool1dOptions options_;
};

template <Scalar T>
SeqVar<T> max_pool1d(const SeqVar<T>& x, const PackedLayout& windows, const Pool1dOptions& options);
template <Scalar T>
SeqVar<T> avg_pool1d(const SeqVar<T>& x, const PackedLayout& windows, const Pool1dOptions& options);

}  // namespace detail

/// The largest value of each column in every window, [windows, cols]. The gradient goes to the first token
/// that has it; a NaN counts as the largest.
class MaxPool1d : public detail::WindowPooling {
 public:
  /// Throws option_error for a kernel of 0.
  explicit MaxPool1d(Pool1dOptions options) : WindowPooling("max_pool1d", std::move(options)) {}
  /// Of x [tokens, cols]. Throws shape_error where a sequence is shorter than the kernel, without ceil_mode.
  template <Scalar T> SeqVar<T> operator()(const SeqVar<T>& x) const {
    return detail::max_pool1d(x, windows_of(x), options());
  }
};

/// The mean of each column in every window, [windows, cols], summed from the first token to the last and
/// divided by the number of tokens that the window has.
class AvgPool1d : public detail::WindowPooling {
 public:
  /// Throws option_error for a kernel of 0.
  explicit AvgPool1d(Pool1dOptions options) : WindowPooling("avg_pool1d", std::move(options)) {}
  /// Of x [tokens, cols]. Throws shape_error where a sequence is shorter than the kernel, without ceil_mode.
  template <Scalar T> SeqVar<T> operator()(const SeqVar<T>& x) const {
    return detail::avg_pool1d(x, windows_of(x), options());
  }
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/pool1d.ipp>
#endif

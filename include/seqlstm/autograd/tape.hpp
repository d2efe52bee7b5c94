// The tape: values of one training step, and how to send gradients back through them.
#pragma once

#include <concepts>
#include <cstdint>
#include <seqlstm/autograd/variable.hpp>
#include <seqlstm/core/arena.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/random.hpp>
#include <type_traits>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Training records operations and lets dropout and batch norm act; inference does neither.
enum class Mode { training, inference };

/// Operations of one step, in order. All memory comes from one arena: from the second step of a size on, a
/// step allocates nothing. Values and handles live until the next reset().
///
///     Tape<float> tape;
///     for (batch : batches) { tape.reset(); auto loss = ...; tape.backward(loss); }
template <Scalar T> class Tape {
 public:
  explicit Tape(Mode mode = Mode::training) : mode_(mode) {}
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  /// Forgets the last step; memory is kept. `step` numbers the training step for the random streams.
  void reset(std::uint32_t step = 0) {
    arena_.reset();
    operations_.clear();
    random_.step = step;
    next_stream_ = 0;
  }
  /// Makes room for `bytes` of values, gradients and saved gates beforehand.
  void reserve(std::size_t bytes) { arena_.reserve(bytes); }
  void set_mode(Mode mode) { mode_ = mode; }
  void set_seed(std::uint64_t seed) { random_.seed = seed; }
  [[nodiscard]] bool training() const { return mode_ == Mode::training; }
  [[nodiscard]] Arena& arena() { return arena_; }

  /// The key of the next random operation of this step (a dropout layer): operations are numbered as they
  /// run.
  RandomKey next_random() {
    RandomKey key = random_;
    key.stream = ++next_stream_;
    return key;
  }

  // ---- values
  // ---------------------------------------------------------------------------------------------------

  /// A value somebody else owns. With a gradient view, what flows back is added there.
  Var<T> leaf(MatrixView<T> value, MatrixView<T> gradient = {}) {
    return {this, leaf_node(value, gradient, nullptr)};
  }
  SeqVar<T> leaf(MatrixView<T> value, const PackedLayout& layout, MatrixView<T> gradient = {}) {
    if (value.rows() != layout.tokens())
      throw shape_error("tape: a sequence value has " + std::to_string(value.rows()) +
                        " rows, its layout has " + std::to_string(layout.tokens()) + " tokens");
    return {this, leaf_node(value, gradient, &layout)};
  }
  /// An uninitialised result of rows x cols; `layout` (may be null) names the batch whose sequences are the
  /// rows.
  Var<T> make(std::size_t rows, std::size_t cols, bool needs_gradient, const PackedLayout* layout = nullptr) {
    return {this, make_node(rows, cols, needs_gradient, layout)};
  }
  /// An uninitialised result with one row per token of `layout`.
  SeqVar<T> make_sequence(const PackedLayout& layout, std::size_t cols, bool needs_gradient) {
    return {this, make_node(layout.tokens(), cols, needs_gradient, &layout)};
  }
  /// An uninitialised result of the same kind as `like` with `cols` columns.
  template <template <class> class V>
  V<T> make_like(const V<T>& like, std::size_t cols, bool needs_gradient) {
    auto* node = make_node(like.rows(), cols, needs_gradient, like.layout());
    if (cols == like.cols()) node->reverse_from = like.node()->reverse_from;
    return {this, node};
  }

  // ---- backward
  // -------------------------------------------------------------------------------------------------

  /// Where gradients of `v` are summed; zero at first. To be called from backward functions.
  MatrixView<T> gradient(const Variable<T>& v) {
    auto* node = v.node();
    if (node->gradient.data() == nullptr) node->gradient = arena_.template zero_matrix<T>(v.rows(), v.cols());
    return node->gradient;
  }

  /// Remembers how to send the gradient of `result` on; `backward` is called with that gradient as argument,
  /// and not at all when nothing flowed back. It may capture views, handles and pointers, nothing that needs
  /// a destructor.
  template <class Backward> void record(const Variable<T>& result, Backward backward) {
    if (!result.needs_gradient()) return;
    auto* node = result.node();
    record_always([node, backward] {
      if (node->gradient.data() != nullptr) backward(ConstMatrixView<T>(node->gradient));
    });
  }
  /// The same for operations with several results: called in any case.
  template <class Backward> void record_always(Backward backward) {
    static_assert(
        std::is_trivially_destructible_v<Backward>,
        "seqlstm: a backward function lives in the tape's arena and is never destroyed; capture views and "
        "pointers only");
    if (!training()) return;
    operations_.push_back({[](void* self) { (*static_cast<Backward*>(self))(); }, arena_.emplace(backward)});
  }

  /// Adds d loss / d v to every v that needs it, parameters included. `loss` is 1 x 1.
  void backward(const Var<T>& loss) {
    if (loss.rows() != 1 || loss.cols() != 1)
      throw shape_error("backward: the loss must be 1x1, got " + shape_text(loss.value()) +
                        "; reduce it first");
    gradient(loss)(0, 0) = T(1);
    run_backward();
  }
  /// The same from any value whose gradient is known: a vector-Jacobian product.
  void backward(const Variable<T>& result, ConstMatrixView<T> dresult) {
    if (dresult.rows() != result.rows() || dresult.cols() != result.cols())
      throw shape_error("backward: gradient is " + shape_text(dresult) + ", the value is " +
                        shape_text(result.value()));
    auto target = gradient(result);
    for (std::size_t r = 0; r < target.rows(); ++r)
      for (std::size_t c = 0; c < target.cols(); ++c) target(r, c) += dresult(r, c);
    run_backward();
  }

  // ---- operations of one's own
  // ------------------------------------------------------------------------------------

  /// An element-wise or row-wise operation: forward(x, y) fills y, which has x's shape; backward(x, y, dy,
  /// dx) adds to dx. Both get matrix views.
  template <template <class> class V, class Forward, class Backward>
  V<T> op(const V<T>& x, Forward forward, Backward backward) {
    return op(x, x.cols(), forward, backward);
  }
  /// The same with `cols` columns of result.
  template <template <class> class V, class Forward, class Backward>
  V<T> op(const V<T>& x, std::size_t cols, Forward forward, Backward backward) {
    V<T> y = make_like(x, cols, x.needs_gradient());
    forward(x.value(), y.node()->value);
    record(y, [this, x, y, backward](ConstMatrixView<T> dy) {
      backward(x.value(), y.value(), dy, gradient(x));
    });
    return y;
  }

 private:
  struct Operation {
    void (*run)(void*);
    void* self;
  };

  void run_backward() {
    if (!training()) throw option_error("backward: this tape is in inference mode and recorded nothing");
    for (std::size_t i = operations_.size(); i-- > 0;) operations_[i].run(operations_[i].self);
  }

  detail::Node<T>* leaf_node(MatrixView<T> value, MatrixView<T> gradient, const PackedLayout* layout) {
    return arena_.emplace(detail::Node<T>{value, gradient, gradient.data() != nullptr, layout});
  }
  detail::Node<T>* make_node(std::size_t rows, std::size_t cols, bool needs_gradient,
                             const PackedLayout* layout) {
    return arena_.emplace(
        detail::Node<T>{arena_.template matrix<T>(rows, cols), {}, needs_gradient && training(), layout});
  }

  Mode mode_;
  Arena arena_;
  std::vector<Operation> operations_;
  RandomKey random_;
  std::uint32_t next_stream_ = 0;
};

SEQLSTM_NAMESPACE_END

// The tape: values of one training step, and how to send gradients back through them.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <seqlstm/autograd/step_shards.hpp>
#include <seqlstm/autograd/variable.hpp>
#include <seqlstm/core/arena.hpp>
#include <seqlstm/core/error.hpp>
#include <seqlstm/core/random.hpp>
#include <seqlstm/core/sequence_batch.hpp>
#include <type_traits>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Training records operations and lets dropout and batch norm act; inference does neither.
enum class Mode { training, inference };

/// Operations of one step, in order. All memory comes from one arena: once a step as large was seen and
/// reset, a step allocates nothing. Values and handles live until the next reset().
///
///     Tape<float> tape;
///     for (batch : batches) { tape.reset(); auto loss = ...; tape.backward(loss); }
template <Scalar T> class Tape {
 public:
  /// An empty tape of seed 0.
  explicit Tape(Mode mode = Mode::training) : mode_(mode) {}
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  /// Forgets the last step; memory is kept. Steps are counted: each has random streams of its own.
  void reset() { reset(random_.step + 1); }
  /// The same, and the step gets this number: a resumed or repeated step draws what it drew before.
  void reset(std::uint32_t step) {
    arena_.reset();
    operations_.clear();
    random_.step = step;
    next_stream_ = 0;
    next_batch_ = 0;
    next_layout_ = 0;
    went_back_ = false;
    sees_shards_ = true;
    shard_rows_.clear();
  }
  /// Makes room for `bytes` of values, gradients and saved gates beforehand, and for `operations` of them.
  void reserve(std::size_t bytes, std::size_t operations = 64) {
    arena_.reserve(bytes);
    operations_.reserve(operations);
  }
  /// The mode of all operations from here on; to be called between steps.
  void set_mode(Mode mode) { mode_ = mode; }
  /// The seed of all random operations (dropout) from here on.
  void set_seed(std::uint64_t seed) { random_.seed = seed; }
  /// Is the mode Mode::training?
  [[nodiscard]] bool training() const { return mode_ == Mode::training; }
  /// Memory of this step: what operations take of it lives until the next reset().
  [[nodiscard]] Arena& arena() { return arena_; }

  /// The key of the next random operation of this step (a dropout layer): operations are numbered as they
  /// run.
  RandomKey next_random() {
    RandomKey key = random_;
    key.stream = ++next_stream_;
    return key;
  }

  /// A batch for a model that reads other tokens than it was given (hidden ones, another phase): what
  /// an earlier step left in it, to be overwritten. Lives until the next reset(); memory is reused.
  SequenceBatch& new_batch() {
    if (next_batch_ == batches_.size()) batches_.push_back(std::make_unique<SequenceBatch>());
    return *batches_[next_batch_++];
  }
  /// A layout for the result of an operation that changes the lengths of sequences, to be assigned, likewise.
  PackedLayout& new_layout() {
    if (next_layout_ == layouts_.size()) layouts_.push_back(std::make_unique<PackedLayout>());
    return *layouts_[next_layout_++];
  }
  /// A tape in the same mode for part of an inference whose values need not stay (one network of several):
  /// whoever uses it resets it. Its memory is kept with this one's.
  Tape& scratch() {
    if (scratch_ == nullptr) scratch_ = std::make_unique<Tape>(mode_);
    scratch_->set_mode(mode_);
    return *scratch_;
  }

  /// From the next reset() on, steps are those of several ranks: `shards` says which part of each is here.
  /// Null, as at first: a step is a batch of its own. Must outlive the tape's steps.
  void set_shards(StepShards<T>* shards) { shards_ = shards; }
  /// What set_shards() was given; null in inference, and where operations do not see it.
  [[nodiscard]] StepShards<T>* shards() const { return training() && sees_shards_ ? shards_ : nullptr; }
  /// Do the operations that run next, forward or backward, see shards()? Not those of rows that every rank
  /// has, as in of_whole_batch(). After reset() they do.
  void see_shards(bool seen) { sees_shards_ = seen; }
  /// The rows of `v` by shard, where there are shards(). Throws shape_error where they are not those of the
  /// step's sequences. Memory is the arena's.
  ShardRows shard_rows(const Variable<T>& v);
  /// The rows of tokens that `layout` lays out, likewise.
  ShardRows shard_rows(const PackedLayout& layout) { return shard_rows(&layout, layout.sequences()); }
  /// Throws option_error where there are shards(): for operations that cannot sum by shard.
  void require_whole_batch(const char* who) const;

  // ---- values
  // ---------------------------------------------------------------------------------------------------

  /// A value somebody else owns. With a gradient view, what flows back is added there.
  Var<T> leaf(MatrixView<T> value, MatrixView<T> gradient = {}) {
    return {this, leaf_node(value, gradient, nullptr)};
  }
  SeqVar<T> leaf(MatrixView<T> value, PackedLayout&& layout, MatrixView<T> gradient = {}) = delete;
  /// The same with a row per token of `layout`, which must live until the next reset(). Throws shape_error
  /// for another number of rows.
  SeqVar<T> leaf(MatrixView<T> value, const PackedLayout& layout, MatrixView<T> gradient = {}) {
    return {this, leaf_node(value, gradient, &layout)};
  }
  /// Numbers somebody else owns, which nothing flows back to: rows of features, `lstm.step(...)`.
  Var<T> constant(ConstMatrixView<T> value) {
    // The tape writes to no leaf's value.
    return leaf({const_cast<T*>(value.data()), value.rows(), value.cols(), value.stride()});
  }
  /// The same with a gradient that the tape keeps: gradient(v) after backward().
  Var<T> input(MatrixView<T> value) { return {this, input_node(value, nullptr)}; }
  SeqVar<T> input(MatrixView<T> value, PackedLayout&& layout) = delete;
  /// The same with a row per token of `layout`, as for leaf().
  SeqVar<T> input(MatrixView<T> value, const PackedLayout& layout) {
    return {this, input_node(value, &layout)};
  }
  /// An uninitialised result of rows x cols; `layout` (may be null) names the batch whose sequences are the
  /// rows.
  Var<T> make(std::size_t rows, std::size_t cols, bool needs_gradient, const PackedLayout* layout = nullptr) {
    return {this, make_node(rows, cols, needs_gradient, layout)};
  }
  /// An uninitialised result with one row per token of `layout`.
  SeqVar<T> make_sequence(const PackedLayout& layout, std::size_t cols, bool needs_gradient) {
    SeqVar<T> result(this, make_node(layout.tokens(), cols, needs_gradient, &layout));
    result.node()->by_token = true;
    return result;
  }
  /// An uninitialised result of the same kind as `like` with `cols` columns, which mix those of `like`.
  template <template <class> class V>
  V<T> make_like(const V<T>& like, std::size_t cols, bool needs_gradient) {
    V<T> result(this, make_node(like.rows(), cols, needs_gradient, like.layout()));
    result.node()->by_token = like.node()->by_token;
    return result;
  }
  /// An uninitialised result for an element-wise operation: columns of a reverse direction remain such.
  template <template <class> class V> V<T> make_like(const V<T>& like, bool needs_gradient) {
    V<T> result = make_like(like, like.cols(), needs_gradient);
    result.node()->reverse_from = like.node()->reverse_from;
    return result;
  }

  // ---- backward
  // -------------------------------------------------------------------------------------------------

  /// Where gradients of `v` are summed; zero at first. To be called from backward functions.
  MatrixView<T> gradient(const Variable<T>& v);

  /// The same for functions that can overwrite as well as add: uninitialised and not to be added to where
  /// they are the first.
  struct Destination {
    MatrixView<T> gradient;  ///< of the value's shape
    bool accumulate;         ///< add to it; false: overwrite every element, it is uninitialised
  };
  /// That of `v`. A caller that is told to overwrite must do so: later ones add.
  Destination gradient_destination(const Variable<T>& v);

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

  /// Adds d loss / d v to every v that needs it, parameters included. `loss` is 1 x 1. Once per recording:
  /// what the forward pass saved is used up; option_error for a second call.
  void backward(const Var<T>& loss);
  /// The same from any value whose gradient is known: a vector-Jacobian product.
  void backward(const Variable<T>& result, ConstMatrixView<T> dresult);
  /// The same without a copy: `dresult` becomes the gradient of `result`, and operations may add to it.
  void backward_in_place(const Variable<T>& result, MatrixView<T> dresult);

  // ---- operations of one's own
  // ------------------------------------------------------------------------------------

  /// An element-wise operation: forward(x, y) fills y, which has x's shape; backward(x, y, dy, dx) adds to
  /// dx. All get matrix views.
  template <template <class> class V, class Forward, class Backward>
  V<T> op(const V<T>& x, Forward forward, Backward backward) {
    return finish_op(x, make_like(x, x.needs_gradient()), forward, backward);
  }
  /// A row-wise operation with `cols` columns of result.
  template <template <class> class V, class Forward, class Backward>
  V<T> op(const V<T>& x, std::size_t cols, Forward forward, Backward backward) {
    return finish_op(x, make_like(x, cols, x.needs_gradient()), forward, backward);
  }

 private:
  struct Operation {
    void (*run)(void*);
    void* self;
  };

  template <template <class> class V, class Forward, class Backward>
  V<T> finish_op(const V<T>& x, V<T> y, Forward forward, Backward backward) {
    forward(x.value(), y.node()->value);
    record(y, [this, x, y, backward](ConstMatrixView<T> dy) {
      backward(x.value(), y.value(), dy, gradient(x));
    });
    return y;
  }

  void check_backward() {
    if (!training()) throw option_error("backward: this tape is in inference mode and recorded nothing");
    if (std::exchange(went_back_, true))
      throw option_error("backward: ran already on this recording; reset() the tape and run the model again");
  }
  void check_backward(const Variable<T>& result, ConstMatrixView<T> dresult);
  void run_backward() {
    for (std::size_t i = operations_.size(); i-- > 0;) operations_[i].run(operations_[i].self);
  }

  detail::Node<T>* input_node(MatrixView<T> value, const PackedLayout* layout) {
    auto* node = leaf_node(value, {}, layout);
    node->needs_gradient = training();
    return node;
  }
  detail::Node<T>* leaf_node(MatrixView<T> value, MatrixView<T> gradient, const PackedLayout* layout);
  ShardRows shard_rows(const PackedLayout* layout, std::size_t sequences);
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
  std::vector<std::unique_ptr<SequenceBatch>> batches_;
  std::size_t next_batch_ = 0;
  std::unique_ptr<Tape> scratch_ = {};
  bool went_back_ = false;
  std::vector<std::unique_ptr<PackedLayout>> layouts_ = {};
  std::size_t next_layout_ = 0;
  StepShards<T>* shards_ = nullptr;
  bool sees_shards_ = true;
  struct KnownRows {
    const PackedLayout* layout;  // null: a row per sequence
    ShardRows rows;
  };
  std::vector<KnownRows> shard_rows_ = {};  // of this step
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/autograd/tape.ipp>
#endif

// oneDNN by its best practice: weights in the format it asks for, workspace and primitives made once.
// Compiles on 2.x and 3.x, whose descriptors are built differently. It takes no lengths: ragged workloads run
// padded. In bf16 its inputs, outputs, h and weights are bfloat16, c, bias and all gradients float.
#include <omp.h>

#include <cstring>
#include <oneapi/dnnl/dnnl.hpp>
#include <seqlstm/core/bfloat16.hpp>
#include <span>

#include "support/layer.hpp"

namespace bench {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

#if DNNL_VERSION_MAJOR >= 3
template <class Primitive, class... Args>
typename Primitive::primitive_desc describe(const dnnl::engine& engine, const Args&... args) {
  return typename Primitive::primitive_desc(engine, args...);
}
#else
template <class Primitive, class... Args>
typename Primitive::primitive_desc describe(const dnnl::engine& engine, const Args&... args) {
  return typename Primitive::primitive_desc(typename Primitive::desc(args...), engine);
}
#endif

/// oneDNN's names for what a cell is made of, and what each has of its own: c, or a bias of the recurrent
/// candidate.
struct LstmPrimitives {
  using Forward = dnnl::lstm_forward;
  using Backward = dnnl::lstm_backward;
  static constexpr std::size_t gates = 4, biases = 4;
  static constexpr bool has_c = true;
  static constexpr std::size_t place[] = {0, 1, 2, 3};  // of PyTorch's gates
};
/// The GRU whose reset gate multiplies the product (linear before reset): gates z, r, n.
struct GruPrimitives {
  using Forward = dnnl::lbr_gru_forward;
  using Backward = dnnl::lbr_gru_backward;
  static constexpr std::size_t gates = 3, biases = 4;
  static constexpr bool has_c = false;
  static constexpr std::size_t place[] = {1, 0, 2};
};

template <class Cell> class OnednnLayer final : public Layer {
 public:
  OnednnLayer(const Workload& work, bool training)
      : work_(&work), training_(training), type_(work.bf16 ? Type::bf16 : Type::f32) {
    const auto d = [](std::size_t n) { return static_cast<memory::dim>(n); };
    const auto T = d(work.shape.steps), B = d(work.shape.batch), I = d(work.shape.input),
               H = d(work.shape.hidden);
    x_ = make({T, B, I}, Tag::tnc, type_);
    y_ = make({T, B, H}, Tag::tnc, type_);
    for (auto* state : {&h0_, &hn_}) *state = make({1, 1, B, H}, Tag::ldnc, type_);
    for (auto* state : {&c0_, &cn_}) *state = make({1, 1, B, H}, Tag::ldnc);
    table_ = numbers(work.table);
    // PyTorch keeps [GH, I], gates one below the other: in oneDNN's order that is l d g o i.
    weight_x_ = make({1, 1, I, d(Cell::gates), H}, Tag::ldgoi);
    weight_h_ = make({1, 1, H, d(Cell::gates), H}, Tag::ldgoi);
    bias_ = make({1, 1, d(Cell::biases), H}, Tag::ldgo);
    fill_weights();
    for (const auto* state : {&h0_, &c0_}) clear(*state);
    fill_inputs();
    make_forward();
    if (training) make_backward(T, B, I, H);
  }

  void infer() override {
    gather();
    forward_.execute(stream_, forward_arguments_);
    stream_.wait();
  }
  void train() override {
    dnnl::reorder(weight_x_, forward_x_).execute(stream_, weight_x_, forward_x_);
    dnnl::reorder(weight_h_, forward_h_).execute(stream_, weight_h_, forward_h_);
    dnnl::reorder(weight_x_, backward_x_).execute(stream_, weight_x_, backward_x_);
    dnnl::reorder(weight_h_, backward_h_).execute(stream_, weight_h_, backward_h_);
    gather();
    forward_.execute(stream_, forward_arguments_);
    for (const auto* gradient : {&dweight_x_, &dweight_h_, &dbias_}) clear(*gradient);  // oneDNN adds to them
    backward_.execute(stream_, backward_arguments_);
    stream_.wait();
    scatter();
  }
  [[nodiscard]] std::size_t saved_bytes() const override {
    return training_ ? workspace_.get_desc().get_size() : 0;
  }
  [[nodiscard]] const float* output(std::size_t b, std::size_t t) const override {
    const std::size_t width = work_->shape.hidden, first = (t * work_->shape.batch + b) * width;
    if (type_ == Type::f32) return data(y_) + first;
    row_.resize(width);
    const auto* y = static_cast<const bfloat16*>(y_.get_data_handle());
    for (std::size_t u = 0; u < width; ++u) row_[u] = static_cast<float>(y[first + u]);
    return row_.data();
  }

 private:
  using Forward = typename Cell::Forward;
  using Backward = typename Cell::Backward;
  using Type = memory::data_type;
  using bfloat16 = seqlstm::bfloat16;
  using Bytes = std::vector<std::byte>;

  static float* data(const memory& m) { return static_cast<float*>(m.get_data_handle()); }
  static void clear(const memory& m) { std::memset(m.get_data_handle(), 0, m.get_desc().get_size()); }
  memory make(const memory::dims& dims, Tag tag, Type type = Type::f32) {
    return memory(memory::desc(dims, type, tag), engine_);
  }
  memory make(const memory::desc& description) { return memory(description, engine_); }
  static memory::desc any(const memory& m, Type type) {
#if DNNL_VERSION_MAJOR >= 3
    return memory::desc(m.get_desc().get_dims(), type, Tag::any);
#else
    return memory::desc(m.get_desc().dims(), type, Tag::any);
#endif
  }
  void fill_weights() const {
    const std::size_t hidden = work_->shape.hidden;
    for (std::size_t g = 0; g < Cell::gates; ++g) {
      const auto copy = [&](const std::vector<float>& from, const memory& to) {
        const std::size_t size = from.size() / Cell::gates;
        std::copy_n(&from[g * size], size, data(to) + Cell::place[g] * size);
      };
      copy(work_->weight_ih, weight_x_);
      copy(work_->weight_hh, weight_h_);
      copy(work_->bias_ih, bias_);
      const bool apart = Cell::biases > Cell::gates && g == 2;  // the candidate's
      float* bias = data(bias_) + (apart ? 3 : Cell::place[g]) * hidden;
      for (std::size_t u = 0; u < hidden; ++u)
        bias[u] = (apart ? 0.0F : bias[u]) + work_->bias_hh[g * hidden + u];
    }
  }
  /// Numbers as this layer's inputs are stored.
  [[nodiscard]] Bytes numbers(std::span<const float> values) const {
    Bytes bytes(values.size() * size());
    for (std::size_t k = 0; k < values.size(); ++k) {
      const bfloat16 rounded(values[k]);
      std::memcpy(&bytes[k * size()], type_ == Type::bf16 ? static_cast<const void*>(&rounded) : &values[k],
                  size());
    }
    return bytes;
  }
  [[nodiscard]] std::size_t size() const {
    return type_ == Type::bf16 ? 2 : 4;
  }
  /// Where row (t, b) of [T, B, width] begins.
  [[nodiscard]] std::byte* row_of(const memory& m, std::size_t t, std::size_t b,
                                  std::size_t row_bytes) const {
    return static_cast<std::byte*>(m.get_data_handle()) + (t * work_->shape.batch + b) * row_bytes;
  }
  /// Rows of x of every sequence into [T, B, I]; zeros behind its end.
  void fill_inputs() const {
    clear(x_);
    const std::size_t bytes = work_->shape.input * size();
    for (std::size_t b = 0; b < work_->x.size(); ++b) {
      const Bytes rows = numbers(work_->x[b]);
      for (std::size_t t = 0; t < work_->lengths[b]; ++t)
        std::copy_n(&rows[t * bytes], bytes, row_of(x_, t, b, bytes));
    }
  }
  /// Token rows into x.
  void gather() const {
    if (!work_->feed.tokens) return;
    const std::size_t bytes = work_->shape.input * size();
    for (std::size_t b = 0; b < work_->tokens.size(); ++b)
      for (std::size_t t = 0; t < work_->lengths[b]; ++t)
        std::copy_n(&table_[static_cast<std::size_t>(work_->tokens[b][t]) * bytes], bytes,
                    row_of(x_, t, b, bytes));
  }
  /// dx into the embedding's gradient.
  void scatter() {
    if (!work_->feed.tokens) return;
    const std::size_t width = work_->shape.input;
    dtable_.assign(work_->table.size(), 0.0F);
    for (std::size_t b = 0; b < work_->tokens.size(); ++b)
      for (std::size_t t = 0; t < work_->lengths[b]; ++t) {
        float* row = &dtable_[static_cast<std::size_t>(work_->tokens[b][t]) * width];
        const float* dx = data(dx_) + (t * work_->shape.batch + b) * width;
        for (std::size_t i = 0; i < width; ++i) row[i] += dx[i];
      }
  }

  void make_forward() {
    const auto kind = training_ ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
    const auto direction = dnnl::rnn_direction::unidirectional_left2right;
    if constexpr (Cell::has_c) {
      description_ = describe<Forward>(engine_, kind, direction, x_.get_desc(), h0_.get_desc(),
                                       c0_.get_desc(), any(weight_x_, type_), any(weight_h_, type_),
                                       bias_.get_desc(), y_.get_desc(), hn_.get_desc(), cn_.get_desc());
    } else {
      description_ =
          describe<Forward>(engine_, kind, direction, x_.get_desc(), h0_.get_desc(), any(weight_x_, type_),
                            any(weight_h_, type_), bias_.get_desc(), y_.get_desc(), hn_.get_desc());
    }
    forward_x_ = memory(description_.weights_layer_desc(), engine_);
    forward_h_ = memory(description_.weights_iter_desc(), engine_);
    dnnl::reorder(weight_x_, forward_x_).execute(stream_, weight_x_, forward_x_);
    dnnl::reorder(weight_h_, forward_h_).execute(stream_, weight_h_, forward_h_);
    stream_.wait();
    forward_ = Forward(description_);
    forward_arguments_ = {{DNNL_ARG_SRC_LAYER, x_},
                          {DNNL_ARG_SRC_ITER, h0_},
                          {DNNL_ARG_WEIGHTS_LAYER, forward_x_},
                          {DNNL_ARG_WEIGHTS_ITER, forward_h_},
                          {DNNL_ARG_BIAS, bias_},
                          {DNNL_ARG_DST_LAYER, y_},
                          {DNNL_ARG_DST_ITER, hn_}};
    if (Cell::has_c) {
      forward_arguments_.insert({DNNL_ARG_SRC_ITER_C, c0_});
      forward_arguments_.insert({DNNL_ARG_DST_ITER_C, cn_});
    }
    if (!training_) return;
    workspace_ = memory(description_.workspace_desc(), engine_);
    forward_arguments_.insert({DNNL_ARG_WORKSPACE, workspace_});
  }

  void make_backward(memory::dim T, memory::dim B, memory::dim I, memory::dim H) {
    dx_ = make({T, B, I}, Tag::tnc);
    dy_ = make({T, B, H}, Tag::tnc);
    const std::size_t width = work_->shape.hidden;
    clear(dy_);
    for (std::size_t b = 0; b < work_->dy.size(); ++b)
      for (std::size_t t = 0; t < work_->lengths[b]; ++t)
        std::copy_n(&work_->dy[b][t * width], width, data(dy_) + (t * work_->shape.batch + b) * width);
    for (auto* state : {&dh0_, &dc0_, &dhn_, &dcn_}) *state = make({1, 1, B, H}, Tag::ldnc);
    for (const auto* state : {&dhn_, &dcn_}) clear(*state);
    dbias_ = make(bias_.get_desc());
    const auto pd = describe_backward();
    backward_x_ = memory(pd.weights_layer_desc(), engine_);
    backward_h_ = memory(pd.weights_iter_desc(), engine_);
    dweight_x_ = memory(pd.diff_weights_layer_desc(), engine_);
    dweight_h_ = memory(pd.diff_weights_iter_desc(), engine_);
    backward_ = Backward(pd);
    backward_arguments_ = forward_arguments_;
    backward_arguments_[DNNL_ARG_WEIGHTS_LAYER] = backward_x_;
    backward_arguments_[DNNL_ARG_WEIGHTS_ITER] = backward_h_;
    for (const auto& [argument, m] :
         {std::pair{DNNL_ARG_DIFF_SRC_LAYER, dx_}, std::pair{DNNL_ARG_DIFF_SRC_ITER, dh0_},
          std::pair{DNNL_ARG_DIFF_WEIGHTS_LAYER, dweight_x_},
          std::pair{DNNL_ARG_DIFF_WEIGHTS_ITER, dweight_h_}, std::pair{DNNL_ARG_DIFF_BIAS, dbias_},
          std::pair{DNNL_ARG_DIFF_DST_LAYER, dy_}, std::pair{DNNL_ARG_DIFF_DST_ITER, dhn_}})
      backward_arguments_[argument] = m;
    if (!Cell::has_c) return;
    backward_arguments_[DNNL_ARG_DIFF_SRC_ITER_C] = dc0_;
    backward_arguments_[DNNL_ARG_DIFF_DST_ITER_C] = dcn_;
  }
  typename Backward::primitive_desc describe_backward() {
    const auto arguments = [&](auto make_description) {
      const auto kind = dnnl::prop_kind::backward;
      const auto direction = dnnl::rnn_direction::unidirectional_left2right;
      const auto w_x = any(weight_x_, type_), w_h = any(weight_h_, type_), dw_x = any(weight_x_, Type::f32),
                 dw_h = any(weight_h_, Type::f32);
      if constexpr (Cell::has_c) {
        return make_description(kind, direction, x_.get_desc(), h0_.get_desc(), c0_.get_desc(), w_x, w_h,
                                bias_.get_desc(), y_.get_desc(), hn_.get_desc(), cn_.get_desc(),
                                dx_.get_desc(), dh0_.get_desc(), dc0_.get_desc(), dw_x, dw_h,
                                dbias_.get_desc(), dy_.get_desc(), dhn_.get_desc(), dcn_.get_desc());
      } else {
        return make_description(kind, direction, x_.get_desc(), h0_.get_desc(), w_x, w_h, bias_.get_desc(),
                                y_.get_desc(), hn_.get_desc(), dx_.get_desc(), dh0_.get_desc(), dw_x, dw_h,
                                dbias_.get_desc(), dy_.get_desc(), dhn_.get_desc());
      }
    };
#if DNNL_VERSION_MAJOR >= 3
    return arguments(
        [&](const auto&... a) { return typename Backward::primitive_desc(engine_, a..., description_); });
#else
    return arguments([&](const auto&... a) {
      return typename Backward::primitive_desc(typename Backward::desc(a...), engine_, description_);
    });
#endif
  }

  const Workload* work_;
  bool training_;
  Type type_;  // of factors: inputs, states h and weights
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  memory x_, y_, h0_, c0_, hn_, cn_, weight_x_, weight_h_, bias_, forward_x_, forward_h_, workspace_;
  memory dx_, dy_, dh0_, dc0_, dhn_, dcn_, backward_x_, backward_h_, dweight_x_, dweight_h_, dbias_;
  typename Forward::primitive_desc description_;
  Forward forward_;
  Backward backward_;
  std::unordered_map<int, memory> forward_arguments_, backward_arguments_;
  Bytes table_;
  std::vector<float> dtable_;
  mutable std::vector<float> row_;
};

}  // namespace

std::unique_ptr<Layer> make_onednn(const Workload& work, bool training, std::size_t threads) {
  omp_set_num_threads(static_cast<int>(threads));
  if (work.feed.layer == LayerKind::gru) return std::make_unique<OnednnLayer<GruPrimitives>>(work, training);
  return std::make_unique<OnednnLayer<LstmPrimitives>>(work, training);
}

std::string onednn_version() {
  const auto* v = dnnl_version();
  return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." +
         std::to_string(v->patch);
}

}  // namespace bench

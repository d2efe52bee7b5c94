// Ours, through the public interface; compiled twice where there are compiled kernels: with its own, and
// without -march, with those.
#include <optional>
#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/core/float_env.hpp>
#include <seqlstm/core/parallel.hpp>
#include <seqlstm/kernels/report.hpp>
#include <seqlstm/nn/conv1d.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/gru.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/module.hpp>

#include "support/layer.hpp"

namespace bench {
namespace {

using seqlstm::MatrixView;

/// Net is an Lstm, a Gru or a Conv1d.
template <class Net> class SeqlstmLayer final : public Layer {
  static constexpr bool is_gru = std::is_same_v<Net, seqlstm::Gru<float>>;
  static constexpr bool is_recurrent = !std::is_same_v<Net, seqlstm::Conv1d<float>>;

 public:
  SeqlstmLayer(const Workload& work, bool training)
      : work_(&work),
        tape_(training ? seqlstm::Mode::training : seqlstm::Mode::inference),
        net_(make_net(work)) {
    const auto weights = work.parameters();
    std::size_t next = 0;
    seqlstm::for_each_parameter(net_, [&](const std::string&, auto& p) {
      std::copy(weights[next]->begin(), weights[next]->end(), p.edit().data());
      ++next;
    });
    if constexpr (is_recurrent) streams_.emplace(net_.initial_state(work.shape.batch));
    make_batch();
    if (!work.feed.tokens) return;
    embedding_ = seqlstm::Embedding<float>(
        {.vocabulary = Workload::vocabulary, .dim = work.shape.input, .padding = {}});
    std::copy(work.table.begin(), work.table.end(), embedding_.weight.edit().data());
  }

  void infer() override {
    const seqlstm::FlushDenormals flush;
    tape_.reset();
    y_ = forward();
  }
  void step() override { net_.step({x_.data(), work_->shape.batch, work_->shape.input}, *streams_); }
  void train() override {
    const seqlstm::FlushDenormals flush;
    tape_.reset();
    seqlstm::for_each_parameter(net_, [](const std::string&, auto& p) { p.edit(); });
    seqlstm::zero_gradients(net_);
    if (work_->feed.tokens) seqlstm::zero_gradients(embedding_);
    for (auto* buffer : {&dh0_, &dc0_}) std::fill_n(buffer->data(), buffer->size(), 0.0F);
    y_ = forward();
    saved_ = tape_.arena().bytes_used() - y_.value().size() * sizeof(float);
    tape_.backward_in_place(y_, {dy_.data(), batch_.layout.tokens(), work_->shape.hidden});
  }
  [[nodiscard]] std::size_t saved_bytes() const override { return saved_; }
  [[nodiscard]] const float* output(std::size_t b, std::size_t t) const override {
    return y_.value().row_data(batch_.layout.offset(t) + batch_.layout.rank(b));
  }

 private:
  static Net make_net(const Workload& work) {
    const auto precision = work.int8   ? seqlstm::Precision::int8
                           : work.bf16 ? seqlstm::Precision::bf16
                                       : seqlstm::Precision::f32;
    if constexpr (is_recurrent) {
      return Net({.input = work.shape.input, .hidden = work.shape.hidden, .precision = precision});
    } else {
      return Net({.input = work.shape.input,
                  .output = work.shape.hidden,
                  .kernel = Workload::taps,
                  .precision = precision});
    }
  }
  void make_batch() {
    const auto& shape = work_->shape;
    std::vector<std::vector<seqlstm::Token>> none(shape.batch);
    for (std::size_t b = 0; b < shape.batch; ++b) none[b].resize(work_->lengths[b]);
    const auto& sequences = work_->feed.tokens ? work_->tokens : none;
    batch_.assign(std::vector<std::span<const seqlstm::Token>>(sequences.begin(), sequences.end()));
    const auto& layout = batch_.layout;
    const auto packed = [&](const std::vector<std::vector<float>>& rows, std::size_t width) {
      seqlstm::AlignedBuffer<float> values(layout.tokens() * width);
      for (std::size_t b = 0; b < shape.batch; ++b)
        for (std::size_t t = 0; t < work_->lengths[b]; ++t)
          std::copy_n(&rows[b][t * width], width,
                      values.data() + (layout.offset(t) + layout.rank(b)) * width);
      return values;
    };
    x_ = packed(work_->x, shape.input);
    dy_ = packed(work_->dy, shape.hidden);
    for (auto* state : {&h0_, &c0_, &dh0_, &dc0_})
      *state = seqlstm::AlignedBuffer<float>(shape.batch * shape.hidden);
  }

  seqlstm::SeqVar<float> forward() {
    const auto& shape = work_->shape;
    if (!tape_.training()) {
      if (work_->feed.tokens) return net_(tape_, embedding_(batch_));
      return net_(tape_.leaf({x_.data(), batch_.layout.tokens(), shape.input}, batch_.layout));
    }
    const std::size_t n = batch_.layout.tokens();
    if constexpr (!is_recurrent) {
      if (work_->feed.tokens) return net_(tape_, embedding_(batch_));
      return net_(tape_.input({x_.data(), n, shape.input}, batch_.layout));
    } else {
      if (work_->feed.tokens) return net_.run(tape_, embedding_(batch_), initial_state()).y;
      return net_.run(tape_.input({x_.data(), n, shape.input}, batch_.layout), initial_state()).y;
    }
  }
  /// Zeros that want a gradient.
  auto initial_state() {
    const auto state = [&](seqlstm::AlignedBuffer<float>& value, seqlstm::AlignedBuffer<float>& gradient) {
      return tape_.leaf({value.data(), work_->shape.batch, work_->shape.hidden},
                        MatrixView<float>(gradient.data(), work_->shape.batch, work_->shape.hidden));
    };
    if constexpr (is_gru) {
      return state(h0_, dh0_);
    } else {
      return seqlstm::LstmState<float>{state(h0_, dh0_), state(c0_, dc0_)};
    }
  }

  const Workload* work_;
  seqlstm::Tape<float> tape_;
  Net net_;
  std::optional<decltype(net_.initial_state(0))> streams_;
  seqlstm::Embedding<float> embedding_;
  seqlstm::SequenceBatch batch_;
  seqlstm::AlignedBuffer<float> x_, dy_, h0_, c0_, dh0_, dc0_;
  seqlstm::SeqVar<float> y_;
  std::size_t saved_ = 0;
};

std::unique_ptr<Layer> make(const Workload& work, bool training, std::size_t threads) {
  seqlstm::set_threads(threads);
  if (work.feed.layer == LayerKind::convolution)
    return std::make_unique<SeqlstmLayer<seqlstm::Conv1d<float>>>(work, training);
  if (work.feed.layer == LayerKind::gru)
    return std::make_unique<SeqlstmLayer<seqlstm::Gru<float>>>(work, training);
  return std::make_unique<SeqlstmLayer<seqlstm::Lstm<float>>>(work, training);
}

}  // namespace

#if defined(SEQLSTM_COMPILED_KERNELS)
std::vector<std::string> tiers() {
  std::vector<std::string> names;
  for (const auto& tier : seqlstm::kernels::detail::kernel_tiers())
    if (tier.runs_here()) names.emplace_back(tier.name);
  return names;
}
std::unique_ptr<Layer> make_linked(const Workload& work, bool training, std::size_t threads) {
  static const std::string first(seqlstm::cpu_tier());  // before any other was asked for
  return make_of_tier(first, work, training, threads);
}
std::string linked_report() {
  return seqlstm::cpu_report();
}
std::unique_ptr<Layer> make_of_tier(const std::string& tier, const Workload& work, bool training,
                                    std::size_t threads) {
  seqlstm::set_cpu_tier(tier);
  return make(work, training, threads);
}
#else
std::unique_ptr<Layer> make_seqlstm(const Workload& work, bool training, std::size_t threads) {
  return make(work, training, threads);
}
#endif

}  // namespace bench

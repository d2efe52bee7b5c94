// States that a network keeps from one stretch of its streams to the next: truncated backpropagation through
// time reads a long sequence a window at a time, and begins each window where the last one ended.
#pragma once

#include <algorithm>
#include <seqlstm/nn/lstm.hpp>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// h and c of B streams for every Lstm of a network, zero at first. A value; gradients do not flow into it.
/// Holds 2 x layers x B x H numbers per Lstm, fewer with a projection.
template <Scalar T> class CarriedState {
 public:
  CarriedState() = default;
  /// Zero states of `streams` streams for networks of these options, in the order that run() counts them.
  /// Throws option_error for a bidirectional or reverse network: it needs whole sequences.
  CarriedState(std::size_t streams, const std::vector<LstmOptions>& networks);

  /// Runs network `i` from the states it was left in, and keeps those it ends with. `x` is a SeqVar, or
  /// EmbeddedTokens with their tape.
  template <class... Input>
  SeqVar<T> run(std::size_t i, const Lstm<T>& network, Tape<T>& tape, Input&&... input) {
    auto& part = parts_.at(i);
    const LstmState<T> initial = {tape.leaf(part.h_view()), tape.leaf(part.c_view())};
    const LstmResult<T> result = network.run(input..., initial);
    // The layer has its own copy of the initial states: these may change before the tape goes back.
    std::copy_n(result.final.h.value().data(), part.h.size(), part.h.data());
    std::copy_n(result.final.c.value().data(), part.c.size(), part.c.data());
    return result.y;
  }

  /// B: sequences of every window, in the same order in each.
  [[nodiscard]] std::size_t streams() const { return streams_; }
  /// Becomes the states of some streams of `from`, in the order of `streams`; of the same networks. Throws
  /// shape_error where this one has not as many streams, or `from` lacks one of them.
  void take(const CarriedState& from, std::span<const std::size_t> streams);
  /// The other way round: these streams become those of `from`, all others zero. Throws likewise.
  void put(const CarriedState& from, std::span<const std::size_t> streams);
  /// Back to the beginning of the streams.
  void reset();
  /// Calls body(buffer) for h and c of every network: for files.
  template <class Body> void for_each_buffer(Body&& body) {
    for (auto& part : parts_) {
      body(part.h);
      body(part.c);
    }
  }

 private:
  struct Part {
    AlignedBuffer<T> h, c;  // [layers x streams][output or hidden]
    std::size_t rows, output, hidden;
    [[nodiscard]] MatrixView<T> h_view() { return {h.data(), rows, output}; }
    [[nodiscard]] MatrixView<T> c_view() { return {c.data(), rows, hidden}; }
    [[nodiscard]] ConstMatrixView<T> h_view() const { return {h.data(), rows, output}; }
    [[nodiscard]] ConstMatrixView<T> c_view() const { return {c.data(), rows, hidden}; }
  };
  /// Has `part` as many streams, all of them here?
  void check_part(const CarriedState& part, std::span<const std::size_t> streams) const;

  std::vector<Part> parts_;
  std::size_t streams_ = 0;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/carried_state.ipp>
#endif

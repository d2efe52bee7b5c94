// Where several streams through an Lstm stand: what Lstm::step reads and writes.
#pragma once

#include <seqlstm/core/aligned_buffer.hpp>
#include <seqlstm/core/bfloat16.hpp>
#include <seqlstm/core/concepts.hpp>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/core/sizes.hpp>
#include <seqlstm/core/view.hpp>
#include <tuple>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T> class Lstm;

/// The states of B streams through all layers of one Lstm, made by Lstm::initial_state. A value: a copy goes
/// its own way, for instance to try several continuations. Holds 3 H' numbers per stream and layer (H' is H
/// rounded up to a vector, in bf16 to 16).
template <Scalar T> class LstmStream {
 public:
  /// B: tokens that one step reads.
  [[nodiscard]] std::size_t streams() const { return layout_.sequences(); }
  /// Layers of the Lstm.
  [[nodiscard]] std::size_t layers() const { return layers_.size(); }
  /// Hidden states of one layer, [B, H]; change them to begin elsewhere. Valid until the next step.
  [[nodiscard]] MatrixView<T> h(std::size_t layer) { return view(layers_[layer].h); }
  /// The same of the cell states.
  [[nodiscard]] MatrixView<T> c(std::size_t layer) { return view(layers_[layer].c); }

 private:
  friend class Lstm<T>;

  struct Layer {
    AlignedBuffer<T> h, c, next;  // [B][H']; `next` becomes h in a step
  };

  LstmStream(std::size_t streams, std::size_t layers, std::size_t hidden, std::size_t padded);
  static std::size_t addressable(std::size_t streams, std::size_t padded) {
    addressable_product("lstm_stream", {streams, padded}, sizeof(T));
    return streams;
  }
  [[nodiscard]] MatrixView<T> view(AlignedBuffer<T>& rows) {
    return {rows.data(), streams(), hidden_, padded_};
  }

  PackedLayout layout_;  // one step of B sequences
  std::size_t hidden_, padded_;
  std::vector<Layer> layers_;
  std::tuple<AlignedBuffer<T>, AlignedBuffer<bfloat16>> room_;  // of a step's kernels
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/lstm_stream.ipp>
#endif

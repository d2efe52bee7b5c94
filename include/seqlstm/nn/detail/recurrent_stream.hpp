// Where several streams through a recurrent network stand, and one more token of each.
#pragma once

#include <algorithm>
#include <seqlstm/core/aligned_buffer.hpp>
#include <seqlstm/core/bfloat16.hpp>
#include <seqlstm/core/concepts.hpp>
#include <seqlstm/core/packed.hpp>
#include <seqlstm/core/sizes.hpp>
#include <seqlstm/core/view.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/nn/embedded_tokens.hpp>
#include <tuple>
#include <utility>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

/// What LstmStream and GruStream have in common. A GRU has no c.
template <Scalar T> class RecurrentStream {
 public:
  /// B: tokens that one step reads.
  [[nodiscard]] std::size_t streams() const { return layout_.sequences(); }
  /// Layers of the network.
  [[nodiscard]] std::size_t layers() const { return layers_.size(); }
  /// Hidden states of one layer, [B, columns of h]; change them to begin elsewhere. Valid until the next
  /// step.
  [[nodiscard]] MatrixView<T> h(std::size_t layer) { return view(layers_[layer].h, output_); }

 protected:
  /// `output` is the columns of h.
  RecurrentStream(std::size_t streams, std::size_t layers, std::size_t hidden, std::size_t output,
                  std::size_t padded, bool has_c)
      : layout_(std::vector<std::size_t>(addressable(streams, padded), 1)),
        hidden_(hidden),
        output_(output),
        padded_(padded) {
    const AlignedBuffer<T> zeros(streams * padded);
    layers_.assign(layers, {zeros, has_c ? zeros : AlignedBuffer<T>(), zeros});
  }

  [[nodiscard]] MatrixView<T> cells(std::size_t layer) { return view(layers_[layer].c, hidden_); }
  /// Whether these are streams of a network of that many layers, units, columns of h, and units as its
  /// kernels pad them.
  [[nodiscard]] bool are_of(std::size_t layers, std::size_t hidden, std::size_t output,
                            std::size_t padded) const {
    return layers_.size() == layers && hidden_ == hidden && output_ == output && padded_ == padded;
  }
  /// The tokens' rows, for layers that look none up; valid until the next call.
  ConstMatrixView<T> dense_rows(const EmbeddedStep<T>& tokens) {
    rows_.reserve_discard(tokens.ids.size() * tokens.dim);
    const MatrixView<T> rows(rows_.data(), tokens.ids.size(), tokens.dim);
    if (tokens.source.table != nullptr) {
      copy_rows(tokens.source, tokens.ids.data(), rows.rows(), rows);
      return rows;
    }
    std::fill_n(rows.data(), rows.size(), T(0));
    for (std::size_t b = 0; b < rows.rows(); ++b) rows(b, static_cast<std::size_t>(tokens.ids[b])) = T(1);
    return rows;
  }
  /// Scratch memory of a step.
  T* room(std::size_t numbers) {
    auto& room = std::get<AlignedBuffer<T>>(room_);
    room.reserve_discard(numbers);
    return room.data();
  }
  /// The states of a layer in a step: h and c before it, and `next`, which becomes h.
  struct LayerViews {
    MatrixView<T> h, c, next;
  };
  /// Calls step(l, input, views) for every layer, from x [B, I] on.
  template <class Step> ConstMatrixView<T> advance_each(ConstMatrixView<T> x, Step&& step) {
    for (std::size_t l = 0; l < layers(); ++l) {
      LayerViews views{h(l), cells(l), view(layers_[l].next, output_)};
      step(l, x, views);
      std::swap(layers_[l].h, layers_[l].next);
      x = h(l);
    }
    return x;
  }
  /// Runs all layers for one token of every stream; `run` says what the first layer reads.
  template <class K, class Cell, class Stack>
  ConstMatrixView<T> advance(Cell cell, const Stack& stack, typename K::Forward run) {
    auto& room = std::get<AlignedBuffer<typename K::Stored>>(room_);
    run.reset_after = cell.reset_after;
    for (std::size_t l = 0; l < layers(); ++l) {
      auto& layer = layers_[l];
      const auto& packed = stack.weights(l, 0).template packed_forward<K>();
      run.shape = packed.shape;
      run.layout = layout_.view();
      run.weights_x = packed.x_columns.data();
      run.weights_h = packed.h_columns.data();
      run.bias = packed.bias.data();
      run.h0 = layer.h.data();
      run.c = layer.c.data();
      run.y = layer.next.data();
      run.ldy = padded_;
      room.reserve_discard(Cell::template forward_room<K>(run, 1));
      run.room = room.data();
      Cell::template forward<K>(run, {{0, streams()}, {0, run.shape.panels()}, nullptr, 0});
      std::swap(layer.h, layer.next);
      run.lookups = {};  // what the next layer reads
      run.x = layer.h.data();
      run.ldx = padded_;
    }
    return h(layers() - 1);
  }

 private:
  struct Layer {
    AlignedBuffer<T> h, c, next;  // [B][H']; `next` becomes h in a step
  };

  [[nodiscard]] MatrixView<T> view(AlignedBuffer<T>& rows, std::size_t columns) {
    return {rows.data(), streams(), columns, padded_};
  }
  static std::size_t addressable(std::size_t streams, std::size_t padded) {
    addressable_product("stream", {streams, padded}, sizeof(T));
    return streams;
  }

  PackedLayout layout_;  // one step of B sequences
  std::size_t hidden_, output_, padded_;
  std::vector<Layer> layers_;
  std::tuple<AlignedBuffer<T>, AlignedBuffer<bfloat16>, AlignedBuffer<std::int8_t>>
      room_;               // of a step's kernels
  AlignedBuffer<T> rows_;  // of tokens that are not looked up
};

}  // namespace detail

SEQLSTM_NAMESPACE_END

// Definitions of carried_state.hpp.
#pragma once

#include <seqlstm/nn/carried_state.hpp>
#include <string>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T>
CarriedState<T>::CarriedState(std::size_t streams, const std::vector<LstmOptions>& networks)
    : streams_(streams) {
  for (const auto& options : networks) {
    detail::check_streamable("lstm", options.name, options.bidirectional, options.reverse);
    const auto zeros = [&](std::size_t columns) {
      return AlignedBuffer<T>(
          addressable_product("carried_state", {options.layers, streams, columns}, sizeof(T)));
    };
    parts_.push_back({zeros(options.output()), zeros(options.hidden), options.layers * streams,
                      options.output(), options.hidden});
  }
}

namespace detail {

/// Copies row (l, from_streams[i]) of one stacked state to row (l, to_streams[i]) of another, for all layers
/// l; no streams: i itself.
template <Scalar T>
void copy_streams(ConstMatrixView<T> from, std::size_t from_count, std::span<const std::size_t> from_streams,
                  MatrixView<T> to, std::size_t to_count, std::span<const std::size_t> to_streams) {
  const std::size_t count = std::max(from_streams.size(), to_streams.size());
  for (std::size_t l = 0; count > 0 && l * from_count < from.rows(); ++l)
    for (std::size_t i = 0; i < count; ++i)
      std::copy_n(from.row_data(l * from_count + (from_streams.empty() ? i : from_streams[i])), from.cols(),
                  to.row_data(l * to_count + (to_streams.empty() ? i : to_streams[i])));
}

}  // namespace detail

template <Scalar T>
void CarriedState<T>::check_part(const CarriedState& part, std::span<const std::size_t> streams) const {
  if (part.parts_.size() != parts_.size() || part.streams_ != streams.size())
    throw shape_error("carried_state: " + std::to_string(streams.size()) + " streams of " +
                      std::to_string(parts_.size()) + " networks for a state of " +
                      std::to_string(part.streams_) + " streams of " + std::to_string(part.parts_.size()));
  for (const std::size_t stream : streams)
    if (stream >= streams_)
      throw shape_error("carried_state: stream " + std::to_string(stream) + " of " +
                        std::to_string(streams_));
}

template <Scalar T>
void CarriedState<T>::take(const CarriedState& from, std::span<const std::size_t> streams) {
  from.check_part(*this, streams);
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& other = from.parts_.at(i);
    detail::copy_streams<T>(other.h_view(), from.streams_, streams, parts_[i].h_view(), streams_, {});
    detail::copy_streams<T>(other.c_view(), from.streams_, streams, parts_[i].c_view(), streams_, {});
  }
}

template <Scalar T>
void CarriedState<T>::put(const CarriedState& from, std::span<const std::size_t> streams) {
  check_part(from, streams);
  reset();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Part& other = from.parts_.at(i);
    detail::copy_streams<T>(other.h_view(), from.streams_, {}, parts_[i].h_view(), streams_, streams);
    detail::copy_streams<T>(other.c_view(), from.streams_, {}, parts_[i].c_view(), streams_, streams);
  }
}

template <Scalar T> void CarriedState<T>::reset() {
  for_each_buffer([](AlignedBuffer<T>& buffer) { std::fill_n(buffer.data(), buffer.size(), T(0)); });
}

#if !SEQLSTM_HEADER_ONLY
#define SEQLSTM_INSTANCES(T) template class CarriedState<T>;
SEQLSTM_INSTANCES(float)
SEQLSTM_INSTANCES(double)
#undef SEQLSTM_INSTANCES
#endif

SEQLSTM_NAMESPACE_END

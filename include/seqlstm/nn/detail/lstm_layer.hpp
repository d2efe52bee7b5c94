// What an LSTM is among recurrent layers.
#pragma once

#include <seqlstm/nn/detail/recurrent_layer.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

struct LstmLayer {
  template <Scalar T> using Direction = LstmDirection<T>;
  static constexpr const char* name = "lstm";
  static constexpr bool has_c = true, reset_after = true;  // the second is a GRU's

  template <class K> static std::size_t forward_room(const typename K::Forward& run, std::size_t parts) {
    return K::forward_room(run, parts);
  }
  template <class K> static void forward(const typename K::Forward& run, const kernels::LstmPart& part) {
    K::forward(run, part);
  }
  template <class K> static std::size_t backward_room(const typename K::Backward& run, std::size_t parts) {
    return K::backward_room(run, parts);
  }
  template <class K> static void backward(const typename K::Backward& run, const kernels::LstmPart& part) {
    K::backward(run, part);
  }
};

}  // namespace detail

SEQLSTM_NAMESPACE_END

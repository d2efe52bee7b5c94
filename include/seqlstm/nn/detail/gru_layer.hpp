// What a GRU is among recurrent layers.
#pragma once

#include <seqlstm/nn/detail/recurrent_layer.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace detail {

struct GruLayer {
  template <Scalar T> using Direction = GruDirection<T>;
  static constexpr const char* name = "gru";
  static constexpr bool has_c = false;

  bool reset_after = true;

  template <class K> static std::size_t forward_room(const typename K::Forward& run, std::size_t parts) {
    return K::gru_forward_room(run, parts);
  }
  template <class K> static void forward(const typename K::Forward& run, const kernels::LstmPart& part) {
    K::gru_forward(run, part);
  }
  template <class K> static std::size_t backward_room(const typename K::Backward& run, std::size_t parts) {
    return K::gru_backward_room(run, parts);
  }
  template <class K> static void backward(const typename K::Backward& run, const kernels::LstmPart& part) {
    K::gru_backward(run, part);
  }
};

}  // namespace detail

SEQLSTM_NAMESPACE_END

// The GRU's forward pass with int8 factors, one direction, for inference: gru_forward.hpp on bytes.
//
// A panel of 16 units has the four places n, r, z and m of a gate row side by side, so the LSTM's loops serve
// (lstm_int8_forward.hpp). W_ih has zeros for m, and W_hh for n: a quarter of the products adds nothing. The
// reset gate acts after the product; the other form has no kernels here.
#pragma once

#include <seqlstm/kernels/lstm_int8_forward.hpp>

SEQLSTM_NAMESPACE_BEGIN

namespace kernels {

/// Runs all steps of `part`, in inference, with lstm_int8_forward_scratch() bytes of room. A row's result
/// does not depend on the other rows. Allocates nothing.
template <class Arch = DefaultArch>
void gru_forward(const LstmForwardArguments<float, std::int8_t>& a, const LstmPart& part) {
  with_byte_products([&](auto& products) {
    detail::ForwardBytePart<Arch, std::remove_reference_t<decltype(products)>, true>(a, part, products).run();
  });
}

}  // namespace kernels

SEQLSTM_NAMESPACE_END

// Definitions of token_dropout.hpp.
#pragma once

#include <cmath>
#include <seqlstm/nn/token_dropout.hpp>

SEQLSTM_NAMESPACE_BEGIN

SEQLSTM_INLINE void mask_tokens(SequenceBatch& batch, const RandomKey& key, double p, Token id,
                                std::vector<Token>* hidden) {
  if (hidden != nullptr) hidden->assign(batch.ids.size(), -1);
  const Coin hide(p);
  const PackedLayout& layout = batch.layout;
  for (std::size_t r = 0; r < layout.sequences(); ++r)
    for_each_coin(hide, key, layout.record(r), 0, layout.length(r), [&](std::size_t t, bool hides) {
      if (!hides) return;
      const std::size_t place = layout.offset(t) + r;
      if (hidden != nullptr) (*hidden)[place] = batch.ids[place];
      batch.ids[place] = id;
    });
}

SEQLSTM_INLINE TokenDropout::TokenDropout(TokenDropoutOptions options)
    : name(options.name), options_(std::move(options)) {
  if (!(options_.p >= 0 && options_.p <= 1))
    throw option_error(detail::title("token dropout", name) + ": p is " + detail::number_text(options_.p) +
                       ", expected a probability from 0 to 1");
}

SEQLSTM_NAMESPACE_END

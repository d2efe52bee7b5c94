// Token masking: letters hidden at random in training, so that a model does not learn sequences by heart
// (word dropout; Bowman et al. 2016, section 3.1).
#pragma once

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/nn/names.hpp>

SEQLSTM_NAMESPACE_BEGIN

/// How many tokens a TokenDropout hides, and what stands in their place.
struct TokenDropoutOptions {
  double p = 0.1;         ///< probability that a token is hidden, 0 to 1
  Token id = 0;           ///< what stands in its place: the unknown letter, or an id of its own
  std::string name = {};  ///< for error messages: "token dropout 'name': ..."
};

/// Replaces each token of `batch` by `id` with probability p. Which ones is a function of `key` and the
/// token's record and place: threads and batches cannot change it. `hidden` (may be null) gets what stood
/// there, -1 at tokens that stay: the targets of a masked language model (Devlin et al. 2019, section 3.1).
void mask_tokens(SequenceBatch& batch, const RandomKey& key, double p, Token id,
                 std::vector<Token>* hidden = nullptr);

/// The batch with each token replaced by `id` with probability p; the batch itself in inference, while
/// `training` is false and for p = 0. Which tokens is a function of the tape's seed and step, the order of
/// random layers in the model, and the token's record and place: threads and batches cannot change it. The
/// result lives until the tape's next reset().
class TokenDropout {
 public:
  TokenDropout() : TokenDropout(TokenDropoutOptions{}) {}
  /// Throws option_error when p is not within [0, 1]. The id is checked by the layer that looks it up.
  explicit TokenDropout(TokenDropoutOptions options);

  /// `batch`, or the tape's copy of it with hidden tokens.
  template <Scalar T> const SequenceBatch& operator()(Tape<T>& tape, const SequenceBatch& batch) const {
    if (!training || !tape.training() || options_.p == 0) return batch;
    SequenceBatch& masked = tape.new_batch();
    masked = batch;
    mask_tokens(masked, tape.next_random(), options_.p, options_.id);
    return masked;
  }

  /// The options of the constructor.
  [[nodiscard]] const TokenDropoutOptions& options() const { return options_; }
  template <class V> void fields(V&) {}

  std::string name;      ///< in error messages; set_names() makes it the path in the module
  bool training = true;  ///< false: nothing is hidden, even on a training tape

 private:
  TokenDropoutOptions options_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/token_dropout.ipp>
#endif

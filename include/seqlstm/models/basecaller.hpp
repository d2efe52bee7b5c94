// A network that reads the bases of a nanopore signal: a convolution over samples -> GRUs that read backward
// and forward in turn -> scores of bases at every frame, for CTC or a conditional random field. Its default
// is near DeepNano-blitz in shape (Boza et al. 2020).
#pragma once

#include <optional>
#include <seqlstm/data/base_labels.hpp>
#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/channels.hpp>
#include <seqlstm/nn/conv1d.hpp>
#include <seqlstm/nn/crf.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/gru.hpp>
#include <seqlstm/nn/loss.hpp>
#include <seqlstm/nn/model_output.hpp>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Shape of a Basecaller.
struct BasecallerOptions {
  std::size_t stride = 4;         ///< samples of a frame
  std::size_t filters = 48;       ///< of the convolution
  std::size_t kernel = 5;         ///< frames that it sees
  std::size_t hidden = 48;        ///< units of each GRU
  std::size_t layers = 4;         ///< GRUs, the first of which reads backward
  BaseCode code = BaseCode::ctc;  ///< how bases are written at the end
};

/// How many parameters it has, but for a random field's transitions.
double expected_parameters(const BasecallerOptions& o);

/// Reads batches whose rows are frames of `stride` samples (signal_frames() of standardised_signal()), and
/// answers with the scores of 5 classes at every frame, or those of a Crf of 8 labels. Throws option_error
/// for a size of 0.
template <Scalar T = float> class Basecaller {
 public:
  /// Weights as each layer draws them.
  explicit Basecaller(const BasecallerOptions& o);

  /// The scores of every frame. Throws shape_error for a batch of other channels.
  ModelOutput<T> forward(Tape<T>& tape, const SequenceBatch& batch) const;

  template <class V> void fields(V& v) {
    v("convolution", convolution_);
    for (std::size_t i = 0; i < grus_.size(); ++i) v("gru" + std::to_string(i), grus_[i]);
    v("output", output_);
    if (crf_) v("crf", *crf_);
  }
  /// What it is trained with: ctc_loss() or crf_loss().
  [[nodiscard]] Loss loss() const;
  /// The options of the constructor.
  [[nodiscard]] const BasecallerOptions& options() const { return options_; }

 private:
  BasecallerOptions options_;
  Conv1d<T> convolution_;
  std::vector<Gru<T>> grus_;
  Dense<T> output_;
  std::optional<Crf<T>> crf_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/models/basecaller.ipp>
#endif

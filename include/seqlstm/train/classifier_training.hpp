// How a classifier of sequences is trained: the network and its dropouts as validation says, several that
// answer as one, rows without labels (self-training), or a head on an encoder that read other sequences
// before.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <ostream>
#include <seqlstm/core/runtime.hpp>
#include <seqlstm/models/any_classifier.hpp>
#include <seqlstm/models/masked_language_model.hpp>
#include <seqlstm/train/fit.hpp>
#include <seqlstm/train/labelled_parts.hpp>
#include <seqlstm/train/transfer.hpp>
#include <string>
#include <variant>
#include <vector>

SEQLSTM_NAMESPACE_BEGIN

/// Who runs the fits of a training that has several: fit() itself, or one that keeps each in a file
/// (io::ResumableFits).
struct FitSeries {
  /// Trains `net` as fit(net, train, valid, options) does. Must be set.
  std::function<FitResult(ClassifierNet& net, const SequenceDataset& train, const SequenceDataset& valid,
                          FitOptions options)>
      fit;
  /// Is there to be no further fit? Without: never.
  std::function<bool()> ended = {};

  /// `ended`, or false without it.
  [[nodiscard]] bool over() const { return ended && ended(); }
};
/// fit() itself; a fit whose options stop it is the last one.
FitSeries plain_fits();

/// An encoder that read other sequences before, for classifiers to begin with.
struct EncoderStart {
  std::variant<AwdLstmOptions, MaskedLanguageModelOptions> options;  ///< of a language model, or a masked one
  /// Fills the classifier's encoder, whose token vectors are those of `tokenizer`. Without: the network is
  /// built for the encoder, but its weights are drawn anew, to see what its reading is worth.
  std::function<void(AnyClassifier& net, const Tokenizer& tokenizer)> load = {};
  double dropout = 0.3;  ///< factor of an AWD-LSTM's dropouts for classifiers

  /// Is it a masked model's?
  [[nodiscard]] bool masked() const { return std::holds_alternative<MaskedLanguageModelOptions>(options); }
};

/// How to train a classifier.
struct ClassifierTraining {
  /// Are positions an input?
  enum class Positions {
    none,      ///< no
    absolute,  ///< yes: all sequences must have one length
    automatic  ///< as validation says, where all sequences have one length
  };

  /// What the network has beside its LSTM.
  enum class Architecture {
    recurrent,    ///< nothing
    convolution,  ///< convolutions over the letters, which the LSTM reads beside them
    attention,    ///< these, and sums of the LSTM's states under learned weights
    automatic     ///< as validation says
  };

  Positions positions = Positions::automatic;           ///< as an input beside the letters
  Architecture architecture = Architecture::recurrent;  ///< what is beside the LSTM
  std::size_t hidden = 64;                              ///< LSTM units per direction
  std::size_t layers = 2;                               ///< LSTM layers
  bool composition = false;     ///< the head also sees which letters there are and how many
  double learning_rate = 4e-3;  ///< highest rate of the one-cycle schedule
  std::optional<std::size_t> epochs =
      {};                           ///< passes over the training part; without: as `million_tokens` says
  std::size_t million_tokens = 16;  ///< that training sees, in 6 to 30 epochs
  std::size_t ensemble = 1;         ///< networks that are trained; the mean of their outputs counts
  /// When everything is chosen, so many parts of training and validation together validate in turn, each an
  /// ensemble that learns from the others; the mean of all counts (cross-validated committees; Parmanto et
  /// al. 1996). Whole groups, where EncodedParts has groups. 0: validation stays what it is.
  std::size_t committee = 0;
  /// So many times train again, also on what was said of the rows that keep_train_rows() left out, as long as
  /// the validation loss falls. For two classes.
  std::size_t self_training = 0;
  std::optional<EncoderStart> encoder = {};     ///< begin with this one; hidden and layers are then its own
  std::uint64_t seed = 1;                       ///< of weights, order and dropout
  Precision precision = Precision::f32;         ///< of every network
  std::vector<Callback> callbacks = {};         ///< see every epoch of every fit
  std::ostream* progress = default_progress();  ///< where to tell how far it is; null: nowhere
  bool terminal = false;  ///< redraw one line on any stream, as on std::cerr where that is a terminal
  StopRequest stop = {};  ///< ends a fit after an update, and with plain_fits() the training
  CommunicatorRef communicator = {};  ///< ranks that train every network together, as in FitOptions
  std::size_t shards = 16;            ///< with a communicator, as in FitOptions
  Precision wire = Precision::f32;    ///< with a communicator, as in FitOptions
  bool shard_optimizer = false;       ///< with a communicator, as in FitOptions
  std::function<void(const std::string&)> say = {};  ///< is told which network is trained, and what was kept
};

/// How long a training is, for who wants to write it down.
struct ClassifierPlan {
  std::size_t train_rows = 0;              ///< rows of the training part
  std::size_t epochs = 0;                  ///< of one network, in all its stages
  std::vector<UnfreezeStage> stages = {};  ///< on an encoder: what is trained when
  std::size_t passes_per_epoch = 1;  ///< on a language model's encoder: small sets are read several times
  double rate_decay = 1;             ///< on an encoder: from a group of layers to the one below
};

/// A trained classifier and how its training went.
struct TrainedClassifier {
  ClassifierNet net;                                            ///< one network or several that answer as one
  FitResult fitted;                                             ///< of the first network
  double valid_loss = std::numeric_limits<double>::infinity();  ///< infinite before an epoch is finished
  ClassifierPlan plan = {};                                     ///< how long the training was
  std::size_t self_training = 0;                                ///< rounds that were kept
  /// Of a committee: what its members say of rows that they did not learn from.
  Predictions held_out = {};
  std::vector<double> held_out_labels = {};  ///< of these rows, as the objective learns them

  /// Was it trained to its end, or at least for an epoch?
  [[nodiscard]] bool good() const { return fitted.best_epoch > 0 || !fitted.stopped; }
};

/// Trains classifiers on parts.
class ClassifierTrainer {
 public:
  /// Throws option_error for an ensemble of 0.
  explicit ClassifierTrainer(ClassifierTraining options, FitSeries fits = plain_fits());

  /// Trains as the options say: where there is a choice every kind of network, of which the one of the lowest
  /// validation loss stays. Where the series of fits ends early, the best so far. Throws option_error for
  /// options that contradict the data, and as fit() does.
  [[nodiscard]] TrainedClassifier train(const EncodedParts& data) const;
  /// Trains one network of these options. Of `fit` the loss, the seed, the callbacks, the progress, `stop`
  /// and, where sequences are long or of several lengths, the tokens of a batch are the trainer's.
  [[nodiscard]] TrainedClassifier train(const AnyClassifierOptions& net, const EncodedParts& data,
                                        FitOptions fit) const;
  /// How long train(data) takes. Throws option_error for options that contradict the data.
  [[nodiscard]] ClassifierPlan plan(const EncodedParts& data) const;
  /// Passes over the training part of a network that begins with nothing: small sets need more than large
  /// ones.
  [[nodiscard]] std::size_t epochs(const EncodedParts& data) const;

 private:
  using Architecture = ClassifierTraining::Architecture;
  /// What training hides: a share of the tokens, and of what the head sees.
  struct Forgetting {
    double tokens, head;
  };

  [[nodiscard]] TrainedClassifier train_once(const EncodedParts& data) const;
  [[nodiscard]] TrainedClassifier train_first(const EncodedParts& data) const;
  [[nodiscard]] TrainedClassifier train_committee(const EncodedParts& data) const;
  [[nodiscard]] TrainedClassifier train_like(const AnyClassifierOptions& net, const EncodedParts& data,
                                             std::uint64_t seed) const;
  [[nodiscard]] std::vector<Partition> committee_rows(const EncodedParts& data) const;
  [[nodiscard]] TrainedClassifier train_plain(const SequenceClassifierOptions& net, const EncodedParts& data,
                                              std::uint64_t seed) const;
  [[nodiscard]] TrainedClassifier train_on(const EncoderStart& start, const EncodedParts& data,
                                           std::uint64_t seed) const;
  [[nodiscard]] TrainedClassifier train_stages(ClassifierNet net, const ParameterGroups& groups,
                                               const SequenceDataset& train, const EncodedParts& data,
                                               const FitOptions& fit) const;
  [[nodiscard]] TrainedClassifier judged(ClassifierNet net, FitResult fitted, const EncodedParts& data) const;
  [[nodiscard]] ClassifierNet built(const AnyClassifierOptions& net, std::uint64_t seed) const;
  [[nodiscard]] FitOptions completed(FitOptions fit, const EncodedParts& data, std::uint64_t seed) const;
  [[nodiscard]] std::vector<SequenceClassifierOptions> choices(const EncodedParts& data) const;
  [[nodiscard]] std::vector<Architecture> architecture_choices() const;
  [[nodiscard]] std::vector<std::size_t> position_choices(const EncodedParts& data) const;
  [[nodiscard]] static std::vector<Forgetting> forgetting_choices(const EncodedParts& data);
  [[nodiscard]] std::vector<UnfreezeStage> stages(const EncodedParts& data) const;
  [[nodiscard]] std::vector<UnfreezeStage> language_stages(const EncodedParts& data,
                                                           std::size_t groups) const;
  [[nodiscard]] GroupDecay decay() const;
  void say(const std::string& text) const {
    if (options_.say) options_.say(text);
  }

  ClassifierTraining options_;
  FitSeries fits_;
};

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/train/classifier_training.ipp>
#endif

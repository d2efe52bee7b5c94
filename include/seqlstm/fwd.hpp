// Names of the library's types without their definitions, for headers of applications that only pass them on.
// Default arguments (T = float) stand with the definitions: write Lstm<float> here.
#pragma once

#include <cstdint>
#include <seqlstm/core/concepts.hpp>

SEQLSTM_PLAIN_NAMESPACE_BEGIN
template <class T> class MatrixView;
SEQLSTM_PLAIN_NAMESPACE_END

SEQLSTM_NAMESPACE_BEGIN

// core
using Token = std::int32_t;
template <class T> class AlignedBuffer;
using SEQLSTM_PLAIN::MatrixView;
class Arena;
class PackedLayout;
struct SequenceBatch;
struct BatchTargets;
struct RandomKey;
class RandomStream;

// autograd
template <Scalar T> class Tape;
template <Scalar T> class Variable;
template <Scalar T> class Var;
template <Scalar T> class SeqVar;
template <Scalar T> class StepShards;

// nn
template <Scalar T> class Parameter;
template <class T> class Buffer;
template <Scalar T> struct EmbeddedTokens;
template <Scalar T> class Embedding;
template <Scalar T> class OneHot;
template <Scalar T> class PositionalEmbedding;
class TokenDropout;
template <Scalar T> class Lstm;
template <Scalar T> struct LstmState;
template <Scalar T> class LstmStream;
template <Scalar T> class Gru;
template <Scalar T> class CarriedState;
template <Scalar T> class Rnn;
template <Scalar T> class Conv1d;
class MaxPool1d;
class AvgPool1d;
template <Scalar T> class AttentionPooling;
template <Scalar T> class Dense;
template <Scalar T> class LayerNorm;
template <Scalar T> class StandardScaler;
template <Scalar T> class ChannelInput;
template <Scalar T> class Crf;
template <Scalar T> struct CrfScores;
template <Scalar T> struct PairScores;
template <Scalar T> class OrdinalScale;
template <Scalar T> class ModelOutput;
template <Scalar T> class BatchNorm;
template <Scalar T> class AnySequential;
template <Scalar T> class Dropout;
template <Scalar T> class GaussianNoise;
class Loss;
class ParameterGroups;

// models
template <Scalar T> class AwdLstm;
template <Scalar T> class AwdLanguageModel;
template <Scalar T> class SequenceClassifier;
template <Scalar T> class EncoderClassifier;
template <Scalar T> class MaskedLanguageModel;
template <Scalar T> class ReferenceProteinNet;
template <Scalar T> class SequenceLabeller;
template <Scalar T> class SignalClassifier;
template <Scalar T> class Basecaller;
template <Scalar T> class SequenceAligner;
template <Scalar T> class ProteinAligner;
class AnyClassifier;
struct LinearModel;
class Mlp;
class NgramModel;
struct PoissonHmm;
template <class Model> class Ensemble;

// optim
template <Scalar T> class Optimizer;
class Schedule;

// ranks
class Communicator;
class CommunicatorRef;
class ShardTree;
class SharedParts;
template <Scalar T> class TreeSum;

// data
struct Record;
struct LabelledRecords;
class Alphabet;
class Tokenizer;
struct SequenceDataset;
struct FeatureDataset;
class Batcher;
class TokenStreams;
class KmerPhases;
struct PoreModel;
struct NanoporeRead;
class NanoporeSimulator;
struct MutatedRead;
class ReadSimulator;
struct HaplotypeRegion;
struct HaplotypePanel;
class RelationLevels;
class RelatedPairs;

// metrics, train
class ConfusionMatrix;
struct Report;
struct FitOptions;
struct FitResult;
struct EpochReport;
template <class Model, class Dataset> class Trainer;
template <class Model, Scalar T> class LanguageTrainer;
struct Objective;
struct LabelledParts;
struct EncodedParts;
class ClassifierTrainer;

SEQLSTM_NAMESPACE_END

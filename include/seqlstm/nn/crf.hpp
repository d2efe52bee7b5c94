// A linear-chain conditional random field (Lafferty et al. 2001): labels of all positions of a sequence that
// depend on each other, as those of genes, secondary structure or tags do.
//
//     Crf<float> crf({.labels = 3, .forbidden = {{0, 2}}});
//     auto scores = crf(dense(lstm(x)));              // emissions [tokens, 3]
//     auto loss = crf_loss(scores, position_labels);  // training
//     viterbi(scores, labels);                        // the best labels, [tokens]
//
// Label j at position t has the score x(t, j), the emission; label j after label i has transitions(i, j), the
// first and the last label have start_transitions and end_transitions. A path of labels y has the probability
// e^score(y) / Z, Z the sum over all paths. Sums are in double, and no size of the scores makes them lose
// any.
#pragma once

#include <seqlstm/autograd/tape.hpp>
#include <seqlstm/nn/detail/label_graph.hpp>
#include <seqlstm/nn/names.hpp>
#include <seqlstm/nn/parameter.hpp>

SEQLSTM_NAMESPACE_BEGIN

template <Scalar T> class Crf;

/// Labels of a Crf and which of them may follow which.
struct CrfOptions {
  std::size_t labels = 0;                                           ///< K: columns of the emissions
  std::vector<std::pair<std::size_t, std::size_t>> forbidden = {};  ///< from -> to: what has probability 0
  std::vector<std::size_t> forbidden_start = {};                    ///< labels that no sequence begins with
  std::vector<std::size_t> forbidden_end = {};                      ///< labels that no sequence ends with
  std::string name = {};                                            ///< for error messages: "crf 'name': ..."
};

/// What a Crf makes of emissions: the scores of all paths. Owns neither; `crf` must stay where it is until
/// the tape's step is over.
template <Scalar T> struct CrfScores {
  SeqVar<T> emissions;          ///< [tokens, K]
  const Crf<T>* crf = nullptr;  ///< the transitions
};

/// Scores of transitions between K labels. Parameters are those of pytorch-crf: start_transitions [K],
/// end_transitions [K], transitions [K, K] (row: from, column: to), all U(-0.1, 0.1) at first. What is
/// forbidden has probability 0 whatever its parameter, and no gradient. Must outlive the tape's step.
template <Scalar T = float> class Crf {
 public:
  Crf() = default;
  /// Draws first transitions, the same in every program. Throws option_error for no labels, for labels that
  /// are not there, and where what is forbidden leaves no sequence of any length.
  explicit Crf(CrfOptions options);

  /// The scores of all paths through emissions [tokens, K]; throws shape_error for another width. Computes
  /// nothing yet.
  CrfScores<T> operator()(const SeqVar<T>& emissions) const;

  /// Draws all transitions anew, from U(-0.1, 0.1).
  void initialize(RandomKey key);
  /// K.
  [[nodiscard]] std::size_t labels() const { return graph_.labels(); }
  /// False for a forbidden transition.
  [[nodiscard]] bool may_follow(std::size_t from, std::size_t to) const {
    return graph_.may_follow(from, to);
  }
  /// May a sequence begin with this label?
  [[nodiscard]] bool may_start(std::size_t label) const { return graph_.may_start(label); }
  /// May a sequence end with this label?
  [[nodiscard]] bool may_end(std::size_t label) const { return graph_.may_end(label); }
  /// All of that, for the functions below.
  [[nodiscard]] const detail::LabelGraph& graph() const { return graph_; }

  template <class Visitor> void fields(Visitor& v) {
    v("start_transitions", start_transitions);
    v("end_transitions", end_transitions);
    v("transitions", transitions);
  }

  std::string name;                ///< in error messages; set_names() makes it the path in the module
  Parameter<T> start_transitions;  ///< [K]: score of the first label
  Parameter<T> end_transitions;    ///< [K]: score of the last label
  Parameter<T> transitions;        ///< [K, K]: score of label `row` before label `column`

 private:
  detail::LabelGraph graph_;
};

/// -log P(labels | emissions), summed over the batch and divided by the number of labelled positions; 1x1.
/// `labels`: a class for each packed token, NaN where it is not known. Positions without a label are summed
/// over: P is the probability of what was observed. 0 and no gradient for a batch without any label; a
/// sequence without one counts nothing, and an emission of NaN makes the loss NaN where a label is in its
/// sequence.
///
/// Memory of the tape: tokens x K numbers for the gradient and, for each thread, 3 K doubles a token of up to
/// 16 sequences. Throws shape_error for another number of labels than tokens; option_error, naming record and
/// position, for a label that is no class and for one that is forbidden there or after the one before; and,
/// naming the record, where no path of the length is allowed, or none with the labels that are known.
template <Scalar T> Var<T> crf_loss(const CrfScores<T>& scores, std::span<const double> labels);

/// out[i] = log P(labels | emissions) of sequence i in the caller's order; 0 without a label. Errors as of
/// crf_loss(), and shape_error for another size of `out` than sequences.
template <Scalar T>
void crf_log_likelihood(const CrfScores<T>& scores, std::span<const double> labels, std::span<double> out);

/// out(token, j) = P(label j at the packed token | emissions); a row adds up to 1. Throws shape_error for
/// another shape than [tokens, K], option_error for a sequence that no path is allowed for.
template <Scalar T> void crf_marginals(const CrfScores<T>& scores, MatrixView<double> out);

/// labels[packed token] = the label on the best path of its sequence. Of equally good paths the one with the
/// smaller label at the last position where they differ. Labels of a sequence with an emission of NaN are
/// any. Throws shape_error for another number of labels than tokens, option_error for a sequence that no path
/// is allowed for.
template <Scalar T> void viterbi(const CrfScores<T>& scores, std::span<std::int32_t> labels);

SEQLSTM_NAMESPACE_END

#if SEQLSTM_HEADER_ONLY
#include <seqlstm/nn/crf.ipp>
#endif

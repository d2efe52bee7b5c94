// nn: layers, and how they make a model.
//
// A layer is a value with options, parameters, one function `fields` that names them, and a call operator.
// module.hpp builds everything else on `fields`: named parameters, freezing, modes, files. What takes any
// model takes a ModuleRef, so that it is compiled once and not for every model. Tokens enter through
// Embedding, OneHot and PositionalEmbedding, which only say what is to be looked up (EmbeddedTokens); Lstm
// and Gru turn that into rows of W_ih times a vector, so that no product with a one-hot matrix is ever made;
// TokenDropout hides some of them in training. Real numbers enter through channels(). Conv1d, MaxPool1d and
// AvgPool1d look at windows of steps; `reversed` lets a forward layer read backward, `merge_directions`
// makes one of two directions. Poolings, AttentionPooling among them, lead from tokens to sequences; Dense,
// BatchNorm, LayerNorm, Dropout and the activations make the head; losses are means with targets in the
// caller's order. sequential() chains what recipes.hpp names; an AnySequential does so when the program runs.
//
// A model that pools answers once for a sequence, one that does not at every position; ModelOutput tells
// which. Labels of positions may depend on each other (Crf), or stand at no known position (ctc_loss).
// pair_products and pair_distances compare every two positions of two sequences; alignment_loss teaches
// which belong together, soft_symmetric_alignment says how alike the sequences are, OrdinalScale and
// ordinal_loss what that means in levels of relation. A language model scores the next token at every token:
// TiedDecoder and the cross_entropy of token_loss.hpp.
//
// A network that must answer while its input arrives runs a token at a time: Lstm::step on an LstmStream. One
// that reads a text too long for one batch keeps a CarriedState from window to window; regularization.hpp has
// the penalties of such models. ParameterGroups name what is frozen, or learns at another rate,
// together.
//
// What a layer sums over rows of a batch, its weights' gradients above all, it sums by row_sums.hpp: there
// one definition serves a batch that is here and one that several ranks compute. A loss that compares records
// with one another is given those of all ranks by of_whole_batch.
#pragma once

#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/alignment_loss.hpp>
#include <seqlstm/nn/any_sequential.hpp>
#include <seqlstm/nn/attention_pooling.hpp>
#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/carried_state.hpp>
#include <seqlstm/nn/channels.hpp>
#include <seqlstm/nn/concat.hpp>
#include <seqlstm/nn/conv1d.hpp>
#include <seqlstm/nn/crf.hpp>
#include <seqlstm/nn/ctc_loss.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/dropout.hpp>
#include <seqlstm/nn/embedded_tokens.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/gaussian_noise.hpp>
#include <seqlstm/nn/gru.hpp>
#include <seqlstm/nn/gru_stream.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/layer_norm.hpp>
#include <seqlstm/nn/loss.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/lstm_stream.hpp>
#include <seqlstm/nn/merge_directions.hpp>
#include <seqlstm/nn/model_output.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/nn/module_ref.hpp>
#include <seqlstm/nn/names.hpp>
#include <seqlstm/nn/one_hot.hpp>
#include <seqlstm/nn/ordinal_loss.hpp>
#include <seqlstm/nn/pair_scores.hpp>
#include <seqlstm/nn/parameter.hpp>
#include <seqlstm/nn/parameter_groups.hpp>
#include <seqlstm/nn/pool1d.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <seqlstm/nn/positional_embedding.hpp>
#include <seqlstm/nn/recipes.hpp>
#include <seqlstm/nn/regularization.hpp>
#include <seqlstm/nn/reversed.hpp>
#include <seqlstm/nn/rnn.hpp>
#include <seqlstm/nn/row_sums.hpp>
#include <seqlstm/nn/sequential.hpp>
#include <seqlstm/nn/site_loss.hpp>
#include <seqlstm/nn/soft_alignment.hpp>
#include <seqlstm/nn/step_weights.hpp>
#include <seqlstm/nn/tied_decoder.hpp>
#include <seqlstm/nn/token_dropout.hpp>
#include <seqlstm/nn/token_loss.hpp>
#include <seqlstm/nn/whole_batch.hpp>

// A chain of layers whose widths follow from one another.
//
//     auto model = sequential(embedding(16), lstm({.hidden = 64, .bidirectional = true}), last(), dense(1));
//     model.build({.vocabulary = 4});          // fit() does this from the data
//
// The arguments are recipes: they know what a user decides and learn the rest (vocabulary, columns) in
// build().
#pragma once

#include <optional>
#include <seqlstm/nn/activation.hpp>
#include <seqlstm/nn/batch_norm.hpp>
#include <seqlstm/nn/dense.hpp>
#include <seqlstm/nn/dropout.hpp>
#include <seqlstm/nn/embedding.hpp>
#include <seqlstm/nn/init.hpp>
#include <seqlstm/nn/lstm.hpp>
#include <seqlstm/nn/module.hpp>
#include <seqlstm/nn/one_hot.hpp>
#include <seqlstm/nn/pooling.hpp>
#include <seqlstm/nn/position.hpp>
#include <tuple>

SEQLSTM_NAMESPACE_BEGIN

/// What a chain must know of the data before its layers can be made.
struct BuildInfo {
  std::size_t vocabulary = 0;  ///< number of token ids
  std::size_t max_length = 0;  ///< tokens of the longest sequence; only position() reads it
  std::uint64_t seed = 0;      ///< of the initial weights
};

/// The state of a chain being built: what the data is, and how many columns the last layer made.
struct ChainWidth {
  BuildInfo info;
  std::size_t cols = 0;
};

// ---- recipes: build<T>(ChainWidth&) makes the layer and moves the width on
// ----------------------------------------

struct EmbeddingRecipe {
  std::size_t width;
  template <class T> Embedding<T> build(ChainWidth& chain) const {
    chain.cols = width;
    return Embedding<T>({.vocabulary = chain.info.vocabulary, .width = width, .padding = {}});
  }
};
struct OneHotRecipe {
  template <class T> OneHot<T> build(ChainWidth& chain) const {
    chain.cols = chain.info.vocabulary;
    return OneHot<T>(chain.info.vocabulary);
  }
};

/// Token vector plus position vector, as one layer.
template <Scalar T> struct PositionedEmbedding {
  Embedding<T> token;
  Position<T> position;
  EmbeddedTokens<T> operator()(const TokenBatch& batch) { return token(batch) + position(batch); }
  template <class V> void fields(V& v) {
    v("token", token);
    v("position", position);
  }
};
struct PositionRecipe {
  std::size_t length;  // 0: the longest sequence of the training data
};
struct PositionedEmbeddingRecipe {
  EmbeddingRecipe token;
  PositionRecipe position;
  template <class T> PositionedEmbedding<T> build(ChainWidth& chain) const {
    const std::size_t length = position.length > 0 ? position.length : chain.info.max_length;
    return {token.build<T>(chain), Position<T>({.length = length, .width = token.width})};
  }
};
inline PositionedEmbeddingRecipe operator+(EmbeddingRecipe token, PositionRecipe position) {
  return {token, position};
}

struct LstmRecipe {
  LstmOptions options;
  template <class T> Lstm<T> build(ChainWidth& chain) const {
    LstmOptions complete = options;
    complete.input = chain.cols;
    Lstm<T> layer(complete);
    chain.cols = layer.output();
    return layer;
  }
};
struct DenseRecipe {
  std::size_t output;
  template <class T> Dense<T> build(ChainWidth& chain) const {
    const std::size_t input = std::exchange(chain.cols, output);
    return Dense<T>(input, output);
  }
};
struct BatchNormRecipe {
  template <class T> BatchNorm<T> build(ChainWidth& chain) const { return BatchNorm<T>(chain.cols); }
};
struct DropoutRecipe {
  DropoutOptions options;
  template <class T> Dropout<T> build(ChainWidth&) const { return Dropout<T>(options); }
};

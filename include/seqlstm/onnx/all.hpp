// onnx: models out to ONNX files and in from them; the component seqlstm::onnx, which needs protobuf.
//
// `save_onnx` writes any chain and every network of models/ as operators that ONNX Runtime runs, on padded
// batches with lengths; `load_onnx` reads what it wrote, and LSTM and GRU classifiers as PyTorch's exporters
// write them. What both pass on is a LayerGraph: layers and what each reads, known when the program runs. It
// is a model like any other, with the bits of the one it was made of.
//
// A network of one's own crosses with a GraphOf, which says how its forward() joins its members. A layer that
// ONNX does not have, a random field or a layer norm inside a cell, is refused by its name.
#pragma once

#include <seqlstm/onnx/graph_layers.hpp>
#include <seqlstm/onnx/graph_of.hpp>
#include <seqlstm/onnx/layer_graph.hpp>
#include <seqlstm/onnx/load_onnx.hpp>
#include <seqlstm/onnx/model_graphs.hpp>
#include <seqlstm/onnx/save_onnx.hpp>

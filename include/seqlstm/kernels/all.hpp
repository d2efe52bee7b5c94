// kernels: the arithmetic, and the only folder that sees vectors; simd.hpp and neon.hpp alone see xsimd.
//
// Kernels are templates on an instruction set, functions of pointers, sizes and leading dimensions; they know
// no layer. simd.hpp hides xsimd (neon.hpp has its NEON divide exactly); math.hpp has exp, sigmoid and tanh
// with error bounds, bundle.hpp runs several side by side; tile.hpp is the register tile that every product
// is made of. gemm.hpp multiplies matrices. pack.hpp stores LSTM weights gate by gate in panels of one vector
// of units, so that lstm_forward.hpp applies the gate functions to accumulators (lstm_projection.hpp begins
// the sums of many tokens at once where steps are small or weights large) and lstm_backward.hpp forms gate
// gradients in registers; lstm_weight_gradient.hpp sums their products over all tokens, or over the tokens of
// several shards, whose sums shard_fold.hpp has added up. lstm_cells.hpp is a step of cells that those do not
// have, between products of gemm.hpp. gru_forward.hpp and gru_backward.hpp do
// the same for a GRU. gather.hpp looks rows up and adds into them; reduce.hpp, norm.hpp, row_products.hpp and
// elementwise.hpp serve the layers around the LSTM, ctc.hpp the lattice of alignments. Every multiply-add is
// an explicit fma, every sum has one order: results depend neither on the number of threads nor on what else
// is in a batch.
//
// With bfloat16 factors the same passes run on tiles: amx.hpp is the CPU's matrix unit; dot_tiles.hpp, by dot
// products, and vector_tiles.hpp compute its bits where there is none; matrix_unit.hpp chooses and
// with_tiles.hpp hands out;
// tile_block.hpp is the block of tiles every product is made of, tile_pack.hpp the orders its factors are
// stored in, tile_gemm.hpp and outer_bf16.hpp are products and sums of outer products; lstm_bf16_forward.hpp
// and lstm_bf16_backward.hpp the passes, gru_bf16.hpp those of a GRU.
//
// With int8 factors, in inference: byte_weights.hpp and byte_rows.hpp quantise, byte_words.hpp has each
// instruction set's sums of products of bytes, byte_block.hpp and byte_gemm.hpp the products,
// lstm_int8_forward.hpp and gru_int8_forward.hpp the passes.
//
// arguments.hpp has what kernels are given, in plain structs. vector_kernels.hpp, tile_kernels.hpp and
// byte_kernels.hpp are all that layers call, and set.hpp says which: those templates, or (linked.hpp) the
// compiled library's functions, which table.hpp lists. report.hpp tells a user which run.
//
// Functions whose loops must stay in registers are [[gnu::flatten]]: in a large program GCC would otherwise
// stop inlining in the midst of a register tile.
#pragma once

#include <seqlstm/kernels/amx.hpp>
#include <seqlstm/kernels/arguments.hpp>
#include <seqlstm/kernels/bundle.hpp>
#include <seqlstm/kernels/byte_block.hpp>
#include <seqlstm/kernels/byte_gemm.hpp>
#include <seqlstm/kernels/byte_kernels.hpp>
#include <seqlstm/kernels/byte_rows.hpp>
#include <seqlstm/kernels/byte_weights.hpp>
#include <seqlstm/kernels/byte_words.hpp>
#include <seqlstm/kernels/ctc.hpp>
#include <seqlstm/kernels/dot_tiles.hpp>
#include <seqlstm/kernels/elementwise.hpp>
#include <seqlstm/kernels/gather.hpp>
#include <seqlstm/kernels/gemm.hpp>
#include <seqlstm/kernels/gru_backward.hpp>
#include <seqlstm/kernels/gru_bf16.hpp>
#include <seqlstm/kernels/gru_forward.hpp>
#include <seqlstm/kernels/gru_int8_forward.hpp>
#include <seqlstm/kernels/linked.hpp>
#include <seqlstm/kernels/lstm_backward.hpp>
#include <seqlstm/kernels/lstm_bf16_backward.hpp>
#include <seqlstm/kernels/lstm_bf16_forward.hpp>
#include <seqlstm/kernels/lstm_cells.hpp>
#include <seqlstm/kernels/lstm_forward.hpp>
#include <seqlstm/kernels/lstm_forward_tile.hpp>
#include <seqlstm/kernels/lstm_int8_forward.hpp>
#include <seqlstm/kernels/lstm_projection.hpp>
#include <seqlstm/kernels/lstm_weight_gradient.hpp>
#include <seqlstm/kernels/math.hpp>
#include <seqlstm/kernels/matrix_unit.hpp>
#include <seqlstm/kernels/neon.hpp>
#include <seqlstm/kernels/norm.hpp>
#include <seqlstm/kernels/outer_bf16.hpp>
#include <seqlstm/kernels/pack.hpp>
#include <seqlstm/kernels/reduce.hpp>
#include <seqlstm/kernels/report.hpp>
#include <seqlstm/kernels/row_products.hpp>
#include <seqlstm/kernels/set.hpp>
#include <seqlstm/kernels/shard_fold.hpp>
#include <seqlstm/kernels/simd.hpp>
#include <seqlstm/kernels/table.hpp>
#include <seqlstm/kernels/tile.hpp>
#include <seqlstm/kernels/tile_block.hpp>
#include <seqlstm/kernels/tile_gemm.hpp>
#include <seqlstm/kernels/tile_kernels.hpp>
#include <seqlstm/kernels/tile_pack.hpp>
#include <seqlstm/kernels/update.hpp>
#include <seqlstm/kernels/vector_kernels.hpp>
#include <seqlstm/kernels/vector_tiles.hpp>
#include <seqlstm/kernels/with_tiles.hpp>

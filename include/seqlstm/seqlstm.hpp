// The umbrella of umbrellas: lstm.hpp, explain/, plot/, and the readers and writers of io/, which need
// seqlstm::io.
#pragma once

#include <seqlstm/explain/all.hpp>
#include <seqlstm/io/all.hpp>
#include <seqlstm/lstm.hpp>
#include <seqlstm/plot/all.hpp>

// explain: why a model says what it says.
//
// mutagenesis.hpp replaces every letter of a sequence by every other and asks again: a table, and a heat map.
#pragma once

#include <seqlstm/explain/mutagenesis.hpp>

// Forgets nn/all.hpp.
#pragma once

#include <seqlstm/lstm.hpp>

// Includes a header that does not exist.
#pragma once

#include <seqlstm/nn/nowhere.hpp>

// Includes a floor above its own.
#pragma once

#include <seqlstm/nn/layer.hpp>

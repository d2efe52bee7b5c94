// Forgets most of its folder.
#pragma once

#include <seqlstm/nn/layer.hpp>

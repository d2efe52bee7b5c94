// Includes a floor above its own, and the system.
#pragma once

#include <sys/stat.h>

#include <seqlstm/nn/layer.hpp>

// Includes by a relative path.
#pragma once

#include "layer.hpp"

// Includes an umbrella from inside.
#pragma once

#include <seqlstm/lstm.hpp>

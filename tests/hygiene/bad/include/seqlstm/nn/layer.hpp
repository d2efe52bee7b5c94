// Includes another folder's detail.
#pragma once

#include <seqlstm/core/detail/inner.hpp>

// The library's version; the CMake project reads it from here.
#pragma once

#define SEQLSTM_VERSION_MAJOR 0
#define SEQLSTM_VERSION_MINOR 1
#define SEQLSTM_VERSION_PATCH 0

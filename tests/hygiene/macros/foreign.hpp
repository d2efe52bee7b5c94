// Names that headers of other libraries define as macros, before ours are seen. Standard headers and our
// dependencies come first: they have to live with these on their own.
#pragma once

#include <csv.h>
#include <zlib.h>

#include <Eigen/Dense>
#include <Random123/philox.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <charconv>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>
#include <xsimd/xsimd.hpp>

// <complex.h>, in GNU mode
#define I (__extension__ 1.0iF)
#define complex _Complex
#define imaginary _Imaginary
// Qt
#define slots
#define signals public
#define emit
#define foreach Q_FOREACH
#define forever for (;;)
// windows.h and what it includes
#define near
#define far
#define small char
#define hyper long
#define interface struct
#define IN
#define OUT
#define OPTIONAL
#define CONST const
#define VOID void
#define THIS void
#define ERROR 0
#define DELETE (0x00010000L)
#define STRICT 1
#define TRUE 1
#define FALSE 0
#define NO_ERROR 0L
#define DIFFERENCE 11
#define ABSOLUTE 1
#define RELATIVE 2
#define TRANSPARENT 1
#define CreateFile CreateFileA
#define GetObject GetObjectA
// X11
#define None 0L
#define Status int
#define Bool int
#define True 1
#define False 0
#define Success 0
#define Always 2
#define Above 0
#define Below 1
#define Complex 0
#define Convex 2
#define Unsorted 0
#define CursorShape 0
#define KeyPress 2
#define FocusIn 9
#define FontChange 255
#define Expose 12
// R without R_NO_REMAP
#define error Rf_error
#define warning Rf_warning
#define length Rf_length
#define eval Rf_eval
#define match Rf_match
#define install Rf_install
#define append Rf_append
#define duplicate Rf_duplicate
#define protect Rf_protect
#define nrows Rf_nrows
#define ncols Rf_ncols
#define list1 Rf_list1
#define cons Rf_cons
#define isNull Rf_isNull
#define isNumeric Rf_isNumeric
#define mkChar Rf_mkChar
#define setVar Rf_setVar
#define PI 3.14159265358979323846
#define Free(p) (std::free(p))
#define Calloc(n, t) (static_cast<t*>(std::calloc(n, sizeof(t))))
// sys/sysmacros.h, sys/param.h, curses.h, Arduino
#define major gnu_dev_major
#define minor gnu_dev_minor
#define makedev gnu_dev_makedev
#define roundup(x, y) ((((x) + ((y)-1)) / (y)) * (y))
#define howmany(x, y) (((x) + ((y)-1)) / (y))
#define B0 0
#define B110 3
#define check(x) (x)
#define verify(x) (x)
#define require(x) (x)

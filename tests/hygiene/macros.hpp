// What common headers define as macros, as they define it: a program may include them before ours.
// macros.cmake keeps these names out of include/, and README's program compiles after them.
#pragma once

// C, in GNU mode, which is CMake's default.
#include <complex.h>
#ifndef I
#define I (__extension__ 1.0iF)
#define _Complex_I (__extension__ 1.0iF)
#define _Imaginary_I (__extension__ 1.0iF)
#define imaginary _Imaginary
#endif
#ifndef linux
#define linux 1
#define unix 1
#endif

// Qt.
#define Q_SLOTS
#define Q_SIGNALS public
#define Q_EMIT
#define slots Q_SLOTS
#define signals Q_SIGNALS
#define emit Q_EMIT
#define forever for (;;)
#define foreach(variable, container) for (variable : container)

// X11.
#if __has_include(<X11/Xutil.h>)
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#else
#define Bool int
#define Status int
#define True 1
#define False 0
#define None 0L
#define Success 0
#define Always 2
#define Above 0
#define Below 1
#define Unsorted 0
#define YSorted 1
#define Complex 0
#define Nonconvex 1
#define Convex 2
#define CursorShape 0
#define TileShape 1
#define StippleShape 2
#define StaticGray 0
#define GrayScale 1
#define StaticColor 2
#define PseudoColor 3
#define TrueColor 4
#define DirectColor 5
#define KeyPress 2
#define KeyRelease 3
#define FocusIn 9
#define FocusOut 10
#define Expose 12
#define Button1 1
#define ControlMask (1 << 2)
#define CurrentTime 0L
#define AnyKey 0L
#define NoSymbol 0L
#define InputOutput 1
#define InputOnly 2
#define BadValue 2
#define BadMatch 8
#define BadAlloc 11
#define DoRed (1 << 0)
#define DoGreen (1 << 1)
#define DoBlue (1 << 2)
#define AllValues 0x000F
#define NoValue 0x0000
#define XValue 0x0001
#define YValue 0x0002
#endif

// Windows, with NOMINMAX.
#define near
#define far
#define NEAR
#define FAR
#define small char
#define hyper long long
#define cdecl
#define pascal
#define interface struct
#define IN
#define OUT
#define OPTIONAL
#define CONST const
#define VOID void
#define THIS void
#define CALLBACK
#define STRICT 1
#define ERROR 0
#define NO_ERROR 0L
#define INFINITE 0xffffffff
#define IGNORE 0
#define DELETE (0x00010000L)
#define ABSOLUTE 1
#define RELATIVE 2
#define TRANSPARENT 1
#define OPAQUE 2
#define DIFFERENCE 11

// R, with R_NO_REMAP. What Rmath.h gives another name has it everywhere.
#define PI 3.141592653589793238462643383280
#define DOUBLE_EPS 2.220446e-16
#define NA_REAL R_NaReal
#define NA_INTEGER R_NaInt
#define NA_LOGICAL R_NaInt
#define Calloc(n, t) (t*)R_chk_calloc((n), sizeof(t))
#define Realloc(p, n, t) (t*)R_chk_realloc((p), (n) * sizeof(t))
#define Free(p) (R_chk_free((void*)(p)), (p) = NULL)
#define Memcpy(p, q, n) memcpy(p, q, (n) * sizeof(*p))
#define Memzero(p, n) memset(p, 0, (n) * sizeof(*p))
#define beta Rf_beta
#define choose Rf_choose
#define df Rf_df
#define pt Rf_pt
#define sign Rf_sign

// The system's, and GLib.
#ifndef TRUE
#define TRUE 1
#define FALSE 0
#endif
#define ABS(a) (((a) < 0) ? -(a) : (a))
#define CLAMP(x, low, high) (((x) > (high)) ? (high) : (((x) < (low)) ? (low) : (x)))
#define MIN(a, b) (((a) < (b)) ? (a) : (b))
#define MAX(a, b) (((a) > (b)) ? (a) : (b))
#define howmany(x, y) (((x) + ((y)-1)) / (y))
#define roundup(x, y) ((((x) + ((y)-1)) / (y)) * (y))
#define powerof2(x) ((((x)-1) & (x)) == 0)
#define major(device) gnu_dev_major(device)
#define minor(device) gnu_dev_minor(device)
#define makedev(major, minor) gnu_dev_makedev(major, minor)
#define ECHO 0000010

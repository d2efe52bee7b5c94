#!/bin/sh
# Builds and runs a program with what pkg-config says of a module:
#   COMPILER PKG_CONFIG PREFIX MODULE SOURCE PROGRAM
set -eu
export PKG_CONFIG_PATH="$3/share/pkgconfig"
"$2" --exists --print-errors "$4"
# By eval, for blanks in the prefix are escaped.
eval "\"\$1\" -std=c++20 -DSEQLSTM_NO_ARCH_WARNING $("$2" --cflags "$4") \"\$5\" -o \"\$6\" $("$2" --libs "$4")"
"$6"

#!/bin/sh
# Builds and runs a program with what pkg-config says: COMPILER PKG_CONFIG PREFIX SOURCE PROGRAM
set -eu
export PKG_CONFIG_PATH="$3/share/pkgconfig"
"$2" --exists --print-errors seqlstm
# shellcheck disable=SC2046  # one word per flag is meant
"$1" -std=c++20 -DSEQLSTM_NO_ARCH_WARNING $("$2" --cflags seqlstm) "$4" -o "$5" $("$2" --libs seqlstm)
"$5"

#!/usr/bin/env bash
# One would guess: a compiler copies an array of constants as it is written, so that class labels {1, 1, 0, 0} are two ones and
# two zeros, with -march=x86-64-v4 as without.
# What happens: GCC 12.2 for CPUs with AVX-512 (VL), from -O2 on, copies 32 or 64 bytes of constants that begin with equal
# 64-bit words and go on with zeros as if all words were equal: {1, 1, 0, 0} becomes four ones. Initializer lists of
# std::vector are such copies, of double, float and integers. -march=x86-64-v3 is right, and so are -mmove-max=128 and
# -mstore-max=128 together; -mprefer-vector-width=256 is not enough.
# Version: GCC 12.2.0-14+deb12u1 (Debian 12). Source: the assembler it writes, below; run where the CPU has AVX-512.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q cpp-12=12.2.0-14+deb12u1 >download.log 2>&1
dpkg-deb -x cpp-12_*.deb root
compiler="$folder/root/usr/lib/gcc/x86_64-linux-gnu/12/cc1"
"$compiler" --version | head -1

cat >labels.c <<'C'
#define CASE(name, type, count, ...) \
  void name(type* to) { const type from[count] = {__VA_ARGS__}; __builtin_memcpy(to, from, sizeof from); }
CASE(four_doubles, double, 4, 1, 1, 0, 0)
CASE(eight_doubles, double, 8, 1, 1, 1, 1, 0, 0, 0, 0)
CASE(eight_floats, float, 8, 1, 1, 1, 1, 0, 0, 0, 0)
CASE(four_longs, long, 4, 5, 5, 0, 0)
CASE(mixed_doubles, double, 4, 1, 2, 0, 0)
C
# body FUNCTION FILE: its instructions. A broadcast that fills the whole copy leaves no room for a zero.
body() { sed -n "/^$1:/,/\tret/p" "$2" | grep -v '^\s*\.'; }
filled() { body "$1" "$2" | grep -q 'vpbroadcast[dq]' && ! body "$1" "$2" | grep -q 'vpxor'; }

wrong=""
for options in "-march=x86-64-v4" "-march=x86-64-v4 -mprefer-vector-width=256" "-march=x86-64-v4 -mmove-max=128 -mstore-max=128" \
  "-march=x86-64-v3"; do
  # shellcheck disable=SC2086
  "$compiler" -quiet -O2 $options labels.c -o labels.s
  found=""
  for name in four_doubles eight_doubles eight_floats four_longs mixed_doubles; do
    if filled "$name" labels.s; then found="$found $name"; fi
  done
  echo "$options: one value all over:${found:- none}"
  wrong="$wrong|$found"
done
"$compiler" -quiet -O2 -march=x86-64-v4 labels.c -o labels.s
body four_doubles labels.s
if grep -q avx512vl /proc/cpuinfo; then
  cat >main.c <<'C'
#include <stdio.h>
void four_doubles(double*);
int main(void) {
  double to[4];
  four_doubles(to);
  printf("{1, 1, 0, 0} is copied as {%g, %g, %g, %g}\n", to[0], to[1], to[2], to[3]);
  return to[3] != 1;
}
C
  cc -O0 main.c labels.s -o labels && ./labels
fi
[[ $wrong == "| four_doubles eight_doubles eight_floats four_longs| four_doubles eight_floats four_longs||" ]] ||
  { echo "changed: $wrong"; exit 1; }
echo "as described: zeros behind equal numbers are lost"

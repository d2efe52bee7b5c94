#!/usr/bin/env bash
# One would guess that a / b of two xsimd vectors of floats is a / b of their lanes, for AArch64 has an instruction for it (FDIV)
# and IEEE 754 says what it gives: x / x is 1.
# What happens: on AArch64 xsimd multiplies by an estimate of 1 / b refined in steps. Two of five quotients are not the nearest float,
# x / x is not 1 for a third of all x, and sqrt(infinity) is not a number. On x86-64 the same program is exact. Doubles are
# exact on both.
# Seen: Debian 12's libxsimd-dev 8.1.0-7 with g++-aarch64-linux-gnu 12.2 under qemu-user; the same numbers with xsimd 14.3.0.
# Source: xsimd's arch/xsimd_neon.hpp (div, sqrt); Arm's reference, FDIV (vector).
set -euo pipefail
folder=$(mktemp -d) && chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
missing=()
command -v aarch64-linux-gnu-g++ > /dev/null || missing+=(g++-aarch64-linux-gnu)
command -v qemu-aarch64 > /dev/null || missing+=(qemu-user)
if [ "${#missing[@]}" -gt 0 ]; then apt-get -qq update && apt-get -qq install -y "${missing[@]}" > /dev/null; fi
(cd "$folder" && apt-get -qq download libxsimd-dev=8.1.0-7)
dpkg -x "$folder"/libxsimd-dev_*.deb "$folder/xsimd"
cat > "$folder/divide.cpp" << 'TEXT'
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <random>
#include <xsimd/xsimd.hpp>
#if defined(__aarch64__)
using Arch = xsimd::neon64;
#else
using Arch = xsimd::sse2;
#endif
template <class T> using V = xsimd::batch<T, Arch>;
template <class T> T lane(const V<T>& v) {
  T lanes[V<T>::size];
  v.store_unaligned(lanes);
  return lanes[0];
}
template <class T> long not_exact() {
  std::mt19937 random(1);
  std::uniform_real_distribution<T> numbers(1, 2);
  long count = 0;
  for (int i = 0; i < 100000; ++i) {
    const T a = numbers(random), b = numbers(random);
    count += lane<T>(V<T>(a) / V<T>(b)) != a / b;
  }
  return count;
}
int main() {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> numbers(1, 2);
  long not_one = 0;
  for (int i = 0; i < 100000; ++i) {
    const float x = numbers(random);
    not_one += lane<float>(V<float>(x) / V<float>(x)) != 1.0F;
  }
  const float root = lane<float>(xsimd::sqrt(V<float>(std::numeric_limits<float>::infinity())));
  std::printf("xsimd %d.%d.%d: of 100000 quotients %ld of floats and %ld of doubles not rounded correctly, x / x not 1 for %ld, "
              "sqrt(inf) %g\n",
              XSIMD_VERSION_MAJOR, XSIMD_VERSION_MINOR, XSIMD_VERSION_PATCH, not_exact<float>(), not_exact<double>(), not_one,
              std::abs(root));
  return not_one > 0 ? 42 : 0;
}
TEXT
include="$folder/xsimd/usr/include"
g++ -std=c++17 -O2 -I "$include" "$folder/divide.cpp" -o "$folder/here"
aarch64-linux-gnu-g++ -std=c++17 -O2 -static -I "$include" "$folder/divide.cpp" -o "$folder/arm"
aarch64-linux-gnu-g++ --version | head -n 1
echo "this machine ($(uname -m)): $("$folder/here")"
status=0
arm=$(qemu-aarch64 "$folder/arm") || status=$?
echo "AArch64: $arm"
[ "$status" -eq 42 ] || { echo "xsimd divides floats exactly now, or the program did not run (exit code $status)"; exit 1; }

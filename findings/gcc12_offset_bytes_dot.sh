#!/usr/bin/env bash
# One would guess that GCC 12 sums (u - 128) * s, u an unsigned byte and s a signed one, the same at -O2 and -O3: it is plain
# integer arithmetic without overflow, the reference loop of every int8 product whose activations are stored as q + 128.
# What happens: where the CPU has dot products of bytes (AVX512_VNNI or AVX-VNNI), -O3 vectorises the loop by them and gives
# other sums. A volatile sum, or -O2, gives the right ones.
# Seen: GCC 12.2.0-14+deb12u1 (Debian 12), -O3 -mavx512vnni -mavx512vl and -O3 -mavxvnni; right with -O3 -mavx2.
# Source: the C++ standard's integer arithmetic, which the same program at -O2 and clang follow.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
compiler=g++-12
command -v "$compiler" > /dev/null || { apt-get -qq update && apt-get -qq install -y g++-12 > /dev/null; }
"$compiler" --version | head -n 1
flags="-mavx512vnni -mavx512vl"
grep -q avx512_vnni /proc/cpuinfo || flags=-mavxvnni
grep -q -e avx512_vnni -e avx_vnni /proc/cpuinfo || { echo "this CPU has no dot products of bytes: nothing to see"; exit 0; }
cat > "$folder/dot.cpp" << 'TEXT'
#include <cstddef>
#include <cstdint>
#include <cstdio>
__attribute__((noinline)) std::int32_t dot(const std::uint8_t* u, const std::int8_t* s, std::size_t n) {
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < n; ++k) sum += (std::int32_t{u[k]} - 128) * s[k];
  return sum;
}
int main() {
  std::uint8_t u[64];
  std::int8_t s[64];
  for (int k = 0; k < 64; ++k) {
    u[k] = static_cast<std::uint8_t>(k * 37);
    s[k] = static_cast<std::int8_t>(k * 91);
  }
  std::printf("%d\n", dot(u, s, 64));
}
TEXT
for level in -O2 -O3; do
  # shellcheck disable=SC2086  # words of their own
  "$compiler" -std=c++20 $level $flags "$folder/dot.cpp" -o "$folder/dot$level"
done
right=$("$folder/dot-O2") other=$("$folder/dot-O3")
echo "sum of 64 products with $flags: $right at -O2, $other at -O3"
[ "$right" != "$other" ] || { echo "GCC adds rightly now"; exit 1; }

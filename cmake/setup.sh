#!/bin/sh
# Installs what building, testing and benchmarking seqlstm needs on Debian or Ubuntu; does nothing when it is there.
#   sh cmake/setup.sh            compilers and libraries
#   sh cmake/setup.sh --checks   also clang, clang-format, clang-tidy, doxygen, pkg-config, Python, cd-hit, mmseqs and qemu, for the checks of
#                                CONTRIBUTING.md
#   sh cmake/setup.sh --arm      also a cross compiler and an emulator for AArch64; unpacks libraries for it in build/aarch64
#   sh cmake/setup.sh --mpi      also Open MPI, unless an MPI is there, for ranks on many machines
#   sh cmake/setup.sh --compilers   also those of its ci_compilers that the release has
# Fails where the compiler (CXX, else c++) or CMake is too old, and says how to get another.
set -eu

packages="g++ cmake ninja-build ccache git libeigen3-dev libxsimd-dev librandom123-dev zlib1g-dev nlohmann-json3-dev
libcsv-dev libprotobuf-dev protobuf-compiler libonnx-dev libcli11-dev libedlib-dev catch2 libbenchmark-dev"
case "${1:-}" in
  "") ;;
  --compilers) compilers="g++-12 clang-14 clang-16 clang-19 libc++-16-dev g++-mingw-w64-x86-64-posix libz-mingw-w64-dev" ;;
  --checks) packages="$packages clang clang-format clang-tidy doxygen pkg-config python3 python3-venv mmseqs2 cd-hit qemu-user" ;;
  --mpi) command -v mpicxx >/dev/null 2>&1 || packages="$packages libopenmpi-dev openmpi-bin" ;;
  --arm) packages="$packages g++-aarch64-linux-gnu qemu-user" ;;
  *)
    echo "setup.sh: unknown option '$1'; expected nothing, --checks, --compilers, --mpi or --arm" >&2
    exit 2
    ;;
esac

compiler="${CXX:-c++}"
# The value of a macro that the compiler predefines.
predefined() {
  "$compiler" -dM -E -x c++ /dev/null 2>/dev/null | sed -n "s/^#define $1 //p"
}
# Succeeds for GCC 12, Clang 14 and later; else says what was found.
compiler_is_new_enough() {
  clang=$(predefined __clang_major__)
  gcc=$(predefined __GNUC__)
  if [ -n "$clang" ]; then
    [ "$clang" -lt 14 ] || return 0
    found="Clang $clang"
  else
    [ "${gcc:-0}" -lt 12 ] || return 0
    found="${gcc:+GCC $gcc}"
  fi
  echo "setup.sh: $compiler is ${found:-no C++ compiler}, but seqlstm needs GCC 12, Clang 14 or later" >&2
  return 1
}

if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
  for tool in "$compiler" cmake ninja; do
    command -v "$tool" >/dev/null 2>&1 || missing_tools="${missing_tools:-} $tool"
  done
  cat >&2 <<TEXT
setup.sh: this system has no apt-get, so nothing was installed. seqlstm needs:
  GCC 12 or Clang 14 or later, CMake 3.22 (3.25 for the presets' workflows), Ninja,
  Eigen 3.4 or 5, xsimd 8.1, Random123, zlib, nlohmann_json 3.9.1, libcsv,
  and for the tests and programs Catch2, CLI11, edlib and Google Benchmark.
Install what your package manager has; CMake fetches the libraries that are missing.
TEXT
  if [ -n "${missing_tools:-}" ]; then
    echo "setup.sh: not found here:$missing_tools" >&2
    exit 1
  fi
  if ! compiler_is_new_enough; then
    echo "setup.sh: install a newer one and select it, for example: export CXX=g++-12" >&2
    exit 1
  fi
  exit 0
fi

# Installs those of the named packages that are not there.
install() {
  missing=""
  for package in "$@"; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) || status=""
    [ "$status" = "install ok installed" ] || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  as_root=""
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
      echo "setup.sh: missing packages, and neither root nor sudo to install them. As root, run:" >&2
      echo "  apt-get install$missing" >&2
      exit 1
    fi
    as_root="sudo"
  fi
  echo "setup.sh: installing$missing"
  # Package lists may be absent or old on a fresh machine.
  $as_root apt-get update -q </dev/null
  # shellcheck disable=SC2086  # one word per package is meant
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing </dev/null
}
# shellcheck disable=SC2086  # one word per package is meant
install $packages
for package in ${compilers:-}; do
  if apt-cache show "$package" >/dev/null 2>&1; then
    install "$package"
  else
    echo "setup.sh: this release has no $package"
  fi
done

if ! compiler_is_new_enough; then
  if apt-cache show g++-12 >/dev/null 2>&1; then
    install g++-12
    echo "setup.sh: g++-12 is installed. Select it, then run this again: export CXX=g++-12" >&2
  else
    echo "setup.sh: this release has no g++-12; use a newer release, or install a newer compiler (Ubuntu:" >&2
    echo "  add-apt-repository ppa:ubuntu-toolchain-r/test) and select it: export CXX=g++-12" >&2
  fi
  exit 1
fi

# The versions cmake/dependencies.cmake asks for. Old releases have older ones, which CMake passes over.
while read -r package wanted; do
  version=$(dpkg-query -W -f '${Version}' "$package")
  dpkg --compare-versions "${version#*:}" ge "$wanted" ||
    echo "setup.sh: $package is version $version, but $wanted is needed: CMake fetches that library instead"
done <<TEXT
libeigen3-dev 3.4
libxsimd-dev 8.1
nlohmann-json3-dev 3.9.1
zlib1g-dev 1.2
libcsv-dev 3.0
libcli11-dev 2.1
catch2 2.13
libbenchmark-dev 1.7
TEXT

# Libraries for AArch64 lie in a folder of their own, as the system's would have to be upgraded together with them. apt
# takes the packages for AArch64 with lists of its own, so the system's stay as they are.
unpack_arm() {
  root="$(dirname "$0")/../build/aarch64"
  [ ! -e "$root/complete" ] || return 0
  rm -rf "$root"
  mkdir -p "$root/apt/lists/partial" "$root/apt/cache/archives/partial"
  root=$(cd "$root" && pwd)
  : >"$root/apt/status"
  arm_apt() {
    apt-get -q -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User="$(id -un)" \
      -o Dir::State::lists="$root/apt/lists" -o Dir::State::status="$root/apt/status" -o Dir::Cache="$root/apt/cache" "$@"
  }
  if arm_apt update -o APT::Update::Error-Mode=any && (cd "$root/apt" && arm_apt download "$@"); then
    for package in "$root"/apt/*.deb; do
      dpkg-deb -x "$package" "$root"
    done
    touch "$root/complete"
  else
    echo "setup.sh: apt has no packages for AArch64 here: CMake fetches the libraries instead"
  fi
  rm -rf "$root/apt"
}
if [ "${1:-}" = --arm ]; then
  unpack_arm libeigen3-dev libxsimd-dev librandom123-dev zlib1g-dev nlohmann-json3-dev libcsv-dev catch2
fi

# Old releases ship a CMake that knows presets but not their workflows.
version=$(cmake --version | sed -n '1s/[^0-9]*\([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
if [ "${version% *}" -lt 3 ] || { [ "${version% *}" -eq 3 ] && [ "${version#* }" -lt 25 ]; }; then
  echo "setup.sh: cmake is version ${version% *}.${version#* }, but --workflow needs 3.25; a newer one: pip install cmake" >&2
  exit 1
fi

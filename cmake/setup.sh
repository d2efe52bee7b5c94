#!/bin/sh
# Installs what building, testing and benchmarking seqlstm needs on Debian or Ubuntu; does nothing when it is there.
#   sh cmake/setup.sh            compilers and libraries
#   sh cmake/setup.sh --checks   also clang, clang-format and clang-tidy, for the checks of CONTRIBUTING.md
set -eu

packages="g++ cmake ninja-build ccache git libeigen3-dev libxsimd-dev librandom123-dev zlib1g-dev nlohmann-json3-dev
libcsv-dev libcli11-dev catch2 libbenchmark-dev"
case "${1:-}" in
  "") ;;
  --checks) packages="$packages clang clang-format clang-tidy" ;;
  *)
    echo "setup.sh: unknown option '$1'; expected nothing or --checks" >&2
    exit 2
    ;;
esac

if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
  for tool in c++ cmake ninja; do
    command -v $tool >/dev/null 2>&1 || missing_tools="${missing_tools:-} $tool"
  done
  cat >&2 <<TEXT
setup.sh: this system has no apt-get, so nothing was installed. seqlstm needs:
  GCC 12 or Clang 14 or later, CMake 3.22 (3.25 for the presets' workflows), Ninja,
  Eigen 3.4, xsimd 8.1, Random123, zlib, nlohmann_json 3.9, libcsv,
  and for the tests and programs Catch2, CLI11 and Google Benchmark.
Install what your package manager has; CMake fetches the libraries that are missing.
TEXT
  if [ -n "${missing_tools:-}" ]; then
    echo "setup.sh: not found here:$missing_tools" >&2
    exit 1
  fi
  exit 0
fi

missing=""
for package in $packages; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) || status=""
  [ "$status" = "install ok installed" ] || missing="$missing $package"
done

if [ -n "$missing" ]; then
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
fi

# Old releases ship a CMake that knows presets but not their workflows.
version=$(cmake --version | sed -n '1s/[^0-9]*\([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
if [ "${version% *}" -lt 3 ] || { [ "${version% *}" -eq 3 ] && [ "${version#* }" -lt 25 ]; }; then
  echo "setup.sh: cmake is version ${version% *}.${version#* }, but --workflow needs 3.25; a newer one: pip install cmake" >&2
  exit 1
fi

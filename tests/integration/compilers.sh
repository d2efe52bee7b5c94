#!/bin/sh
# Compiles programs with each compiler of a list that is installed, in C++20 and C++23, warnings as errors:
#   INCLUDE LIBRARIES COMPILERS PROGRAM...
# INCLUDE is our folder of headers (by -I); LIBRARIES, separated by ":", are folders with those of Eigen, xsimd, Random123,
# nlohmann_json and libcsv. A program in a folder `definitions` is compiled as seqlstm::kernels compiles it. Clang compiles
# with each libc++ that is installed and not newer, too; nothing is linked.
set -eu
include="$1" libraries="$2" compilers="$3"
shift 3
[ -e "$include/seqlstm/lstm.hpp" ] || { echo "compilers.sh: '$include' has no seqlstm/lstm.hpp" >&2 && exit 2; }

# One folder of what the programs include, for compilers that may not see this system's headers.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/headers"
IFS=:
for folder in $libraries; do
  for header in Eigen xsimd Random123 nlohmann csv.h; do
    [ ! -e "$folder/$header" ] || [ -e "$work/headers/$header" ] || ln -s "$folder/$header" "$work/headers/$header"
  done
done
unset IFS

failed="" absent="" tried=0
# compile NAME COMPILER OPTION...: every program, with what the name says.
compile() {
  name="$1"
  shift
  for program in $programs; do
    tried=$((tried + 1))
    case "$program" in
      */definitions/*) kernels=-DSEQLSTM_COMPILED_KERNELS=0_0_0 ;;
      *) kernels=-USEQLSTM_COMPILED_KERNELS ;;
    esac
    if "$@" "$kernels" -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -O1 -DSEQLSTM_NO_ARCH_WARNING -I"$include" \
      -isystem "$work/headers" -fsyntax-only "$program" >"$work/output" 2>&1; then
      echo "ok: $name: ${program##*/}"
    else
      echo "failed: $name: ${program##*/}"
      head -30 "$work/output"
      failed="$failed
  $name: ${program##*/}"
    fi
  done
}

programs="$*"
for compiler in $compilers; do
  if ! command -v "$compiler" >/dev/null 2>&1; then
    absent="$absent $compiler"
    continue
  fi
  for standard in c++20 c++23; do
    spelled="$standard"  # Clang before 17 has another name for it
    echo | "$compiler" -std="$spelled" -x c++ -fsyntax-only - 2>/dev/null || spelled=c++2b
    compile "$compiler $standard" "$compiler" -std="$spelled"
    case "$compiler" in
      *mingw*) compile "$compiler $standard after windows.h" "$compiler" -std="$spelled" -DNOMINMAX -include windows.h ;;
      *) compile "$compiler $standard for sapphirerapids" "$compiler" -std="$spelled" -march=sapphirerapids ;;
    esac
    own=$("$compiler" -dM -E -x c++ /dev/null | sed -n 's/^#define __clang_major__ //p')
    for folder in /usr/lib/llvm-*/include/c++/v1; do
      version="${folder#/usr/lib/llvm-}"
      version="${version%%/*}"
      if [ -d "$folder" ] && [ "${own:-0}" -ge "$version" ]; then
        compile "$compiler $standard libc++ $version" "$compiler" -std="$spelled" -nostdinc++ -isystem "$folder"
      fi
    done
  done
done

[ -z "$absent" ] || echo "not installed:$absent (Debian, Ubuntu: sh cmake/setup.sh --compilers)"
if [ "$tried" -eq 0 ]; then
  echo "compilers.sh: none of these is installed: $compilers" >&2
  exit 1
fi
if [ -n "$failed" ]; then
  echo "compilers.sh: does not compile:$failed" >&2
  exit 1
fi
echo "$tried compilations passed"

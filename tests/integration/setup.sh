#!/bin/sh
# Runs cmake/setup.sh on a pretended system: SETUP FOLDER. Stand-ins for apt and the compiler say what the case needs.
set -eu
setup="$1" folder="$2"
rm -rf "$folder"
mkdir -p "$folder"
stand_in() { printf '#!/bin/sh\n%s\n' "$2" >"$folder/$1" && chmod +x "$folder/$1"; }

# check CASE STATUS TEXT [OPTION]: setup.sh exits with STATUS and says TEXT.
check() {
  status=0
  output=$(CXX="" PATH="$folder:$PATH" sh "$setup" ${4:+"$4"} 2>&1) || status=$?
  case "$output" in *"$3"*) said=yes ;; *) said=no ;; esac
  if [ "$status" -ne "$2" ] || [ "$said" = no ]; then
    printf '%s: exit %s, expected %s with "%s"; it said:\n%s\n' "$1" "$status" "$2" "$3" "$output"
    exit 1
  fi
}

stand_in apt-get 'exit 0'
stand_in sudo '"$@"'
stand_in cmake 'echo "cmake version 3.25.1"'
stand_in dpkg-query 'case "$3" in *Status*) echo "install ok installed" ;; *) echo "1:99.0-1" ;; esac'
stand_in dpkg 'exit 0'
stand_in c++ 'echo "#define __GNUC__ 12"'
check "GCC 12" 0 ""
check "an unknown option" 2 "unknown option '--all'; expected nothing, --checks, --compilers, --mpi or --arm" --all

# --arm unpacks beside the script's folder: a copy's, here.
mkdir -p "$folder/copy/cmake"
cp "$setup" "$folder/copy/cmake"
system="$setup" setup="$folder/copy/cmake/setup.sh" root="$folder/copy/build/aarch64"
stand_in apt-get 'case "$*" in *download*) exit 100 ;; esac'
check "AArch64 where apt has no packages for it" 0 "no packages for AArch64 here: CMake fetches the libraries" --arm
[ ! -e "$root/complete" ]
stand_in apt-get 'case "$*" in *download*) touch a.deb ;; esac'
stand_in dpkg-deb 'touch "$3/unpacked"'
check "AArch64" 0 "" --arm
[ -e "$root/unpacked" ] && [ -e "$root/complete" ] && [ ! -e "$root/apt" ]
setup="$system"

stand_in apt-cache '[ "$2" != clang-19 ]'
check "a compiler that the release does not have" 0 "this release has no clang-19" --compilers
stand_in dpkg '[ "$4" != 8.1 ]'
check "an old library" 0 "libxsimd-dev is version 1:99.0-1, but 8.1 is needed: CMake fetches that library instead"
stand_in cmake 'echo "cmake version 3.22.1"'
check "an old CMake" 1 "cmake is version 3.22, but --workflow needs 3.25"
stand_in c++ 'echo "#define __GNUC__ 11"'
stand_in apt-cache 'exit 0'
check "GCC 11 where apt has GCC 12" 1 "g++-12 is installed. Select it, then run this again: export CXX=g++-12"
check "GCC 11" 1 "c++ is GCC 11, but seqlstm needs GCC 12, Clang 14 or later"
stand_in apt-cache 'exit 1'
check "GCC 11 where apt has no GCC 12" 1 "this release has no g++-12"
stand_in c++ 'printf "#define __GNUC__ 4\n#define __clang_major__ 13\n"'
check "Clang 13" 1 "c++ is Clang 13, but seqlstm needs GCC 12, Clang 14 or later"
stand_in c++ 'exit 1'
check "no compiler" 1 "c++ is no C++ compiler, but seqlstm needs"

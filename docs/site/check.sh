#!/bin/sh
# Makes the site and fails where a public name has no documentation.
#   check.sh DOXYGEN DOXYFILE SITE_FOLDER
set -eu
mkdir -p "$3"
"$1" "$2"
if grep "is not documented" "$3/warnings.txt" | sort -u | grep .; then
  echo "site: $(grep "is not documented" "$3/warnings.txt" | sort -u | wc -l) public names are not documented" >&2
  exit 1
fi
echo "site: every public name is documented; begin with $3/index.html"

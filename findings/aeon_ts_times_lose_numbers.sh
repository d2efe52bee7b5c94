#!/usr/bin/env bash
# One would guess: a .ts file with time stamps, pairs (time,value), gives the series of its values, or an error.
# What happens: aeon picks numbers out of the text by a pattern of digits, a dot and digits. A minus sign, an exponent and
# a value without a dot are not part of it: of (0,-1.5),(1,3),(2,1e-3),(3,2.25) the series is 1.5, 2.25, without a word.
# Version: aeon 1.6.0 (PyPI), load_from_ts_file. Source: aeon/datasets/_data_loaders.py; run below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv v
v/bin/pip install -q aeon==1.6.0 >pip.log 2>&1
cat >times.ts <<'TEXT'
@problemName times
@timeStamps true
@missing false
@univariate true
@equalLength true
@seriesLength 4
@classLabel true a b
@data
(0,-1.5),(1,3),(2,1e-3),(3,2.25):a
(0,0.5),(1,7),(2,4e-2),(3,8.75):b
TEXT
v/bin/python - <<'CODE'
import aeon
from aeon.datasets import load_from_ts_file
series, labels = load_from_ts_file("times.ts")
found = [[float(value) for value in one.ravel()] for one in series]
print("aeon", aeon.__version__, "series", found)
assert found == [[1.5, 2.25], [0.5, 8.75]], "changed"
print("as described: of four values two are left, and -1.5 is 1.5")
CODE

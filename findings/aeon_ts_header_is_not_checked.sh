#!/usr/bin/env bash
# One would guess: a reader of .ts files holds the records against what the header says of them, as the header has no other
# use: number of channels, length, the classes that occur.
# What happens: aeon reads a file whose header says two dimensions, length 7 and the classes a and b, though its records
# have one channel of 3 values and a class c; it also drops a record that stands before @data. Nothing is said.
# Version: aeon 1.6.0 (PyPI), load_from_ts_file. Source: aeon/datasets/_data_loaders.py; run below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv v
v/bin/pip install -q aeon==1.6.0 >pip.log 2>&1
cat >other.ts <<'TEXT'
@problemName other
@timeStamps false
@missing false
@univariate false
@dimensions 2
@equalLength true
@seriesLength 7
@classLabel true a b
9,9,9:a
@data
1,2,3:a
4,5,6:c
TEXT
v/bin/python - <<'CODE'
import aeon
from aeon.datasets import load_from_ts_file
series, labels, meta = load_from_ts_file("other.ts", return_meta_data=True)
print("aeon", aeon.__version__, "shape", series.shape, "labels", [str(label) for label in labels], "classes", meta["class_values"])
assert series.shape == (2, 1, 3), "changed"
assert [str(label) for label in labels] == ["a", "c"] and meta["class_values"] == ["a", "b"], "changed"
print("as described: one channel of 3 values and the class c, where the header says 2 of 7 and a, b")
CODE

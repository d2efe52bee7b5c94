#!/usr/bin/env bash
# One would guess: the classes that aeon's reader of .ts files returns are spelled as in the file.
# What happens: every line is taken in lower case, and then every "nan" in it becomes "NaN", also inside a word. So the
# class Banana is baNaNa in the labels, while the list of classes that the same call returns says banana: no label is in
# it. Classes that differ in case alone are one, and a class written ? is NaN, as a missing value is.
# Version: aeon 1.6.0 (PyPI), load_from_ts_file. Source: aeon/datasets/_data_loaders.py; run below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv v
v/bin/pip install -q aeon==1.6.0 >pip.log 2>&1
cat >fruit.ts <<'TEXT'
@problemName fruit
@timeStamps false
@missing false
@univariate true
@equalLength true
@seriesLength 3
@classLabel true Banana Pear pear ?
@data
1,2,3:Banana
4,5,6:Pear
7,8,9:pear
1,3,5:?
TEXT
v/bin/python - <<'CODE'
import aeon
from aeon.datasets import load_from_ts_file
_, labels, meta = load_from_ts_file("fruit.ts", return_meta_data=True)
found = [str(label) for label in labels]
print("aeon", aeon.__version__, "labels", found, "classes", meta["class_values"])
assert found == ["baNaNa", "pear", "pear", "NaN"], "changed"
assert found[0] not in meta["class_values"], "changed"
print("as described: Banana is baNaNa, Pear and pear are one class, ? is NaN")
CODE

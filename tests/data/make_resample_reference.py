"""Writes resample_reference.inc: rows of three classes, and what imbalanced-learn makes of them.

    python3 -m venv .venv && .venv/bin/pip install imbalanced-learn
    .venv/bin/python tests/data/make_resample_reference.py > tests/data/resample_reference.inc
"""

import textwrap

import imblearn
import numpy as np
from imblearn.over_sampling import ADASYN, SMOTE

random = np.random.default_rng(20261122)
COUNTS = [40, 11, 8]
WIDTH = 3
# Quarters, so that float holds them exactly; no two rows at the same distance would be too much to ask.
rows = np.concatenate([np.round(4 * random.normal(c, 1.5, (n, WIDTH))) / 4 + random.integers(0, 64, (n, WIDTH)) / 1024
                       for c, n in enumerate(COUNTS)])
labels = np.repeat(np.arange(len(COUNTS)), COUNTS)


def text(values):
    return "{" + ", ".join(repr(float(v)) for v in np.asarray(values).ravel()) + "}"


def line(content):
    print(textwrap.fill(content, 110, initial_indent="    ", subsequent_indent="     ", break_long_words=False,
                        break_on_hyphens=False))


print(f"// Made by make_resample_reference.py with imbalanced-learn {imblearn.__version__}, numpy {np.__version__}.\n")
print("inline const std::vector<float> rows = " + "\n".join(textwrap.wrap(text(rows), 110)) + ";\n")
print("inline const std::vector<double> labels = " + "\n".join(textwrap.wrap(text(labels), 110)) + ";\n")
print("inline const std::vector<Case> cases = {")
for percent in (100, 200, 300):
    wanted = {c: n + (n * percent // 100 if c > 0 else 0) for c, n in enumerate(COUNTS)}
    for method, maker in (("smote", SMOTE), ("adasyn", ADASYN)):
        option = {"k_neighbors": 5} if method == "smote" else {"n_neighbors": 5}
        made, made_labels = maker(sampling_strategy=wanted, random_state=1, **option).fit_resample(rows, labels)
        counts = [int(np.sum(made_labels == c)) for c in range(len(COUNTS))]
        line(f'{{"{method}", {percent}, {text(counts)}, {text(made[len(rows):])}, {text(made_labels[len(rows):])}}},')
print("};")

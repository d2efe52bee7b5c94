#!/usr/bin/env python3
"""Writes docs/results.md from docs/results/*.seedN.json, which run.sh makes; --check only compares. No packages needed."""

import json
import pathlib
import statistics
import sys

FOLDER = pathlib.Path(__file__).resolve().parent

# name, what it is, the metric that counts, published figures
PROMOTERS = [
    ("ecoli_cds", "E. coli, 150 bp around gene starts against windows inside genes", "accuracy",
     "0.834 without, 0.919 with E. coli and 0.973 with many-bacteria pre-training (Genomic-ULMFiT, a near twin of this set)"),
    ("ecoli_cds_no_position", "the same with `--position none`", "accuracy", "0.834 without pre-training"),
    ("ecoli_cds_shifted", "the same rows, the start anywhere in columns 55 to 145", "accuracy", "none"),
    ("ecoli_sigma70", "RegulonDB sigma-70 promoters against coding sequence, 81 bp", "mcc",
     "0.84 (CNN, Umarov and Solovyev 2017), 0.871 (Genomic-ULMFiT, pre-trained)"),
    ("arabidopsis_tata", "EPDnew TATA promoters against gene fragments, 251 bp", "mcc",
     "0.91 (CNN, Umarov and Solovyev 2017)"),
]


def load(name):
    files = sorted(FOLDER.glob(f"{name}.seed*.json"), key=lambda p: int(p.stem.rsplit("seed", 1)[1]))
    return [json.loads(path.read_text()) for path in files]


def spread(values):
    """Mean in bold and standard deviation, with every value."""
    mean = f"**{statistics.mean(values):.4f}**"
    if len(values) < 2:
        return mean
    return f"{mean} ± {statistics.stdev(values):.4f} ({', '.join(f'{v:.4f}' for v in values)})"


def promoter_table():
    lines = ["| data | metric | ours: mean ± deviation (by seed) | linear floor, same splits | published |",
             "|---|---|---|---|---|"]
    for name, what, metric, published in PROMOTERS:
        runs = load(name)
        if not runs:
            lines.append(f"| `{name}`: {what} | {metric} | not measured | | {published} |")
            continue
        ours = [run["metrics"][metric] for run in runs]
        floor = [run["floor"][metric] for run in runs]
        lines.append(f"| `{name}`: {what} | {metric} | {spread(ours)} "
                     f"| {spread(floor)} | {published} |")
    return lines


def extremes(values, digits=0):
    values = list(values)
    return f"{min(values):,.{digits}f} to {max(values):,.{digits}f}"


def detail_table():
    lines = ["| data | accuracy | MCC | ROC-AUC | F1 | positions chosen | tokens/s | seconds an epoch |",
             "|---|---|---|---|---|---|---|---|"]
    for name, *_ in PROMOTERS:
        runs = load(name)
        if not runs:
            continue
        mean = lambda key: statistics.mean(run["metrics"][key] for run in runs)
        chosen = "/".join(run["config"]["position"] for run in runs)
        lines.append(f"| `{name}` | {mean('accuracy'):.4f} | {mean('mcc'):.4f} | {mean('roc_auc'):.4f} "
                     f"| {mean('f1'):.4f} | {chosen} "
                     f"| {extremes(run['tokens_per_second'] for run in runs)} "
                     f"| {extremes((run['seconds_per_epoch'] for run in runs), 1)} |")
    return lines


def page():
    motif = load("motif_position")
    text = (FOLDER / "page.md").read_text()
    parts = {
        "PROMOTER_TABLE": "\n".join(promoter_table()),
        "DETAIL_TABLE": "\n".join(detail_table()),
        "MOTIF": (f"accuracy {spread([run['metrics']['accuracy'] for run in motif])}, bag of residues "
                  f"{spread([run['floor']['accuracy'] for run in motif])}" if motif else "not measured"),
        "MACHINE": ", ".join(sorted({f"{run['arch']}, {run['threads']} threads"
                                     for name, *_ in PROMOTERS for run in load(name)}))
                   or "not measured",
    }
    for key, value in parts.items():
        text = text.replace("{" + key + "}", value)
    return text


target = FOLDER.parent / "results.md"
if sys.argv[1:] == ["--check"]:
    if target.read_text() != page():
        sys.exit("docs/results.md is not what its JSON says: cmake --build --preset release --target results")
else:
    target.write_text(page())

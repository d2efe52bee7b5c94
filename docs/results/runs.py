"""Runs of the programs as rows of runs.csv: a row a run, a column a number, named by its path in the program's JSON.

A cell is JSON (numbers, lists, null), or text where that is no JSON. Of epochs and of tables a column holds the list of one
number of theirs. What no page shows is left out.
"""

import csv
import json
import pathlib

# Paths that are kept, by their beginning; a list of rows (epochs, table) by the number in each row.
KEPT = (
    "metrics/", "floor/", "valid/", "valid_floor/", "baselines/", "leakage/method", "leakage/sequences", "leakage/above_", "leakage/metrics_without_relatives/",
    "leakage/baselines_without_relatives/", "config/", "calibration/", "audit/", "random_split_audit/", "parts/", "arch", "threads", "precision",
    "seed", "seconds", "seconds_per_epoch", "tokens_per_second", "samples_per_second", "parameters", "letters", "sequences", "residues", "updates", "copies_removed",
    "clusters", "singletons", "test_dropped", "bases", "window", "step", "windows", "peak_memory_mib", "known_positions_found", "random_positions",
    "maxima", "threshold", "label_names", "confusion", "positive_class", "epochs/train_loss", "epochs/valid/loss", "epochs/valid/bits_per_base",
    "table/resampling", "table/percent", "table/model", "table/rows", "table/metrics/f1", "table/metrics/accuracy", "table/recall",
    "table/divergence", "table/network/", "table/alone/placed", "table/alone/operations", "table/edlib/", "table/true_identity", "pairs_per_second", "floor_pairs_per_second",
    "searches/", "auc_by_rank/", "proteins/", "residues_per_second", "encode_seconds", "mmseqs_seconds",
    "gradients/", "methods/", "by_length/", "by_divergence/", "classes/class", "classes/f1", "sites/exact/all/", "types/by/",
    "validation/types/by/",
)
ROWS = ("epochs", "table", "classes", "by_length", "by_divergence")


def kept(path):
    return any(path == name or (name.endswith(("/", "_")) and path.startswith(name)) for name in KEPT)


def leaves(value, path=""):
    """(path, value) of everything that is no object; of lists of rows a list of each number."""
    if path in ROWS:
        for name in dict.fromkeys(name for row in value for name, _ in leaves(row)):
            yield f"{path}/{name}", [dict(leaves(row)).get(name) for row in value]
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}/{key}" if path else key)
    else:
        yield path, value


def cell(value):
    if isinstance(value, str):
        try:
            json.loads(value)
        except ValueError:
            return value
    return json.dumps(value, separators=(",", ":"))


def value_of(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def put(run, path, value):
    *folders, last = path.split("/")
    for folder in folders:
        run = run.setdefault(folder, {})
    run[last] = value


def run_of(row):
    """The nested object again."""
    run = {}
    for path, text in row.items():
        if path == "run" or text == "":
            continue
        first, _, name = path.partition("/")
        value = value_of(text)
        if first in ROWS:
            rows = run.setdefault(first, [{} for _ in value])
            for place, item in zip(rows, value):
                put(place, name, item)
        else:
            put(run, path, value)
    return run


def read(path):
    """{name: run}; names as the programs' JSON files had, "ecoli_cds.seed1"."""
    with open(path, newline="", encoding="utf-8") as file:
        return {row["run"]: run_of(row) for row in csv.DictReader(file)}


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return {row["run"]: {key: text for key, text in row.items() if text != ""} for row in csv.DictReader(file)}


def take(path, folder):
    """Adds the JSON files of a folder to runs.csv; a run that is there is replaced."""
    rows = rows_of(path) if path.exists() else {}
    for file in sorted(pathlib.Path(folder).glob("*.json")):
        run = json.loads(file.read_text())
        rows[file.stem] = {"run": file.stem, **{name: cell(value) for name, value in leaves(run) if kept(name)}}
    columns = list(dict.fromkeys(name for row in rows.values() for name in row))
    columns.sort(key=lambda name: (name != "run", [i for i, start in enumerate(KEPT) if name.startswith(start)][:1]))
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, columns, lineterminator="\n")
        table.writeheader()
        table.writerows(rows[name] for name in sorted(rows))

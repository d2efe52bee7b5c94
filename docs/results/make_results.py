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


ROWS = ["20", "200", "500", "1000", "3000", "all"]
PUBLISHED_MANY = {"500": "0.924", "1000": "0.952", "3000": "0.966", "all": "0.973"}


def accuracy(name, key="metrics"):
    runs = load(name)
    return spread([run[key]["accuracy"] for run in runs]) if runs else "not measured"


def transfer_table():
    lines = ["| training rows | no pre-training | E. coli genome | twelve genomes | linear floor | published, many genomes |",
             "|---|---|---|---|---|---|"]
    for rows in ROWS:
        cells = [accuracy(f"transfer_{encoder}_{rows}") for encoder in ("none", "ecoli", "many")]
        lines.append(f"| {rows} | {' | '.join(cells)} | {accuracy(f'transfer_none_{rows}', 'floor')} "
                     f"| {PUBLISHED_MANY.get(rows, '')} |")
    return lines


def language_table():
    lines = ["| read | letters | parameters | epochs | hours | tokens/s | bits a base, held-out (first epoch) | informed random |",
             "|---|---|---|---|---|---|---|---|"]
    for name, what in (("ecoli", "E. coli MG1655"), ("many", "twelve bacteria")):
        path = FOLDER / f"language_{name}.json"
        if not path.exists():
            lines.append(f"| {what} | not measured | | | | | | |")
            continue
        run = json.loads(path.read_text())
        first = run["epochs"][0]["valid"]["bits_per_base"] if run["epochs"] else float("nan")
        lines.append(f"| {what} | {run['letters']:,} | {run['parameters']:,} | {len(run['epochs'])} "
                     f"| {run['seconds'] / 3600:.1f} | {run['tokens_per_second']:,.0f} "
                     f"| **{run['metrics']['bits_per_base']:.4f}** ({first:.4f}) "
                     f"| {run['metrics']['baseline_bits_per_base']:.4f} |")
    return lines


def other_transfer_table():
    lines = ["| data | metric | E. coli genome | twelve genomes | without | linear floor | published |", "|---|---|---|---|---|---|---|"]
    for name, metric, published in (("shifted", "accuracy", "none"), ("sigma70", "mcc", "0.871 (Genomic-ULMFiT)")):
        value = lambda runs, key="metrics": spread([run[key][metric] for run in runs]) if runs else "not measured"
        plain = load({"shifted": "ecoli_cds_shifted", "sigma70": "ecoli_sigma70"}[name])
        many = load(f"transfer_{name}_many")
        lines.append(f"| `{'ecoli_cds_shifted' if name == 'shifted' else 'ecoli_sigma70'}` | {metric} "
                     f"| {value(load(f'transfer_{name}_ecoli')) if name == 'shifted' else ''} | {value(many)} | {value(plain)} "
                     f"| {value(many, 'floor')} | {published} |")
    return lines


def text():
    runs = load("text")
    if not runs:
        return "not measured"
    return (f"{spread([run['metrics']['bits_per_character'] for run in runs])} bits a character, the best n-gram "
            f"({', '.join(str(run['floor']['order']) for run in runs)} characters) "
            f"{spread([run['floor']['bits_per_character'] for run in runs])}")


def page():
    motif = load("motif_position")
    page_text = (FOLDER / "page.md").read_text()
    parts = {
        "PROMOTER_TABLE": "\n".join(promoter_table()),
        "DETAIL_TABLE": "\n".join(detail_table()),
        "LANGUAGE_TABLE": "\n".join(language_table()),
        "TRANSFER_TABLE": "\n".join(transfer_table()),
        "OTHER_TRANSFER_TABLE": "\n".join(other_transfer_table()),
        "TEXT": text(),
        "MOTIF": (f"accuracy {spread([run['metrics']['accuracy'] for run in motif])}, bag of residues "
                  f"{spread([run['floor']['accuracy'] for run in motif])}" if motif else "not measured"),
        "MACHINE": ", ".join(sorted({f"{run['arch']}, {run['threads']} threads"
                                     for name, *_ in PROMOTERS for run in load(name)}))
                   or "not measured",
    }
    for key, value in parts.items():
        page_text = page_text.replace("{" + key + "}", value)
    return page_text


target = FOLDER.parent / "results.md"
if sys.argv[1:] == ["--check"]:
    if target.read_text() != page():
        sys.exit("docs/results.md is not what its JSON says: cmake --build --preset release --target results")
else:
    target.write_text(page())

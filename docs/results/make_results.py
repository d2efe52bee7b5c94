#!/usr/bin/env python3
"""Writes the pages of docs/results from runs.csv and the texts of pages/, and the plots; --check only compares.
--take FOLDER first adds the JSON files of run.sh to the table. No packages needed."""

import math
import pathlib
import re
import statistics
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(FOLDER.parent), str(FOLDER)]
import plot  # noqa: E402  (beside this folder)
import runs as table  # noqa: E402  (in this folder)

if sys.argv[1:2] == ["--take"]:
    table.take(FOLDER / "runs.csv", sys.argv[2])
RUNS = table.read(FOLDER / "runs.csv")

# name, what it is, the metric that counts, published figures
PROMOTERS = [
    ("ecoli_cds", "E. coli, 150 bp around gene starts against windows inside genes", "accuracy",
     "0.834 without, 0.919 with E. coli and 0.973 with many-bacteria pre-training (Genomic-ULMFiT, a near twin of this set)"),
    ("ecoli_cds_no_position", "the same with `--position none`", "accuracy", "0.834 without pre-training"),
    ("ecoli_cds_shifted", "the same rows, the start anywhere in columns 55 to 145", "accuracy", "none"),
    ("ecoli_sigma70", "RegulonDB sigma-70 promoters against coding sequence, 81 bp", "mcc",
     "0.84 (CNN, Umarov and Solovyev 2017), 0.871 (Genomic-ULMFiT, pre-trained)"),
    ("ecoli_sigma70_apart", "the same, windows that overlap by 40 bp or more in one part", "mcc", "none"),
    ("arabidopsis_tata", "EPDnew TATA promoters against gene fragments, 251 bp", "mcc",
     "0.91 (CNN, Umarov and Solovyev 2017)"),
]


# name, what it is, the metrics that count, published figures
PROTEINS = [
    ("amp_scanner", "antimicrobial peptides, two classes", ["accuracy", "mcc"], "accuracy 0.910 (CNN + LSTM, AMP Scanner 2)"),
    ("targetp2", "targeting peptides, five classes, with the organism", ["f1", "accuracy"],
     "BiLSTM with attention (TargetP 2, by class)"),
    ("targetp2_pretrained", "the same on the residue model", ["f1", "accuracy"], ""),
    ("scop40", "SCOP classes, no superfamily on both sides", ["accuracy", "f1"], "none"),
    ("gb1", "GB1 fitness, three mutations against the rest", ["spearman", "r2"],
     "Spearman 0.857 (transformer from a random start), 0.818 (frozen ESM2-8M)"),
    ("esol", "solubility", ["r2", "spearman"], "R2 0.483 (GraphSol), 0.317 (BLOSUM alone)"),
]
# the same data, learned from validation too when the network was chosen; or every fold of the publication tested in turn
COMMITTEES = [
    ("amp_scanner_committee", "`amp_scanner`, its test part", "accuracy", "0.910 (CNN + LSTM), 0.919 (recurrent, with profiles)"),
    ("targetp2_folds", "`targetp2`, five folds pooled", "f1", "0.890 (TargetP 2)"),
]
HOMOLOGY = ["1.1", "1.34", "2.19", "2.31", "2.34", "2.41", "2.8", "3.19", "3.25", "3.33"]


CHECKSUMS = {}  # of the encoders that runs began with, by name


def load(name):
    names = [run for run in RUNS if run.startswith(f"{name}.seed")]
    names.sort(key=lambda run: int(run.rsplit("seed", 1)[1]))
    runs = [RUNS[run] for run in names]
    for path, run in zip(names, runs):
        encoder, checksum, unread = (run.get("config", {}).get(key) for key in ("encoder", "encoder_checksum", "from_scratch"))
        if checksum and not unread and CHECKSUMS.setdefault(encoder, checksum) != checksum:
            sys.exit(f"{path}: its encoder '{encoder}' is not that of the other runs; run all of them again")
    return runs


def spread(values):
    """Mean in bold and standard deviation, with every value."""
    mean = f"**{statistics.mean(values):.4f}**"
    if len(values) < 2:
        return mean
    return f"{mean} ± {statistics.stdev(values):.4f} ({', '.join(f'{v:.4f}' for v in values)})"


def promoter_table():
    lines = ["| data | metric | ours: mean ± deviation (by seed) | linear baseline, same splits | published |",
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
    low, high = (f"{value:,.{digits}f}" for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


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


def bf16_rows():
    """Rows of the ablations, the same seeds each: in float with sums in another order, and in bf16."""
    kinds = [("ecoli_cds_avx2", "sums in another order: f32 compiled for AVX2 instead of AVX-512", "control"),
             ("ecoli_cds_bf16", "bf16 instead of f32", "option")]
    metrics = [("loss", lambda run: min(epoch["valid"]["loss"] for epoch in run["epochs"])),
               ("training loss in the end", lambda run: run["epochs"][-1]["train_loss"])]
    before = load("ecoli_cds")
    lines = []
    for name, change, kept in kinds:
        after = load(name)
        if not before or not after:
            lines.append(f"| {change} | `ecoli_cds` | | not measured | | | {kept} |")
            continue
        for metric, value in metrics:
            old, new = ([value(run) for run in runs] for runs in (before, after))
            ratios = ", ".join(f"{100 * (loss / ref - 1):+.0f} %" for loss, ref in zip(new, old))
            old, new = (", ".join(f"{loss:.4f}" for loss in losses) for losses in (old, new))
            lines.append(f"| {change} | `ecoli_cds` | {metric} | {old} | {new}{f' ({ratios})' if metric == 'loss' else ''} "
                         f"| seeds 1 to {len(after)} | {kept} |")
            change = "the same"
        old, new = (spread([run["metrics"]["accuracy"] for run in runs]) for runs in (before, after))
        lines.append(f"| {change} | `ecoli_cds` | test accuracy | {old} | {new} | seeds 1 to {len(after)} | {kept} |")
    return lines


ROWS = ["20", "200", "500", "1000", "3000", "all"]
# no pre-training, E. coli, many genomes
PUBLISHED = {"500": "-, -, 0.924", "1000": "-, -, 0.952", "3000": "-, -, 0.966", "all": "0.834, 0.919, 0.973"}


# the columns: what the JSON is called, what the page says
ENCODERS = {"none": "LSTM on letters", "scratch": "no pre-training", "ecoli": "E. coli genome", "many": "twelve genomes"}


def transfer_runs(data, encoder, rows):
    """Name of the JSON, as run.sh has it; without an encoder, all rows are those of the promoter table."""
    if (encoder, rows) == ("none", "all"):
        return {"ecoli_cds": "ecoli_cds_no_position", "ecoli_cds_shifted": "ecoli_cds_shifted"}[data]
    return f"transfer_{'shifted_' if data == 'ecoli_cds_shifted' else ''}{encoder}_{rows}"


def accuracy(name, key="metrics"):
    runs = load(name)
    return spread([run[key]["accuracy"] for run in runs]) if runs else "not measured"


def cost(runs):
    """Wall time and speed of whole runs, of those on the most threads."""
    if not runs:
        return "not measured"
    threads = max(run["threads"] for run in runs)
    runs = [run for run in runs if run["threads"] == threads]
    return (f"{extremes(run['seconds'] for run in runs)} s, {extremes(run['tokens_per_second'] for run in runs)} tokens/s, "
            f"{threads} thread{'s' if threads > 1 else ''}")


def cost_table(data):
    """Of seed 1, which had the machine for itself."""
    lines = [f"| training rows | {' | '.join(ENCODERS.values())} |", "|---" * (1 + len(ENCODERS)) + "|"]
    for rows in ROWS:
        cells = [cost(load(transfer_runs(data, encoder, rows))[:1]) for encoder in ENCODERS]
        lines.append(f"| {rows} | {' | '.join(cells)} |")
    if data == "ecoli_cds":
        lines.append(f"| 20, `--self-training 1` | | | | {cost(load('transfer_many_20_self'))} |")
    return lines


def transfer_table(data, published):
    lines = [f"| training rows | {' | '.join(ENCODERS.values())} | linear baseline |{' published (no pre-training, E. coli, many) |' if published else ''}",
             f"{'|---' * (2 + len(ENCODERS))}|{'---|' if published else ''}"]
    for rows in ROWS:
        cells = [accuracy(transfer_runs(data, encoder, rows)) for encoder in ENCODERS]
        lines.append(f"| {rows} | {' | '.join(cells)} | {accuracy(transfer_runs(data, 'none', rows), 'floor')} "
                     f"|{f' {published.get(rows, str())} |' if published else ''}")
        if (data, rows) == ("ecoli_cds", "20"):
            lines.append(f"| 20, `--self-training 1` | | | | {accuracy('transfer_many_20_self')} | | |")
    return lines


def language_table():
    lines = ["| trained on | letters | parameters | epochs | minutes | tokens/s (threads) | bits a base, held-out (first epoch) | informed random |",
             "|---|---|---|---|---|---|---|---|"]
    for name, what in (("ecoli", "E. coli MG1655"), ("many", "twelve bacteria"),
                       ("many_ecoli", "twelve, then E. coli MG1655"),
                       ("ecoli_windows", "E. coli, then windows of `ecoli_cds`"), ("many_windows", "twelve, then windows of `ecoli_cds`"),
                       ("ecoli_shifted", "E. coli, then of `ecoli_cds_shifted`"), ("many_shifted", "twelve, then of `ecoli_cds_shifted`"),
                       ("proteins", "proteins (bits a residue)")):
        if f"language_{name}" not in RUNS:
            lines.append(f"| {what} | not measured | | | | | | |")
            continue
        run = RUNS[f"language_{name}"]
        first = run["epochs"][0]["valid"]["bits_per_base"] if run["epochs"] else float("nan")
        lines.append(f"| {what} | {run['letters']:,} | {run['parameters']:,} | {len(run['epochs'])} "
                     f"| {run['seconds'] / 60:.1f} | {run['tokens_per_second']:,.0f} ({run['threads']}) "
                     f"| **{run['metrics']['bits_per_base']:.4f}** ({first:.4f}) "
                     f"| {run['metrics']['baseline_bits_per_base']:.4f} |")
    return lines


def sigma70_table():
    lines = ["| data | metric | twelve genomes, then E. coli | one LSTM on letters | linear baseline | published | a run with the encoder |",
             "|---|---|---|---|---|---|---|"]
    value = lambda runs, key="metrics": spread([run[key]["mcc"] for run in runs]) if runs else "not measured"
    plain, many = load("ecoli_sigma70"), load("transfer_sigma70_many")
    lines.append(f"| `ecoli_sigma70` | mcc | {value(many)} | {value(plain)} | {value(many, 'floor')} | 0.871 (Genomic-ULMFiT) | {cost(many)} |")
    return lines


def commands():
    """The lines of run.sh that make the JSON."""
    lines = (FOLDER / "run.sh").read_text().splitlines()
    return "\n".join(lines[lines.index("set -euo pipefail") + 1:])


def protein_costs():
    lines = ["| data | a run |", "|---|---|"]
    for name, *_ in PROTEINS:
        lines.append(f"| `{name}` | {cost(load(name))} |")
    for name in ("homology", "homology_pretrained"):
        runs = [run for task in HOMOLOGY for run in load(f"{name}_{task}")]
        lines.append(f"| `{name}`, each task | {cost(runs)} |")
    return lines


def homology(name):
    """Mean ROC-AUC over the tasks by seed, and those of both baselines; nothing where a task lacks."""
    tasks = [load(f"{name}_{task}") for task in HOMOLOGY]
    if not all(tasks):
        return [], None, None
    seeds = range(min(len(runs) for runs in tasks))
    ours = [statistics.mean(runs[s]["metrics"]["roc_auc"] for runs in tasks) for s in seeds]
    floor = statistics.mean(runs[s]["floor"]["roc_auc"] for runs in tasks for s in seeds)
    pairs = statistics.mean(next(iter(runs[s]["baselines"].values()))["roc_auc"] for runs in tasks for s in seeds)
    return ours, floor, pairs


def protein_table():
    lines = ["| data | metric | ours: mean ± deviation (by seed) | baseline: composition | composition and pairs "
             "| without relatives above 30 % | published |", "|---|---|---|---|---|---|---|"]
    for name, what, metrics, published in PROTEINS:
        runs = load(name)
        if not runs:
            lines.append(f"| `{name}`: {what} | {metrics[0]} | not measured | | | | {published} |")
            continue
        for metric in metrics:
            pairs = [next(iter(run["baselines"].values()))[metric] for run in runs]
            leaks = [run["leakage"] for run in runs]
            if not all("mmseqs" in leak["method"] for leak in leaks):
                sys.exit(f"{name}: audited without mmseqs; install mmseqs2 and run it again")
            rows = leaks[0]["sequences"] - leaks[0]["above_30_percent"]
            told = lambda key: statistics.mean(leak[key][metric] for leak in leaks)
            clean = "none left"
            if rows:
                floor = statistics.mean(next(iter(leak["baselines_without_relatives"].values()))[metric] for leak in leaks)
                clean = f"{told('metrics_without_relatives'):.4f} (baseline {floor:.4f}) of {rows:,}"
            lines.append(f"| `{name}`{f': {what}' if what else ''} | {metric} | {spread([run['metrics'][metric] for run in runs])} "
                         f"| {statistics.mean(run['floor'][metric] for run in runs):.4f} | {statistics.mean(pairs):.4f} "
                         f"| {clean} | {published} |")
            what, published = "", ""
    for name, what in (("homology", "remote homology, ten tasks"), ("homology_pretrained", "the same on the residue model")):
        published = "ROC-AUC 0.796 (LSTM), 0.947 (FastSK)" if name == "homology" else ""
        ours, floor, pairs = homology(name)
        if not ours:
            lines.append(f"| `scop_homology`: {what} | mean ROC-AUC | not measured | | | | {published} |")
            continue
        lines.append(f"| `scop_homology`: {what} | mean ROC-AUC | {spread(ours)} | {floor:.4f} | {pairs:.4f} | | {published} |")
    return lines


def committee_table():
    lines = ["| data | metric | ours: mean ± deviation (by seed) | floor: composition | published |", "|---|---|---|---|---|"]
    for name, what, metric, published in COMMITTEES:
        runs = load(name)
        ours = spread([run["metrics"][metric] for run in runs]) if runs else "not measured"
        floor = f"{statistics.mean(run['floor'][metric] for run in runs):.4f}" if runs else ""
        lines.append(f"| {what} | {METRICS[metric]} | {ours} | {floor} | {published} |")
    return lines


def site_table():
    runs = load("targetp2_folds")
    if not runs:
        return ["By class: not measured."]
    classes = runs[0]["classes"]
    mean = lambda c: statistics.mean(run["classes"][c]["f1"] for run in runs)
    recall = statistics.mean(run["sites"]["exact"]["all"]["recall"] for run in runs)
    return ["| `targetp2` | " + " | ".join(one["class"] for one in classes) + " | cleavage sites found exactly |",
            "|---" * (len(classes) + 2) + "|",
            "| F1 | " + " | ".join(f"{mean(c):.3f}" for c in range(len(classes))) + f" | {100 * recall:.1f} % |"]


def split_table():
    if "split_targetp2" not in RUNS:
        return ["not measured"]
    run = RUNS["split_targetp2"]
    random = run["random_split_audit"]
    return ["| what | number |", "|---|---|",
            f"| sequences | {run['sequences']:,} |",
            f"| near copies removed | {run['copies_removed']:,} |",
            f"| clusters | {run['clusters']:,}, of which {run['singletons']:,} of one sequence |",
            f"| training sequences | {run['parts']['train']:,} |",
            f"| validation sequences | {run['parts']['valid']:,} |",
            f"| test sequences, after {run['test_dropped']:,} more were dropped | {run['parts']['test']:,} |",
            f"| test sequences above 30 % identity, by the audit | {run['audit']['above_30_percent']} |",
            f"| the same in a random split of the same sizes | {random['above_30_percent']:,} of {random['sequences']:,} |"]


def embedding_table(name):
    runs = load(name)
    if not runs:
        return ["not measured"]
    names = runs[0]["label_names"]
    counts = [sum(row) for row in runs[0]["confusion"]]
    rarest = sorted(range(len(names)), key=lambda c: counts[c])[:2]
    lines = ["| resampling | model | macro F1 | accuracy | " + " | ".join(f"recall of {names[c]}" for c in rarest) + " |",
             "|---|---|---|---|" + "---|" * len(rarest)]
    key = lambda row: (row["resampling"], row["percent"], row["model"])
    for first in runs[0]["table"]:
        rows = [row for run in runs for row in run["table"] if key(row) == key(first)]
        fewer = f" ({len(rows)} of {len(runs)} seeds)" if len(rows) < len(runs) else ""
        way = rows[0]["resampling"] + (f" {rows[0]['percent']:.0f} %" if rows[0]["percent"] else "")
        mean = lambda value: f"{statistics.mean(value(row) for row in rows):.3f}"
        lines.append(f"| {way}{fewer} | {rows[0]['model']} | {mean(lambda r: r['metrics']['f1'])} "
                     f"| {mean(lambda r: r['metrics']['accuracy'])} | "
                     + " | ".join(mean(lambda r, c=c: r["recall"][c]) for c in rarest) + " |")
    return lines


def text_table():
    runs = load("text")
    if not runs:
        return ["not measured"]
    return ["| bits a character: mean ± deviation (by seed) | the best n-gram | its characters | streams | epochs | a run |",
            "|---|---|---|---|---|---|",
            f"| {spread([run['metrics']['bits_per_character'] for run in runs])} "
            f"| {spread([run['floor']['bits_per_character'] for run in runs])} "
            f"| {', '.join(str(run['floor']['order']) for run in runs)} | {runs[0]['config']['streams']} "
            f"| {len(runs[0]['epochs'])} | {cost(runs)} |"]


def scan_table():
    if "scan" not in RUNS:
        return ["not measured"]
    run = RUNS["scan"]
    return ["| what | value |", "|---|---|",
            f"| bases | {run['bases']:,} |",
            f"| windows of {run['window']} every {run['step']} bases, on each of both strands | {run['windows']:,} |",
            f"| time on {run['threads']} threads ({run['precision']}) | {run['seconds'] / 60:.1f} minutes |",
            f"| memory at most | {run['peak_memory_mib']:.0f} MiB |",
            f"| ROC-AUC of {run['known_positions_found']:,} known starts of the validation and test parts against "
            f"{run['random_positions']:,} random positions | **{run['metrics']['roc_auc']:.4f}** |",
            f"| local maxima above {run['threshold']} | {run['maxima']:,} |"]


def residues_table():
    if "residues" not in RUNS:
        return ["not measured"]
    run = RUNS["residues"]
    ours, floor = run["metrics"], run["floor"]
    return ["| what | value |", "|---|---|",
            f"| proteins | {run['sequences']:,} |",
            f"| residues | {run['residues']:,} |",
            f"| epochs | {len(run['epochs'])}, in {run['seconds'] / 60:.1f} minutes |",
            f"| hidden residues of the held-out proteins predicted | **{100 * ours['accuracy']:.1f} %** "
            f"(perplexity {ours['perplexity']:.2f}) |",
            f"| by the shares of residues alone | {100 * floor['accuracy']:.1f} % (perplexity {floor['perplexity']:.2f}, "
            f"{math.log2(floor['perplexity']):.2f} bits a residue) |"]


def motif_table():
    runs = load("motif_position")
    if not runs:
        return ["not measured"]
    return ["| test accuracy: mean ± deviation (by seed) | bag of residues |", "|---|---|",
            f"| {spread([run['metrics']['accuracy'] for run in runs])} | {spread([run['floor']['accuracy'] for run in runs])} |"]


def residue_table():
    """Labels at every residue: accuracy over those that count, class by class."""
    runs = load("secondary_structure")
    if not runs:
        return ["not measured"]
    mean = lambda value: f"{statistics.mean(value(run) for run in runs):.4f}"
    names = [row["class"] for row in runs[0]["classes"]]
    of_class = lambda name: mean(lambda run: next(row["f1"] for row in run["classes"] if row["class"] == name))
    return ["| data | test accuracy (by seed) | macro-F1 | SOV | linear, window of 15 | " + " | ".join(f"F1 of {name}" for name in names) + " |",
            "|---|---|---|---|---|" + "---|" * len(names),
            f"| `secondary_structure` | {spread([run['metrics']['accuracy'] for run in runs])} | {mean(lambda run: run['metrics']['f1'])} "
            f"| {mean(lambda run: run['metrics']['sov'])} | {mean(lambda run: run['floor']['accuracy'])} | "
            + " | ".join(of_class(name) for name in names) + " |"]


# kingdom, its name, and SignalP 6's MCC of a type against all others of the kingdom
PEPTIDES = [("EUKARYA", "Eukarya", {"SP": "0.958"}), ("NEGATIVE", "Gram-negative", {"SP": "0.804", "LIPO": "0.929", "TAT": "0.962"}),
            ("POSITIVE", "Gram-positive", {"SP": "0.770", "LIPO": "0.882", "TAT": "0.799"})]


def peptide_rows(name, kingdom, kind, tables=lambda run: run["types"]):
    """The row of a type in each run."""
    return [row for run in load(name) for row in tables(run)["by"][kingdom] if row["type"] == kind]


def peptide_table():
    """Types of whole records and cleavage sites, by kingdom; of the validation parts alone where no test part was evaluated."""
    lines = ["| kingdom | type | records | validation MCC, single networks | validation: sites found | test MCC (by seed) | SignalP 6 "
             "| test: sites found | of the predicted |", "|---|---|---|---|---|---|---|---|---|"]
    for kingdom, title, published in PEPTIDES:
        for kind, figure in published.items():
            chosen = peptide_rows("signal_peptides_validation", kingdom, kind, lambda run: run["validation"]["types"])
            rows = peptide_rows("signal_peptides", kingdom, kind)
            if not chosen:
                return ["not measured"]
            site = lambda of, key: f"{100 * statistics.mean(row['sites'][key] for row in of):.1f} %"
            test = [spread([row["mcc"] for row in rows]), site(rows, "recall"), site(rows, "precision")] if rows else ["not measured", "", ""]
            lines.append(f"| {title} | {kind} | {chosen[0]['records']:,} | {statistics.mean(row['mcc'] for row in chosen):.3f} "
                         f"| {site(chosen, 'recall')} | {test[0]} | {figure} | {test[1]} | {test[2]} |")
    return lines


def signal_table():
    runs = load("japanese_vowels")
    if not runs:
        return ["not measured"]
    return ["| data | test accuracy: mean ± deviation (by seed) | macro-F1 | means and deviations, linear | published |", "|---|---|---|---|---|",
            f"| `japanese_vowels`: nine speakers, 12 channels, 270 + 370 records | {spread([run['metrics']['accuracy'] for run in runs])} "
            f"| {statistics.mean(run['metrics']['f1'] for run in runs):.4f} | {spread([run['floor']['accuracy'] for run in runs])} "
            "| 0.93 to 0.97 (usual LSTMs), about 0.99 (LSTM-FCN) |",
            "", f"A run takes {cost(runs)}."]


def basecalling_table():
    """Identity on validation and test reads, the network beside Viterbi decoding."""
    runs = load("basecalling")
    if not runs:
        return ["not measured"]
    lines = ["| reads | network: identity, mean ± deviation (by seed) | Viterbi, true levels | mismatches, insertions, deletions |", "|---|---|---|---|"]
    for part, ours, floor in (("held-out ends of the training genomes", "valid", "valid_floor"), ("the twelfth genome", "metrics", "floor")):
        errors = ", ".join(f"{statistics.mean(run[ours][name] for run in runs):.3f}" for name in ("mismatches", "insertions", "deletions"))
        lines.append(f"| {part} | {spread([run[ours]['identity'] for run in runs])} | {spread([run[floor]['identity'] for run in runs])} | {errors} |")
    return lines


def alignment_table():
    """Bases placed right by divergence, the network beside edlib."""
    runs = load("sequence_alignment")
    if not runs:
        return ["not measured"]
    lines = ["| divergence | network: bases placed right, mean ± deviation (by seed) | each base alone | edlib | identity: network, edlib, true |",
             "|---|---|---|---|---|"]
    for place, row in enumerate(runs[0]["table"]):
        rows = [run["table"][place] for run in runs]
        mean = lambda who, metric: statistics.mean(row[who][metric] for row in rows)
        identity = ", ".join(f"{value:.4f}" for value in (mean("network", "identity"), mean("edlib", "identity"),
                                                          statistics.mean(row["true_identity"] for row in rows)))
        lines.append(f"| {100 * row['divergence']:g} % | {spread([row['network']['placed'] for row in rows])} "
                     f"| {mean('alone', 'placed'):.4f} | {spread([row['edlib']['placed'] for row in rows])} | {identity} |")
    return lines


def alignment_costs():
    """Pairs a second and the time of a run, by seed."""
    runs = load("sequence_alignment")
    if not runs:
        return ["not measured"]
    by_seed = lambda key: "; ".join(f"{run[key]:,.0f}" for run in runs)
    return ["| what | value, by seed |", "|---|---|",
            f"| pairs a second, network | {by_seed('pairs_per_second')} |",
            f"| pairs a second, edlib | {by_seed('floor_pairs_per_second')} |",
            f"| parameters | {runs[0]['parameters']:,} |",
            f"| minutes of a run, threads: {runs[0]['threads']} ({runs[0]['arch']}) | "
            f"{'; '.join(format(run['seconds'] / 60, '.1f') for run in runs)} |"]


SEARCHES = {"network": "network", "mmseqs": "mmseqs2 -s 7.5", "mmseqs_then_network": "mmseqs2's significant hits, then the network",
            "words": "cosine of 3-mer counts"}


def search_table():
    """How well relatives are found: the network from both starts, and beside it searches that learn nothing."""
    kinds = [(title, load(name)) for name, title in (("protein_search", "network, from a random start"),
                                                     ("protein_search_pretrained", "network, from the residue model"))]
    if not any(runs for _, runs in kinds):
        return ["not measured"]
    lines = ["| search | mean average precision, mean ± deviation (by seed) | top-1 | AUC | without a significant hit: mean average precision | AUC |",
             "|---|---|---|---|---|---|"]

    def row(title, found):
        mean = lambda part, metric: f"{statistics.mean(run[part][metric] for run in found):.4f}"
        lines.append(f"| {title} | {spread([run['all']['mean_average_precision'] for run in found])} | {mean('all', 'top_1')} "
                     f"| {mean('all', 'roc_auc')} | {mean('without_hit', 'mean_average_precision')} | {mean('without_hit', 'roc_auc')} |")

    for title, runs in kinds:
        if runs:
            row(title, [run["searches"]["network"] for run in runs])
    title, runs = next((title, runs) for title, runs in reversed(kinds) if runs)
    for key, what in SEARCHES.items():
        if key != "network" and key in runs[0]["searches"]:
            same = key != "mmseqs_then_network"  # learns nothing: one row, whatever the seed
            found = [run["searches"][key] for run in (runs[:1] if same else runs)]
            row(what if same else f"{what} ({title.split(', ')[1]})", found)
    return lines


def search_costs():
    """Pairs a second and the time of a run, by seed."""
    runs = load("protein_search_pretrained") or load("protein_search")
    if not runs:
        return ["not measured"]
    by_seed = lambda key: "; ".join(f"{run[key]:,.0f}" for run in runs)
    return ["| what | value, by seed |", "|---|---|",
            f"| queries, of them without a significant hit of mmseqs2 | {runs[0]['searches']['network']['all']['queries']}, "
            f"{runs[0]['searches']['network']['without_hit']['queries']} |",
            f"| pairs a second | {by_seed('pairs_per_second')} |",
            f"| seconds of mmseqs2 | {by_seed('mmseqs_seconds')} |",
            f"| residues a second in training | {by_seed('residues_per_second')} |",
            f"| parameters | {runs[0]['parameters']:,} |",
            f"| minutes of a run, threads: {runs[0]['threads']} ({runs[0]['arch']}) | "
            f"{'; '.join(format(run['seconds'] / 60, '.1f') for run in runs)} |"]


MEMORY_CELLS = {"rnn": "RNN", "lstm0": "LSTM, forget bias 0", "lstm1": "LSTM, forget bias 1", "gru": "GRU",
                "lstm_norm": "LSTM, layer norm, forget bias 1"}
MEMORY_TASKS = ("copy", "adding", "parity")


def memory_table():
    """The largest lag that each network learned, by task."""
    runs = load("memory_length")
    if not runs:
        return ["not measured"]

    def cell(lags):
        seeds = ", ".join(str(lag) for lag in lags)
        return f"**{statistics.mean(lags):.0f}** ± {statistics.stdev(lags):.0f} ({seeds})" if len(lags) > 1 else f"**{lags[0]}**"

    lines = [f"| network | {' | '.join(MEMORY_TASKS)} |", "|---" * (1 + len(MEMORY_TASKS)) + "|"]
    for key, title in MEMORY_CELLS.items():
        lines.append(f"| {title} | " + " | ".join(cell([run["metrics"][task][key] for run in runs]) for task in MEMORY_TASKS) + " |")
    return lines


def memory_gradients():
    """Powers of ten by which the gradient is smaller so many steps before the answer, the mean over seeds."""
    runs = load("memory_length")
    if not runs:
        return ["not measured"]

    def left(key, state, back):
        found = [run["gradients"][key][state].get(back) for run in runs]
        return "nothing in float" if None in found else f"{statistics.mean(found):.1f}"

    lines = ["| network | first weights: 10 steps | 100 steps | trained: 10 steps | 100 steps | trained at lag |", "|---|---|---|---|---|---|"]
    for key, title in MEMORY_CELLS.items():
        cells = [left(key, state, back) for state in ("before", "after") for back in ("10", "100")]
        lags = ", ".join(str(run["gradients"][key]["trained_at_lag"]) for run in runs)
        lines.append(f"| {title} | {' | '.join(cells)} | {lags} |")
    return lines


ANCESTRY_METRICS = {"pr_auc": "PR AUC, by base", "roc_auc": "ROC AUC, by base", "precision": "precision, by base", "recall": "recall, by base",
                    "f1": "F1, by base", "segment_precision": "precision, by stretch", "segment_recall": "recall, by stretch",
                    "segment_f1": "F1, by stretch"}
ANCESTRY_METHODS = {"hmm": "HMM", "hmm_archaic": "HMM, matches", "hmm_labels": "HMM, labels", "lstm": "LSTM and CRF"}


def ancestry_table(name):
    """All metrics of all methods."""
    runs = load(name)
    if not runs:
        return ["not measured"]
    lines = [f"| metric | {' | '.join(ANCESTRY_METHODS.values())} |", "|---" * (1 + len(ANCESTRY_METHODS)) + "|"]
    for metric, title in ANCESTRY_METRICS.items():
        lines.append(f"| {title} | " + " | ".join(spread([run["methods"][key][metric] for run in runs]) for key in ANCESTRY_METHODS) + " |")
    return lines


def ancestry_ranges(name, table, unit):
    """Share of the bases of true stretches that each method calls, by what the stretches are like."""
    runs = load(name)
    if not runs:
        return ["not measured"]
    lines = [f"| {unit} | stretches | {' | '.join(ANCESTRY_METHODS.values())} |", "|---" * (2 + len(ANCESTRY_METHODS)) + "|"]
    for place, row in enumerate(runs[0][table]):
        rows = [run[table][place] for run in runs if run[table][place]["segments"] > 0]
        bases = sum(row["bases"] for row in rows)
        title = f"{row['from']:g} and more" if row.get("to") is None else f"{row['from']:g} to {row['to']:g}"
        cells = [f"{sum(row['bases'] * row[key]['base_recall'] for row in rows) / bases:.3f}" if bases else "" for key in ANCESTRY_METHODS]
        lines.append(f"| {title} | {sum(row['segments'] for row in rows)} | {' | '.join(cells)} |")
    return lines


COLORS = {"none": "#888888", "scratch": "#66a182", "ecoli": "#1b6ca8", "many": "#d1495b"}


def data_plot(data):
    return {"ecoli_cds": "transfer.svg", "ecoli_cds_shifted": "transfer_shifted.svg"}[data]


def learning_curves(data):
    """Accuracy by the number of labelled rows, as SVG; nothing where nothing is measured."""
    drawn = []
    for encoder, label in ENCODERS.items():
        runs = [load(transfer_runs(data, encoder, rows)) for rows in ROWS]
        values = [statistics.mean(run["metrics"]["accuracy"] for run in r) if r else None for r in runs]
        drawn.append((label, COLORS[encoder], False, values))
        if encoder == "none":
            floor = [statistics.mean(run["floor"]["accuracy"] for run in r) if r else None for r in runs]
            drawn.append(("linear, with positions", COLORS[encoder], True, floor))
    if all(value is None for _, _, _, values in drawn for value in values):
        return ""
    return plot.lines(f"Accuracy on the test part of {data}", "labelled training rows", ROWS, 0.5, 1.0, 0.1, drawn)


def plots():
    """The learning curves, where anything is measured: {file: svg}."""
    files = {data_plot(data): learning_curves(data) for data in ("ecoli_cds", "ecoli_cds_shifted")}
    files = {name: svg for name, svg in files.items() if svg}
    drawn, epochs = [], 0
    for name, label in (("ecoli", "E. coli genome"), ("many", "twelve genomes")):
        if f"language_{name}" not in RUNS:
            continue
        bits = [epoch["valid"]["bits_per_base"] for epoch in RUNS[f"language_{name}"]["epochs"]]
        drawn.append((label, COLORS[name], False, bits))
        epochs = max(epochs, len(bits))
    if drawn:
        drawn = [(label, color, dashed, bits + [None] * (epochs - len(bits))) for label, color, dashed, bits in drawn]
        low = int(20 * min(bit for *_, bits in drawn for bit in bits if bit is not None)) / 20
        files["language.svg"] = plot.lines("Bits a base, held-out part; knowing the letters alone: 2", "epochs",
                                           list(range(1, epochs + 1)), low, low + 0.25, 0.05,
                                           [(label, color, dashed, [bit if bit is not None and bit <= low + 0.25 else None
                                                                    for bit in bits]) for label, color, dashed, bits in drawn])
    return files


def shown(files, name):
    return f"![{name}]({name})" if name in files else ""


# the best of the published figures, and whose it is, by data
BEST = {
    "ecoli_cds": ("0.973", "Genomic-ULMFiT, pre-trained on many bacteria"),
    "ecoli_cds_no_position": ("0.834", "Genomic-ULMFiT without pre-training"),
    "ecoli_sigma70": ("0.871", "Genomic-ULMFiT, pre-trained"),
    "arabidopsis_tata": ("0.91", "CNN, Umarov and Solovyev 2017"),
    "amp_scanner": ("0.910", "AMP Scanner 2"),
    "targetp2": ("", "by class only"),
    "gb1": ("0.857", "transformer from a random start"),
    "amp_scanner_committee": ("0.919", "recurrent, with profiles"),
    "targetp2_folds": ("0.890", "TargetP 2"),
    "secondary_structure": ("", "0.713 to 0.743 on other test sets"),
    "esol": ("0.483", "GraphSol"),
    "homology": ("0.947", "FastSK"),
    "japanese_vowels": ("0.99", "LSTM-FCN"),
}
METRICS = {"accuracy": "accuracy", "mcc": "MCC", "f1": "macro-F1", "spearman": "Spearman", "r2": "R2", "identity": "identity", "placed": "bases placed right",
           "mean_average_precision": "mean average precision", "pr_auc": "PR AUC, by base"}


def compared(ours, reference, what, less):
    gap = (statistics.mean(ours) - reference) * (-1 if less else 1)
    near = " by less than a deviation" if len(ours) > 1 and abs(gap) < statistics.stdev(ours) else ""
    return f"{'better' if gap > 0 else 'worse'} than the {what}{near}"


def verdict(ours, baseline, published, less):
    """In words; either figure may be None."""
    words = [compared(ours, figure, what, less) for figure, what in ((baseline, "baseline"), (published, "published")) if figure is not None]
    if words == ["better than the baseline", "better than the published"]:
        return "better than both"
    return "; ".join(words) or "nothing to compare with"


def summary_row(page, data, metric, ours, baseline, best=None, less=False, digits=4):
    """A row of the table of all data; baseline: its mean, or None."""
    value, source = best or ("", "none")
    cell = f"**{statistics.mean(ours):.{digits}f}**"
    if len(ours) > 1:
        cell += f" ± {statistics.stdev(ours):.{digits}f}"
    return (f"| [{data}]({page}.md) | {metric} | {cell} ({len(ours)}) | {'none' if baseline is None else f'{baseline:.{digits}f}'} "
            f"| {f'{value} ({source})' if value else source} | {verdict(ours, baseline, float(value) if value else None, less)} |")


def summary_table():
    """Every data set with a result, and the page about it."""
    lines = ["| data | metric | ours (mean ± deviation, n) | baseline | best published | verdict |", "|---|---|---|---|---|---|"]

    def add(page, data, metric, runs, best=None):
        if runs:
            floors = [[run["floor"][metric] for run in runs]]
            floors += [[next(iter(run["baselines"].values()))[metric] for run in runs]] if runs[0].get("baselines") else []
            lines.append(summary_row(page, data, METRICS[metric], [run["metrics"][metric] for run in runs],
                                     max(statistics.mean(values) for values in floors), best))

    for name, _, metric, _ in PROMOTERS:
        add("promoters", f"`{name}`", metric, load(name), BEST.get(name))
    for name, what, metric in (("ecoli", "E. coli genome, held-out", "bits a base"), ("many", "twelve genomes, held-out", "bits a base"),
                               ("many_ecoli", "E. coli genome after twelve, held-out", "bits a base"), ("proteins", "proteins, held-out", "bits a residue")):
        run = RUNS.get(f"language_{name}")
        if run:
            lines.append(summary_row("transfer", what, metric, [run["metrics"]["bits_per_base"]],
                                     run["metrics"]["baseline_bits_per_base"], less=True))
    for data in ("ecoli_cds", "ecoli_cds_shifted"):
        for rows in ("20", "all"):
            best = BEST["ecoli_cds"] if (data, rows) == ("ecoli_cds", "all") else None
            add("transfer", f"`{data}`, {rows} rows, pre-trained", "accuracy", load(transfer_runs(data, "many", rows)), best)
    add("transfer", "`ecoli_sigma70`, pre-trained", "mcc", load("transfer_sigma70_many"), BEST["ecoli_sigma70"])
    if "scan" in RUNS:
        lines.append(summary_row("transfer", "E. coli genome, scanned for starts", "ROC-AUC", [RUNS["scan"]["metrics"]["roc_auc"]], None))
    for name, _, metrics, _ in PROTEINS:
        add("proteins", f"`{name}`", metrics[0], load(name), BEST.get(name))
    add("proteins", "`amp_scanner`, a committee", "accuracy", load("amp_scanner_committee"), BEST["amp_scanner_committee"])
    add("proteins", "`targetp2`, five folds pooled", "f1", load("targetp2_folds"), BEST["targetp2_folds"])
    for name in ("homology", "homology_pretrained"):
        ours, *floors = homology(name)
        if ours:
            lines.append(summary_row("proteins", f"`scop_{name}`", "mean ROC-AUC", ours, max(floors), BEST.get(name)))
    if "residues" in RUNS:
        run = RUNS["residues"]
        lines.append(summary_row("proteins", "residues, hidden and held-out", "% predicted", [100 * run["metrics"]["accuracy"]],
                                 100 * run["floor"]["accuracy"], digits=1))
    add("positions", "`motif_position`", "accuracy", load("motif_position"))
    add("residues", "`secondary_structure`", "accuracy", load("secondary_structure"), BEST["secondary_structure"])
    for kingdom, title, published in PEPTIDES:
        for kind in ("SP",) if kingdom == "EUKARYA" else ("LIPO", "TAT"):
            rows = peptide_rows("signal_peptides", kingdom, kind)
            if rows:
                lines.append(summary_row("residues", f"`signal_peptides`, {title} {kind}", "MCC", [row["mcc"] for row in rows], None,
                                         (published[kind], "SignalP 6, a protein language model")))
    add("basecalling", "`basecalling`, simulated R9.4 reads", "identity", load("basecalling"))
    add("sequence_alignment", "`sequence_alignment reads`, 10 % divergence", "placed", load("sequence_alignment"))
    for name, what in (("protein_search", "`sequence_alignment proteins`"), ("protein_search_pretrained", "the same on the residue model")):
        add("sequence_alignment", what, "mean_average_precision", load(name))
    runs = load("ancestry")
    if runs:
        lines.append(summary_row("ancestry", "`ancestry`, simulated haplotypes", METRICS["pr_auc"], [run["metrics"]["pr_auc"] for run in runs],
                                 statistics.mean(run["methods"]["hmm_labels"]["pr_auc"] for run in runs)))
    add("signals", "`japanese_vowels`", "accuracy", load("japanese_vowels"), BEST["japanese_vowels"])
    runs = load("memory_length")
    for task in MEMORY_TASKS[:2] if runs else ():
        lines.append(summary_row("memory_length", f"`memory_length`, {task}", "largest lag", [run["metrics"][task]["lstm1"] for run in runs],
                                 statistics.mean(run["metrics"][task]["rnn"] for run in runs), digits=0))
    runs = load("text")
    if runs:
        lines.append(summary_row("text", "`text_generation`'s text", "bits a character", [run["metrics"]["bits_per_character"] for run in runs],
                                 statistics.mean(run["floor"]["bits_per_character"] for run in runs), less=True))
    return lines


def pages():
    """{file name: text}: what pages/ has, with the tables and plots in their places."""
    files = plots()
    parts = {
        "SUMMARY_TABLE": "\n".join(summary_table()),
        "PROMOTER_TABLE": "\n".join(promoter_table()),
        "DETAIL_TABLE": "\n".join(detail_table()),
        "BF16_ROWS": "\n".join(bf16_rows()),
        "MANY_BITS": f"{RUNS['language_many']['metrics']['bits_per_base']:.4f}" if "language_many" in RUNS else "not measured",
        "LANGUAGE_TABLE": "\n".join(language_table()),
        "TRANSFER_TABLE": "\n".join(transfer_table("ecoli_cds", PUBLISHED)),
        "SHIFTED_TRANSFER_TABLE": "\n".join(transfer_table("ecoli_cds_shifted", {})),
        "SIGMA70_TABLE": "\n".join(sigma70_table()),
        "COST_TABLE": "\n".join(cost_table("ecoli_cds")),
        "SHIFTED_COST_TABLE": "\n".join(cost_table("ecoli_cds_shifted")),
        "PROTEIN_COSTS": "\n".join(protein_costs()),
        "COMMANDS": commands(),
        "TRANSFER_PLOT": shown(files, data_plot("ecoli_cds")),
        "SHIFTED_TRANSFER_PLOT": shown(files, data_plot("ecoli_cds_shifted")),
        "LANGUAGE_PLOT": shown(files, "language.svg"),
        "SCAN": "\n".join(scan_table()),
        "TEXT": "\n".join(text_table()),
        "PROTEIN_TABLE": "\n".join(protein_table()),
        "COMMITTEE_TABLE": "\n".join(committee_table()),
        "SITE_TABLE": "\n".join(site_table()),
        "RESIDUES": "\n".join(residues_table()),
        "SPLIT": "\n".join(split_table()),
        "EMBEDDING_TABLE": "\n".join(embedding_table("embedding_targetp2")),
        "NEXT_EMBEDDING_TABLE": "\n".join(embedding_table("embedding_targetp2_next")),
        "MOTIF": "\n".join(motif_table()),
        "RESIDUE_LABELS": "\n".join(residue_table()),
        "SIGNAL_PEPTIDES": "\n".join(peptide_table()),
        "BASECALLING": "\n".join(basecalling_table()),
        "ALIGNMENT": "\n".join(alignment_table()),
        "ALIGNMENT_COSTS": "\n".join(alignment_costs()),
        "SEARCH": "\n".join(search_table()),
        "SEARCH_COSTS": "\n".join(search_costs()),
        "MEMORY": "\n".join(memory_table()),
        "MEMORY_GRADIENTS": "\n".join(memory_gradients()),
        "ANCESTRY": "\n".join(ancestry_table("ancestry")),
        "ANCESTRY_APART": "\n".join(ancestry_table("ancestry_apart")),
        "ANCESTRY_LENGTHS": "\n".join(ancestry_ranges("ancestry", "by_length", "bases")),
        "ANCESTRY_DIVERGENCE": "\n".join(ancestry_ranges("ancestry", "by_divergence", "differences a base")),
        "ANCESTRY_APART_LENGTHS": "\n".join(ancestry_ranges("ancestry_apart", "by_length", "bases")),
        "ANCESTRY_COST": cost(load("ancestry")),
        "SIGNALS": "\n".join(signal_table()),
        "MACHINE": ", ".join(sorted({f"{run['arch']}, {run['threads']} threads"
                                     for name, *_ in PROMOTERS for run in load(name)}))
                   or "not measured",
    }
    used = []

    def part(match):
        used.append(match[1])
        return parts[match[1]]

    texts = {path.name: f"<!-- made by make_results.py from pages/{path.name} -->\n\n{re.sub('{([A-Z0-9_]+)}', part, path.read_text())}"
             for path in sorted((FOLDER / "pages").glob("*.md"))}
    if sorted(used) != sorted(parts):
        sys.exit(f"pages/ shows other than once: {', '.join(name for name in parts if used.count(name) != 1)}")
    return texts


written = {FOLDER / name: text for name, text in {**pages(), **plots()}.items()}
if sys.argv[1:] == ["--check"]:
    for path, content in written.items():
        if not path.exists() or path.read_text() != content:
            sys.exit(f"docs/results/{path.name} is not what runs.csv says: cmake --build --preset release --target seqlstm_results")
else:
    for path, content in written.items():
        path.write_text(content)

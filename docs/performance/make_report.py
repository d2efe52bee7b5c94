#!/usr/bin/env python3
"""Writes the measured parts of README.md beside this file, and its plots, from the JSON here, which run.sh makes;
--check only compares; --reduce RAW OUT keeps what matters of Google Benchmark's JSON. No packages needed."""

import json
import math
import pathlib
import re
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(FOLDER.parent))
import plot as plots  # noqa: E402  (beside this folder)

PAGE = FOLDER / "README.md"
KEYS = ("GFLOPS", "tokens_per_second", "maxdiff", "saved_bytes_per_token", "mutants_per_second", "samples_per_second")
ANSWERS = ("loss", "gradient_norm")  # kept to the last digit of a float
KEPT = ("date", "num_cpus", "mhz_per_cpu", "seqlstm_arch", "seqlstm_matrix_unit", "onednn", "libtorch")
SHAPES = ["T:100/B:64/I:64/H:128", "T:100/B:64/I:128/H:256", "T:100/B:64/I:96/H:512", "T:70/B:64/I:400/H:1150",
          "T:250/B:64/I:100/H:32", "T:100/B:1/I:32/H:64"]
CONVOLUTION = "T:500/B:64/I:64/H:64"
LABELS = {"Ctc": "T:500/B:64/I:5/H:100", "Crf": "T:200/B:64/I:10/H:200"}
COLORS = {"seqlstm": "#1b6ca8", "onednn": "#d1495b"}


def reduce(raw, out):
    """The medians' counters and what the figures depend on; nothing that names a machine."""
    data = json.loads(pathlib.Path(raw).read_text())
    medians = {}
    for run in data["benchmarks"]:
        if run.get("aggregate_name") != "median":
            continue
        name = run["run_name"].removesuffix("/real_time")
        medians[name] = {key: float(f"{run[key]:.{digits}g}") for keys, digits in ((KEYS, 5), (ANSWERS, 9))
                         for key in keys if key in run}
    context = {key: data["context"][key] for key in KEPT if key in data["context"]}
    pathlib.Path(out).write_text(json.dumps({"context": context, "medians": medians}, indent=1) + "\n")


class Run:
    """The medians of one interleaved run."""

    def __init__(self, name):
        path = FOLDER / f"{name}.json"
        data = json.loads(path.read_text()) if path.exists() else {"context": {}, "medians": {}}
        self.context, self.medians = data["context"], data["medians"]

    def get(self, case, implementation, shape, threads=1, key="GFLOPS", precision="f32"):
        return self.medians.get(f"{case}/{implementation}/{precision}/{shape}/threads:{threads}", {}).get(key)

    @property
    def ceiling(self):
        return self.medians["Ceiling/machine/f32"]["GFLOPS"]

    @property
    def tile_ceiling(self):
        return self.medians["Ceiling/machine/bf16"]["GFLOPS"]


def number(value):
    return "" if value is None else f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def ratio(a, b):
    return "" if not a or not b else f"{a / b:.2f}x"


def plain(shape):
    return ", ".join(part.split(":")[1] for part in shape.split("/"))


def table(head, rows):
    return [f"| {' | '.join(head)} |", "|---" * len(head) + "|"] + [f"| {' | '.join(cells)} |" for cells in rows]


def over_shapes(name, rows):
    """A table of figures of the first five shapes."""
    return table([f"{name}: T, B, I, H"] + [plain(s) for s in SHAPES[:5]], rows)


def layer_table(run, torch, case):
    """Ours beside oneDNN in one run, beside libtorch in another: each ratio is of figures of one run."""
    peers = ["libtorch", "libtorch_packed"] if case.endswith("Ragged") else ["libtorch"]
    names = [p.replace("_", " ") for p in peers]
    head = [f"{case}: T, B, I, H", "ours", "of the ceiling", "two threads", "two / one", "oneDNN", "ours / oneDNN"]
    for name in names:
        head += [name, f"ours / {name}"]
    rows = []
    for shape in SHAPES:
        ours, two = run.get(case, "seqlstm", shape), run.get(case, "seqlstm", shape, 2)
        if ours is None:
            continue
        beside = torch.get(case, "seqlstm", shape)
        one = run.get(case, "onednn", shape)
        cells = [plain(shape), number(ours), f"{100 * ours / run.ceiling:.0f} %", number(two), ratio(two, ours),
                 number(one), ratio(ours, one)]
        for peer in peers:
            rate = torch.get(case, peer, shape)
            cells += [number(rate), ratio(beside, rate)]
        rows.append(cells)
    return table(head, rows)


def bf16_table(run, case):
    """In bfloat16 on one and two threads, beside oneDNN in bfloat16 on as many."""
    rows = []
    for shape in SHAPES:
        ours, two = (run.get(case, "seqlstm", shape, t, precision="bf16") for t in (1, 2))
        peer, peer_two = (run.get(case, "onednn", shape, t, precision="bf16") for t in (1, 2))
        if ours is None:
            continue
        rows.append([plain(shape), number(ours), f"{100 * ours / run.tile_ceiling:.0f} %", number(peer), ratio(ours, peer),
                     number(two), ratio(two, ours), number(peer_two), ratio(two, peer_two)])
    return table([f"{case}: T, B, I, H", "ours", "of the tiles' ceiling", "oneDNN", "ours / oneDNN", "two threads", "two / one",
                  "oneDNN on two", "ours / oneDNN"], rows)


def geometric_mean(values):
    return math.exp(sum(math.log(v) for v in values) / len(values))


def runs_table(runs):
    """What each run was, of triples: what, run, and the key of the peer beside it."""
    rows = []
    for what, run, peer in runs:
        if not run.medians:
            continue
        context, units = run.context, [run.context["seqlstm_arch"]]
        if "seqlstm_matrix_unit" in context:
            units.append(context["seqlstm_matrix_unit"])
        machine = f"{context['num_cpus']} cores at {context['mhz_per_cpu'] / 1000:.1f} GHz, " + ", ".join(f"`{u}`" for u in units)
        tiles = run.medians.get("Ceiling/machine/bf16", {}).get("GFLOPS")
        fma = run.medians.get("Ceiling/machine/f32", {}).get("GFLOPS")
        rows.append([what, context["date"][:10], machine, context.get(peer, "") if peer else "",
                     number(fma), f"{tiles:,.0f}" if tiles else ""])
    return table(["run", "date", "machine", "beside", "fused multiply-adds alone", "products of tiles alone"], rows)


def peers_table(layers, torch, bf16, gru, positions):
    """How many times as fast as a peer, over the first four shapes."""
    rows = []
    for name, run, peer, precision, threads, layer in (
            ("oneDNN", layers, "onednn", "f32", 1, ""), ("libtorch", torch, "libtorch", "f32", 1, ""),
            ("oneDNN", bf16, "onednn", "bf16", 1, ""), ("oneDNN", bf16, "onednn", "bf16", 2, ""),
            ("oneDNN, GRU", gru, "onednn", "f32", 1, "Gru"), ("libtorch, GRU", positions, "libtorch", "f32", 1, "Gru")):
        means = []
        for case in (layer + "Infer", layer + "Train", layer + "TrainTokens"):
            pairs = [[run.get(case, i, s, threads, precision=precision) for i in ("seqlstm", peer)] for s in SHAPES[:4]]
            ratios = [ours / theirs for ours, theirs in pairs if theirs]
            means.append(f"{geometric_mean(ratios):.2f}x" if ratios else "")
        if any(means):
            rows.append([name, precision, str(threads)] + means)
    return table(["over", "precision", "threads", "Infer", "Train", "TrainTokens"], rows)


def convolution_table(run):
    """All lengths T, and mixed ones, which libtorch pads."""
    rate = lambda *names, key="GFLOPS": run.get(*names, CONVOLUTION, key=key)
    rows = []
    for case in ("ConvInfer", "ConvTrain"):
        cells = [f"{case}: {plain(CONVOLUTION)}"]
        for feed in (case, case + "Ragged"):
            ours, peer = rate(feed, "seqlstm"), rate(feed, "libtorch")
            cells += [number(ours), f"{100 * ours / run.ceiling:.0f} %", number(peer), ratio(ours, peer)]
        rows.append(cells + [ratio(*(rate(feed, "seqlstm", key="tokens_per_second") for feed in (case, case + "Ragged")))])
    head = ["ours", "of the ceiling", "libtorch", "ours / libtorch"]
    return table(["T, B, I, H"] + head + [f"mixed lengths: {head[0]}"] + head[1:] + ["time of a token, mixed lengths"], rows)


def labels_table(run):
    """Milliseconds of a loss and its gradients."""
    rows = []
    for case, shape in LABELS.items():
        ours, peer = (run.medians[f"{case}/{i}/f32/{shape}/threads:1"] for i in ("seqlstm", "libtorch"))
        steps, batch = (int(part.split(":")[1]) for part in shape.split("/")[:2])
        time = lambda figures: number(1000 * steps * batch / figures["tokens_per_second"])
        apart = lambda key: f"{abs(ours[key] / peer[key] - 1):.0e}"
        rows.append([f"{case}: {plain(shape)}", time(ours), time(peer),
                     ratio(ours["tokens_per_second"], peer["tokens_per_second"]), apart("loss"), apart("gradient_norm")])
    return table(["T, B, I, H", "ours, ms", "libtorch, ms", "ours is faster", "losses differ by", "sizes of gradients differ by"], rows)


def ragged_table(layers, bf16, gru):
    """What mixed lengths cost, and in bf16 what rows past the active ones do."""
    rate = lambda run, case, shape, precision: run.get(case, "seqlstm", shape, key="tokens_per_second", precision=precision)
    rows = [[f"{case} {precision}, over all lengths T"] +
            [ratio(rate(run, case, s, precision), rate(run, f"{case}Ragged", s, precision)) for s in SHAPES[:5]]
            for run, precision, layer in ((layers, "f32", ""), (gru, "f32", "Gru"), (bf16, "bf16", "")) if run.medians
            for case in (layer + "Infer", layer + "Train")]
    if bf16.medians:
        rows += [[f"{case} bf16, over tiles that are full"] +
                 [ratio(rate(bf16, f"{case}Ragged16", s, "bf16"), rate(bf16, f"{case}Ragged", s, "bf16")) for s in SHAPES[:5]]
                 for case in ("Infer", "Train")]
    return over_shapes("time of a token, mixed lengths", rows)


def difference_table(f32, bf16):
    worst = lambda runs, part: max(v.get("maxdiff", 0) for run in runs for name, v in run.medians.items() if part in name)
    rows = [["f32", "all", f"{worst(f32, '/seqlstm/'):.1e}"]]
    if bf16.medians:
        rows.append(["bf16", "h, where the loops round nothing", f"{worst([bf16], '/seqlstm/bf16'):.1e}"])
    return table(["precision", "of what", "largest difference from plain loops in double, all cases"], rows)


def memory_table(run):
    """Bytes a training step keeps of a token from forward to backward pass, besides y."""
    kept = lambda i: [f"{run.get('Train', i, s, key='saved_bytes_per_token'):,.0f}" for s in SHAPES[:5]]
    return over_shapes("bytes for each token", [["ours, besides y"] + kept("seqlstm"), ["oneDNN's workspace"] + kept("onednn")])


def mutagenesis_table(run):
    if not run.medians:
        return ["Mutagenesis: not measured yet."]
    rate = lambda way: run.medians[f"Mutagenesis/{way}/f32"]["mutants_per_second"]
    kept, whole, single = (rate(way) for way in ("prefixes_kept", "whole_passes", "one_by_one"))
    return table(["way", "mutants/s", "states kept are faster"],
                 [["states before the mutation are kept", f"{kept:,.0f}", ""],
                  ["whole passes of 128 mutants", f"{whole:,.0f}", f"{kept / whole:.2f}x"],
                  ["a pass for each mutant", f"{single:,.0f}", f"{kept / single:.1f}x"]])


def model_table(run):
    names = sorted({re.sub(r"Step/\w+/\w+/", "", n).rsplit("/", 1)[0] for n in run.medians})
    rounds = any("/bf16/" in n for n in run.medians)
    head = ["model, lengths, B", "threads", "ours, tokens/s", "libtorch padded", "libtorch packed", "ours / best peer"]
    head += ["ours in bf16", "bf16 / f32", "bf16 / best peer in f32"] if rounds else []
    rows = []
    for name in names:
        for threads in (1, 2):
            get = lambda i, p="f32": run.medians.get(f"Step/{i}/{p}/{name}/threads:{threads}", {}).get("tokens_per_second")
            ours, padded, packed = get("seqlstm"), get("libtorch_padded"), get("libtorch_packed")
            cells = [re.sub(r"lengths:|B:", "", name).replace("/", ", "), str(threads)]
            cells += [f"{v:,.0f}" if v else "" for v in (ours, padded, packed)]
            best = max((v for v in (padded, packed) if v), default=None)
            cells.append(ratio(ours, best))
            if rounds:
                fast = get("seqlstm", "bf16")
                cells += [f"{fast:,.0f}" if fast else "", ratio(fast, ours), ratio(fast, best)]
            rows.append(cells)
    return table(head, rows)


def epoch_table(run):
    """The published epoch of the network `protein`: 53,000 sequences of 250 residues."""
    speed = run.medians["Step/seqlstm/f32/protein/lengths:50-450/B:64/threads:2"]["tokens_per_second"]
    return table(["an epoch of 53,000 proteins of 250 residues", "tokens/s", "seconds"],
                 [["ours, two threads", f"{speed:,.0f}", f"{53000 * 250 / speed:.0f}"],
                  ["the notebook that published `protein`, on a GPU", "some 120,000", "109"]])


def plot(run, axis, title):
    """GFLOP/s over one of H, B and T, the others at T = 100, B = 64, I = 128, H = 256; both axes from zero, x by rank."""
    base = {"T": 100, "B": 64, "I": 128, "H": 256}
    values = sorted({int(re.search(rf"/{axis}:(\d+)", n)[1]) for n in run.medians if n.startswith(("Infer/", "Train/"))
                     and all(f"/{k}:{v}/" in n + "/" for k, v in base.items() if k != axis)})
    drawn = []
    for implementation, color in COLORS.items():
        for case in ("Train", "Infer"):
            shapes = ["/".join(f"{k}:{value if k == axis else v}" for k, v in base.items()) for value in values]
            rates = [run.get(case, implementation, shape) for shape in shapes]
            drawn.append((f"{case} {implementation}", color, case == "Infer", [rate or None for rate in rates]))
    return plots.lines(f"{title}, GFLOP/s on one thread; fused multiply-adds alone: {run.ceiling:.0f}", axis, values, 0,
                       run.ceiling, 50, drawn, limit=run.ceiling)


def fill(page, part, lines):
    """The page with `lines` between the marks of `part`."""
    begin, end = f"<!-- {part}: begin -->", f"<!-- {part}: end -->"
    head, rest = page.split(begin)
    return head + "\n".join([begin, "", *lines, "", end]) + rest.split(end)[1]


def measured():
    layers, torch, models, sweeps = Run("layers"), Run("libtorch_train"), Run("models"), Run("sweeps")
    memory, infer, bf16, mutants = Run("memory"), Run("libtorch_infer"), Run("bf16"), Run("mutagenesis")
    gru, positions, reader = Run("gru"), Run("libtorch_positions"), Run("reader")
    page = PAGE.read_text()
    if not all(run.medians for run in (layers, torch, infer, models, sweeps, memory)):
        for part in ("runs", "measured", "memory"):
            page = fill(page, part, ["Not measured yet."])
        return {PAGE: page}
    runs = runs_table([("layers in f32", layers, "onednn"), ("layers in f32, inference", infer, "libtorch"),
                       ("layers in f32, training", torch, "libtorch"), ("layers in f32, memory", memory, "onednn"),
                       ("layers in f32, over H, B and T", sweeps, "onednn"), ("layers in bf16", bf16, "onednn"),
                       ("whole models", models, "libtorch"), ("mutants", mutants, None), ("GRU in f32", gru, "onednn"),
                       ("GRU, convolutions and labels in f32", positions, "libtorch"), ("signals", reader, None)])
    torch.medians |= {name: values for name, values in infer.medians.items() if not name.startswith("Ceiling")}
    lines = ["### Ours over the peers", "", "Geometric means of ours over a peer, first four shapes of the tables below.", ""]
    lines += peers_table(layers, torch, bf16, gru, positions) + ["", "### Layers in f32"]
    for case in ("Infer", "Train", "InferTokens", "TrainTokens", "InferRagged", "TrainRagged"):
        lines += [""] + layer_table(layers, torch, case)
    lines += ["", "### Layers in bf16"]
    if bf16.medians:
        lines += ["", f"Ours and oneDNN in bfloat16; products by {bf16.context['seqlstm_matrix_unit']}."]
        for case in ("Infer", "Train", "TrainTokens"):
            lines += [""] + bf16_table(bf16, case)
    else:
        lines += ["", "Not measured yet."]
    if gru.medians:
        lines += ["", "### The GRU"]
        for case in ("GruInfer", "GruTrain", "GruInferRagged", "GruTrainRagged"):
            lines += [""] + layer_table(gru, positions, case)
    if positions.medians:
        lines += ["", "### Convolutions", "", "Nine taps, H output columns.", ""] + convolution_table(positions)
        lines += ["", "### Losses of labels", "", "Forward and backward. Of I classes H labels are to be found in T steps (`Ctc`, one "
                  "class the blank), or one at every step (`Crf`, beside tensor operations over the batch).", ""]
        lines += labels_table(positions)
    lines += ["", "### Mixed lengths", "", "Lengths are uniform in [T/4, T]. Tiles are full where every 16 sequences have their "
              "mean length: what is above that are rows past the active ones.", ""] + ragged_table(layers, bf16, gru)
    lines += ["", "### Accuracy", ""] + difference_table([layers, gru, positions], bf16)
    lines += ["", "### Whole models", "", "One training step (`bench_model`); products in bfloat16 by "
              f"{models.context['seqlstm_matrix_unit']}.", ""]
    lines += model_table(models) + [""] + epoch_table(models)
    lines += ["", "### Mutants", "", "All single-letter mutants of 151 bases by a promoter classifier on an encoder "
              "(`bench_model`, one thread).", ""] + mutagenesis_table(mutants)
    lines += ["", "States are kept of networks that read forward, on a language model's encoder. Others gain from batches "
              "alone.", ""]
    if reader.medians:
        (name, figures), = reader.medians.items()
        lines += ["### Signals", "", f"A `Basecaller` of stride 4 and four GRUs of 48 units (`{name}`): "
                  f"{figures['samples_per_second'] / 1e6:.2f} million samples/s.", ""]
    lines += ["### Over H, B and T", ""] + [f"![GFLOP/s over {axis}](over_{axis}.svg)" for axis in "HBT"]
    files = {FOLDER / f"over_{axis}.svg": plot(sweeps, axis, f"Over {axis}") for axis in "HBT"}
    files[PAGE] = fill(fill(fill(page, "runs", runs), "measured", lines), "memory", memory_table(memory))
    return files


def main(arguments):
    if arguments[:1] == ["--reduce"]:
        return reduce(*arguments[1:])
    stale = [path for path, text in measured().items() if not path.exists() or path.read_text() != text]
    if arguments == ["--check"]:
        if stale:
            sys.exit("not made from the JSON beside it: " + ", ".join(p.name for p in stale) +
                     "; run cmake --build --preset release --target seqlstm_report")
        return None
    for path, text in measured().items():
        path.write_text(text)


main(sys.argv[1:])

#!/usr/bin/env python3
"""Writes the measured part of docs/performance.md and its plots from the JSON beside this file, which run.sh makes;
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

PAGE = FOLDER.parent / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
KEYS = ("GFLOPS", "tokens_per_second", "maxdiff", "saved_bytes_per_token", "mutants_per_second")
KEPT = ("date", "num_cpus", "mhz_per_cpu", "seqlstm_arch", "seqlstm_matrix_unit", "onednn", "libtorch")
SHAPES = ["T:100/B:64/I:64/H:128", "T:100/B:64/I:128/H:256", "T:100/B:64/I:96/H:512", "T:70/B:64/I:400/H:1150",
          "T:250/B:64/I:100/H:32", "T:100/B:1/I:32/H:64"]
COLORS = {"seqlstm": "#1b6ca8", "onednn": "#d1495b"}


def reduce(raw, out):
    """The medians' counters and what the figures depend on; nothing that names a machine."""
    data = json.loads(pathlib.Path(raw).read_text())
    medians = {}
    for run in data["benchmarks"]:
        if run.get("aggregate_name") != "median":
            continue
        name = run["run_name"].removesuffix("/real_time")
        medians[name] = {key: float(f"{run[key]:.5g}") for key in KEYS if key in run}
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


def layer_table(run, torch, case):
    """Ours beside oneDNN in one run, beside libtorch in another: each ratio is of figures of one run."""
    peers = ["libtorch", "libtorch_packed"] if case.endswith("Ragged") else ["libtorch"]
    names = [p.replace("_", " ") for p in peers]
    head = [f"{case}: T, B, I, H", "ours", "of the ceiling", "two threads", "two / one", "oneDNN", "ours / oneDNN"]
    for name in names:
        head += [name, f"ours / {name}"]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
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
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def bf16_table(run, case):
    """In bfloat16 on one and two threads, beside oneDNN in bfloat16 on as many."""
    lines = [f"| {case}: T, B, I, H | ours | of the tiles' ceiling | oneDNN | ours / oneDNN | two threads | two / one | "
             "oneDNN on two | ours / oneDNN |", "|---" * 9 + "|"]
    for shape in SHAPES:
        ours, two = (run.get(case, "seqlstm", shape, t, precision="bf16") for t in (1, 2))
        peer, peer_two = (run.get(case, "onednn", shape, t, precision="bf16") for t in (1, 2))
        if ours is None:
            continue
        cells = [plain(shape), number(ours), f"{100 * ours / run.tile_ceiling:.0f} %", number(peer), ratio(ours, peer),
                 number(two), ratio(two, ours), number(peer_two), ratio(two, peer_two)]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def bf16_section(run, f32):
    """What runs of bfloat16 show, or that there was none."""
    if not run.medians:
        return ["", "bfloat16: not measured yet."]
    context = run.context
    elsewhere = ", another machine" if context.get("mhz_per_cpu") != f32.context.get("mhz_per_cpu") else ""
    lines = ["", f"In bfloat16, {context['date'][:10]}{elsewhere}: {context['num_cpus']} cores with "
             f"`{context['seqlstm_arch']}`, products by {context['seqlstm_matrix_unit']}. One interleaved run beside "
             f"{context.get('onednn', 'no oneDNN')} in bfloat16; products of tiles alone: {run.tile_ceiling:,.0f} GFLOP/s, fused "
             f"multiply-adds in float: {run.ceiling:.0f}.", ""]
    for case in ("Infer", "Train", "TrainTokens"):
        means = []
        for threads in (1, 2):
            ratios = [run.get(case, "seqlstm", s, threads, precision="bf16") / run.get(case, "onednn", s, threads, precision="bf16")
                      for s in SHAPES[:4] if run.get(case, "onednn", s, threads, precision="bf16")]
            if ratios:
                means.append(f"{geometric_mean(ratios):.2f}x on {threads}")
        if means:
            lines.append(f"- {case} over oneDNN, geometric mean of the first four shapes, by threads: {', '.join(means)}.")
    for case in ("Infer", "Train"):
        costs = [ratio(run.get(case, "seqlstm", s, key="tokens_per_second", precision="bf16"),
                       run.get(f"{case}Ragged", "seqlstm", s, key="tokens_per_second", precision="bf16")) for s in SHAPES[:5]]
        lines.append(f"- {case}, time per token of lengths uniform in [T/4, T] over that of all lengths T, first five shapes: "
                     f"{', '.join(costs)}.")
    for case in ("InferRagged", "TrainRagged"):
        filled = [run.get(f"{case}16", "seqlstm", s, key="tokens_per_second", precision="bf16") for s in SHAPES[:5]]
        costs = [ratio(even, run.get(case, "seqlstm", s, key="tokens_per_second", precision="bf16"))
                 for even, s in zip(filled, SHAPES) if even]
        if costs:
            lines.append(f"- {case}, what rows past the active ones cost: time per token over that of {case}16, where every 16 "
                         f"sequences have their mean length and so fill the tiles: {', '.join(costs)}.")
    worst = max(v.get("maxdiff", 0) for name, v in run.medians.items() if "/seqlstm/bf16" in name)
    lines.append(f"- The largest difference of h from plain loops in double with nothing rounded, over all cases: {worst:.1e}.")
    for case in ("Infer", "Train", "TrainTokens"):
        lines += [""] + bf16_table(run, case)
    return lines


def geometric_mean(values):
    return math.exp(sum(math.log(v) for v in values) / len(values))


def summary(layers, torch, memory):
    lines = []
    for peer, name, run in (("onednn", "oneDNN", layers), ("libtorch", "libtorch", torch)):
        means = []
        for case in ("Infer", "Train", "TrainTokens"):
            ratios = [run.get(case, "seqlstm", s) / run.get(case, peer, s) for s in SHAPES[:4] if run.get(case, peer, s)]
            if ratios:
                means.append(f"{case} {geometric_mean(ratios):.2f}x")
        if means:
            lines.append(f"- Over {name}, geometric mean of the first four shapes: {', '.join(means)}.")
    run = layers
    for case in ("Infer", "Train"):
        costs = []
        for shape in SHAPES[:5]:
            even = run.get(case, "seqlstm", shape, key="tokens_per_second")
            ragged = run.get(f"{case}Ragged", "seqlstm", shape, key="tokens_per_second")
            costs.append(ratio(even, ragged))
        lines.append(f"- {case}, time per token of lengths uniform in [T/4, T] over that of all lengths T, first five "
                     f"shapes: {', '.join(costs)}.")
    saved = [(memory.get("Train", "seqlstm", s, key="saved_bytes_per_token"),
              memory.get("Train", "onednn", s, key="saved_bytes_per_token")) for s in SHAPES[:5]]
    lines.append("- Bytes a training step keeps of every token from forward to backward pass, besides y (oneDNN's workspace), "
                 f"first five shapes: {', '.join(f'{a:,.0f} ({b:,.0f})' for a, b in saved)}.")
    worst = max(v["maxdiff"] for name, v in run.medians.items() if "/seqlstm/" in name)
    lines.append(f"- The largest difference from plain loops in double, over all cases: {worst:.1e}.")
    return lines


def mutagenesis_text(run):
    if not run.medians:
        return "Mutagenesis: not measured yet."
    rate = lambda way: run.medians[f"Mutagenesis/{way}/f32"]["mutants_per_second"]
    kept, whole, single = (rate(way) for way in ("prefixes_kept", "whole_passes", "one_by_one"))
    return (f"All single-letter mutants of 151 bases by a promoter classifier on an encoder (`bench_model`, one thread): "
            f"{kept:,.0f} mutants a second where states before the mutation are kept, {kept / whole:.2f}x of whole passes of 128 "
            f"mutants, {kept / single:.1f}x of a pass for each. States are kept of networks that read forward, on a language model's encoder; "
            "others gain from batches alone.")


def model_table(run):
    names = sorted({re.sub(r"Step/\w+/\w+/", "", n).rsplit("/", 1)[0] for n in run.medians})
    rounds = any("/bf16/" in n for n in run.medians)
    head = ["model, lengths, B", "threads", "ours, tokens/s", "libtorch padded", "libtorch packed", "ours / best peer"]
    head += ["ours in bf16", "bf16 / f32", "bf16 / best peer in f32"] if rounds else []
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
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
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def epoch_text(run):
    """The published epoch of the network `protein`: 53,000 sequences of 250 residues."""
    speed = run.medians["Step/seqlstm/f32/protein/lengths:50-450/B:64/threads:2"]["tokens_per_second"]
    return (f"At {speed:,.0f} tokens/s an epoch of 53,000 proteins of 250 residues takes {53000 * 250 / speed:.0f} s on two threads; the "
            "notebook that published `protein` took 109 s for it on a GPU (some 120,000 tokens/s).")


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


def measured():
    layers, torch, models, sweeps = Run("layers"), Run("libtorch_train"), Run("models"), Run("sweeps")
    memory, infer = Run("memory"), Run("libtorch_infer")
    page = PAGE.read_text()
    head, rest = page.split(BEGIN)
    around = lambda lines: head + BEGIN + "\n" + "\n".join(lines) + "\n" + END + rest.split(END)[1]
    if not all(run.medians for run in (layers, torch, infer, models, sweeps, memory)):
        return {PAGE: around(["", "Not measured yet.", ""])}
    context = layers.context
    torch.medians |= {name: values for name, values in infer.medians.items() if not name.startswith("Ceiling")}
    infer_ceiling = infer.ceiling
    lines = ["", f"Medians, {context['date'][:10]}, {context['num_cpus']} cores with `{context['seqlstm_arch']}`. One interleaved "
             f"run beside {context.get('onednn', 'no oneDNN')}, which `ours` is of, and two, of inference and of training, beside "
             f"{torch.context.get('libtorch', 'no libtorch')}, where fused multiply-adds reached {infer_ceiling:.0f} and {torch.ceiling:.0f}: the two "
             "libraries cannot share a process. GFLOP/s of one layer, one thread where nothing else is said; fused multiply-adds "
             f"alone: {layers.ceiling:.0f}.", ""]
    lines += summary(layers, torch, memory)
    for case in ("Infer", "Train", "InferTokens", "TrainTokens", "InferRagged", "TrainRagged"):
        lines += [""] + layer_table(layers, torch, case)
    lines += bf16_section(Run("bf16"), layers) + [""]
    lines += [f"One training step of whole models (`bench_model`), {models.context['date'][:10]}, products in bfloat16 by "
              f"{models.context['seqlstm_matrix_unit']}, beside {models.context.get('libtorch', 'no libtorch')}:", ""] + model_table(models)
    lines += ["", epoch_text(models), "", mutagenesis_text(Run("mutagenesis")), ""]
    lines += [f"![GFLOP/s over {axis}](performance/over_{axis}.svg)" for axis in "HBT"]
    files = {FOLDER / f"over_{axis}.svg": plot(sweeps, axis, f"Over {axis}") for axis in "HBT"}
    files[PAGE] = around(lines + [""])
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

#!/usr/bin/env python3
"""Fits a model of what ranks cost to ranks.json beside this file, and writes its tables into ../clusters.md; --check
only compares; --take LOG adds the JSON lines of bench_ranks in LOG, whose other lines say where: "net ..." over the
network, "local ..." not, "alone ..." on one CPU. No packages needed."""

import json
import math
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
PAGE = FOLDER.parent / "clusters.md"
DATA = FOLDER / "ranks.json"
BEGIN, END = "<!-- measured by bench_ranks -->", "<!-- end of measured -->"
TOKENS = {"awd": 64 * 70, "protein": 64 * 300}  # of an update, in the mean
BUCKET = 2**18  # numbers that travel together
CPUS = 2  # of the machine
KEYS = [(network, precision) for network in ("protein", "awd") for precision in ("f32", "bf16")]


def take(log):
    place, runs = "", json.loads(DATA.read_text()) if DATA.exists() else []
    for line in pathlib.Path(log).read_text().splitlines():
        if line.split(" ")[0] in ("net", "local", "alone"):
            place = line.split(" ")[0]
        if line.startswith("{"):
            runs.append({"place": place, **json.loads(line)})
    DATA.write_text("[\n" + ",\n".join(json.dumps(run) for run in runs) + "\n]\n")


class Runs:
    def __init__(self):
        self.all = json.loads(DATA.read_text())
        for run in self.all:
            run["seconds"] = (run["seconds_per_update"] if "seconds_per_update" in run
                              else TOKENS[run["network"]] / run["tokens_per_second_by_shard"])

    def of(self, **wanted):
        wanted = {"shard_optimizer": False, **wanted}
        return [run for run in self.all if all(run.get(key, False) == value for key, value in wanted.items())]

    def trainings(self, key):
        return [run for run in self.all if (run["network"], run["precision"]) == key and not run.get("shard_optimizer")]


def messages(parameters, ranks):
    """Messages that follow one another: up and down the tree for each bucket, four buckets side by side."""
    return 2 * math.log2(ranks) * math.ceil(parameters / BUCKET) / 4


def sent(parameters, ranks, wire):
    return 2 * parameters * (ranks - 1) / ranks * (2 if wire == "bf16" else 4)


def least_squares(rows):
    """x of min sum (x . row[:-1] / row[-1] - 1)^2 for two unknowns, none below 0."""
    scaled = [(a / y, b / y) for a, b, y in rows]
    aa, ab, bb = (sum(r[i] * r[j] for r in scaled) for i, j in ((0, 0), (0, 1), (1, 1)))
    a, b = sum(r[0] for r in scaled), sum(r[1] for r in scaled)
    determinant = aa * bb - ab * ab
    if determinant > 0:
        x, y = (a * bb - b * ab) / determinant, (b * aa - a * ab) / determinant
        if x >= 0 and y >= 0:
            return x, y
    return a / aa, 0.0


class Model:
    """sum = bytes / rate + messages latency; update = each + shared / ranks + (1 - hidden) sum, and as many times the
    first two as ranks share a CPU."""

    def __init__(self, runs):
        sums = [run for run in runs.all if run["place"] == "net"]
        per_byte, self.latency = least_squares(
            [(run["bytes_sent_per_update"], messages(run["parameters"], run["ranks"]), run["seconds_of_sum_alone"])
             for run in sums])
        self.rate = 1 / per_byte
        self.fits = {}
        best = math.inf
        for hidden in (percent / 100 for percent in range(101)):
            fits = {key: self.fit(runs, key, hidden) for key in KEYS}
            errors = sum(error ** 2 for key in KEYS for error in self.errors(runs, key, hidden, fits[key]))
            if errors < best:
                best, self.hidden, self.fits = errors, hidden, fits

    def sum(self, bytes_sent, parameters, ranks):
        return bytes_sent / self.rate + messages(parameters, ranks) * self.latency

    def waits(self, run, hidden):
        """What of an update is not computing."""
        if run["place"] != "net":
            return 0.0
        cost = self.sum(run["bytes_sent_per_update"], run["parameters"], run["ranks"])
        return (1 - hidden * run["overlap"]) * cost

    @staticmethod
    def computing(run):
        """How often a CPU does what each rank does, and what part of the shared work."""
        ranks = run["ranks"]
        return (1, 1) if ranks == 1 else (ranks / CPUS, 1 / CPUS)

    def fit(self, runs, key, hidden):
        rows = [(*self.computing(run), max(0.01 * run["seconds"], run["seconds"] - self.waits(run, hidden)))
                for run in runs.trainings(key)]
        return least_squares(rows)

    def said(self, run, hidden=None, fit=None):
        hidden = self.hidden if hidden is None else hidden
        each, shared = fit or self.fits[run["network"], run["precision"]]
        times, part = self.computing(run)
        return each * times + shared * part + self.waits(run, hidden)

    def errors(self, runs, key, hidden=None, fit=None):
        return [self.said(run, hidden, fit) / run["seconds"] - 1 for run in runs.trainings(key)]

    def alone(self, key, batches, ranks, parameters, wire, faster):
        """Seconds of an update on ranks that have a CPU each, of so many batches of 64."""
        each, shared = self.fits[key]
        network = sent(parameters, ranks, wire) / self.rate / faster + messages(parameters, ranks) * self.latency
        return each + shared * batches / ranks + (1 - self.hidden) * (network if ranks > 1 else 0)


def waited(run):
    return f"{100 * sum(run['waited_share']) / 2:.0f} %"


def text():
    runs = Runs()
    model = Model(runs)
    lines = [BEGIN, "", "| network | products | wire | ranks | an update, s | waits | without overlap, s | waits | "
             "model, s |", "|---|---|---|---|---|---|---|---|---|"]
    for run in runs.of(place="net", overlap=True):
        key = {k: run[k] for k in ("network", "precision", "wire", "ranks")}
        late = runs.of(place="net", overlap=False, **key)
        cells = [f"{late[0]['seconds']:.2f}", waited(late[0])] if late else ["", ""]
        lines.append(f"| {run['network']} | {run['precision']} | {run['wire']} | {run['ranks']} | "
                     f"{run['seconds']:.2f} | {waited(run)} | {cells[0]} | {cells[1]} | {model.said(run):.2f} |")
    errors = sorted((error for key in KEYS for error in model.errors(runs, key)), key=abs)
    within = sum(abs(error) <= 0.15 for error in errors)
    lines += ["", "A model, fitted to these runs, to runs without the network and to one rank on one CPU:", "",
              "- An update takes what every rank does whatever its share (reading weights in each step, updating them), its "
              "share of the rest, and the part of the sum of all gradients that is not hidden behind the backward pass.",
              "- A sum takes its bytes by the rate of the network, and a latency for each of the messages that follow one "
              "another.", "",
              "| fitted | value |", "|---|---|",
              f"| rate of the network | {8 * model.rate / 1e9:.2f} Gbit/s |",
              f"| latency of a message, with ranks that share CPUs | {1e3 * model.latency:.1f} ms |",
              f"| share of a sum that is hidden | {100 * model.hidden:.0f} % |"]
    for key in KEYS:
        each, shared = model.fits[key]
        lines.append(f"| {key[0]} in {key[1]}: every rank, and all ranks together, of one batch | "
                     f"{each:.3f} s, {shared:.3f} s |")
    lines += [f"| updates within 15 % of the model | {within} of {len(errors)} |",
              f"| the median, and the farthest | {100 * abs(errors[len(errors) // 2]):.0f} %, {100 * errors[-1]:+.0f} % |", "",
              "What it predicts for ranks that have a CPU each: how many times as fast as one rank. A batch of 64 is shared by at "
              "most 64 ranks; for 512 the batch is 512 sequences or streams, and so is that of the one rank.", "",
              "| network | products | wire | 8 ranks | 64 ranks | 512 ranks | 8 ranks, ten times the rate | 64 | 512 |",
              "|---|---|---|---|---|---|---|---|---|"]
    for key in KEYS:
        parameters = runs.of(place="net", network=key[0])[0]["parameters"]
        for wire in ("f32", "bf16"):
            cells = [model.alone(key, max(1, ranks / 64), 1, parameters, wire, faster)
                     / model.alone(key, max(1, ranks / 64), ranks, parameters, wire, faster)
                     for faster in (1, 10) for ranks in (8, 64, 512)]
            lines.append(f"| {key[0]} | {key[1]} | {wire} | " + " | ".join(f"{cell:.3g}" for cell in cells) + " |")
    return "\n".join([*lines, "", END])


def main():
    if sys.argv[1:2] == ["--take"]:
        take(sys.argv[2])
        return 0
    page = PAGE.read_text()
    begin, end = page.index(BEGIN), page.index(END) + len(END)
    new = page[:begin] + text() + page[end:]
    if "--check" in sys.argv:
        if new != page:
            print("docs/clusters.md is not what docs/performance/make_ranks.py writes; run it")
        return int(new != page)
    PAGE.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main())

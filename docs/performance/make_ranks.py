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


def take(log):
    place, runs = "", json.loads(DATA.read_text()) if DATA.exists() else []
    for line in pathlib.Path(log).read_text().splitlines():
        if line.split(" ")[0] in ("net", "local", "alone"):
            place = line.split(" ")[0]
        if line.startswith("{"):
            runs.append({"place": place, **json.loads(line)})
    DATA.write_text("[\n" + ",\n".join(json.dumps(run) for run in runs) + "\n]\n")


def median(values):
    values = sorted(values)
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


class Runs:
    def __init__(self):
        self.all = json.loads(DATA.read_text())

    def of(self, **wanted):
        wanted = {"shard_optimizer": False, **wanted}
        return [run for run in self.all if all(run.get(key, False) == value for key, value in wanted.items())]

    def seconds(self, **wanted):
        runs = self.of(**wanted)
        return median([run["seconds_per_update"] for run in runs]) if runs else None

    def alone(self, network, precision):
        """Seconds of an update on one CPU, all shards there."""
        runs = [run for run in self.all if run["place"] == "alone" and run["network"] == network
                and run["precision"] == precision]
        return TOKENS[network] / median([run["tokens_per_second_by_shard"] for run in runs])


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
    """sum = bytes / rate + messages latency; update = compute + (1 - hidden) sum."""

    def __init__(self, runs):
        sums = [run for run in runs.all if run["place"] == "net" and "seconds_of_sum_alone" in run]
        per_byte, self.latency = least_squares(
            [(run["bytes_sent_per_update"], messages(run["parameters"], run["ranks"]), run["seconds_of_sum_alone"])
             for run in sums])
        self.rate = 1 / per_byte
        self.sum_errors = [self.sum(run["bytes_sent_per_update"], run["parameters"], run["ranks"])
                           / run["seconds_of_sum_alone"] - 1 for run in sums]
        hidden = []
        for run in runs.of(place="net", overlap=True):
            key = {k: run[k] for k in ("network", "precision", "wire", "ranks")}
            without = runs.seconds(place="net", overlap=False, **key)
            if without is not None:
                hidden.append((without - run["seconds_per_update"])
                              / self.sum(run["bytes_sent_per_update"], run["parameters"], run["ranks"]))
        self.hidden = min(1.0, max(0.0, median(hidden)))

    def sum(self, bytes_sent, parameters, ranks):
        return bytes_sent / self.rate + messages(parameters, ranks) * self.latency

    def update(self, compute, bytes_sent, parameters, ranks, overlap=True):
        return compute + (1 - self.hidden * overlap) * self.sum(bytes_sent, parameters, ranks)


def waited(run):
    return f"{100 * sum(run['waited_share']) / 2:.0f} %"


def text():
    runs = Runs()
    model = Model(runs)
    lines = [BEGIN, "", "| network | products | wire | ranks | an update, s | waits, share | without overlap | waits | "
             "model, s |", "|---|---|---|---|---|---|---|---|---|"]
    errors = []
    for run in runs.of(place="net", overlap=True):
        key = {k: run[k] for k in ("network", "precision", "wire", "ranks")}
        late = runs.of(place="net", overlap=False, **key)
        compute = runs.seconds(place="local", network=run["network"], precision=run["precision"], ranks=run["ranks"])
        cost = (run["bytes_sent_per_update"], run["parameters"], run["ranks"])
        said = model.update(compute, *cost)
        errors.append(said / run["seconds_per_update"] - 1)
        cells = ["", ""]
        if late:
            cells = [f"{late[0]['seconds_per_update']:.2f}", waited(late[0])]
            errors.append(model.update(compute, *cost, overlap=False) / late[0]["seconds_per_update"] - 1)
        lines.append(f"| {run['network']} | {run['precision']} | {run['wire']} | {run['ranks']} | "
                     f"{run['seconds_per_update']:.2f} | {waited(run)} | {cells[0]} | {cells[1]} | {said:.2f} |")
    errors.sort(key=abs)
    within = sum(abs(error) <= 0.15 for error in errors)
    lines += ["", "The model: an update takes what it computes, and the part of the sum of all gradients that is not hidden "
              "behind the backward pass. A sum takes its bytes by the rate of the network, and a latency for each of "
              "the messages that follow one another.", "",
              "| fitted | value |", "|---|---|",
              f"| rate | {8 * model.rate / 1e9:.2f} Gbit/s |",
              f"| latency of a message | {1e3 * model.latency:.2f} ms |",
              f"| share of a sum that is hidden | {100 * model.hidden:.0f} % |",
              f"| updates of the table within 15 % of the model | {within} of {len(errors)} |",
              f"| the farthest | {100 * errors[-1]:+.0f} % |", "",
              "What it predicts, with the computing measured on one CPU of the machine above and divided by the ranks: how many "
              "times as fast as one rank. A batch of 64 is shared by at most 64 ranks; for 512 the batch is 512 sequences or "
              "streams, and the comparison is with one rank at that batch.", "",
              "| network | products | wire | 8 ranks | 64 ranks | 512 ranks, batch 512 | 8 at 10 Gbit/s | 64 | 512 |",
              "|---|---|---|---|---|---|---|---|---|"]
    for network in ("protein", "awd"):
        parameters = runs.of(place="net", network=network)[0]["parameters"]
        for precision in ("f32", "bf16"):
            one = runs.alone(network, precision)
            for wire in ("f32", "bf16"):
                cells = []
                for faster in (1, 10):
                    for ranks in (8, 64, 512):
                        work = one * max(1, ranks / 64)
                        network_seconds = (sent(parameters, ranks, wire) / model.rate / faster
                                           + messages(parameters, ranks) * model.latency)
                        cells.append(work / (work / ranks + (1 - model.hidden) * network_seconds))
                lines.append(f"| {network} | {precision} | {wire} | " + " | ".join(f"{cell:.3g}" for cell in cells) + " |")
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

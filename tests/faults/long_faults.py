#!/usr/bin/env python3
"""Bad days in numbers: kills, full disks, closed pipes, damaged files, two writers.

    long_faults.py --examples FOLDER --files PROGRAM [--scale 1] [--seed 1] [--json FILE] [NAME...]

Every test prints one line with its count. Exit code 1 where one fails, with the first failures. Needs no packages.
--scale 0.1 runs a tenth of the rounds; NAME... picks tests. Disks are full in a tmpfs where root may mount one,
else files are limited in size (RLIMIT_FSIZE).
"""

import argparse
import gzip
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

MEMORY = 2 << 30  # bytes of address space a program may take
CPU = 20  # seconds


class Finds:
    """What a test has counted, and where it failed."""

    def __init__(self, name, what):
        self.name, self.what, self.count, self.failures, self.notes, self.skipped = name, what, 0, [], [], ""

    def check(self, holds, sentence):
        if not holds:
            self.failures.append(sentence)

    def result(self):
        return {"test": self.name, "what": self.what, "count": self.count, "failures": len(self.failures),
                "result": self.skipped or ("failed: " + self.failures[0][:300] if self.failures else "; ".join(self.notes))}


def limits(file_size=None):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if file_size is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, pathlib.Path(folder)
        self.random = random.Random(options.seed)
        self.classifier = [str(options.examples / "promoter_classification")]
        self.language = [str(options.examples / "genome_language_model")]
        self.files = [str(options.files)]
        self.table, self.fasta = self.folder / "data.csv", self.folder / "new.fa"
        self.training = ["--data", str(self.table), "--epochs", "2", "--hidden", "8", "--layers", "1",
                         "--position", "none", "--threads", "1"]
        self.make_data()

    def make_data(self):
        letters = lambda n: "".join(self.random.choice("ACGT") for _ in range(n))
        with open(self.table, "w", encoding="ascii") as table:
            table.write("sequence,label\n")
            for i in range(240):
                left, right = letters(12), letters(20)
                table.write(f"{left}{'TATAAT' if i % 2 else letters(6)}{right},{i % 2}\n")
        self.fasta.write_text("".join(f">r{i}\n{letters(38)}\n" for i in range(300)))
        self.genome = self.folder / "genome.fa"
        self.genome.write_text(">g\n" + letters(6000) + "\n")

    def rounds(self, count):
        return max(1, round(count * self.options.scale))

    def run(self, command, file_size=None, **more):
        more.setdefault("stdout", subprocess.PIPE)
        return subprocess.run(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=120, check=False,
                              preexec_fn=lambda: limits(file_size), **more)

    def killed(self, command, seconds, number=signal.SIGKILL, **more):
        """Starts a program and sends it a signal after so long, or lets it end."""
        for stream in ("stdout", "stderr"):
            more.setdefault(stream, subprocess.DEVNULL)
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=limits, **more)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(number)
        return process.wait(120)

    def seconds(self, command):
        start = time.monotonic()
        done = self.run(command)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit code {done.returncode}: {done.stderr.decode(errors='replace')}")
        return time.monotonic() - start

    def whole(self, command):
        """The seconds a program takes; the first run may take longer."""
        return min(self.seconds(command) for _ in range(3))

    def clean_folder(self, name):
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def predictions(self, model):
        return self.run(self.classifier + ["--load", str(model), "--predict", str(self.fasta)])


def weights(path):
    """The tensors' bytes of a model; the header holds times, too."""
    data = path.read_bytes()
    return data[8 + struct.unpack("<Q", data[:8])[0]:]


def complaints(text):
    """The lines on stderr besides notes ("note: ...", "PROGRAM: note: ...")."""
    return [line for line in text.decode(errors="replace").strip().split("\n") if not re.match(r"(\w+: )?note: ", line)]


def one_sentence(done):
    lines = complaints(done.stderr)
    return len(lines) == 1 and bool(lines[0]) and lines[0].isprintable()


def lost_output(done, program):
    """Is it the end of a program that could not write its output, though somebody would have read it?"""
    return (done.returncode == 1 and one_sentence(done)
            and complaints(done.stderr)[0].startswith(f"{pathlib.Path(program).name}: cannot write the output: "))


def leftovers(folder):
    return [path.name for path in folder.iterdir() if path.name.endswith(".tmp")]


# ---- kills

def kill_saving_model(bench, finds):
    """kill -9 while a classifier is trained and saved over an older model"""
    folder = bench.clean_folder("kill_model")
    model = folder / "m.safetensors"
    command = bench.classifier + bench.training + ["--save", str(model)]
    whole = bench.whole(command)
    old = model.read_bytes()
    killed, replaced = 0, 0
    for i in range(bench.rounds(60)):
        code = bench.killed(command + ["--seed", str(i + 2)], bench.random.uniform(0.2, 1.1) * whole)
        finds.check(code in (0, -signal.SIGKILL), f"kill {i}: exit code {code}")
        killed += code != 0
        now = model.read_bytes()
        if now != old:
            replaced += 1
            done = bench.predictions(model)
            finds.check(done.returncode == 0, f"after kill {i} the model is refused: {done.stderr.decode(errors='replace')}")
            old = now
        finds.count += 1
    bench.seconds(command)
    finds.check(not leftovers(folder), f"leftovers stay after the next save: {leftovers(folder)[:3]}")
    finds.notes.append(f"{killed} killed before their end; old or new model every time, {replaced} new; nothing left over "
                       "after the next save")


def kill_checkpoint(bench, finds):
    """kill -9 while a language model is trained with a checkpoint after every update, and resumed each time"""
    folder = bench.clean_folder("kill_checkpoint")
    train = bench.language + ["--data", str(bench.genome), "--epochs", "12", "--hidden", "8", "--width", "8", "--layers", "1",
                              "--k", "1", "--stride", "1", "--streams", "4", "--steps", "20", "--threads", "1",
                              "--checkpoint-minutes", "0.00001"]
    whole = bench.seconds(train + ["--checkpoint", str(folder / "u.ck"), "--save", str(folder / "u.model")])
    expected = weights(folder / "u.model")
    runs, rounds = 0, bench.rounds(60)
    while finds.count < rounds:
        for name in ("c.ck", "c.model"):
            (folder / name).unlink(missing_ok=True)
        command = train + ["--checkpoint", str(folder / "c.ck"), "--save", str(folder / "c.model")]
        for _ in range(min(6, rounds - finds.count)):
            code = bench.killed(command, bench.random.uniform(0.05, 0.5) * whole)
            finds.check(code in (0, -signal.SIGKILL), f"a resumed run ended with {code}")
            finds.count += 1
            if code == 0:
                break
        done = bench.run(command)
        finds.check(done.returncode == 0, f"the last run ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
        if done.returncode == 0:
            finds.check(weights(folder / "c.model") == expected, "the model is not that of an uninterrupted run")
        runs += 1
    finds.check(not leftovers(folder), f"leftovers stay after the next save: {leftovers(folder)[:3]}")
    finds.notes.append(f"{runs} trainings resumed to the bits of an uninterrupted one")


def kill_predictions(bench, finds):
    """kill -9 while predictions are written"""
    folder = bench.clean_folder("kill_predictions")
    model = folder / "m.safetensors"
    bench.seconds(bench.classifier + bench.training + ["--save", str(model)])
    bytes_before, expected = model.read_bytes(), bench.predictions(model).stdout
    command = bench.classifier + ["--load", str(model), "--predict", str(bench.fasta)]
    whole = bench.whole(command)
    killed = 0
    for i in range(bench.rounds(60)):
        with open(folder / "p.tsv", "wb") as out:
            code = bench.killed(command, bench.random.uniform(0, 1.1) * whole, stdout=out)
        finds.check(code in (0, -signal.SIGKILL), f"kill {i}: exit code {code}")
        killed += code != 0
        part = (folder / "p.tsv").read_bytes()
        finds.check(expected.startswith(part), f"kill {i}: what was written is not how the predictions begin")
        finds.check(model.read_bytes() == bytes_before, f"kill {i}: the model changed")
        finds.count += 1
    finds.check(bench.predictions(model).stdout == expected, "other predictions after the kills")
    finds.notes.append(f"{killed} killed before their end; what was written is how the whole begins; the model is untouched")


def kill_writing_files(bench, finds):
    """kill -9 while tables, FASTA and safetensors files are written over and over"""
    folder = bench.clean_folder("kill_files")
    for i in range(bench.rounds(60)):
        kind = ("csv", "fasta", "safetensors")[i % 3]
        path = folder / f"file.{kind}"
        bench.seconds(bench.files + ["write", kind, str(path), "1"])
        bench.killed(bench.files + ["write", kind, str(path), "0"], bench.random.uniform(0.01, 0.15))
        done = bench.run(bench.files + ["check", kind, str(path)])
        finds.check(done.returncode == 0, f"kill {i}: {kind}: exit code {done.returncode}: {done.stdout + done.stderr}")
        finds.count += 1
    for kind in ("csv", "fasta", "safetensors"):
        bench.seconds(bench.files + ["write", kind, str(folder / f"file.{kind}"), "1"])
    finds.check(not leftovers(folder), f"leftovers stay after the next save: {leftovers(folder)[:3]}")
    finds.notes.append("every file is one version, whole")


def same_process_number(bench, finds):
    """a process with the number of one that was killed while it saved, as in containers"""
    folder = bench.clean_folder("same_pid")
    for i in range(bench.rounds(10)):
        path = folder / f"file{i}.csv"
        line = f'for n in 0 1 2; do : > "{folder}/.{path.name}.$$.$n.tmp"; done; exec "{bench.files[0]}" write csv "{path}" 1'
        done = bench.run(["sh", "-c", line])
        finds.check(done.returncode == 0 and path.exists(), f"the file cannot be saved: {done.stderr.decode(errors='replace')}")
        finds.count += 1
    finds.notes.append("saves under another name")


# ---- disks and pipes

def full_disks(bench, finds):
    """a disk that is full after 0 bytes, 4 KB, ...: models, JSON, predictions, tables"""
    good = bench.clean_folder("full_good")
    model = good / "m.safetensors"
    bench.seconds(bench.classifier + bench.training + ["--save", str(model)])
    mount = bench.folder / "disk"
    mount.mkdir(exist_ok=True)
    size = 256 << 10
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(mount)], stderr=subprocess.DEVNULL, check=False).returncode == 0
    jobs = {
        "model": (bench.classifier + bench.training + ["--save", "{}"], False),
        "json": (bench.classifier + bench.training + ["--json", "{}"], False),
        "predictions": (bench.classifier + ["--load", str(model), "--predict", str(bench.fasta)], True),
        "table": (bench.files + ["write", "csv", "{}", "1"], False),
        "fasta": (bench.files + ["write", "fasta", "{}", "1"], False),
        "tensors": (bench.files + ["write", "safetensors", "{}", "1"], False)}
    held = 0
    try:
        for name, (job, prints) in jobs.items():
            for i in range(bench.rounds(20)):
                for path in mount.iterdir():
                    path.unlink()
                target = mount / "out"
                if not prints:
                    target.write_bytes(b"old")
                room = 4096 * i
                if mounted:
                    free = os.statvfs(mount)
                    (mount / "filler").write_bytes(b"x" * max(0, free.f_bavail * free.f_bsize - room))
                command = [word.format(target) for word in job]
                with open(target if prints else os.devnull, "wb") as out:
                    done = bench.run(command, stdout=out, file_size=None if mounted else room)
                said = done.stderr.decode(errors="replace").strip()
                if done.returncode == 0:
                    held += 1
                    if prints:
                        whole = target.read_bytes() == bench.predictions(model).stdout
                        finds.check(whole, f"{name} with {room} bytes left: exit code 0, but predictions are missing")
                    else:
                        finds.check(target.read_bytes() != b"old", f"{name} with {room} bytes left: exit code 0, not saved")
                else:
                    finds.check(done.returncode == 1, f"{name} with {room} bytes left: exit code {done.returncode}, expected 1: {said}")
                    finds.check(lost_output(done, job[0]) if prints else one_sentence(done),
                                f"{name} with {room} bytes left: not the sentence: {said}")
                    if not prints:
                        finds.check(target.read_bytes() == b"old", f"{name} with {room} bytes left: the old file is gone")
                    finds.check(not leftovers(mount), f"{name} with {room} bytes left: leftovers {leftovers(mount)[:2]}")
                finds.count += 1
        for command in (bench.classifier + ["--load", str(model), "--predict", str(bench.fasta)], bench.classifier + bench.training):
            with open("/dev/full", "wb") as out:
                done = bench.run(command, stdout=out)
            finds.check(lost_output(done, command[0]),
                        f"/dev/full: exit code {done.returncode}: {done.stderr.decode(errors='replace').strip()}")
            finds.count += 1
    finally:
        if mounted:
            subprocess.run(["umount", str(mount)], check=True)
    finds.notes.append(f"exit code 1 with one sentence and the old file kept, or whole ({held}); "
                       + ("tmpfs" if mounted else "limited file sizes: no tmpfs could be mounted"))


def closed_output(bench, finds):
    """stdout that is closed at once or after some bytes, signals in mid-training"""
    folder = bench.clean_folder("closed")
    model, log = folder / "m.safetensors", folder / "log"
    train = bench.classifier + bench.training + ["--save", str(model)]
    predict = bench.classifier + ["--load", str(model), "--predict", str(bench.fasta)]
    whole = bench.whole(train)
    expected = weights(model)
    stopped = 0
    for i in range(bench.rounds(40)):
        old = model.read_bytes()
        command = predict if i % 8 in (0, 5) else train
        with open(log, "wb") as said:
            if i % 4 == 0:  # 1: nobody was there to read
                allowed = (1,)
                code = bench.killed(["sh", "-c", 'exec "$@" >&-', "sh"] + command, 120, stderr=said)
            elif i % 4 == 1:  # 141: a reader went away; 0: all was written before
                allowed = (0, 141)
                process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, stdin=subprocess.DEVNULL,
                                           preexec_fn=limits)
                process.stdout.read(bench.random.randrange(200))
                process.stdout.close()
                code = process.wait(120)
            else:  # the signal itself: before the program takes note of signals
                number = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)[i // 2 % 3]
                allowed = (0, 128 + number, -number)
                code = bench.killed(command, bench.random.uniform(0.1, 1) * whole, number, stderr=said)
        done = subprocess.CompletedProcess(command, code, stderr=log.read_bytes())
        text = done.stderr.decode(errors="replace").strip()
        finds.check(code in allowed, f"round {i}: exit code {code}, expected one of {allowed}: {text}")
        if i % 4 == 0:
            finds.check(lost_output(done, command[0]), f"round {i}: not the sentence: {text}")
        elif code > 0:
            finds.check(one_sentence(done), f"round {i}: not one sentence: {text}")
        is_old, is_whole = model.read_bytes() == old, weights(model) == expected
        if command == predict or "nothing is saved" in text:
            finds.check(is_old, f"round {i}: exit code {code}, nothing was to be saved, but the model is another")
        elif code <= 0:
            finds.check(is_whole or (is_old and code < 0), f"round {i}: exit code {code}, but the model is not of a whole training")
        else:
            stopped += 1
        predicted = bench.predictions(model)
        finds.check(predicted.returncode == 0, f"round {i}: the model is refused: {predicted.stderr.decode(errors='replace')}")
        finds.count += 1
    bench.seconds(train)
    finds.check(not leftovers(folder), f"leftovers stay after the next save: {leftovers(folder)[:3]}")
    finds.notes.append(f"an old or a new model every time, {stopped} of trainings that were stopped")


def two_writers(bench, finds):
    """two processes that write one file, a third that reads it meanwhile"""
    folder = bench.clean_folder("two")
    for i in range(bench.rounds(12)):
        kind = ("csv", "fasta", "safetensors")[i % 3]
        path = folder / f"file.{kind}"
        bench.seconds(bench.files + ["write", kind, str(path), "1"])
        writers = [subprocess.Popen(bench.files + ["write", kind, str(path), "25"], stderr=subprocess.PIPE) for _ in range(2)]
        while any(writer.poll() is None for writer in writers):
            done = bench.run(bench.files + ["check", kind, str(path)])
            finds.check(done.returncode == 0, f"{kind}: read meanwhile: {done.stdout + done.stderr}")
            finds.count += 1
        for writer in writers:
            error = writer.communicate()[1]
            finds.check(writer.returncode == 0, f"{kind}: a writer ended with {writer.returncode}: {error}")
        finds.check(not leftovers(folder), f"leftovers {leftovers(folder)[:3]}")
    finds.notes.append("one version, whole, at every reading")


# ---- damaged files

def damage(bench, good, count):
    """Shorter files and files with some other bytes, as many of each."""
    for i in range(count):
        if i % 2 == 0:
            yield "cut", good[:bench.random.randrange(len(good))]
        else:
            bad = bytearray(good)
            for _ in range(1 if i % 4 == 1 else bench.random.randrange(2, 9)):
                bad[bench.random.randrange(len(bad))] ^= 1 << bench.random.randrange(8)
            yield "flipped", bytes(bad)


def damaged(bench, finds, good, path, command, rounds, sealed):
    """sealed: the format has checksums, so a damaged file is refused or gives the same values."""
    path.write_bytes(good)
    expected = bench.run(command)
    finds.check(expected.returncode == 0, f"{path.name} is not read: {expected.stderr}")
    accepted = 0
    for how, bad in damage(bench, good, bench.rounds(rounds)):
        path.write_bytes(bad)
        try:
            done = bench.run(command)
        except subprocess.TimeoutExpired:
            finds.check(False, f"{path.name} {how}: hangs")
            continue
        finds.count += 1
        if done.returncode == 0:
            accepted += 1
            if sealed:
                finds.check(done.stdout == expected.stdout, f"{path.name} {how}: other values with exit code 0")
        else:
            said = done.stderr.decode(errors="replace").strip()
            finds.check(done.returncode == 2, f"{path.name} {how}: exit code {done.returncode}, expected 2: {said[:200]}")
            finds.check(one_sentence(done), f"{path.name} {how}: not one sentence: {said[:200]!r}")
    finds.notes.append(f"{path.name}: {accepted} of {bench.rounds(rounds)} read")
    path.write_bytes(good)


def damaged_models(bench, finds):
    """models and checkpoints, cut and with other bits: refused with one sentence, or the same values"""
    folder = bench.clean_folder("damaged_models")
    model, checkpoint = folder / "model", folder / "checkpoint"
    bench.seconds(bench.classifier + bench.training + ["--save", str(model)])
    damaged(bench, finds, model.read_bytes(), model, bench.classifier + ["--load", str(model), "--predict", str(bench.fasta)], 2000,
            True)
    train = bench.language + ["--data", str(bench.genome), "--epochs", "1", "--hidden", "8", "--width", "8", "--layers", "1", "--k",
                              "1", "--stride", "1", "--streams", "4", "--steps", "20", "--threads", "1", "--checkpoint", str(checkpoint),
                              "--save", str(folder / "language")]
    bench.seconds(train)
    good = checkpoint.read_bytes()
    expected = weights(folder / "language")
    accepted = 0
    for how, bad in damage(bench, good, bench.rounds(1000)):
        checkpoint.write_bytes(bad)
        (folder / "language").unlink(missing_ok=True)
        done = bench.run(train)
        finds.count += 1
        if done.returncode == 0:
            accepted += 1
            finds.check(weights(folder / "language") == expected, f"checkpoint {how}: another model with exit code 0")
        else:
            finds.check(done.returncode == 2 and one_sentence(done),
                        f"checkpoint {how}: exit code {done.returncode}: {done.stderr.decode(errors='replace')[:200]}")
            finds.check(not (folder / "language").exists(), f"checkpoint {how}: refused, but a model is saved")
            finds.check(checkpoint.read_bytes() == bad, f"checkpoint {how}: refused and changed")
    finds.notes.append(f"checkpoint: {accepted} of {bench.rounds(1000)} read")


def damaged_texts(bench, finds):
    """matrices, gzip, tables, FASTA, FASTQ, clusters: refused with one sentence, or read; gzip never with other values"""
    folder = bench.clean_folder("damaged_texts")
    numbers = struct.pack("<60f", *[i / 7 for i in range(60)])
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (20, 3), }"
    header += b" " * ((64 - (len(header) + 11) % 64) % 64) + b"\n"
    text = bench.fasta.read_bytes()
    goods = {
        "npy": ("m.npy", b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header + numbers, 800, False),
        "fasta": ("r.fa.gz", gzip.compress(text, mtime=0), 1000, True),
        "csv": ("t.csv", bench.table.read_bytes()[:4000].rsplit(b"\n", 1)[0] + b"\n", 1000, False),
        "fastq": ("r.fq", b"".join(b"@r%d\nACGTACGT\n+\nIIIIIIII\n" % i for i in range(100)), 500, False),
        "clusters": ("c.clstr", b"".join(b">Cluster %d\n0\t90aa, >p%d... *\n1\t88aa, >q%d... at 95.00%%\n" % (i, i, i)
                                        for i in range(60)), 500, False)}
    for kind, (name, good, rounds, sealed) in goods.items():
        path = folder / name
        damaged(bench, finds, good, path, bench.files + ["read", kind, str(path)], rounds, sealed)
    safe = folder / "s.safetensors"
    bench.seconds(bench.files + ["write", "safetensors", str(safe), "1"])
    damaged(bench, finds, safe.read_bytes(), safe, bench.files + ["read", "safetensors", str(safe)], 400, False)


TESTS = [kill_saving_model, kill_checkpoint, kill_predictions, kill_writing_files, same_process_number, full_disks, closed_output,
         two_writers, damaged_models, damaged_texts]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=pathlib.Path, required=True)
    parser.add_argument("--files", type=pathlib.Path, required=True)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("names", nargs="*", help="of " + ", ".join(test.__name__ for test in TESTS))
    options = parser.parse_args()
    for program in (options.examples / "promoter_classification", options.examples / "genome_language_model", options.files):
        if not program.exists():
            sys.exit(f"{program} is missing; build it first")
    results = []
    with tempfile.TemporaryDirectory(prefix="seqlstm_faults_") as folder:
        bench = Bench(options, folder)
        for test in TESTS:
            if options.names and test.__name__ not in options.names:
                continue
            finds = Finds(test.__name__, test.__doc__)
            start = time.monotonic()
            test(bench, finds)
            result = finds.result()
            results.append(result)
            print(f"{result['test']}: {result['count']}, {result['failures']} failures in {time.monotonic() - start:.0f} s: "
                  f"{result['result']}", flush=True)
            for sentence in finds.failures[1:6]:
                print(f"  also: {sentence[:300]}")
    if options.json:
        options.json.write_text("".join(json.dumps(result) + "\n" for result in results))
    return 1 if any(result["failures"] for result in results) or not results else 0


if __name__ == "__main__":
    sys.exit(main())

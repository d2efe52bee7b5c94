#!/usr/bin/env python3
"""Runs fuzz targets for a time each from their seeds, and says how much was tried and what was found.

    run.py --programs FOLDER --seeds FOLDER --corpus FOLDER --seconds 60 [--kernels PROGRAM] [--json FILE] [TARGET...]

New inputs are kept in the corpus folder, inputs that break something below it in finds/. Exit code 1 on a find.
SEQLSTM_FUZZ_SECONDS overrides --seconds.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile


def stat(text, name):
    found = re.search(rf"stat::{name}:\s*(\d+)", text)
    return int(found.group(1)) if found else 0


def fuzz(options, target, scratch):
    corpus = options.corpus / target
    finds = options.corpus / "finds" / target
    corpus.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(finds, ignore_errors=True)
    finds.mkdir(parents=True)
    command = [str(options.programs / f"fuzz_{target}"), f"-max_total_time={options.seconds}", "-fork=0", "-timeout=5",
               "-rss_limit_mb=512", "-max_len=4096", "-print_final_stats=1", f"-artifact_prefix={finds}/",
               str(corpus), str(options.seeds / target)]
    words = options.seeds.parent / "dictionaries" / f"{target}.dict"
    if words.exists():
        command.insert(1, f"-dict={words}")
    environment = dict(os.environ, TMPDIR=scratch, UBSAN_OPTIONS="print_stacktrace=1")
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, text=True,
                         errors="replace", timeout=options.seconds * 2 + 300, check=False)
    found = len(list(finds.iterdir()))
    failed = run.returncode != 0
    if failed:
        print(f"--- {target}: exit code {run.returncode}", *run.stdout.splitlines()[-40:], sep="\n")
    return {"target": target, "executions": stat(run.stdout, "number_of_executed_units"),
            "new_units": stat(run.stdout, "new_units_added"), "finds": max(found, int(failed)), "seconds": options.seconds}


def kernels(options):
    run = subprocess.run([str(options.kernels), "--seconds", str(options.seconds), "--seed", str(options.seed)],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    cases = re.search(r"(\d+) cases", run.stdout)
    if run.returncode != 0:
        print(f"--- kernels: exit code {run.returncode}", *run.stdout.splitlines()[-20:], sep="\n")
    return {"target": "kernels", "executions": int(cases.group(1)) if cases else 0, "new_units": 0,
            "finds": int(run.returncode != 0), "seconds": options.seconds}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for folder in ("programs", "seeds", "corpus"):
        parser.add_argument(f"--{folder}", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=None, help="of the kernels' cases; default: another each time")
    parser.add_argument("--kernels", type=pathlib.Path)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("targets", nargs="*")
    options = parser.parse_args()
    options.seconds = int(os.environ.get("SEQLSTM_FUZZ_SECONDS", options.seconds))
    options.seed = options.seed if options.seed is not None else int.from_bytes(os.urandom(4), "little")
    targets = options.targets or sorted(folder.name for folder in options.seeds.iterdir())
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="seqlstm_fuzz_", dir=memory) as scratch:
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            runs = [pool.submit(fuzz, options, target, scratch) for target in targets if target != "kernels"]
            if options.kernels and (not options.targets or "kernels" in targets):
                runs.append(pool.submit(kernels, options))
            results = [run.result() for run in runs]
    print("| target | executions | new units | finds |\n|---|---|---|---|")
    for result in results:
        print(f"| {result['target']} | {result['executions']:,} | {result['new_units']:,} | {result['finds']} |")
    finds = sum(result["finds"] for result in results)
    total = sum(result["executions"] for result in results)
    print(f"{len(results)} targets, {options.seconds} s each: {total:,} executions, {finds} finds"
          + (f"; the inputs are in {options.corpus / 'finds'}" if finds else ""))
    if options.json:
        options.json.write_text("".join(json.dumps(result) + "\n" for result in results))
    return 1 if finds or any(result["executions"] == 0 for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())

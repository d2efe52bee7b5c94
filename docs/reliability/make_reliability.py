#!/usr/bin/env python3
"""Writes docs/reliability.md from docs/reliability/*.json, which ci_fuzz and ci_faults make.

    make_reliability.py --take FOLDER    takes the results of a build folder first, with date, CPU and commit
    make_reliability.py --check          only compares
"""

import datetime
import json
import pathlib
import platform
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
PAGE = FOLDER.parent / "reliability.md"

TITLES = {"kill_saving_model": "Models saved over an older one", "kill_checkpoint": "Checkpoints",
          "kill_predictions": "Predictions", "kill_writing_files": "Tables, FASTA, safetensors",
          "same_process_number": "The number of a killed process", "full_disks": "Full disks",
          "closed_output": "Closed output and signals", "two_writers": "Two writers", "damaged_models": "Damaged models",
          "damaged_texts": "Damaged data"}


def cpu():
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.machine()


def take(folder):
    commit = subprocess.run(["git", "-C", str(FOLDER), "log", "-1", "--format=%h"], capture_output=True, text=True, check=False)
    for name in ("fuzz", "faults"):
        source = pathlib.Path(folder) / f"{name}.jsonl"
        if not source.exists():
            print(f"{source} is missing: run ci_{name} for it")
            continue
        when = datetime.date.fromtimestamp(source.stat().st_mtime).isoformat()
        results = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
        whole = {"date": when, "cpu": cpu(), "commit": commit.stdout.strip() or "unknown", "results": results}
        (FOLDER / f"{name}.json").write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


def load(name):
    path = FOLDER / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def made(run):
    return f"Made {run['date']} on {run['cpu']} from commit {run['commit']}."


def text_of_cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def fuzz_lines(run):
    results = run["results"]
    seconds = sorted({result["seconds"] for result in results})
    yield from (made(run), "", f"`ci_fuzz`, {' and '.join(str(s) for s in seconds)} seconds a target:", "")
    yield from ("| target | executions | finds |", "|---|---|---|")
    for result in results:
        yield f"| {result['target']} | {result['executions']:,} | {result['finds']} |"
    total = sum(result["executions"] for result in results)
    yield from (f"| all | {total:,} | {sum(result['finds'] for result in results)} |", "")


def fault_lines(run):
    yield from (made(run), "", "`ci_faults`:", "", "| test | count | result |", "|---|---|---|")
    for result in run["results"]:
        title = TITLES.get(result["test"], result["test"])
        verdict = result["result"] if not result["failures"] else f"{result['failures']} failures; {result['result']}"
        yield f"| {title}: {text_of_cell(result['what'])} | {result['count']:,} | {text_of_cell(verdict)} |"
    yield ""


def page():
    lines = ["# Reliability", "",
             "What was tried against the readers, the kernels and the programs, and how often.", "",
             "This page is made by the target `seqlstm_reliability` from the results beside it (docs/reliability/); CONTRIBUTING.md",
             "names the targets.", "",
             "## Fuzzing", "",
             "Each target reads bytes that libFuzzer makes, with address and undefined-behaviour sanitizers, 512 MB and five",
             "seconds an input.", "",
             "A find is a crash, an exception that is none of the library's, or a property that does not hold:", "",
             "- What was read and written again reads the same.",
             "- Positions are those of the file.",
             "- gzip gives the text that was packed.",
             "- A refused model file changes nothing.", "",
             "Three targets work in their own way:", "",
             "- `model` and `checkpoint` change fields of good files and make their checksums fit again.",
             "- `kernels` runs random shapes, strides, lengths and values through every vector width and matrix unit, against plain",
             "  loops in double and against each other.", ""]
    fuzz, faults = load("fuzz"), load("faults")
    lines += fuzz_lines(fuzz) if fuzz else ["No results yet: run `ci_fuzz`, then `seqlstm_reliability`.", ""]
    lines += ["## Bad days", ""]
    lines += fault_lines(faults) if faults else ["No results yet: run `ci_faults`, then `seqlstm_reliability`.", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def main():
    if sys.argv[1:2] == ["--take"] and len(sys.argv) == 3:
        take(sys.argv[2])
    elif sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    if sys.argv[1:] == ["--check"]:
        if PAGE.read_text(encoding="utf-8") != page():
            sys.exit(f"{PAGE} is not what the results say: run python3 docs/reliability/make_reliability.py")
        return
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()

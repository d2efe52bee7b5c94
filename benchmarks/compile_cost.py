#!/usr/bin/env python3
"""What programs cost to compile: CPU seconds, memory and size, with kernels of their own and with compiled ones.

usage: compile_cost.py COMPILER LIBRARY VERSION "FOLDER:FOLDER..." NAME=SOURCE...

Each is compiled and linked optimised (-O3), one at a time, for this CPU and with LIBRARY. Prints a table for
docs/performance/README.md. No compiler cache: COMPILER is called itself.
"""
import os
import subprocess
import sys
import tempfile


def cost(command):
    """CPU seconds, and the most memory in MB, of a command and what it starts."""
    process = subprocess.Popen(command)
    _, status, used = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"compile_cost: exit code {os.waitstatus_to_exitcode(status)} of {' '.join(command)}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main():
    compiler, library, version, folders = sys.argv[1:5]
    programs = [argument.split("=", 1) for argument in sys.argv[5:]]
    includes = [flag for folder in folders.split(":") if folder for flag in ("-I", folder)]
    ways = [("own kernels, -march=native", ["-march=native"], []),
            ("compiled kernels", [f"-DSEQLSTM_COMPILED_KERNELS={version}"], [library])]
    name_of_compiler = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    print(f"{name_of_compiler}, -O3\n")
    print("| program | kernels | CPU seconds | memory, MB | program, KB |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as work:
        out = os.path.join(work, "program")
        for name, source in programs:
            for way, flags, libraries in ways:
                seconds, memory = cost([compiler, "-std=c++20", "-O3", *flags, *includes, source, *libraries, "-lz",
                                        "-lcsv", "-pthread", "-o", out])
                print(f"| {name} | {way} | {seconds:.1f} | {memory:.0f} | {os.path.getsize(out) / 1024:.0f} |", flush=True)


if __name__ == "__main__":
    main()

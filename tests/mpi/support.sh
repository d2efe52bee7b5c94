# What the scripts of this folder share; to be sourced.

# Open MPI counts CPUs and asks who is root; threads of ranks that share CPUs are to give way.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_btl_vader_single_copy_mechanism=none

# weights FILE: a checksum of all numbers in a safetensors file. Its header is left out: it may note how long a training
# took.
weights() {
  local header
  header=$(od -A n -t u8 -N 8 "$1") && tail -c +$((header + 9)) "$1" | cksum
}

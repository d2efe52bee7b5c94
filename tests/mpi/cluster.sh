#!/usr/bin/env bash
# Ranks on hosts of their own, in one machine: network namespaces joined by a bridge, each with a rate of 1 Gbit/s and
# 0.2 ms of delay where the system has them. cluster.sh "MPIRUN OPTION..." PROGRAM [RANKS]; skipped where namespaces are not allowed.
# cluster.sh "MPIRUN OPTION..." PROGRAM RANKS ARGUMENT... runs another program there, such as bench_ranks.
#
# mpirun enters each namespace by what it takes for ssh, so MPI's connections and those of the watch take the network.
set -u
mpirun=$1 program=$2 ranks=${3:-4}
shift $(($# < 3 ? $# : 3))
if [ "$(id -u)" -ne 0 ]; then
  echo "skipped: network namespaces need root"
  exit 0
fi
for tool in ip tc taskset; do
  command -v "$tool" > /dev/null || { echo "skipped: there is no $tool (Debian: iproute2, util-linux)"; exit 0; }
done
case "$("${mpirun%% *}" --version 2>&1)" in
  *"Open MPI"* | *OpenRTE*) ;;
  *) echo "skipped: written for Open MPI's options"; exit 0 ;;
esac

mark=sq$$
folder=$(mktemp -d "${TMPDIR:-/tmp}/seqlstm_cluster_XXXXXX")
clean_up() {
  for ((i = 0; i < ranks; ++i)); do
    for process in $(ip netns pids "${mark}h$i" 2> /dev/null); do kill -9 "$process"; done
    ip netns del "${mark}h$i" 2> /dev/null
  done
  ip link del "${mark}br" 2> /dev/null
  rm -rf "$folder"
}
trap clean_up EXIT
# quietly COMMAND...: a system that refuses is no failure of ours.
quietly() {
  "$@" 2> "$folder/refused" || { echo "skipped: this system refuses '$*': $(head -n 1 "$folder/refused")"; exit 0; }
}
quietly ip link add "${mark}br" type bridge
quietly ip addr add 10.213.7.254/24 dev "${mark}br"
quietly ip link set "${mark}br" up
network="1 Gbit/s and 0.2 ms" # where the system has tc's netem
for ((i = 0; i < ranks; ++i)); do
  host="${mark}h$i"
  quietly ip netns add "$host"
  quietly ip link add "${mark}v$i" type veth peer name eth0 netns "$host"
  quietly ip link set "${mark}v$i" master "${mark}br" up
  quietly ip -n "$host" addr add "10.213.7.$((i + 1))/24" dev eth0
  quietly ip -n "$host" link set eth0 up
  quietly ip -n "$host" link set lo up
  quietly ip -n "$host" route add default via 10.213.7.254
  in_host() { ip netns exec "$host" tc qdisc add dev eth0 root "$@" 2> /dev/null; }
  in_host netem rate 1gbit delay 0.2ms || { in_host tbf rate 1gbit burst 128k latency 20ms && network="1 Gbit/s without delay"; } ||
    network="a network without limits"
done

# What mpirun takes for ssh: AGENT ADDRESS COMMAND... enters the host and gives it a name and one CPU of its own (of
# fewer CPUs than hosts, some share one).
cat > "$folder/agent" << TEXT
#!/bin/sh
i=\$((\${1##*.} - 1))
shift
exec ip netns exec "${mark}h\$i" unshare --uts taskset -c \$((i % $(nproc))) sh -c 'hostname "\$1" && shift && exec sh -c "\$*"' sh "node\$i" "\$@"
TEXT
chmod +x "$folder/agent"
hosts=""
for ((i = 1; i <= ranks; ++i)); do hosts+="${hosts:+,}10.213.7.$i"; done
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_plm=rsh OMPI_MCA_plm_rsh_agent="$folder/agent"
export OMPI_MCA_oob_tcp_if_include=10.213.7.0/24 OMPI_MCA_btl_tcp_if_include=10.213.7.0/24
export OMPI_MCA_btl=tcp,self OMPI_MCA_pml=ob1
# on_hosts ARGUMENT...: output in out and err
on_hosts() {
  timeout -k 1 "$limit" $mpirun --host "$hosts" -n "$ranks" "$program" "$@" > "$folder/out" 2> "$folder/err" < /dev/null
}
limit=120
if [ $# -gt 0 ]; then
  limit=1800
  on_hosts "$@"
  code=$?
  echo "over $network:"
  cat "$folder/out" "$folder/err"
  exit $code
fi

alone=$("$program" sums)
SECONDS=0
on_hosts sums
code=$?
found=$(cat "$folder/out")
if [ "$code" -ne 0 ] || [ "$found" != "$alone" ]; then
  echo "FAILED: sums over the network: exit code $code, '$found', expected '$alone'" >&2
  cat "$folder/err" >&2
  exit 1
fi
echo "sums over $network on $ranks hosts: same bits, $SECONDS seconds"
SECONDS=0
on_hosts kill
if [ "$(grep -c "^seqlstm: rank $((ranks - 1)) of $ranks .*: its process ended without a word" "$folder/err")" -ne 1 ] ||
  [ "$SECONDS" -gt 10 ]; then
  echo "FAILED: a killed rank over the network, after $SECONDS seconds:" >&2
  cat "$folder/err" >&2
  exit 1
fi
echo "a killed rank: named, and all ended, within $SECONDS seconds"

#!/usr/bin/env bash
# One would guess: every sequence given to cd-hit is in exactly one cluster of its .clstr file, as the report's totals
# suggest, so that what is in no cluster was a near copy of something.
# What happens: proteins with a stop (*), a gap (- or .) or a digit inside, and peptides of ten residues or fewer, are in
# no cluster and not in the output, with exit code 0. A stop at the end is taken off and the protein kept. Scripts that
# count "input minus output" as removed copies delete such proteins.
# Version: cd-hit 4.8.1-4 (Debian 12). Source: cd-hit's user guide, option -l (length of throw_away_sequences); run below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q cd-hit=4.8.1-4 >download.log 2>&1
dpkg-deb -x cd-hit_*.deb root
cdhit="$folder/root/usr/bin/cd-hit"
"$cdhit" 2>&1 | sed -n '1s/^[[:space:]]*//p' || true

# Unrelated proteins: none is a copy of another.
python3 - <<'PY'
import random
random.seed(2)
def protein(n):
    return "".join(random.choice("ACDEFGHIKLMNPQRSTVWY") for _ in range(n))
def inside(mark):
    s = protein(60)
    return s[:30] + mark + s[30:]
with open("all.fa", "w") as out:
    for name, sequence in (("plain", protein(60)), ("stop_at_end", protein(60) + "*"), ("stop_inside", inside("*")),
                           ("gap_inside", inside("-")), ("dot_inside", inside(".")), ("digit_inside", inside("7")),
                           ("eleven", protein(11)), ("ten", protein(10))):
        print(f">{name}\n{sequence}", file=out)
PY
code=0
"$cdhit" -i all.fa -o kept.fa -c 0.95 -d 0 >log 2>&1 || code=$?
kept=$(sed -n 's/^>//p' kept.fa | sort | tr '\n' ' ')
clustered=$(sed -n 's/.*>\(.*\)\.\.\..*/\1/p' kept.fa.clstr | sort | tr '\n' ' ')
printf 'exit code %s\ngiven:     %s\nkept:      %s\nclustered: %s\n' "$code" "$(sed -n 's/^>//p' all.fa | tr '\n' ' ')" "$kept" "$clustered"
[[ $code == 0 && $kept == "eleven plain stop_at_end " && $clustered == "$kept" ]] || { echo "changed"; exit 1; }
echo "as described: of eight unrelated proteins three are in a cluster"

#!/usr/bin/env bash
# One would guess: the names in MMseqs2's tables are the first words of the FASTA headers, so that a table can be joined
# with the records by name.
# What happens: a name with bars is cut by a table of prefixes. Of lcl|, gb|, ref|, sp|, tr| ... part 2 is left, of
# gi|1|ref|X| part 4, of gnl|db|X part 3. Chains of one PDB entry (pdb|1ABC|A, pdb|1ABC|B) get one name. Other prefixes
# stay whole, and so does a known one in another case (SP|). Records that were apart are one row in a join.
# Version: mmseqs2 14-7e284+ds-1+b2 (Debian 12). Source: Util::parseFastaHeader of MMseqs2; run below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q mmseqs2=14-7e284+ds-1+b2 libgzstream0 >download.log 2>&1
for package in *.deb; do dpkg-deb -x "$package" root; done
export LD_LIBRARY_PATH="$folder/root/usr/lib/x86_64-linux-gnu"
mmseqs="$folder/root/usr/bin/mmseqs-sse4.1"
echo "mmseqs $("$mmseqs" version)"

ids=("sp|P10719|ATPB_RAT" "lcl|NC_000913.3_prot_1" "gi|16127995|ref|NP_414542.1|" "gnl|taxon|chain7" "pdb|1ABC|A" "pdb|1ABC|B"
  "SP|P10719|ATPB_RAT" "mine|part2|part3")
for id in "${ids[@]}"; do printf '>%s text\nMKVLAAGIVRAMKVLAAGIVWWHDE\n' "$id"; done >all.fa
"$mmseqs" createdb all.fa db >log 2>&1
names=$(cut -f2 db.lookup | tr '\n' ' ')
paste <(printf '%s\n' "${ids[@]}") <(cut -f2 db.lookup)
expected="P10719 NC_000913.3_prot_1 NP_414542.1 chain7 1ABC 1ABC SP|P10719|ATPB_RAT mine|part2|part3 "
[[ $names == "$expected" ]] || { echo "changed"; exit 1; }
echo "as described: six of eight names are shorter, and two of them are one"

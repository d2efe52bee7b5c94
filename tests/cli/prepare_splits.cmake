# Splits by clusters: test and validation are singletons, relatives a search still finds are dropped.
include("${CMAKE_CURRENT_LIST_DIR}/support/run.cmake")
set(folder "${CMAKE_CURRENT_BINARY_DIR}/cli_prepare_splits")
file(REMOVE_RECURSE "${folder}")
file(MAKE_DIRECTORY "${folder}")
set(program prepare_splits)

# 20 families of three relatives and 60 sequences alone; p61 is nearly p1, though its cluster says otherwise.
set(table "id,sequence,label\n")
set(clusters "")
foreach(i RANGE 1 120)
  set(cluster ${i})
  if(i LESS_EQUAL 60)
    math(EXPR cluster "(${i} - 1) / 3")
  endif()
  set(seed ${cluster})
  if(i EQUAL 61)
    set(seed 0)
  endif()
  math(EXPR seed "${seed} + 1000")
  string(RANDOM LENGTH 40 ALPHABET "ACDEFGHIKLMNPQRSTVWY" RANDOM_SEED ${seed} sequence)
  math(EXPR class "${i} % 2")
  string(APPEND table "p${i},${sequence},${class}\n")
  string(APPEND clusters "c${cluster}\tp${i}\n")
endforeach()
file(WRITE "${folder}/all.csv" "${table}")
file(WRITE "${folder}/clusters.tsv" "${clusters}")
set(given --data "${folder}/all.csv" --clusters "${folder}/clusters.tsv" --redundancy 1 --audit kmers)

expect_success(out ${program} ${given} --valid 20 --test 40 --out "${folder}/split.csv" --json "${folder}/split.json")
if(NOT out MATCHES "80 clusters, 60 of one sequence" OR NOT out MATCHES "1 of 40 test sequences have relatives"
   OR NOT out MATCHES "train: 60 sequences\nvalid: 20 sequences\ntest: 39 sequences")
  message(FATAL_ERROR "expected 60, 20 and 39 sequences:\n${out}")
endif()
file(READ "${folder}/split.json" json)
string(JSON leaks GET "${json}" audit kmers_above_30_percent)
string(JSON random_leaks GET "${json}" random_split_audit kmers_above_30_percent)
string(JSON dropped GET "${json}" test_dropped)
string(JSON who GET "${json}" dropped 0 id)
if(NOT who STREQUAL "p61")
  message(FATAL_ERROR "expected p61 to be dropped, got ${who}")
endif()
if(NOT leaks EQUAL 0 OR NOT dropped EQUAL 1 OR random_leaks EQUAL 0)
  message(FATAL_ERROR "expected no leak, one dropped and leaks in a random split: ${leaks}, ${dropped}, ${random_leaks}")
endif()
file(STRINGS "${folder}/split.csv" lines)
list(LENGTH lines count)
list(GET lines 0 header)
if(NOT count EQUAL 120 OR NOT header STREQUAL "id,sequence,label,set,cluster")
  message(FATAL_ERROR "expected a header and 119 rows: ${count}, ${header}")
endif()

# The same seed, the same split; the audit of the split as written finds nothing.
expect_success(out ${program} ${given} --valid 20 --test 40 --out "${folder}/again.csv")
file(READ "${folder}/split.csv" first)
file(READ "${folder}/again.csv" second)
if(NOT first STREQUAL second)
  message(FATAL_ERROR "the same seed gave another split")
endif()
expect_success(out ${program} --data "${folder}/split.csv" --audit-split --audit kmers)
if(NOT out MATCHES "\n0 of 39 test sequences have a sequence that shares")
  message(FATAL_ERROR "expected no relatives:\n${out}")
endif()

# Folds keep clusters together; a column of parts for each.
expect_success(out ${program} ${given} --folds 4 --out "${folder}/folds.csv")
file(STRINGS "${folder}/folds.csv" lines)
list(POP_FRONT lines header)
if(NOT header STREQUAL "id,sequence,label,set1,set2,set3,set4,cluster")
  message(FATAL_ERROR "expected a column for each fold: ${header}")
endif()
set(tested 0)
foreach(line IN LISTS lines)
  string(REPLACE "," ";" cells "${line}")
  list(SUBLIST cells 3 4 parts)
  list(GET cells 7 cluster)
  if(DEFINED parts_of_${cluster} AND NOT parts_of_${cluster} STREQUAL parts)
    message(FATAL_ERROR "cluster ${cluster} is in two folds")
  endif()
  set(parts_of_${cluster} "${parts}")
  foreach(part test valid)
    set(found ${parts})
    list(FILTER found INCLUDE REGEX ${part})
    list(LENGTH found count)
    if(NOT count EQUAL 1)
      message(FATAL_ERROR "${part} ${count} times: ${line}")
    endif()
  endforeach()
endforeach()

# Copies go first, by a file of one's own whose representatives stay; clusters of all sequences, or of those left.
set(copies "")
set(clusters_left "")
foreach(i RANGE 1 120)
  set(kept ${i})
  if(i LESS_EQUAL 60)
    math(EXPR kept "(${i} - 1) / 3 * 3 + 2")  # of three the second
  endif()
  string(APPEND copies "p${kept}\tp${i}\n")
  if(i EQUAL kept)
    string(APPEND clusters_left "p${i}\tp${i}\n")
  endif()
endforeach()
file(WRITE "${folder}/copies.tsv" "${copies}")
file(WRITE "${folder}/left.tsv" "${clusters_left}")
foreach(file clusters left)
  expect_success(out ${program} --data "${folder}/all.csv" --redundancy-clusters "${folder}/copies.tsv" --clusters
                 "${folder}/${file}.tsv" --audit kmers --out "${folder}/of_${file}.csv")
  if(NOT out MATCHES "40 near copies removed [^\n]* 80 sequences left\n80 clusters, 80 of one sequence")
    message(FATAL_ERROR "expected 40 copies to go and 80 clusters:\n${out}")
  endif()
endforeach()
file(READ "${folder}/of_clusters.csv" first)
file(READ "${folder}/of_left.csv" second)
if(NOT first STREQUAL second OR NOT first MATCHES "\np5," OR first MATCHES "\np[46],")
  message(FATAL_ERROR "expected the same split of both files, with p5 for p4 to p6:\n${first}")
endif()
file(WRITE "${folder}/more_left.tsv" "${clusters_left}nobody\tnobody\n")
expect_refused("more_left.tsv: 1 of its 81 members are none of the sequences" ${program} --data "${folder}/all.csv"
               --redundancy-clusters "${folder}/copies.tsv" --clusters "${folder}/more_left.tsv" --out "${folder}/none.csv")

# Neither case nor a stop makes a copy another sequence; the threshold is --identity.
file(WRITE "${folder}/case.csv" "id,sequence,set\na,MKVLAAGIVGLCWDEFHNPQ*,train\nb,mkvlaagivglcwdefhnpq,test\n"
                                "c,MKVLAAGIVGWWWWYYYYHHHH,test\n")  # 5 of 17 k-mers: 29 %
expect_success(out ${program} --data "${folder}/case.csv" --audit-split --audit kmers)
if(NOT out MATCHES "\n1 of 2 test sequences have a sequence that shares more than 30 %")
  message(FATAL_ERROR "expected the copy to be found:\n${out}")
endif()
expect_success(out ${program} --data "${folder}/case.csv" --audit-split --audit kmers --identity 0.25 --json
               "${folder}/case.json")
file(READ "${folder}/case.json" json)
string(JSON leaks GET "${json}" audit kmers_above_25_percent)
string(JSON border GET "${json}" audit bands 0 high)
if(NOT leaks EQUAL 2 OR NOT border EQUAL 0.25 OR NOT out MATCHES "\n2 of 2 test sequences have a sequence that shares more than 25 %")
  message(FATAL_ERROR "expected both above 25 %: ${leaks}, ${border}\n${out}")
endif()

# What is left out, or written anew, is said.
file(WRITE "${folder}/own.csv" "id,sequence,set,cluster\na,MKVLAAGIVG,x,1\nb,WDEFHNPQRS,x,1\nc,TYTYACACGH,x,1\n")
file(WRITE "${folder}/own.tsv" "a\ta\nb\tb\nc\tc\n")
expect_success(out ${program} --data "${folder}/own.csv" --clusters "${folder}/own.tsv" --audit kmers --out
               "${folder}/anew.csv")
foreach(text "near copies stay: beside --clusters" "column 'set' of ${folder}/own.csv is replaced"
             "column 'cluster' of ${folder}/own.csv is replaced")
  string(FIND "${out}" "${text}" place)
  if(place EQUAL -1)
    message(FATAL_ERROR "expected '${text}':\n${out}")
  endif()
endforeach()

# A search that fails at the last leaves no split behind, and says why.
set(path "$ENV{PATH}")
function(with_mmseqs script code_out error_out)  # runs with a program that calls itself mmseqs
  file(WRITE "${folder}/bin/mmseqs" "#!/bin/sh\n${script}\n")
  file(CHMOD "${folder}/bin/mmseqs" PERMISSIONS OWNER_READ OWNER_EXECUTE)
  set(ENV{PATH} "${folder}/bin:${path}")
  execute_process(COMMAND "${EXAMPLES}/${program}" ${ARGN} RESULT_VARIABLE code OUTPUT_QUIET ERROR_VARIABLE error)
  set(ENV{PATH} "${path}")
  set(${code_out} "${code}" PARENT_SCOPE)
  set(${error_out} "${error}" PARENT_SCOPE)
endfunction()
with_mmseqs("echo x >> '${folder}/calls'\n: > \"$4\"\n[ $(wc -l < '${folder}/calls') -lt 3 ] || { echo Error: died; echo the cause >&2; exit 9; }"
            code error --data "${folder}/all.csv" --clusters "${folder}/clusters.tsv" --audit mmseqs --out "${folder}/none.csv")
if(NOT code EQUAL 1 OR NOT error MATCHES "mmseqs failed .exit status 9.: the cause" OR EXISTS "${folder}/none.csv")
  message(FATAL_ERROR "expected the third search to fail and no file: ${code}, ${error}")
endif()
# What it writes is read with care.
foreach(hit "999999999 0 0.9 1" "0 80 0.9 1" "-1 0 0.9 1" "x 0 0.9 1" "0 0 y 1" "0")
  with_mmseqs("echo ${hit} > \"$4\"" code error --data "${folder}/split.csv" --audit-split --audit mmseqs)
  if(NOT code EQUAL 1 OR NOT error MATCHES "mmseqs wrote '[^']*', expected ")
    message(FATAL_ERROR "expected '${hit}' to be an error of mmseqs: ${code}, ${error}")
  endif()
endforeach()
# Its end is ours, and nothing is left of either.
file(MAKE_DIRECTORY "${folder}/with blanks")
file(WRITE "${folder}/bin/mmseqs" "#!/bin/sh\nsleep 300 &\necho $! > '${folder}/sleeper'\nwait\n")
file(CHMOD "${folder}/bin/mmseqs" PERMISSIONS OWNER_READ OWNER_EXECUTE)
file(WRITE "${folder}/signal.sh" "PATH='${folder}/bin':$PATH TMPDIR='${folder}/with blanks' '${EXAMPLES}/${program}' --data '${folder}/split.csv' --audit-split --audit mmseqs &
i=0
until [ -s '${folder}/sleeper' ] || [ $i -gt 600 ]; do sleep 0.1; i=$((i + 1)); done
kill -TERM $!
wait $!
code=$?
kill -0 $(cat '${folder}/sleeper') 2> '${folder}/gone' && grep -qs 'State:.*[RSD] ' /proc/$(cat '${folder}/sleeper')/status && exit 1
exit $code
")
execute_process(COMMAND sh "${folder}/signal.sh" RESULT_VARIABLE code OUTPUT_QUIET ERROR_VARIABLE error)
file(GLOB left "${folder}/with blanks/*")
if(NOT code EQUAL 143 OR NOT error MATCHES "^prepare_splits: stopped by SIGTERM while another program ran" OR NOT left STREQUAL "")
  message(FATAL_ERROR "expected 143 and nothing left: ${code}, ${error}, ${left}")
endif()

# Windows that overlap stay together: 200 of 60 letters, each shares 40 with the next; the second half on the other strand.
string(RANDOM LENGTH 4060 ALPHABET "ACGT" RANDOM_SEED 7 genome)
set(windows "id,sequence,label\n")
foreach(i RANGE 0 199)
  math(EXPR place "${i} * 20 + ${i} / 10 * 40")  # after ten windows a gap
  if(place GREATER 4000)
    break()
  endif()
  string(SUBSTRING "${genome}" ${place} 60 window)
  math(EXPR other "${i} % 2")
  if(other)
    string(REPLACE "A" "a" window "${window}")
    string(REPLACE "C" "c" window "${window}")
    string(REPLACE "G" "C" window "${window}")
    string(REPLACE "T" "A" window "${window}")
    string(REPLACE "a" "T" window "${window}")
    string(REPLACE "c" "G" window "${window}")
    string(REGEX MATCHALL "." window "${window}")
    list(REVERSE window)
    list(JOIN window "" window)
  endif()
  string(APPEND windows "w${i},${window},c${other}\n")
endforeach()
file(WRITE "${folder}/windows.csv" "${windows}")
expect_success(out ${program} --data "${folder}/windows.csv" --overlap 40 --folds 3 --audit kmers --out "${folder}/windows_folds.csv")
if(NOT out MATCHES "taken for DNA" OR NOT out MATCHES "near copies stay: beside --overlap" OR NOT out MATCHES "\n17 clusters, 0 of one"
   OR NOT out MATCHES "set1: [0-9]+ test sequences, 0 of them with a sequence that shares more than 30 % of its 12-mers")
  message(FATAL_ERROR "expected a cluster for ten windows:\n${out}")
endif()
expect_success(out ${program} --data "${folder}/windows.csv" --overlap 40 --sequence-type protein --folds 3 --audit kmers --out
               "${folder}/windows_folds.csv")
if(NOT out MATCHES "169 clusters, 169 of one sequence")  # one strand
  message(FATAL_ERROR "expected no overlaps on one strand:\n${out}")
endif()
expect_refused("--clusters and --overlap exclude each other" ${program} --data "${folder}/windows.csv" --overlap 40
               --clusters "${folder}/clusters.tsv" --out "${folder}/none.csv")
expect_refused("--overlap is 0, expected at least 1" ${program} --data "${folder}/windows.csv" --overlap 0 --out "${folder}/none.csv")
expect_refused("--overlap needs sequences" ${program} --overlap 4)
expect_refused("--redundancy is 0.7" ${program} --data "${folder}/windows.csv" --redundancy 0.7 --out "${folder}/none.csv")

# Two FASTA files instead of a table; a cross-validation reads the result.
file(WRITE "${folder}/positive.fa" ">a x\nACGTACGTTAGGCAT\n>b\nACGTACGTTAGGCAA\n>c\nTTTACCAGATTACAG\n")
file(WRITE "${folder}/negative.fa" ">a\nGGATCCCTAGAGCTT\n>b\nCCATGATATCGCGGA\n")
expect_success(out ${program} --positive "${folder}/positive.fa" --negative "${folder}/negative.fa" --overlap 12 --folds 2
               --audit kmers --out "${folder}/two.csv")
file(STRINGS "${folder}/two.csv" lines)
list(GET lines 0 header)
list(GET lines 1 first)
list(GET lines 5 last)
if(NOT out MATCHES "4 clusters, 3 of one sequence" OR NOT header STREQUAL "id,sequence,label,set1,set2,cluster"
   OR NOT first MATCHES "^a,ACGTACGTTAGGCAT,1," OR NOT last MATCHES "^b,CCATGATATCGCGGA,0,")
  message(FATAL_ERROR "expected two classes:\n${out}\n${lines}")
endif()
file(WRITE "${folder}/wrong.fa" ">a\nGGATCCCTAGAGCTT\n>b\nCCAT>ATATCGCGGA\n")
expect_refused("wrong.fa:4: the sequence of 'b' has '>' at position 5" ${program} --positive "${folder}/positive.fa" --negative
               "${folder}/wrong.fa" --overlap 12 --out "${folder}/none.csv")
expect_refused("--positive and --negative go together" ${program} --positive "${folder}/positive.fa" --overlap 12)
expect_refused("--positive and --data exclude each other" ${program} ${given} --positive "${folder}/positive.fa")

# A record inside a cell, or another letter that no sequence has, is not handed on.
file(WRITE "${folder}/cell.csv" "id,sequence\na,ACDEFGHIKLMNPQ\nb,\">sp|P1|X\nWWWWWWWWWWWWWWW\"\n")
file(WRITE "${folder}/letter.csv" "id,sequence\na,ACDEFGHIKLMNPQ\nb,ACDEF?HIKLMNPQ\n")
foreach(audit kmers auto)
  expect_refused("cell.csv:3: the sequence of 'b' has '>' at position 1" ${program} --data "${folder}/cell.csv" --audit ${audit}
                 --out "${folder}/none.csv")
endforeach()
expect_refused("letter.csv:3: the sequence of 'b' has '?' at position 6; expected letters" ${program} --data
               "${folder}/letter.csv" --redundancy 1 --out "${folder}/none.csv")

# Names that cd-hit cut, and that mmseqs takes out of NCBI's.
set(fasta "")
set(cut "")
set(table "")
foreach(i RANGE 1 10)
  string(RANDOM LENGTH 40 ALPHABET "ACDEFGHIKLMNPQRSTVWY" RANDOM_SEED ${i} sequence)
  string(APPEND fasta ">lcl|NC_000913.3_prot_NP_${i}.1_${i} [gene=x${i}]\n${sequence}\n")
  string(APPEND cut ">Cluster ${i}\n0\t40aa, >lcl|NC_000913.3_pro... *\n")
  string(APPEND table "NC_000913.3_prot_NP_${i}.1_${i}\tNC_000913.3_prot_NP_${i}.1_${i}\n")
endforeach()
file(WRITE "${folder}/ncbi.fa" "${fasta}")
file(WRITE "${folder}/cut.clstr" "${cut}")
file(WRITE "${folder}/ncbi.tsv" "${table}")
expect_success(out ${program} --data "${folder}/ncbi.fa" --clusters "${folder}/ncbi.tsv" --audit kmers --out "${folder}/ncbi.csv")
if(NOT out MATCHES "10 clusters, 10 of one sequence")
  message(FATAL_ERROR "expected ten clusters:\n${out}")
endif()
expect_refused("where cd-hit cut the names, run it with -d 0" ${program} --data "${folder}/ncbi.fa" --clusters "${folder}/cut.clstr"
               --out "${folder}/none.csv")

# Without arguments, on simulated relatives.
expect_success(out ${program} --audit kmers)
if(NOT out MATCHES "1250 sequences\n1000 clusters, 750 of one sequence")
  message(FATAL_ERROR "expected 250 relatives:\n${out}")
endif()

# Repeated ids are no matter where nothing is joined by id; one class only is no class.
file(WRITE "${folder}/same.csv" "id,sequence,label,set\na,MKVLAAGIVGLC,x,train\na,WDEFHNPQRSTY,x,test\n")
expect_success(out ${program} --data "${folder}/same.csv" --audit-split --audit kmers)
if(NOT out MATCHES "warning: [^\n]*same.csv: 1 rows repeat an id" OR NOT out MATCHES "\n0 of 1 test")
  message(FATAL_ERROR "expected a warning and an audit:\n${out}")
endif()

# Bad input leaves nothing behind.
file(WRITE "${folder}/other.tsv" "c1\tp1\nc2\tq2\n")
file(WRITE "${folder}/more.tsv" "${clusters}c1\tnobody\n")
expect_refused("1 of its 121 members are none of the sequences" ${program} --data "${folder}/all.csv" --clusters
               "${folder}/more.tsv" --out "${folder}/none.csv")
expect_refused("119 of 120 sequences are in no cluster, 'p2' first" ${program} --data "${folder}/all.csv" --clusters "${folder}/other.tsv"
               --redundancy 1 --out "${folder}/none.csv")
expect_refused("all.csv: split: 20 validation and 100 test rows are wanted of the 60 that are alone" ${program} ${given} --valid 20 --test 100 --out "${folder}/none.csv")
expect_refused("nothing to do" ${program} ${given})
expect_refused("--threads is 0" ${program} ${given} --threads 0 --out "${folder}/none.csv")
expect_refused("there is no column 'nope'" ${program} ${given} --label-column nope --out "${folder}/none.csv")
expect_refused("--valid and --folds exclude each other" ${program} ${given} --folds 4 --valid 9 --out "${folder}/none.csv")
foreach(option --folds --valid --test)
  expect_refused("${option} and --audit-split exclude each other" ${program} --data "${folder}/split.csv" --audit-split ${option} 4)
endforeach()
expect_refused("--filter needs sequences" ${program} --filter label=1)
file(WRITE "${folder}/parts.csv" "id,sequence,set\na,MKVLAAGIVG,train\nb,MKVLAAGIVG,validation\nc,MKVLAAGIVG,test\n")
expect_refused("parts.csv:3: column 'set' has 'validation', expected train, valid or test" ${program} --data
               "${folder}/parts.csv" --audit-split)
expect_refused("--redundancy is 0.3" ${program} --data "${folder}/all.csv" --redundancy 0.3 --out "${folder}/none.csv")
set(ENV{PATH} "/nowhere")
expect_success(out ${program} --data "${folder}/split.csv" --audit-split)
if(NOT out MATCHES "6-mers in one trained-on sequence; install mmseqs2 for alignments")
  message(FATAL_ERROR "expected to be told of mmseqs2:\n${out}")
endif()
expect_refused("cd-hit is not installed (package cd-hit)" ${program} --data "${folder}/all.csv" --out
               "${folder}/none.csv")
expect_refused("mmseqs is not installed (package mmseqs2)" ${program} --data "${folder}/all.csv" --redundancy 1 --out
               "${folder}/none.csv")
set(ENV{PATH} "${path}")
if(EXISTS "${folder}/none.csv")
  message(FATAL_ERROR "bad input left ${folder}/none.csv behind")
endif()

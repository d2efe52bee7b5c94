# The same from sequences alone, where cd-hit and mmseqs are installed; the audit finds relatives it is shown.
include("${CMAKE_CURRENT_LIST_DIR}/support/run.cmake")
find_program(mmseqs mmseqs)
find_program(cd_hit cd-hit)
if(NOT mmseqs OR NOT cd_hit)
  execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "skipped: mmseqs or cd-hit is not installed (packages mmseqs2, cd-hit)")
  return()
endif()
set(folder "${CMAKE_CURRENT_BINARY_DIR}/cli_prepare_splits_search")
file(REMOVE_RECURSE "${folder}")
file(MAKE_DIRECTORY "${folder}")
set(program prepare_splits)

# Test: a sequence of its own, one with every other residue of a trained one, a copy, and a peptide too short to search.
set(letters A C D E F G H I K L M N P Q R S T V W Y)
string(RANDOM LENGTH 120 ALPHABET "ACDEFGHIKLMNPQRSTVWY" RANDOM_SEED 11 trained)
string(RANDOM LENGTH 120 ALPHABET "ACDEFGHIKLMNPQRSTVWY" RANDOM_SEED 12 alone)
string(RANDOM LENGTH 120 ALPHABET "ACDEFGHIKLMNPQRSTVWY" RANDOM_SEED 13 noise)
set(half "")
foreach(i RANGE 0 119)
  math(EXPR third "${i} % 5")
  if(third LESS 2)
    string(SUBSTRING "${noise}" ${i} 1 letter)
  else()
    string(SUBSTRING "${trained}" ${i} 1 letter)
  endif()
  string(APPEND half "${letter}")
endforeach()
string(SUBSTRING "${trained}" 40 9 short)
file(WRITE "${folder}/split.csv"
     "id,sequence,set\nt,${trained},train\na,${alone},test\nh,${half},test\nc,${trained},test\ns,${short},test\n")
expect_success(out ${program} --data "${folder}/split.csv" --audit-split --audit mmseqs --threads 1 --json
               "${folder}/audit.json")
if(NOT out MATCHES "3 of 4 test sequences have a relative above 30 % identity" OR NOT out MATCHES
                                                                                 "of these 1 copies that the search")
  message(FATAL_ERROR "expected three relatives, one of them too short to be found:\n${out}")
endif()
file(READ "${folder}/audit.json" json)
string(JSON between GET "${json}" audit bands 2 sequences)  # 50 to 70 %
string(JSON coverage GET "${json}" audit bands 2 coverage)
if(NOT between EQUAL 1 OR coverage LESS 0.8)
  message(FATAL_ERROR "expected one relative of 50 to 70 %, aligned in whole: ${between}, ${coverage}")
endif()

# 20 families of three copies and 60 sequences alone: the copies go, nothing related is left in test.
set(table "id,sequence,label\n")
foreach(i RANGE 1 120)
  set(seed ${i})
  if(i LESS_EQUAL 60)
    math(EXPR seed "(${i} - 1) / 3 + 1000")
  endif()
  string(RANDOM LENGTH 60 ALPHABET "ACDEFGHIKLMNPQRSTVWY" RANDOM_SEED ${seed} sequence)
  math(EXPR class "${i} % 2")
  string(APPEND table "p${i},${sequence},${class}\n")
endforeach()
file(WRITE "${folder}/all.csv" "${table}x,MKV,0\n")
expect_success(out ${program} --data "${folder}/all.csv" --valid 15 --test 20 --out "${folder}/found.csv" --json
               "${folder}/found.json" --threads 1)
if(NOT out MATCHES "1 sequences of fewer than 11 letters" OR NOT out MATCHES "40 near copies removed .95 % identity.")
  message(FATAL_ERROR "expected the 40 copies to go, and the short sequence to stay:\n${out}")
endif()
file(READ "${folder}/found.json" json)
string(JSON leaks GET "${json}" audit above_30_percent)
if(NOT leaks EQUAL 0)
  message(FATAL_ERROR "expected no leak, got ${leaks}")
endif()

# Peptides too short for either program are clusters of their own.
file(WRITE "${folder}/short.csv" "id,sequence\na,MKVLA\nb,MKV\nc,WWWYY\nd,AAAAA\n")
expect_success(out ${program} --data "${folder}/short.csv" --out "${folder}/short_split.csv" --threads 1)
if(NOT out MATCHES "4 clusters, 4 of one sequence")
  message(FATAL_ERROR "expected four clusters:\n${out}")
endif()

# Copies by cd-hit, then clusters of what is left by mmseqs, both run by hand on UniProt's ids, which mmseqs shortens.
set(fasta "")
foreach(i RANGE 1 90)
  math(EXPR seed "${i} % 60 + 1000")
  string(RANDOM LENGTH 60 ALPHABET "ACDEFGHIKLMNPQRSTVWY" RANDOM_SEED ${seed} sequence)
  if(i GREATER 60)
    string(APPEND sequence "MKV")  # the longer copy represents the cluster
  endif()
  string(APPEND fasta ">sp|P${i}|NAME${i}_RAT\n${sequence}\n")
endforeach()
file(WRITE "${folder}/uniprot.fa" "${fasta}")
execute_process(COMMAND ${cd_hit} -i "${folder}/uniprot.fa" -o "${folder}/left.fa" -c 0.9 -d 0 OUTPUT_QUIET
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${mmseqs} easy-cluster "${folder}/left.fa" "${folder}/left" "${folder}/tmp" --min-seq-id 0.3 -v 1
                        --threads 1 OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
expect_success(out ${program} --data "${folder}/uniprot.fa" --redundancy-clusters "${folder}/left.fa.clstr" --clusters
               "${folder}/left_cluster.tsv" --out "${folder}/uniprot.csv" --threads 1)
if(NOT out MATCHES "30 near copies removed [^\n]* 60 sequences left\n60 clusters, 60 of one sequence")
  message(FATAL_ERROR "expected 30 copies to go and 60 clusters:\n${out}")
endif()
file(READ "${folder}/uniprot.csv" split)
if(NOT split MATCHES "\nsp.P61.NAME61_RAT," OR split MATCHES "\nsp.P1.NAME1_RAT,")
  message(FATAL_ERROR "expected the representative P61, not P1:\n${split}")
endif()

# Who asks for k-mers where mmseqs is installed is not told to install it.
expect_success(out ${program} --data "${folder}/split.csv" --audit-split --audit kmers)
if(out MATCHES "install")
  message(FATAL_ERROR "expected no advice:\n${out}")
endif()

set(ENV{TMPDIR} "${folder}/nowhere")
expect_refused("there is no folder for temporary files" ${program} --data "${folder}/split.csv" --audit-split)
unset(ENV{TMPDIR})

# One sequence in many writings gives one answer: white space, numbers of positions, comments and line breaks are residues
# nowhere, and quotes and delimiters of tables lose no row.
include("${CMAKE_CURRENT_LIST_DIR}/support/run.cmake")
set(folder "${CMAKE_CURRENT_BINARY_DIR}/cli_sequence_writings")
file(REMOVE_RECURSE "${folder}")
file(MAKE_DIRECTORY "${folder}")
set(program protein_classification)
set(quick --position none --epochs 2 --hidden 8 --layers 1 --threads 1 --audit none --ensemble 1)

# expect_text(OUT TEXT): the text stands in the output.
function(expect_text out text)
  string(FIND "${out}" "${text}" place)
  if(place EQUAL -1)
    message(FATAL_ERROR "expected '${text}':\n${out}")
  endif()
endfunction()
# cut(OUT SEQUENCE SIZE BETWEEN): the sequence in blocks.
function(cut out sequence size between)
  string(REPEAT "." ${size} block)
  string(REGEX REPLACE "(${block})" "\\1${between}" text "${sequence}")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# Tables of the same proteins, plain and in the other writings by turns; quotes in a column of names.
set(writings plain spread blocks numbered wrapped leading)
foreach(name IN ITEMS plain mixed tabs commas)
  set(${name} "")
endforeach()
foreach(i RANGE 1 60)
  string(RANDOM LENGTH 40 ALPHABET "ACDEFGHIKLMNPQRSTVWY" RANDOM_SEED ${i} sequence)
  math(EXPR class "${i} % 2")
  math(EXPR turn "${i} % 6")
  list(GET writings ${turn} writing)
  set(written "${sequence}")
  if(writing STREQUAL spread)
    cut(written "${sequence}" 1 " ")
  elseif(writing STREQUAL blocks)
    cut(written "${sequence}" 10 "\t")
  elseif(writing STREQUAL numbered)
    cut(blocks "${sequence}" 10 " ")
    set(written "        1 ${blocks}40")
  elseif(writing STREQUAL wrapped)
    cut(lines "${sequence}" 20 "\n")
    set(written "\"${lines}\"")
  elseif(writing STREQUAL leading)
    set(written "\"   ${sequence}  \"")
  endif()
  string(APPEND plain "p${i},${sequence},${class}\n")
  string(APPEND mixed "p${i},${written},${class}\n")
  string(APPEND commas "p${i},${sequence},${class},\n")
  set(name "protein ${i}")
  if(i EQUAL 4)
    set(name "\"not closed")
  elseif(i EQUAL 10)
    set(name "not opened\"")
  elseif(i EQUAL 20)
    set(name "5\" and 3\"")
  endif()
  string(APPEND tabs "p${i}\t${name}\t${sequence}\t${class}\n")
endforeach()
file(WRITE "${folder}/plain.csv" "id,sequence,label\n${plain}")
file(WRITE "${folder}/mixed.csv" "id,sequence,label\n${mixed}")
file(WRITE "${folder}/commas.csv" "id,sequence,label\n${commas}")
file(WRITE "${folder}/tabs.tsv" "id\tname\tsequence\tlabel\n${tabs}")
foreach(name plain.csv mixed.csv commas.csv tabs.tsv)
  expect_success(out ${program} --data "${folder}/${name}" ${quick} --save "${folder}/model" --json "${folder}/out.json")
  expect_text("${out}" "48 training, 6 validation, 6 test sequences")
  tensor_checksums(sums_${name} "${folder}/model")
  file(READ "${folder}/out.json" json)
  string(JSON metrics_${name} GET "${json}" metrics)
  if(NOT "${sums_${name}}" STREQUAL "${sums_plain.csv}" OR NOT "${metrics_${name}}" STREQUAL "${metrics_plain.csv}")
    message(FATAL_ERROR "${name} trains another model than plain.csv:\n${metrics_${name}}\n${metrics_plain.csv}")
  endif()
endforeach()

# Copies are found in any writing, in one program as in the other.
file(WRITE "${folder}/copies.csv" "id,sequence,label\n${plain}q,M K V L A A G I V,0\nr,\"MKV\nLAAGIV\",0\ns,1 mkvlaagiv 9,0\n")
expect_success(out ${program} --data "${folder}/copies.csv" --unique ${quick})
expect_text("${out}" "note: 2 rows repeat a sequence and are left out")
file(WRITE "${folder}/parts.csv" "id,sequence,set\na,MKVLAAGIVGLC,train\nb,MKVLA AGIVGLC,test\nc,\"MKVLAAG\nIVGLC\",train\n")
expect_refused("0 different sequences are too few" ${program} pretrain --data "${folder}/parts.csv" --save "${folder}/none")
set(clusters "")
foreach(i RANGE 1 60)
  string(APPEND clusters "p${i}\tp${i}\n")
endforeach()
file(WRITE "${folder}/clusters.tsv" "${clusters}")
foreach(name plain mixed)
  expect_success(out prepare_splits --data "${folder}/${name}.csv" --clusters "${folder}/clusters.tsv" --redundancy 1 --audit kmers
                 --out "${folder}/split_${name}.csv")
endforeach()
execute_process(COMMAND "${CMAKE_COMMAND}" -E compare_files "${folder}/split_plain.csv" "${folder}/split_mixed.csv"
                RESULT_VARIABLE differ)
if(differ)
  message(FATAL_ERROR "prepare_splits writes other sequences for split_mixed.csv than for split_plain.csv")
endif()

# FASTA: one probability for all writings, and the true place of a letter that cannot be read.
set(fasta [[
; the first FASTA programs had comments before
>plain
MKVLAAGIVRAMKVLAAGIV
>blanks_between_residues
M K V L A A G I V R A M K V L A A G I V
>blocks_of_ten
MKVLAAGIVR AMKVLAAGIV
>numbered
        1 MKVLAAGIVR AMKVLAAGIV       20
>leading_blanks
  MKVLAAGIVRAMKVLAAGIV
>comment
;and within
MKVLAAGIVRAMKVLAAGIV
]])
file(WRITE "${folder}/writings.fa" "${fasta}")
expect_success(table ${program} --load "${folder}/model" --predict "${folder}/writings.fa")
string(REGEX MATCHALL "\t[^\n]+\n" answers "${table}")
list(POP_FRONT answers names)
list(LENGTH answers count)
list(REMOVE_DUPLICATES answers)
list(LENGTH answers different)
if(NOT count EQUAL 6 OR NOT different EQUAL 1)
  message(FATAL_ERROR "expected one answer for six writings:\n${table}")
endif()
file(WRITE "${folder}/annotated.fa" ">a\nMKVLAAGIVRAMKVLAAGIV\nSSSSSSSSSSSSSSOOOOOO\n")
expect_refused("annotated.fa:3: every record has two lines of equal length" ${program} --load "${folder}/model" --predict
               "${folder}/annotated.fa")

# A quoted cell that swallows a row gets a note; a table without a header, a sentence.
set(named "id,name,sequence,label\n")
foreach(i RANGE 1 30)
  string(RANDOM LENGTH 30 ALPHABET "ACDEFGHIKLMNPQRSTVWY" RANDOM_SEED ${i} sequence)
  math(EXPR class "${i} % 2")
  set(name "name")
  if(i EQUAL 5)
    set(name "\"opened")
  elseif(i EQUAL 7)
    set(name "closed\"")
  endif()
  string(APPEND named "p${i},${name},${sequence},${class}\n")
endforeach()
file(WRITE "${folder}/swallowed.csv" "${named}")
expect_success(out ${program} --data "${folder}/swallowed.csv" ${quick})
expect_text("${out}" "swallowed.csv:6: a quoted cell of this row spans 3 lines, 1 of which look like rows; is its first quote")
file(WRITE "${folder}/bare.csv" "${plain}")
expect_refused("this looks like a row; put a line with the names of the columns before it" ${program} --data
               "${folder}/bare.csv")

# A genome: layout moves no base, in a line longer than a buffer too.
set(genome "")
foreach(i RANGE 1 20)
  string(RANDOM LENGTH 500 ALPHABET "ACGT" RANDOM_SEED ${i} part)
  string(APPEND genome "${part}")
endforeach()
string(REPEAT "${genome}" 14 long)  # 140,000 bases
expect_success(out promoter_classification --epochs 1 --hidden 8 --layers 1 --threads 1 --save "${folder}/promoters")
cut(wrapped "${genome}" 20 "\n            ")
cut(numbered "${genome}" 50 " 51\n; a comment\n 1 ")
cut(spread "${long}" 10 " ")
file(WRITE "${folder}/plain.fa" ">g\n${genome}\n>long\n${long}\n")
file(WRITE "${folder}/leading.fa" "  > g\n            ${wrapped}\n>long\n${spread}\n")
file(WRITE "${folder}/numbered.fa" ";\n>g\n${numbered}\n>long\n\n${spread}")
foreach(name plain leading numbered)
  expect_success(out promoter_classification scan --load "${folder}/promoters" --genome "${folder}/${name}.fa" --out "${folder}/${name}"
                 --step 100 --threads 1)
  expect_text("${out}" "150000 bases")
  foreach(file plus.bedGraph minus.bedGraph bed)
    execute_process(COMMAND "${CMAKE_COMMAND}" -E compare_files "${folder}/plain.${file}" "${folder}/${name}.${file}"
                    RESULT_VARIABLE differ)
    if(differ)
      message(FATAL_ERROR "${name}.${file} differs from plain.${file}")
    endif()
  endforeach()
endforeach()
file(SIZE "${folder}/plain.plus.bedGraph" size)
if(size LESS 20000)
  message(FATAL_ERROR "expected 1,400 windows, got ${size} bytes")
endif()

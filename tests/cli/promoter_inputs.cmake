# What promoter_classification reads: FASTA pairs, k-mers, unknown letters, columns and rows of a table, simulation.
include("${CMAKE_CURRENT_LIST_DIR}/support/run.cmake")
set(folder "${CMAKE_CURRENT_BINARY_DIR}/cli_promoter_inputs")
file(REMOVE_RECURSE "${folder}")
file(MAKE_DIRECTORY "${folder}")
set(program promoter_classification)
set(short --epochs 1 --hidden 4 --layers 1)

# expect_json(FILE VALUE key...): what stands there is VALUE.
function(expect_json file value)
  file(READ "${folder}/${file}" json)
  string(JSON found GET "${json}" ${ARGN})
  if(NOT found STREQUAL value)
    message(FATAL_ERROR "${file}: ${ARGN} is '${found}', expected '${value}'")
  endif()
endfunction()
# expect_text(TEXT OUTPUT): the output contains the text.
function(expect_text text output)
  string(FIND "${output}" "${text}" place)
  if(place EQUAL -1)
    message(FATAL_ERROR "the output does not contain '${text}':\n${output}")
  endif()
endfunction()

# Eight letters that stand still say which class it is: a floor that is always right.
set(positive "")
set(negative "")
set(table "locus,dna,kind\n")
foreach(i RANGE 1 60)
  string(RANDOM LENGTH 16 ALPHABET "ACGT" RANDOM_SEED ${i} sequence)
  string(RANDOM LENGTH 16 ALPHABET "ACGT" RANDOM_SEED 10${i} other)
  string(APPEND positive ">p${i}\nACACACAC${sequence}\n")
  string(APPEND negative ">n${i}\nCGTTGTTG${other}\n")
  string(APPEND table "near,ACACACAC${sequence},yes\nnear,CGTTGTTG${other},no\nfar,GGTTGTTG${other},no\n")
endforeach()
string(REPLACE "\nCG" "\nCR" unknown "${negative}")
file(WRITE "${folder}/positive.fa" "${positive}")
file(WRITE "${folder}/negative.fa" "${negative}")
file(WRITE "${folder}/unknown.fa" "${unknown}")
file(WRITE "${folder}/table.csv" "${table}")

expect_success(out ${program} --positive "${folder}/positive.fa" --negative "${folder}/negative.fa" ${short} --k 3
               --stride 2 --save "${folder}/kmers.model" --json "${folder}/kmers.json")
expect_text("96 training, 12 validation, 12 test sequences, binary" "${out}")
expect_json(kmers.json 3 config k)
expect_json(kmers.json 2 config stride)
expect_json(kmers.json 1.0 floor accuracy)
# Nothing is above a floor that is always right.
expect_text("This result is not above its floor" "${out}")
expect_success(first ${program} --load "${folder}/kmers.model" --predict "${folder}/positive.fa")
expect_success(again ${program} --load "${folder}/kmers.model" --predict "${folder}/positive.fa" --threads 1)
if(NOT first STREQUAL again OR NOT first MATCHES "\np60\t[0-9.e-]+\t[01]\n")
  message(FATAL_ERROR "k-mers are not predicted alike:\n${first}\n${again}")
endif()

# Positions: auto chooses where all sequences have one length, and cannot where they have not.
expect_success(out ${program} --positive "${folder}/positive.fa" --negative "${folder}/negative.fa" ${short})
expect_text("with positions, 15 % of letters hidden, dropout 0.5:" "${out}")
file(WRITE "${folder}/longer.fa" "${negative}>last\nACGTACGTACGTACGTACGTACGTACGTACGT\n")
expect_success(out ${program} --positive "${folder}/positive.fa" --negative "${folder}/longer.fa" ${short} --json
               "${folder}/longer.json")
expect_json(longer.json none config position)
expect_refused("--position absolute needs sequences of one length" ${program} --positive "${folder}/positive.fa"
               --negative "${folder}/longer.fa" ${short} --position absolute)

# A letter outside the alphabet: refused by line, or mapped to N.
expect_refused("unknown.fa:2: letter 'R' at column 2 is not in alphabet dna5" ${program} --positive
               "${folder}/positive.fa" --negative "${folder}/unknown.fa" ${short})
expect_success(out ${program} --positive "${folder}/positive.fa" --negative "${folder}/unknown.fa" ${short} --unknown map)

# A table: its columns by name, some of its rows, and which label is class 1.
set(columns --data "${folder}/table.csv" --sequence-column dna --label-column kind)
expect_success(out ${program} ${columns} ${short})
expect_text("144 training" "${out}")
expect_success(out ${program} ${columns} --filter locus=near --positive-label no ${short} --save "${folder}/no.model")
expect_text("96 training" "${out}")
expect_success(out ${program} --load "${folder}/no.model" --predict "${folder}/positive.fa")
if(NOT out MATCHES "\np1\t[0-9.e-]+\t(yes|no)\n")
  message(FATAL_ERROR "expected the table's labels:\n${out}")
endif()

# Without arguments: simulated promoters.
expect_success(out ${program} ${short})
expect_text("4800 training" "${out}")
expect_text("linear model on positions and 3- and 4-mers" "${out}")

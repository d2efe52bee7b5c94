# What programs write: a full disk is a failure and not a success with less in it; outputs that cannot be, that are one
# file, or that are an input are refused before any work; sizes beyond reason are named.
include("${CMAKE_CURRENT_LIST_DIR}/support/run.cmake")
set(folder "${CMAKE_CURRENT_BINARY_DIR}/cli_outputs")
file(REMOVE_RECURSE "${folder}")
file(MAKE_DIRECTORY "${folder}/sub")
set(program motif_position)
set(size --length 64 --records 200 --epochs 1 --seed 3 --threads 1)

expect_success(out ${program} ${size} --save "${folder}/model" --json "${folder}/json")
file(WRITE "${folder}/new.fa" ">a\nACDEFGHIKLMNPQRSTVWYACDEFGHIKLMNPQRSTVWY\n>b\nACDEF\n")

# expect_lost(SHELL_REDIRECTION args...): exit code 1 and one line on stderr where the output cannot be written.
function(expect_lost redirection)
  set(command "'${EXAMPLES}/${program}'")
  foreach(word IN LISTS ARGN)
    string(APPEND command " '${word}'")
  endforeach()
  execute_process(COMMAND sh -c "${command} ${redirection}" RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE error)
  if(NOT code EQUAL 1 OR NOT error MATCHES "^[a-z_]+: cannot write [^\n]*\n$")
    message(FATAL_ERROR "${program} ${ARGN} ${redirection}: exit code ${code}, expected 1 and a sentence\n${error}")
  endif()
endfunction()
if(EXISTS /dev/full)
  expect_lost("> /dev/full" --load "${folder}/model" --predict "${folder}/new.fa")
  expect_lost("> /dev/full" --help)
  expect_lost("> /dev/full" --length 64 --records 200 --load "${folder}/model" --json "${folder}/json")
  expect_lost("> /dev/null 2> '${folder}/log'; code=$?; tail -n 1 '${folder}/log' >&2; exit $code" ${size} --save /dev/full)
  expect_lost("> /dev/null" --load "${folder}/model" --length 64 --records 200 --json /dev/full)
endif()
expect_lost(">&-" --load "${folder}/model" --predict "${folder}/new.fa")

# Nothing is trained: ten thousand epochs would take hours.
set(long --length 64 --records 200 --epochs 10000)
set(model "${folder}/model")
expect_refused("--save: cannot write '${folder}/sub': this is a folder" ${program} ${long} --save "${folder}/sub")
expect_refused("--json: cannot write '${folder}/none/json': No such file or directory" ${program} ${long} --json
               "${folder}/none/json")
expect_refused("--save: cannot write '/proc/model'" ${program} ${long} --save /proc/model)
file(CREATE_LINK "${folder}/nowhere" "${folder}/link" SYMBOLIC)
expect_refused("which is not there; remove the link" ${program} ${long} --save "${folder}/link")
expect_refused("--save and --json name the same file" ${program} ${long} --save "${folder}/x" --json
               "${folder}/sub/../x")
file(WRITE "${folder}/data.csv" "sequence,label\nACDEF,1\n")
expect_refused("--save ${folder}/sub/../data.csv would replace ${folder}/data.csv, which --data reads" ${program} --data
               "${folder}/data.csv" --save "${folder}/sub/../data.csv")
expect_refused("--json ${model} would replace ${model}, which --load reads" ${program} --load "${model}" --json
               "${model}")
string(REPEAT m 250 name)
expect_success(out ${program} ${size} --save "${folder}/${name}")
if(NOT EXISTS "${folder}/${name}")
  message(FATAL_ERROR "a name of 250 letters was not written")
endif()
file(GLOB left "${folder}/.*")
if(NOT left STREQUAL "")
  message(FATAL_ERROR "temporary files were left: ${left}")
endif()

expect_refused("--epochs: 4611686018427387904 is above 2147483648" ${program} --epochs 4611686018427387904)
expect_refused("--epochs: 18446744073709551616 is above 2147483648" ${program} --epochs 18446744073709551616)
set(program protein_classification)
expect_refused("--hidden: 4611686018427387904 is above 65536" ${program} --hidden 4611686018427387904)
expect_refused("--layers: 1001 is above 1000" ${program} --layers 1001)
expect_refused("choose a smaller one: --hidden, --layers" ${program} --hidden 65536 --layers 1000)

# FASTA of two classes are inputs too, and a checkpoint may need its name with a number.
file(WRITE "${folder}/yes.fa" ">a\nACGTACGTACGTACGTACGTACGTACGT\n>b\nTTGACATTGACATTGACATTGACATTGAC\n")
file(WRITE "${folder}/no.fa" ">a\nCCGTACGAACGTACTTACGTACGAACGT\n>b\nTAGACATAGACATAGACATAGACATAGAC\n")
expect_refused("--out ${folder}/yes.fa would replace ${folder}/yes.fa, which --positive reads" prepare_splits --positive
               "${folder}/yes.fa" --negative "${folder}/no.fa" --overlap 20 --folds 2 --out "${folder}/yes.fa")
expect_refused("--save ${folder}/run.2 is a name that --checkpoint may need for itself" motif_position ${long} --checkpoint
               "${folder}/run" --save "${folder}/run.2")
# Numbers are decimal: others would pass the bounds.
expect_refused("0x10 is not written in decimal digits alone" ${program} --epochs 0x10)
expect_refused("+5 is not written in decimal digits alone" ${program} --seed +5)

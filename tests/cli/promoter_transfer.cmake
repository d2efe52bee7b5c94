# From a genome without labels to a classifier: encoder, few rows, predictions, a scan, heat maps; and what is refused.
include("${CMAKE_CURRENT_LIST_DIR}/support/run.cmake")
set(folder "${CMAKE_CURRENT_BINARY_DIR}/cli_promoter_transfer")
file(REMOVE_RECURSE "${folder}")
file(MAKE_DIRECTORY "${folder}")
set(small --width 8 --hidden 12 --layers 3 --streams 4 --steps 20 --seed 3 --k 3 --stride 2)
string(RANDOM LENGTH 9000 ALPHABET "ACGT" RANDOM_SEED 1 genome)
file(WRITE "${folder}/genome.fa" ">g\n${genome}\n")
expect_success(out genome_language_model --data "${folder}/genome.fa" ${small} --save "${folder}/lm")

set(rows "sequence,label,set,start,strand\n")
set(fasta "")
foreach(i RANGE 1 90)
  math(EXPR start "${i} * 90")
  string(SUBSTRING "${genome}" ${start} 40 sequence)
  math(EXPR label "${i} % 2")
  set(part train)
  if(i GREATER 75)
    set(part test)
  elseif(i GREATER 60)
    set(part valid)
  endif()
  string(APPEND rows "${sequence},${label},${part},${start},+\n")
  if(i LESS 3)
    string(APPEND fasta ">s${i}\n${sequence}\n")
  endif()
endforeach()
file(WRITE "${folder}/data.csv" "${rows}")
file(WRITE "${folder}/new.fa" "${fasta}")
set(program promoter_classification)
expect_success(out ${program} --data "${folder}/data.csv" --encoder "${folder}/lm" --train-rows 20 --epochs 2 --seed 2 --ensemble 2 --position none
               --save "${folder}/model" --json "${folder}/out.json")
if(NOT out MATCHES "20 training, 15 validation, 15 test")
  message(FATAL_ERROR "expected 20 training rows:\n${out}")
endif()
file(READ "${folder}/out.json" json)
string(JSON begun_with GET "${json}" config encoder)
string(JSON used GET "${json}" config train_rows)
string(JSON hidden GET "${json}" config hidden)
if(NOT begun_with STREQUAL "lm" OR NOT used EQUAL 20 OR NOT hidden EQUAL 12)
  message(FATAL_ERROR "the configuration has encoder ${begun_with}, ${used} rows, ${hidden} units")
endif()
expect_success(table ${program} --load "${folder}/model" --predict "${folder}/new.fa" --threads 1)
expect_success(again ${program} --load "${folder}/model" --predict "${folder}/new.fa" --threads 2)
if(NOT table STREQUAL again OR NOT table MATCHES "^id\tprobability\tlabel\ns1\t")
  message(FATAL_ERROR "unexpected predictions:\n${table}\n${again}")
endif()

# The encoder's network from weights drawn anew: what the encoder has read counts for nothing.
expect_success(out genome_language_model --data "${folder}/genome.fa" --encoder "${folder}/lm" --streams 4 --steps 20 --seed 4
               --save "${folder}/other_lm")
foreach(encoder lm other_lm)
  foreach(way from_scratch pretrained)
    set(begin --encoder "${folder}/${encoder}" --epochs 2)
    if(way STREQUAL from_scratch)
      list(APPEND begin --from-scratch)
    endif()
    expect_success(out ${program} --data "${folder}/data.csv" ${begin} --save "${folder}/${way}" --json "${folder}/${way}.json")
    tensor_checksums(${way}_${encoder} "${folder}/${way}")
  endforeach()
endforeach()
if(NOT from_scratch_lm STREQUAL from_scratch_other_lm OR pretrained_lm STREQUAL pretrained_other_lm
   OR from_scratch_lm STREQUAL pretrained_lm)
  message(FATAL_ERROR "only what begins with the encoder's weights should depend on them:\n${from_scratch_lm}\n"
                      "${from_scratch_other_lm}\n${pretrained_lm}\n${pretrained_other_lm}")
endif()
file(READ "${folder}/from_scratch.json" json)
string(JSON drawn GET "${json}" config from_scratch)
string(JSON decay GET "${json}" config rate_decay)
string(JSON stages GET "${json}" config stages)
string(JSON number LENGTH "${stages}")
string(JSON epochs GET "${stages}" 0 epochs)
if(NOT drawn OR NOT decay EQUAL 1 OR NOT number EQUAL 1 OR NOT epochs EQUAL 2)
  message(FATAL_ERROR "expected one stage of two epochs at one rate from scratch, got ${drawn} ${decay} ${stages}")
endif()
expect_refused("--from-scratch needs --encoder" ${program} --data "${folder}/data.csv" --from-scratch)

# Rows without a label, which a second network learns from what the first one says of them.
expect_success(out ${program} --data "${folder}/data.csv" --encoder "${folder}/lm" --train-rows 20 --epochs 1
               --self-training 1)
if(NOT out MATCHES "self-training on 60 rows:")
  message(FATAL_ERROR "expected 40 rows without a label and 20 with one:\n${out}")
endif()
expect_refused("--self-training needs --train-rows" ${program} --data "${folder}/data.csv" --self-training 1)
expect_refused("needs two classes, and rows that --train-rows left out" ${program} --data "${folder}/data.csv" --train-rows 60
               --self-training 1)

# Heat maps.
expect_success(out ${program} explain --load "${folder}/model" --fasta "${folder}/new.fa" --out "${folder}/why")
if(NOT out MATCHES "2 sequences, 240 mutants")
  message(FATAL_ERROR "unexpected report:\n${out}")
endif()
file(STRINGS "${folder}/why.tsv" lines)
list(LENGTH lines count)
if(NOT count EQUAL 241 OR NOT EXISTS "${folder}/why.2.svg")
  message(FATAL_ERROR "expected a header and 240 lines, got ${count}, and two heat maps")
endif()
# An output of the map is the log odds that a prediction for the mutant gives, in all phases.
execute_process(COMMAND awk "/^>/ { id = substr($1, 2); next } FILENAME ~ /new.fa/ { sequence[id] = $1; next }
    FNR > 1 { print \">\" $1 \"_\" $2 $4 \"\\n\" substr(sequence[$1], 1, $2 - 1) $4 substr(sequence[$1], $2 + 1) }"
    "${folder}/new.fa" "${folder}/why.tsv" OUTPUT_FILE "${folder}/mutants.fa" COMMAND_ERROR_IS_FATAL ANY)
expect_success(table ${program} --load "${folder}/model" --predict "${folder}/mutants.fa")
file(WRITE "${folder}/mutants.tsv" "${table}")
execute_process(COMMAND awk "FNR == 1 { next } FILENAME ~ /mutants/ { probability[$1] = $2; next }
    { apart = probability[$1 \"_\" $2 $4] - 1 / (1 + exp(-$5)); if (apart < 1e-5 && apart > -1e-5) ++same
      if ($6 > 1e-3 || $6 < -1e-3) ++changed }
    END { print same + 0, changed + 0 }" "${folder}/mutants.tsv" "${folder}/why.tsv" OUTPUT_VARIABLE counts OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT counts MATCHES "^240 [1-9][0-9]")  # changes a hundred times larger than what is called the same
  message(FATAL_ERROR "of 240 outputs of the maps so many are those of predictions, so many differ from the sequence's own: ${counts}")
endif()

# A letter that is skipped: frames are not told apart by where their letters stand.
string(SUBSTRING "${genome}" 90 40 sequence)
string(REGEX REPLACE "^(....................)." "\\1N" sequence "${sequence}")
file(WRITE "${folder}/skipped.fa" ">n\n${sequence}\n")
expect_success(out ${program} --data "${folder}/data.csv" --encoder "${folder}/lm" --train-rows 20 --epochs 1 --unknown map
               --save "${folder}/skips")
expect_success(out ${program} explain --load "${folder}/skips" --fasta "${folder}/skipped.fa" --out "${folder}/skipped")
if(NOT out MATCHES "1 sequences, 121 mutants")
  message(FATAL_ERROR "unexpected report:\n${out}")
endif()
expect_success(table ${program} --load "${folder}/skips" --predict "${folder}/skipped.fa")
file(WRITE "${folder}/skipped.predicted" "${table}")
execute_process(COMMAND awk "FNR == 1 { next } FILENAME ~ /predicted/ { said = $2; next }
    { apart = said - 1 / (1 + exp($6 - $5)); if (apart < 1e-5 && apart > -1e-5) ++same } END { print same + 0 }"
    "${folder}/skipped.predicted" "${folder}/skipped.tsv" OUTPUT_VARIABLE same OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT same EQUAL 121)
  message(FATAL_ERROR "of 121 changes ${same} are against what is predicted for the sequence")
endif()

file(WRITE "${folder}/small.fa" ">small\nAC\n")
expect_refused("record 'small' has 2 letters and not one token of 3" ${program} --load "${folder}/model" --predict
               "${folder}/small.fa")
# A scan: every window of both strands, the one of a prediction with its probability.
expect_success(out ${program} scan --load "${folder}/model" --genome "${folder}/genome.fa" --out "${folder}/scan" --step 10
               --threshold 0 --truth "${folder}/data.csv" --json "${folder}/scan.json")
if(NOT out MATCHES "9000 bases, 897 windows of 40 on each strand" OR NOT out MATCHES "ROC-AUC of 15 of 15 known")
  message(FATAL_ERROR "unexpected report:\n${out}")
endif()
file(STRINGS "${folder}/scan.plus.bedGraph" plus)
file(STRINGS "${folder}/scan.minus.bedGraph" minus)
list(LENGTH plus count)
list(LENGTH minus other)
if(NOT count EQUAL 897 OR NOT other EQUAL 897)
  message(FATAL_ERROR "expected 897 lines for each strand, got ${count} and ${other}")
endif()
list(GET plus 9 line)  # window 9 begins at base 90, where s1 does; its middle is base 110
string(REGEX MATCH "s1\t([0-9.]+)" ignored "${table}")
string(SUBSTRING "${CMAKE_MATCH_1}" 0 5 probability)
if(NOT line MATCHES "^g\t110\t120\t${probability}")
  message(FATAL_ERROR "expected base 110 with ${CMAKE_MATCH_1}, got ${line}")
endif()
# The other strand of the same window is the prediction of its reverse complement.
string(SUBSTRING "${genome}" 90 40 sequence)
execute_process(COMMAND sh -c "printf %s ${sequence} | rev | tr ACGT TGCA" OUTPUT_VARIABLE other_strand)
file(WRITE "${folder}/other.fa" ">o\n${other_strand}\n")
expect_success(other ${program} --load "${folder}/model" --predict "${folder}/other.fa")
list(GET minus 9 line)
string(REGEX MATCH "o\t([0-9.]+)" ignored "${other}")
string(SUBSTRING "${CMAKE_MATCH_1}" 0 5 probability)
if(NOT line MATCHES "^g\t109\t119\t${probability}")
  message(FATAL_ERROR "expected base 109 with ${CMAKE_MATCH_1}, got ${line}")
endif()
# One line or many, upper or lower case: the same scan, and the last interval ends with the sequence.
string(TOLOWER "${genome}" lower)
string(REGEX REPLACE "(.......................................................)" "\\1\n" wrapped "${lower}")
file(WRITE "${folder}/wrapped.fa" ">g wrapped\r\n${wrapped}\n")
expect_success(out ${program} scan --load "${folder}/model" --genome "${folder}/wrapped.fa" --out "${folder}/again" --step 10
               --threshold 0 --threads 1)
foreach(name plus.bedGraph minus.bedGraph bed)
  file(READ "${folder}/scan.${name}" one)
  file(READ "${folder}/again.${name}" two)
  if(NOT one STREQUAL two)
    message(FATAL_ERROR "${name} depends on lines, case or threads")
  endif()
endforeach()
# Maxima of one strand are half a window apart at least, in order.
file(STRINGS "${folder}/scan.bed" places REGEX "\\+$")
set(before -1000)
foreach(peak IN LISTS places)
  string(REGEX MATCH "^g\t([0-9]+)" ignored "${peak}")
  math(EXPR apart "${CMAKE_MATCH_1} - ${before}")
  if(apart LESS 21)
    message(FATAL_ERROR "maxima at ${before} and ${CMAKE_MATCH_1} are too near")
  endif()
  set(before ${CMAKE_MATCH_1})
endforeach()
# expect_maxima(NAME THRESHOLD COUNT): on both strands together COUNT values or more are above the threshold and all others
# within half a window, and are maxima; what is below the threshold or another value there is none. The digits that the
# bedGraph has leave equal ones open.
function(expect_maxima name threshold least)
  execute_process(COMMAND awk -v "threshold=${threshold}" [[
      FILENAME ~ /bed$/ { maximum[$6, $2] = 1; ++lines; next }
      FNR == 1 { strand = FILENAME ~ /plus.bedGraph$/ ? "+" : "-" }
      { place[strand, FNR] = $2; value[strand, FNR] = $4 + 0 }
      END {
        for (key in value) {
          split(key, at, SUBSEP)
          sure = value[key] > threshold + 0
          open = value[key] >= threshold + 0
          for (line = at[2] - 2; line <= at[2] + 2; ++line)
            if (line != at[2] && (at[1], line) in value) {
              sure = sure && value[key] > value[at[1], line]
              open = open && value[key] >= value[at[1], line]
            }
          is = (at[1], place[key]) in maximum
          found += is
          certain += sure
          wrong += (sure && !is) || (is && !open)
        }
        print wrong + lines - found, certain
      }]] "${folder}/${name}.bed" "${folder}/${name}.plus.bedGraph" "${folder}/${name}.minus.bedGraph"
    OUTPUT_VARIABLE counts OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "^([0-9]+) ([0-9]+)$" ignored "${counts}")
  if(NOT CMAKE_MATCH_1 EQUAL 0 OR CMAKE_MATCH_2 LESS least)
    message(FATAL_ERROR "threshold ${threshold}: ${CMAKE_MATCH_1} maxima are none or are missing, ${CMAKE_MATCH_2} are sure")
  endif()
endfunction()
expect_maxima(scan 0 100)
file(STRINGS "${folder}/scan.bed" peaks REGEX "^g\t[0-9]+\t[0-9]+\tmaximum_[0-9]+\t[0-9]+\t[+-]$")
list(LENGTH peaks count)
file(READ "${folder}/scan.json" json)
foreach(key seconds peak_memory_mib windows)
  string(JSON ignored GET "${json}" ${key})
endforeach()
string(JSON maxima GET "${json}" maxima)
if(NOT maxima EQUAL count)
  message(FATAL_ERROR "${maxima} maxima in the JSON, ${count} lines of the BED")
endif()
string(JSON genome_name GET "${json}" config genome)
if(NOT genome_name STREQUAL "genome.fa")
  message(FATAL_ERROR "expected the genome's name, got ${genome_name}")
endif()

# A threshold that the values of one window in eight are above; known positions of both strands, on and off the step.
execute_process(COMMAND cut -f4 "${folder}/scan.plus.bedGraph" COMMAND sort -g COMMAND sed -n 785p OUTPUT_VARIABLE threshold
                OUTPUT_STRIP_TRAILING_WHITESPACE)
set(positions "start,strand\n")
foreach(position 0,+ 107,- 1230,- 2999,+ 3001,+ 4444,- 5550,+ 6008,- 7777,+ 8965,-)
  string(APPEND positions "${position}\n")
endforeach()
file(WRITE "${folder}/positions.csv" "${positions}")
expect_success(out ${program} scan --load "${folder}/model" --genome "${folder}/genome.fa" --out "${folder}/high" --step 10
               --threshold ${threshold} --truth "${folder}/positions.csv" --json "${folder}/high.json")
expect_maxima(high ${threshold} 50)
file(READ "${folder}/high.json" json)
string(JSON maxima GET "${json}" maxima)
if(NOT maxima LESS count)
  message(FATAL_ERROR "${maxima} maxima of at least ${threshold}, ${count} of any value")
endif()
# The ROC-AUC: how many of the pairs of a known window and another one the known one wins. Pairs of equal digits may be
# won or lost.
string(JSON auc GET "${json}" metrics roc_auc)
execute_process(COMMAND awk -v "auc=${auc}" [[
    FILENAME ~ /csv$/ { if (FNR > 1) { split($1, at, ","); known[at[2], at[1] - at[1] % 10] = 1 }; next }
    {
      plus = FILENAME ~ /plus.bedGraph$/
      start = $2 - (plus ? 20 : 19)
      if ((plus ? "+" : "-", start) in known) of_known[++n] = $4 + 0
      else of_others[++m] = $4 + 0
    }
    END {
      for (i = 1; i <= n; ++i)
        for (j = 1; j <= m; ++j) {
          won += of_known[i] > of_others[j]
          equal += of_known[i] == of_others[j]
        }
      pairs = n * m
      right = auc >= won / pairs - 1e-9 && auc <= (won + equal) / pairs + 1e-9 && equal < pairs / 20
      print n, m, (right ? "as said" : won " " equal)
    }]] "${folder}/positions.csv" "${folder}/high.plus.bedGraph" "${folder}/high.minus.bedGraph" OUTPUT_VARIABLE counted
  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
if(NOT counted STREQUAL "10 1784 as said")
  message(FATAL_ERROR "the ROC-AUC is ${auc}, known windows, others, pairs won and equal: ${counted}")
endif()

# What is no base, and what is too short, is counted.
string(SUBSTRING "${genome}" 0 100 some)
file(WRITE "${folder}/gaps.fa" ">g\n${some}NNNNN${some}RY\n${some}\n>tiny\nACGT\n")
expect_success(out ${program} scan --load "${folder}/model" --genome "${folder}/gaps.fa" --out "${folder}/gaps" --json
               "${folder}/gaps.json")
if(NOT out MATCHES "note: 7 unknown letters in 2 runs" OR NOT out MATCHES "note: 1 sequences are shorter than a window")
  message(FATAL_ERROR "expected unknown letters and the short sequence to be counted:\n${out}")
endif()
file(READ "${folder}/gaps.json" json)
string(JSON runs GET "${json}" unknown_runs)
if(NOT runs EQUAL 2)
  message(FATAL_ERROR "expected two runs in the JSON, got ${runs}")
endif()

# A genome forty times as long takes no more memory: pieces of the file and a batch are what is kept.
string(REPEAT "${genome}" 8 short)
string(REPEAT "${short}" 40 long)
foreach(name short long)
  file(WRITE "${folder}/${name}.fa" ">g\n${${name}}\n")
  expect_success(out ${program} scan --load "${folder}/model" --genome "${folder}/${name}.fa" --out "${folder}/memory" --step 100
                 --json "${folder}/memory.json")
  file(READ "${folder}/memory.json" memory)
  string(JSON memory GET "${memory}" peak_memory_mib)
  string(REGEX REPLACE "\\..*" "" memory_of_${name} "${memory}")
endforeach()
math(EXPR allowed "${memory_of_short} + 1")
if(memory_of_long GREATER allowed AND NOT SANITIZE)  # a sanitizer keeps what was freed
  message(FATAL_ERROR "2,880,000 bases took ${memory_of_long} MiB, 72,000 took ${memory_of_short}")
endif()

# Refused, one sentence each, nothing half-written.
expect_refused("--seed stands before 'scan'" ${program} --seed 5 scan --load "${folder}/model" --genome "${folder}/genome.fa"
               --out "${folder}/short")
expect_refused("--train-rows is 0, expected at least 1" ${program} --data "${folder}/data.csv" --train-rows 0)
expect_refused("--train-rows is 61, the training part has 60 rows" ${program} --data "${folder}/data.csv" --train-rows 61)
foreach(option --k --stride --hidden --layers)
  expect_refused("${option} and --encoder exclude each other: the encoder has its own" ${program} --data "${folder}/data.csv"
                 --encoder "${folder}/lm" ${option} 5)
endforeach()
expect_refused("--position absolute and --encoder exclude each other" ${program} --data "${folder}/data.csv" --encoder
               "${folder}/lm" --position absolute)
expect_refused("without an encoder" ${program} --data "${folder}/data.csv" --encoder "${folder}/model")
expect_refused("cannot read" ${program} --data "${folder}/data.csv" --encoder "${folder}/missing")
expect_refused("--encoder-dropout needs --encoder" ${program} --data "${folder}/data.csv" --encoder-dropout 0.1)
file(WRITE "${folder}/short.fa" ">a\nACGTACGT\n")
expect_refused("no window of 40 known bases: the longest sequence has 8, 0 of all letters are unknown" ${program} scan --load "${folder}/model" --genome
               "${folder}/short.fa" --out "${folder}/short")
string(REPEAT "N" 500 unknown)
file(WRITE "${folder}/n.fa" ">a\n${unknown}\n")
expect_refused("the longest sequence has 500, 500 of all letters are unknown" ${program} scan --load "${folder}/model" --genome "${folder}/n.fa" --out
               "${folder}/short")
expect_refused("--step is 0" ${program} scan --load "${folder}/model" --genome "${folder}/genome.fa" --out "${folder}/short"
               --step 0 --truth "${folder}/data.csv")
expect_refused("has 0 tokens" ${program} scan --load "${folder}/model" --genome "${folder}/genome.fa" --out "${folder}/short"
               --window 2)
file(WRITE "${folder}/far.csv" "start,strand\n99999,+\n")
expect_refused("none of 1 positions is in a window" ${program} scan --load "${folder}/model" --genome "${folder}/genome.fa"
               --out "${folder}/short" --truth "${folder}/far.csv")
expect_refused("is not within a window of 40" ${program} scan --load "${folder}/model" --genome "${folder}/genome.fa" --out
               "${folder}/short" --anchor 40)
file(GLOB left "${folder}/short.*Graph" "${folder}/short.bed" "${folder}/.short*")
if(left)
  message(FATAL_ERROR "half-written: ${left}")
endif()

# Protein data in all their forms: one table, FASTA with labels, two tables joined by id; categories beside the
# letters, several labels, odd letters, very long and very short sequences.
include("${CMAKE_CURRENT_LIST_DIR}/support/run.cmake")
set(folder "${CMAKE_CURRENT_BINARY_DIR}/cli_protein_classification")
file(REMOVE_RECURSE "${folder}")
file(MAKE_DIRECTORY "${folder}")
set(program protein_classification)
set(quick --epochs 2 --hidden 8 --layers 1 --threads 1 --audit kmers --ensemble 1)

set(one "id,sequence,label,host\n")
set(fasta "")
set(labels "id,label,macromoleculeType\n")
set(several "id,sequence,label\n")
set(long "")
foreach(i RANGE 1 1750)
  string(APPEND long "MKVLAAGIVGLCWDEFHNPQ")  # 35,000 residues
endforeach()
foreach(i RANGE 1 90)
  math(EXPR class "${i} % 3")
  string(RANDOM LENGTH 30 ALPHABET "ACDEFGHIKLMNPQRSTVWY" RANDOM_SEED ${i} sequence)
  if(i EQUAL 7)
    set(sequence "M")
  elseif(i EQUAL 8)
    set(sequence "${long}")
  elseif(i EQUAL 9)
    set(sequence "MUOBZX*KV")
  endif()
  string(SUBSTRING "nsw" ${class} 1 name)
  math(EXPR host "${i} % 2")
  string(APPEND one "p${i},${sequence},${name},host${host}\n")
  string(APPEND fasta ">p${i} host=host${host}\n${sequence}\n")
  string(APPEND labels "p${i},${name},Protein\n")
  if(class EQUAL 0)
    string(APPEND several "p${i},${sequence},membrane;nucleus\n")
  else()
    string(APPEND several "p${i},${sequence},nucleus; cytosol\n")
  endif()
endforeach()
file(WRITE "${folder}/one.csv" "${one}")
file(WRITE "${folder}/all.fa" "${fasta}")
file(WRITE "${folder}/labels.csv" "${labels}")

# One table, with a category as an input; the odd letters are counted, all three classes are told of.
expect_success(out ${program} --data "${folder}/one.csv" --extra-column host --epochs 2 --hidden 8 --threads 1 --audit kmers
               --save "${folder}/model" --json "${folder}/out.json" --report "${folder}/report")
foreach(text "6 letters other than ACDEFGHIKLMNPQRSTVWY are read as X" "leakage audit of" "no sequence that shares more than 30 %"
             "class   members precision" "calibration: temperature" "floor: linear model on composition"
             "baseline: linear model on composition and pairs")
  string(FIND "${out}" "${text}" place)
  if(place EQUAL -1)
    message(FATAL_ERROR "expected '${text}':\n${out}")
  endif()
endforeach()
file(READ "${folder}/out.json" json)
string(JSON networks GET "${json}" config ensemble)
if(NOT networks EQUAL 3 OR NOT out MATCHES "network 3 of 3")
  message(FATAL_ERROR "expected three networks, got ${networks}:\n${out}")
endif()
string(JSON sequences GET "${json}" leakage sequences)
string(JSON classes LENGTH "${json}" classes)
string(JSON loss GET "${json}" metrics loss)
string(JSON ignored GET "${json}" floor f1)
string(JSON ignored GET "${json}" calibration error_after)
if(NOT classes EQUAL 3 OR NOT sequences EQUAL 9)
  message(FATAL_ERROR "expected 3 classes and 9 test sequences, got ${classes} and ${sequences}")
endif()
foreach(file predictions.tsv roc.svg confusion.svg)
  if(NOT EXISTS "${folder}/report.${file}")
    message(FATAL_ERROR "no ${folder}/report.${file}")
  endif()
endforeach()

# The model needs nothing but FASTA; the category is read from its headers, and unknown ones are taken.
expect_success(table ${program} --load "${folder}/model" --predict "${folder}/all.fa")
string(REGEX MATCHALL "\n" lines "${table}")
list(LENGTH lines count)
if(NOT count EQUAL 91 OR NOT table MATCHES "^id\tlabel\tprobability_n\tprobability_s\tprobability_w\np1\t")
  message(FATAL_ERROR "expected 90 predictions with three probabilities:\n${table}")
endif()
file(WRITE "${folder}/other.fa" ">q host=mars\nMKVLAAGIV\n>r\nMKVLAAGIV\n")
expect_success(table ${program} --load "${folder}/model" --predict "${folder}/other.fa")
expect_success(again ${program} --load "${folder}/model" --data "${folder}/one.csv" --json "${folder}/again.json"
               --audit none)
file(READ "${folder}/again.json" again_json)
string(JSON loaded GET "${again_json}" metrics loss)
if(NOT loaded STREQUAL loss)  # the category is read again
  message(FATAL_ERROR "loss ${loss}, after loading ${loaded}")
endif()

# FASTA with a table of labels gives the same sequences and classes.
expect_success(out ${program} --data "${folder}/all.fa" --labels "${folder}/labels.csv" ${quick})
if(NOT out MATCHES "72 training, 9 validation, 9 test sequences, multi-class")
  message(FATAL_ERROR "expected the same parts from FASTA and labels:\n${out}")
endif()

# Two tables as of structures: a row for each chain, the class by structure; copies and small classes go.
file(WRITE "${folder}/structures.csv" "${labels}p91,rare,Protein\np92,n,DNA\np93,,Protein\np94,n,Protein\np94,n,Protein\np95,n,Protein\n")
string(RANDOM LENGTH 30 ALPHABET "acdefghiklmnpqrstvwy" RANDOM_SEED 1 copy)  # neither case nor a stop makes it another
string(REPLACE ",label,host" ",chain,host" chains "${one}")
file(WRITE "${folder}/chains.csv" "${chains}p1,${copy}*,B,host1\np91,MKV,A,host1\np92,ACGT,A,host1\np93,MKL,A,host1\np95,,A,host1\n")
expect_success(out ${program} --data "${folder}/chains.csv" --labels "${folder}/structures.csv" --filter
               macromoleculeType=Protein --unique --min-class-size 5 --drop-unlabelled ${quick})
foreach(text "1 rows of ${folder}/structures.csv repeat an id and agree with its first row" "1 rows without a sequence left out"
             "1 rows of ${folder}/structures.csv have no sequence" "1 sequences have the id of another" "1 rows without a label left out" "1 rows repeat a sequence" "1 classes with fewer than 5 rows left out"
             "72 training")
  string(FIND "${out}" "${text}" place)
  if(place EQUAL -1)
    message(FATAL_ERROR "expected '${text}':\n${out}")
  endif()
endforeach()

# A test sequence that was trained on, in lower case.
set(shared "id,sequence,label,set\nt,mkvlaagivglc,x,test\nu,WDEFHNPQWDEF,y,test\n")
foreach(i RANGE 1 10)
  string(RANDOM LENGTH 12 ALPHABET "ACDEFGHIKLMNPQRSTVWY" RANDOM_SEED ${i} sequence)
  string(APPEND shared "a${i},${sequence},x,train\nb${i},${sequence}MKV,y,train\n")
endforeach()
file(WRITE "${folder}/shared.csv" "${shared}c,MKVLAAGIVGLC*,x,train\nd,MKVLA,x,valid\ne,MKVLC,y,valid\n")
expect_success(out ${program} --data "${folder}/shared.csv" ${quick})
if(NOT out MATCHES "note: 1 of 2 test sequences are in the training part too" OR NOT out MATCHES
                                                                               "warning: 1 of 2 test sequences have a sequence that shares")
  message(FATAL_ERROR "expected the copy to be found:\n${out}")
endif()

# Several labels each.
file(WRITE "${folder}/several.csv" "${several}")
expect_success(out ${program} --data "${folder}/several.csv" --task multi-label ${quick} --save "${folder}/several"
               --json "${folder}/several.json")
expect_success(table ${program} --load "${folder}/several" --predict "${folder}/all.fa")
if(NOT table MATCHES "^id\tlabels\tprobability_")
  message(FATAL_ERROR "expected a list of labels:\n${table}")
endif()

# The published network, trained as published.
expect_success(out ${program} --data "${folder}/one.csv" --model reference --epochs 1 --threads 1 --audit none --json
               "${folder}/reference.json")
file(READ "${folder}/reference.json" json)
string(JSON vocabulary GET "${json}" config vocabulary)
string(JSON ignored GET "${json}" metrics mcc)
if(NOT vocabulary EQUAL 27)
  message(FATAL_ERROR "expected the reference network's 27 letters, got ${vocabulary}")
endif()
# Its two classes are two columns; the table of predictions says what the metrics say.
string(REGEX REPLACE "[^\n]*,w,host.\n" "" two "${one}")
file(WRITE "${folder}/two.csv" "${two}")
expect_success(out ${program} --data "${folder}/two.csv" --model reference --epochs 1 --threads 1 --audit none --json
               "${folder}/two.json" --report "${folder}/two")
file(READ "${folder}/two.json" json)
string(JSON right_n GET "${json}" confusion 0 0)
string(JSON right_s GET "${json}" confusion 1 1)
math(EXPR right "${right_n} + ${right_s}")
file(STRINGS "${folder}/two.predictions.tsv" table)
list(POP_FRONT table header)
if(NOT header STREQUAL "id\tlabel\tprobability_n\tprobability_s")
  message(FATAL_ERROR "expected a probability of either class, got ${header}")
endif()
set(hits 0)
foreach(line IN LISTS table)
  string(REGEX MATCH "^(p[0-9]+)\t([ns])\t" ignored "${line}")
  if(two MATCHES "\n${CMAKE_MATCH_1},[A-Z*]*,${CMAKE_MATCH_2},")
    math(EXPR hits "${hits} + 1")
  endif()
endforeach()
if(NOT hits EQUAL right)
  message(FATAL_ERROR "${hits} rows of the table are right, the confusion matrix says ${right}")
endif()
expect_success(out ${program} --data "${folder}/one.csv" --class-weights balanced ${quick} --json "${folder}/weights.json")
file(READ "${folder}/weights.json" json)
string(JSON weight GET "${json}" config class_weights 0)
if(NOT weight EQUAL 1)  # the three classes have as many members
  message(FATAL_ERROR "expected a weight of 1, got ${weight}")
endif()

# Residues hidden and guessed; a classifier and an embedding go on from there.
expect_success(out ${program} pretrain --data "${folder}/one.csv" "${folder}/all.fa" --epochs 2 --hidden 8 --layers 1
               --width 8 --threads 1 --save "${folder}/residues" --json "${folder}/residues.json")
if(NOT out MATCHES "86 training sequences of [0-9]+ residues, 4 held out" OR NOT out MATCHES "perplexity")
  message(FATAL_ERROR "expected 90 different sequences:\n${out}")
endif()
expect_success(out ${program} --data "${folder}/one.csv" --extra-column host --encoder "${folder}/residues" --epochs 2
               --threads 1 --ensemble 2 --audit none --json "${folder}/pretrained.json" --save "${folder}/pretrained")
file(READ "${folder}/pretrained.json" json)
string(JSON encoder GET "${json}" config encoder)
string(JSON width GET "${json}" config width)
if(NOT encoder STREQUAL "residues" OR NOT width EQUAL 8)
  message(FATAL_ERROR "expected the encoder's width, 8, got ${width} of ${encoder}")
endif()
expect_success(table ${program} --load "${folder}/pretrained" --predict "${folder}/all.fa")
expect_success(out ${program} pretrain --data "${folder}/one.csv" "${folder}/all.fa" --epochs 1 --hidden 8 --layers 1
               --width 8 --seed 2 --threads 1 --save "${folder}/other_residues")
foreach(encoder residues other_residues)
  expect_success(out ${program} --data "${folder}/one.csv" --encoder "${folder}/${encoder}" --from-scratch --epochs 2 --threads 1
                 --ensemble 1 --audit none --json "${folder}/scratch.json" --save "${folder}/scratch")
  tensor_checksums(scratch_${encoder} "${folder}/scratch")
endforeach()
if(NOT scratch_residues STREQUAL scratch_other_residues)
  message(FATAL_ERROR "from scratch the weights of an encoder count:\n${scratch_residues}\n${scratch_other_residues}")
endif()
file(READ "${folder}/scratch.json" json)
string(JSON stages LENGTH "${json}" config stages)
string(JSON epochs LENGTH "${json}" epochs)
if(NOT stages EQUAL 1 OR NOT epochs EQUAL 2)
  message(FATAL_ERROR "expected one stage of two epochs from scratch, got ${stages} of ${epochs}")
endif()
expect_success(out embedding_analysis --data "${folder}/one.csv" --encoder "${folder}/residues" --epochs 1 --threads 1)
if(NOT out MATCHES "rows of 16 numbers")
  message(FATAL_ERROR "expected 16 numbers a sequence:\n${out}")
endif()
file(WRITE "${folder}/parts.csv" "id,sequence,label,set\na,MKVLAAGIVGLC,x,train\nb,mkvlaagivglc,y,test\n")
expect_refused("0 different sequences are too few" ${program} pretrain --data "${folder}/parts.csv" --save
               "${folder}/none")
expect_refused("too few to learn from" ${program} pretrain --data "${folder}/other.fa" --save "${folder}/none")
expect_refused("--save" ${program} pretrain --data "${folder}/all.fa")

# Bad input.
expect_refused("--data stands before 'pretrain'" ${program} --data "${folder}/one.csv" pretrain --save "${folder}/none")
expect_refused("no column 'part'" ${program} pretrain --data "${folder}/one.csv" --split-column part --save
               "${folder}/none")
expect_refused("--ensemble is 0" ${program} --data "${folder}/one.csv" --ensemble 0)
expect_refused("--epochs is 0" ${program} pretrain --data "${folder}/one.csv" --epochs 0 --save "${folder}/none")
expect_refused("the encoder reads letters of aa21, here are dna5" promoter_classification --encoder "${folder}/residues")
file(WRITE "${folder}/nothing.fa" ">a\nMKV\n>b\n\n")
expect_refused("record 'b' has 0 letters and not one token" ${program} --load "${folder}/model" --predict
               "${folder}/nothing.fa")
file(WRITE "${folder}/unlearned.csv" "id,sequence,label,set\na,MKV,x,train\nb,MKL,x,train\nc,MKI,y,train\nd,MKA,y,train\n"
                                     "e,MKA,z,test\nf,MKA,x,valid\n")
expect_refused("label 'z' has 0 records in the training part, expected at least 1" ${program} --data
               "${folder}/unlearned.csv")
file(WRITE "${folder}/carved.csv" "id,sequence,label,set\na,MKV,x,train\nb,MKL,x,train\nc,MKI,y,train\nd,MKA,x,test\n")
expect_refused("label 'y' has 1 records in the training part, expected at least 2" ${program} --data
               "${folder}/carved.csv")
file(WRITE "${folder}/unknown.csv" "id,sequence,label\na,MKV,0.5\nb,MKL,NA\nc,MKI,0.25\n")
expect_refused("unknown.csv:3: column 'label' is 'NA', which stands for no value" ${program} --data "${folder}/unknown.csv")
file(WRITE "${folder}/pair.csv" "id,sequence,label\na,MKV,0.5\nb,MKL,0.25\n")
expect_refused("pair.csv: 2 records, expected at least one for each" ${program} --data "${folder}/pair.csv")
file(WRITE "${folder}/words.csv" "id,sequence,label\na,MKV,0.5\nb,MKL,low\nc,MKI,0.25\n")
expect_refused("words.csv:3: 'low' in column 'label' is not a number" ${program} --data "${folder}/words.csv")
file(WRITE "${folder}/holes.csv" "id,sequence,label\na,MKV,x\nb,MKL,\nc,MKI,\n")
expect_refused("holes.csv:3: column 'label' is empty, here and in 1 other rows" ${program} --data "${folder}/holes.csv")
file(WRITE "${folder}/lonely.csv" "id,sequence,label\na,MKV,x\nb,MKL,x\nc,MKI,x\nd,MKA,y\n")
expect_refused("label 'y' has 1 records, expected at least 3" ${program} --data "${folder}/lonely.csv")
file(WRITE "${folder}/lonely_part.csv" "id,sequence,label,set\na,MKV,x,train\nb,MKL,x,valid\nc,MKI,x,test\nd,MKA,y,train\ne,MKK,x,train\n")
expect_refused("label 'y' has 1 records, expected at least 2; leave it out with --min-class-size 2" ${program} --data
               "${folder}/lonely_part.csv")
file(WRITE "${folder}/lonely_label.csv" "id,sequence,label\na,MKV,x;y\nb,MKL,x\nc,MKI,x;z\nd,MKA,y\n")
expect_refused("label 'z' has 1 records, expected at least 2; leave it out" ${program} --data "${folder}/lonely_label.csv"
               --task multi-label)
file(WRITE "${folder}/twice.csv" "id,label\np1,n\np1,s\n")
expect_refused("twice.csv:3: id 'p1' stands on line 2 already" ${program} --data "${folder}/all.fa" --labels
               "${folder}/twice.csv")
file(WRITE "${folder}/parts.csv" "id,label,set\np1,n,train\np1,n,test\n")
expect_refused("parts.csv:3: id 'p1' stands on line 2 already" ${program} --data "${folder}/all.fa" --labels
               "${folder}/parts.csv")
expect_refused("a FASTA file has no labels" ${program} --data "${folder}/all.fa")
expect_refused("--extra-column macromoleculeType has 1 different values" ${program} --data "${folder}/all.fa" --labels
               "${folder}/labels.csv" --extra-column macromoleculeType)
expect_refused("--self-training and --model reference exclude each other" ${program} --data "${folder}/one.csv" --model reference
               --self-training 1 --train-rows 20)
expect_refused("--hidden and --model reference exclude each other" ${program} --data "${folder}/one.csv" --model
               reference --hidden 8)
expect_refused("letter 'U'" ${program} --data "${folder}/one.csv" --unknown error)
file(WRITE "${folder}/repeated.csv" "${one}p1,MKVLAAGIVG,n,host1\n")
expect_success(out ${program} --data "${folder}/repeated.csv" ${quick})
if(NOT out MATCHES "warning: [^\n]*repeated.csv: 1 rows repeat an id")
  message(FATAL_ERROR "expected a warning of the repeated id:\n${out}")
endif()

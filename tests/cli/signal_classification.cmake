# Signals: trains on the simulated waves and on .ts files of classes and of numbers; saves, reports again, predicts.
include("${CMAKE_CURRENT_LIST_DIR}/support/run.cmake")
set(folder "${CMAKE_CURRENT_BINARY_DIR}/cli_signal_classification")
file(REMOVE_RECURSE "${folder}")
file(MAKE_DIRECTORY "${folder}")
set(program signal_classification)
set(small --hidden 6 --layers 1 --filters 4 --ensemble 1 --threads 1)

function(expect_match pattern text)
  if(NOT text MATCHES "${pattern}")
    message(FATAL_ERROR "expected '${pattern}' in:\n${text}")
  endif()
endfunction()

# The built-in waves: far above the floor after a few epochs, every option given once.
expect_success(out ${program} --seed 2 --hidden 24 --layers 2 --filters 8 --heads 1 --ensemble 2 --batch-size 32 --epochs 6
               --learning-rate 0.01 --noise 0.1 --offset 0.1 --channel-dropout 0.05 --dropout 0.2 --precision f32 --threads 2 --json
               "${folder}/out.json" --report "${folder}/out.html")
expect_match("1280 training, 160 validation, 160 test records of 3 channels, multi-class" "${out}")
expect_match("network 2 of 2:" "${out}")
expect_match("floor: linear model on means and deviations of channels: accuracy" "${out}")
file(READ "${folder}/out.json" json)
string(JSON accuracy GET "${json}" metrics accuracy)
string(JSON floor GET "${json}" floor accuracy)
string(JSON classes LENGTH "${json}" classes)
string(JSON networks GET "${json}" config ensemble)
if(NOT accuracy GREATER 0.7 OR NOT floor LESS 0.45 OR NOT classes EQUAL 4 OR NOT networks EQUAL 2)
  message(FATAL_ERROR "accuracy ${accuracy}, floor ${floor}, ${classes} classes, ${networks} networks")
endif()
file(READ "${folder}/out.html" page)
expect_match("<html" "${page}")

# .ts files: ramps up or down, from one position (shorter than any kernel) to five.
set(header "@problemName ramps\n@timeStamps false\n@missing false\n@univariate false\n@dimensions 2\n@equalLength false\n")
set(up "1,2,3,4,5:9,8,7,6,5:up\n1,2,3:7,6,5:up\n2,3,4,5:4,3,2,1:up\n0,1,2:2,1,0:up\n")
set(down "5,4,3,2,1:5,6,7,8,9:down\n3,2,1:5,6,7:down\n5,4,3,2:1,2,3,4:down\n2,1,0:0,1,2:down\n")
set(classes "${header}@classLabel true down up\n@data\n")
file(WRITE "${folder}/train.ts" "${classes}${up}${down}${up}${down}${up}${down}")
file(WRITE "${folder}/test.ts" "${header}@classLabel true up down\n@data\n${up}${down}4:4:down\n")
set(files --train "${folder}/train.ts" --test "${folder}/test.ts")
expect_success(out ${program} ${files} ${small} --epochs 40 --learning-rate 0.02 --offset 0 --save "${folder}/model" --json
               "${folder}/ramps.json")
expect_match("22 training, 2 validation, 9 test records of 2 channels, binary" "${out}")
file(READ "${folder}/ramps.json" json)
string(JSON accuracy GET "${json}" metrics accuracy)
if(NOT accuracy GREATER 0.85)
  message(FATAL_ERROR "ramps: accuracy ${accuracy}")
endif()
expect_success(again ${program} --load "${folder}/model" --test "${folder}/test.ts" --threads 2 --json "${folder}/again.json"
               --report "${folder}/again.html")
expect_match("floor: none" "${again}")
file(READ "${folder}/again.json" json)
string(JSON loaded GET "${json}" metrics accuracy)
if(NOT loaded STREQUAL accuracy)
  message(FATAL_ERROR "accuracy ${accuracy} after the training, ${loaded} of the saved model")
endif()
configure_file("${folder}/test.ts" "${folder}/valid.ts" COPYONLY)
expect_success(out ${program} ${files} --valid "${folder}/valid.ts" ${small} --epochs 1)
expect_match("24 training, 9 validation, 9 test" "${out}")
file(WRITE "${folder}/all.ts" "${classes}${up}${up}${up}${up}${up}${down}${down}${down}${down}${down}")
expect_success(out ${program} --data "${folder}/all.ts" ${small} --epochs 1)
expect_match("32 training, 4 validation, 4 test" "${out}")

# What is to be predicted has a class that counts for nothing, or none.
expect_success(table ${program} --load "${folder}/model" --predict "${folder}/test.ts")
expect_match("^id\tprobability\tlabel\nrecord1\t[0-9.e-]+\tup\n" "${table}")
file(WRITE "${folder}/new.ts" "${header}@classLabel false\n@data\n5,4,3,2,1:5,6,7,8,9\n1:1\n")
expect_success(table ${program} --load "${folder}/model" --predict "${folder}/new.ts" --precision bf16)
expect_match("^id\tprobability\tlabel\nrecord1\t[0-9.e-]+\tdown\nrecord2\t[0-9.e-]+\t(up|down)\n$" "${table}")

# A number a record.
set(numbers "")
foreach(i RANGE 1 30)
  math(EXPR n "${i} * 7 % 11")
  string(APPEND numbers "${n},${n}:1,2:${n}.5\n")
endforeach()
file(WRITE "${folder}/numbers.ts" "${header}@targetLabel true\n@data\n${numbers}")
expect_success(out ${program} --data "${folder}/numbers.ts" ${small} --epochs 2 --save "${folder}/numbers.model" --report
               "${folder}/numbers.html")
expect_match("test records of 2 channels, regression" "${out}")
expect_match("r2" "${out}")
expect_success(table ${program} --load "${folder}/numbers.model" --predict "${folder}/numbers.ts")
expect_match("^id\tvalue\nrecord1\t[0-9.]+\n" "${table}")

# Missing values: refused, or filled.
file(WRITE "${folder}/missing.ts" "${header}@classLabel true up down\n@data\n1,?,3:7,6,5:up\n3,2,1:5,NaN,7:down\n")
expect_refused("missing.ts: 2 values are missing; --fill-missing puts" ${program} --train "${folder}/train.ts" --test
               "${folder}/missing.ts")
expect_refused("missing.ts: 2 values are missing" ${program} --load "${folder}/model" --predict "${folder}/missing.ts")
expect_success(out ${program} --load "${folder}/model" --predict "${folder}/missing.ts" --fill-missing)
expect_success(out ${program} --load "${folder}/model" --test "${folder}/missing.ts" --fill-missing)

# Bad input.
file(WRITE "${folder}/one.ts" "@univariate true\n@classLabel true up down\n@data\n1,2,3:up\n3,2,1:down\n")
expect_refused("one.ts has 1 channels, ${folder}/train.ts 2; give files of one problem" ${program} --train "${folder}/train.ts"
               --test "${folder}/one.ts")
expect_refused("model reads 2 channels, the records have 1" ${program} --load "${folder}/model" --test "${folder}/one.ts")
expect_refused("model reads 2 channels, the records have 1" ${program} --load "${folder}/model" --predict "${folder}/one.ts")
expect_refused("new.ts: its records have neither classes nor targets" ${program} --data "${folder}/new.ts")
expect_refused("new.ts: its records have neither classes nor targets" ${program} --train "${folder}/train.ts" --test
               "${folder}/new.ts")
expect_refused("numbers.ts has a number a record, ${folder}/train.ts a class" ${program} --train "${folder}/train.ts" --test
               "${folder}/numbers.ts")
expect_refused("has other labels than ${folder}/model was trained for" ${program} --load "${folder}/model" --test
               "${folder}/numbers.ts")
file(WRITE "${folder}/other.ts" "${header}@classLabel true up sideways\n@data\n1,2:1,2:up\n1,1:1,1:sideways\n")
expect_refused("class 'sideways' is none of: down, up" ${program} --train "${folder}/train.ts" --test "${folder}/other.ts")
file(WRITE "${folder}/alike.ts" "${classes}${up}${up}")
expect_refused("alike.ts" ${program} --data "${folder}/alike.ts")
file(WRITE "${folder}/few.ts" "${classes}1,2:2,1:up\n2,1:1,2:down\n")
expect_refused("few.ts: " ${program} --data "${folder}/few.ts")
expect_refused("--train needs --test FILE.ts" ${program} --train "${folder}/train.ts")
expect_refused("--test needs --train FILE.ts, or --load MODEL" ${program} --test "${folder}/test.ts")
expect_refused("--train and --test are one file, ${folder}/train.ts" ${program} --train "${folder}/train.ts" --test
               "${folder}/./train.ts")
expect_refused("--valid and --test are one file" ${program} ${files} --valid "${folder}/test.ts")
expect_refused("--train and --valid are one file" ${program} ${files} --valid "${folder}/train.ts")
expect_refused("--valid needs --train" ${program} --valid "${folder}/test.ts")
expect_refused("--data and --train with --test exclude each other" ${program} ${files} --data "${folder}/train.ts")
expect_refused("--load needs one of --test FILE.ts" ${program} --load "${folder}/model")
expect_refused("--load needs one of --test FILE.ts" ${program} --load "${folder}/model" --test "${folder}/test.ts" --predict
               "${folder}/new.ts")
expect_refused("--data and --load exclude each other" ${program} --load "${folder}/model" --predict "${folder}/new.ts" --data
               "${folder}/train.ts")
expect_refused("--hidden and --load exclude each other" ${program} --load "${folder}/model" --predict "${folder}/new.ts" --hidden
               3)
expect_refused("--noise is -1" ${program} --noise=-1)
expect_refused("--dropout is 1" ${program} --dropout 1)
expect_refused("--ensemble is 0" ${program} --ensemble 0)
expect_refused("--report is 'x', expected the name of a page" ${program} --report x)
expect_refused("did you mean --filters?" ${program} --filter 3)
expect_refused("would replace" ${program} ${files} --save "${folder}/train.ts")
expect_refused("train.ts" ${program} --load "${folder}/train.ts" --predict "${folder}/new.ts")

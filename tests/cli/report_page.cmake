# --report FILE.html of classifiers: one page, with what the task has to show and the command that made it.
include("${CMAKE_CURRENT_LIST_DIR}/support/run.cmake")
set(folder "${CMAKE_CURRENT_BINARY_DIR}/cli_report_page")
file(REMOVE_RECURSE "${folder}")
file(MAKE_DIRECTORY "${folder}")
function(expect_page file)
  file(READ "${folder}/${file}" page)
  string(REPLACE ";" "," page "${page}")  # a list has no semicolons inside its words
  foreach(text IN LISTS ARGN)
    string(FIND "${page}" "${text}" place)
    if(place EQUAL -1)
      message(FATAL_ERROR "${file} does not have '${text}'")
    endif()
  endforeach()
  foreach(text "<script" "https:" "<link" "=\"nan" " nan," ",nan " "=\"inf" " inf," ",inf ")
    string(FIND "${page}" "${text}" place)
    if(NOT place EQUAL -1)
      message(FATAL_ERROR "${file} has '${text}'")
    endif()
  endforeach()
endfunction()
set(size --length 64 --records 200)

# Two classes.
expect_success(out motif_position ${size} --epochs 2 --report "${folder}/two.html" --save "${folder}/model")
expect_page(two.html "motif_position: binary" "<pre>motif_position --length 64 --records 200 --epochs 2" "20 test sequences"
            "<h2>Test part</h2>" "bag of residues" "<h2>Training</h2>" "ROC curve" "Precision and recall" "<h2>Confusions</h2>"
            "Calibration" "<h2>Classes</h2>" "<h2>Configuration</h2>" "&quot,length&quot,: 64" "&quot,epochs&quot,: 2")
# A loaded model has no training to show.
expect_success(out motif_position ${size} --load "${folder}/model" --report "${folder}/loaded.html")
expect_page(loaded.html "<h2>Test part</h2>" "ROC curve")
file(READ "${folder}/loaded.html" page)
if(page MATCHES "<h2>Training</h2>")
  message(FATAL_ERROR "a loaded model was not trained here")
endif()

# Three classes, and numbers; names are shown, not read as markup.
set(classes "id,sequence,label\n")
set(numbers "id,sequence,label\n")
foreach(i RANGE 1 90)
  math(EXPR class "${i} % 3")
  string(RANDOM LENGTH 30 ALPHABET "ACDEFGHIKLMNPQRSTVWY" RANDOM_SEED ${i} sequence)
  string(SUBSTRING "nsw" ${class} 1 name)
  string(APPEND classes "p${i},${sequence},<${name}>\n")
  string(APPEND numbers "p${i},${sequence},${class}.5\n")
endforeach()
file(WRITE "${folder}/classes.csv" "${classes}")
file(WRITE "${folder}/numbers.csv" "${numbers}")
set(quick --epochs 1 --hidden 8 --layers 1 --threads 1 --audit kmers --ensemble 1)
expect_success(out protein_classification --data "${folder}/classes.csv" ${quick} --report "${folder}/three.html")
expect_page(three.html "protein_classification: multi-class" "&lt,n&gt,, area" "probability of the predicted class"
            "<h2>Relatives in the training part</h2>" "in one trained-on sequence")
if(EXISTS "${folder}/three.html.roc.svg")
  message(FATAL_ERROR "a page was asked for, not files beside it")
endif()
expect_success(out protein_classification --data "${folder}/numbers.csv" ${quick} --report "${folder}/numbers.html")
expect_page(numbers.html "predicted value" "<td>r2</td>")

# Refused before any training.
expect_refused("--report is '${folder}/page.txt', expected the name of a page, FILE.html" motif_position ${size} --report
               "${folder}/page.txt")
expect_refused("cannot write" motif_position ${size} --report "${folder}/nowhere/page.html")
expect_refused("--report needs labels to judge by" motif_position --load "${folder}/model" --predict "${folder}/new.fa"
               --report "${folder}/page.html")

# Language models.
set(text "")
foreach(i RANGE 1 100)
  string(APPEND text "Line ${i} of a text that is short.\n")
endforeach()
file(WRITE "${folder}/text.txt" "${text}")
expect_success(out text_generation --data "${folder}/text.txt" --epochs 2 --length 5 --report "${folder}/text.html")
expect_page(text.html "<h1>text_generation</h1>" "<td>bits_per_character</td>" "<h2>Training</h2>" "&quot,steps&quot,: 100")
expect_refused("--load and --report exclude each other" text_generation --load "${folder}/model" --prompt a --report
               "${folder}/page.html")
string(RANDOM LENGTH 6000 ALPHABET "ACGT" RANDOM_SEED 5 genome)
file(WRITE "${folder}/genome.fa" ">g\n${genome}\n")
expect_success(out genome_language_model --data "${folder}/genome.fa" --width 8 --hidden 8 --layers 2 --streams 4 --steps 20
               --report "${folder}/genome.html")
expect_page(genome.html "<h1>genome_language_model</h1>" "<td>bits_per_base</td>" "<h2>Configuration</h2>")
expect_refused("--report is of a training" genome_language_model --load "${folder}/model" --generate 9 --report
               "${folder}/page.html")

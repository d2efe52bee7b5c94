# Every check of continuous integration is a target, so that it runs here by the same word:
#   cmake --build --preset release --target ci_format
# They are there where seqlstm is the whole project. All other targets that are no program have the prefix seqlstm_.
find_program(SEQLSTM_CLANG_FORMAT NAMES clang-format clang-format-14)
find_program(SEQLSTM_CLANG_TIDY NAMES clang-tidy clang-tidy-14)
mark_as_advanced(SEQLSTM_CLANG_FORMAT SEQLSTM_CLANG_TIDY)

# ci_target(NAME COMMAND ...): a check that talks to the terminal and runs in the source folder.
function(ci_target name)
  add_custom_target(${name} ${ARGN} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}" USES_TERMINAL VERBATIM)
endfunction()
# A check whose tool is missing says so and fails.
function(ci_target_without_tool name tool)
  ci_target(${name} COMMAND "${CMAKE_COMMAND}" -E echo "${name} needs ${tool}: sh cmake/setup.sh --checks, then configure"
            COMMAND "${CMAKE_COMMAND}" -E false)
endfunction()

set(patterns "")
foreach(folder include src tests examples benchmarks)
  foreach(kind hpp ipp cpp)
    list(APPEND patterns "${PROJECT_SOURCE_DIR}/${folder}/*.${kind}")
  endforeach()
endforeach()
file(GLOB_RECURSE formatted CONFIGURE_DEPENDS ${patterns})
list(JOIN formatted "\n" formatted)
file(CONFIGURE OUTPUT formatted.txt CONTENT "@formatted@\n" @ONLY)
if(SEQLSTM_CLANG_FORMAT)
  set(run_on_all "xargs '${SEQLSTM_CLANG_FORMAT}' \"$@\" <'${PROJECT_BINARY_DIR}/formatted.txt'")
  ci_target(ci_format COMMAND sh -c "${run_on_all}" sh --dry-run -Werror)
  ci_target(seqlstm_format COMMAND sh -c "${run_on_all}" sh -i)
else()
  ci_target_without_tool(ci_format clang-format)
endif()

# One translation unit that includes every header; .clang-tidy says what is looked for.
if(SEQLSTM_CLANG_TIDY)
  ci_target(ci_tidy COMMAND "${SEQLSTM_CLANG_TIDY}" -p "${PROJECT_BINARY_DIR}" --quiet
            "${PROJECT_BINARY_DIR}/tests/hygiene/library_headers.cpp")
else()
  ci_target_without_tool(ci_tidy clang-tidy)
endif()

# Readers under libFuzzer for a minute each, kernels of all widths against each other; SEQLSTM_FUZZ_SECONDS is another
# time. What was found new stays in the build folder, for the next run.
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/reliability")
foreach(name_and_seconds ci_fuzz=60 ci_fuzz_exhaustive=1800)
  string(REPLACE "=" ";" words "${name_and_seconds}")
  list(GET words 0 name)
  list(GET words 1 seconds)
  ci_target(${name} COMMAND "${CMAKE_COMMAND}" --preset fuzz COMMAND "${CMAKE_COMMAND}" --build --preset fuzz
            COMMAND python3 tests/fuzz/run.py --programs build/fuzz/tests/fuzz --seeds tests/fuzz/seeds --corpus
                    build/fuzz/corpus --kernels $<TARGET_FILE:fuzz_kernels> --seconds ${seconds} --json
                    "${PROJECT_BINARY_DIR}/reliability/fuzz.jsonl")
  add_dependencies(${name} fuzz_kernels)
endforeach()
# Kills, full disks, closed pipes and damaged files, some thousand times.
get_property(long_faults GLOBAL PROPERTY SEQLSTM_LONG_FAULTS)
if(long_faults)
  ci_target(ci_faults COMMAND ${long_faults} --json "${PROJECT_BINARY_DIR}/reliability/faults.jsonl")
  add_dependencies(ci_faults fault_files promoter_classification genome_language_model)
else()
  ci_target_without_tool(ci_faults "Python 3 and the example programs, without sanitizers")
endif()
# Ranks on MPI: bits and faults with 1 to 8 of them; trainings killed and resumed.
get_property(run_ranks GLOBAL PROPERTY SEQLSTM_RUN_RANKS)
if(run_ranks)
  get_property(kill_ranks GLOBAL PROPERTY SEQLSTM_KILL_RANKS)
  get_property(same_weights GLOBAL PROPERTY SEQLSTM_SAME_WEIGHTS)
  set(trainings "")
  if(kill_ranks)
    set(trainings COMMAND ${kill_ranks} 30 COMMAND ${same_weights})
  endif()
  ci_target(ci_mpi COMMAND ${run_ranks} 1 2 3 4 8 ${trainings})
  add_dependencies(ci_mpi mpi_session)
  if(kill_ranks)
    add_dependencies(ci_mpi promoter_classification)
  endif()
else()
  add_custom_target(ci_mpi COMMAND "${CMAKE_COMMAND}" -E echo "ci_mpi needs bash and MPI: sh cmake/setup.sh --mpi, then configure"
                    COMMAND "${CMAKE_COMMAND}" -E false USES_TERMINAL VERBATIM)
endif()
# docs/reliability.md from what these two last found.
ci_target(seqlstm_reliability COMMAND python3 docs/reliability/make_reliability.py --take "${PROJECT_BINARY_DIR}/reliability")

# The reference of all public names as HTML; fails where one has no documentation.
find_program(SEQLSTM_DOXYGEN NAMES doxygen)
mark_as_advanced(SEQLSTM_DOXYGEN)
if(SEQLSTM_DOXYGEN)
  # seqlstm_site(FOLDER INPUT...): FOLDER.doxyfile makes a site of INPUT in FOLDER.
  function(seqlstm_site folder)
    set(site_folder "${PROJECT_BINARY_DIR}/${folder}")
    list(JOIN ARGN "\" \"" site_input)
    set(site_input "\"${site_input}\"")
    configure_file("${PROJECT_SOURCE_DIR}/docs/site/Doxyfile.in" "${site_folder}.doxyfile" @ONLY)
  endfunction()
  seqlstm_site(site "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
               "${PROJECT_SOURCE_DIR}/docs")
  seqlstm_site(bad_site "${PROJECT_SOURCE_DIR}/tests/hygiene/bad/include")
  set(site_check sh "${PROJECT_SOURCE_DIR}/docs/site/check.sh" "${SEQLSTM_DOXYGEN}")
  ci_target(site COMMAND ${site_check} "${PROJECT_BINARY_DIR}/site.doxyfile" "${PROJECT_BINARY_DIR}/site")
  add_test(NAME "hygiene: every public name is documented"
           COMMAND ${site_check} "${PROJECT_BINARY_DIR}/site.doxyfile" "${PROJECT_BINARY_DIR}/site")
  add_test(NAME "hygiene: documentation refuses an undocumented name"
           COMMAND ${site_check} "${PROJECT_BINARY_DIR}/bad_site.doxyfile" "${PROJECT_BINARY_DIR}/bad_site")
  set_tests_properties("hygiene: documentation refuses an undocumented name"
                       PROPERTIES PASS_REGULAR_EXPRESSION "site: [0-9]+ public names are not documented")
  set_tests_properties("hygiene: every public name is documented" "hygiene: documentation refuses an undocumented name"
                       PROPERTIES LABELS hygiene)
else()
  ci_target_without_tool(site doxygen)
endif()

# The pages of docs/results from the table of runs beside them.
ci_target(seqlstm_results COMMAND python3 docs/results/make_results.py)
# The measured parts of docs/performance/README.md and its plots, likewise.
ci_target(seqlstm_report COMMAND python3 docs/performance/make_report.py)

# What programs cost to compile, header-only and with compiled kernels; a table on the terminal.
if(TARGET seqlstm_kernels)
  set(folders "")
  foreach(library seqlstm Eigen3::Eigen xsimd Random123::Random123 nlohmann_json::nlohmann_json libcsv::libcsv)
    list(APPEND folders "$<JOIN:$<TARGET_PROPERTY:${library},INTERFACE_INCLUDE_DIRECTORIES>,:>")
  endforeach()
  list(JOIN folders ":" folders)
  ci_target(compile_cost COMMAND python3 benchmarks/compile_cost.py "${CMAKE_CXX_COMPILER}" $<TARGET_FILE:seqlstm_kernels>
                         ${seqlstm_version_name} "${folders}"
                         "README's program=${PROJECT_BINARY_DIR}/tests/docs/docs_readme_1.cpp"
                         "a program that streams=benchmarks/compile/stream.cpp" "the entry alone=benchmarks/compile/include.cpp")
  add_dependencies(compile_cost seqlstm_kernels)
endif()

ci_target(ci_hygiene COMMAND "${CMAKE_CTEST_COMMAND}" --test-dir "${PROJECT_BINARY_DIR}" -L "^hygiene$" --output-on-failure
          --no-tests=error)

foreach(preset debug asan tsan portable clang arm)
  ci_target(ci_${preset} COMMAND "${CMAKE_COMMAND}" --preset ${preset} COMMAND "${CMAKE_COMMAND}" --build --preset ${preset}
            COMMAND "${CMAKE_CTEST_COMMAND}" --preset ${preset})
endforeach()

# README's program, all headers but those of components, and what seqlstm::kernels compiles of them, with the compilers we
# know of, those that are installed; the last is for Windows.
file(GLOB definitions CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/definitions/*.cpp")
set(folders "")
foreach(library Eigen3::Eigen xsimd Random123::Random123 nlohmann_json::nlohmann_json libcsv::libcsv)
  list(APPEND folders "$<JOIN:$<TARGET_PROPERTY:${library},INTERFACE_INCLUDE_DIRECTORIES>,:>")
endforeach()
list(JOIN folders ":" folders)
ci_target(ci_compilers
          COMMAND sh tests/integration/compilers.sh include "${folders}"
                  "g++-12 clang++-14 clang++-16 clang++-19 x86_64-w64-mingw32-g++-posix"
                  "${PROJECT_BINARY_DIR}/tests/docs/docs_readme_1.cpp" "${PROJECT_BINARY_DIR}/tests/hygiene/library_headers.cpp"
                  ${definitions})
ci_target(ci_exhaustive COMMAND "${CMAKE_CTEST_COMMAND}" --test-dir "${PROJECT_BINARY_DIR}" -L "^exhaustive$"
          --output-on-failure --no-tests=error)

# Test programs that need more than one room. tests/README.md says which label is for what; `./dev test LABEL` runs it.

set(BILLHOOK_SUITE_LABELS unit store integration scenario browser simulation fuzz)

function(label_suite name label)
  if(NOT label IN_LIST BILLHOOK_SUITE_LABELS)
    message(FATAL_ERROR "Suite ${name}: '${label}' is none of ${BILLHOOK_SUITE_LABELS}")
  endif()
  set_tests_properties(${name} PROPERTIES LABELS ${label})
endfunction()

# add_suite(NAME LABEL SOURCES files… ROOMS rooms… [LIBRARIES libs…] [OWN_MAIN]): a GoogleTest program NAME_test, run by
# ctest as NAME in the suite LABEL. OWN_MAIN is for a program that brings its own main().
function(add_suite name label)
  cmake_parse_arguments(SUITE "OWN_MAIN" "" "SOURCES;ROOMS;LIBRARIES" ${ARGN})
  add_executable(${name}_test ${SUITE_SOURCES})
  # Tests include by the path from the root as well: "tests/store/….h".
  target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name}_test PRIVATE ${SUITE_ROOMS} ${SUITE_LIBRARIES} GTest::gtest)
  compile_as_test(${name}_test)
  if(NOT SUITE_OWN_MAIN)
    target_link_libraries(${name}_test PRIVATE GTest::gtest_main)
  endif()
  add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  label_suite(${name} ${label})
endfunction()

# add_command_suite(NAME LABEL COMMAND words…): anything else that ctest can run; it starts in the root of the project
# and finds the program under test, with a judge of all that its sandbox says (tests/witness), in BILLHOOK_TEST_PROGRAM.
function(add_command_suite name label)
  cmake_parse_arguments(SUITE "" "" "COMMAND" ${ARGN})
  add_test(NAME ${name} COMMAND ${SUITE_COMMAND} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  label_suite(${name} ${label})
  set_tests_properties(${name} PROPERTIES ENVIRONMENT "BILLHOOK_TEST_PROGRAM=$<TARGET_FILE:billhook_witnessed>")
endfunction()

# Sources of one folder are compiled some at a time, as one: most of the time of a compilation is the reading of headers
# and the instantiation of what they hold (docs/decisions/0017). The preset `dev` compiles each file by itself.
option(BILLHOOK_BUNDLES "compile the sources of a folder together, some at a time" ON)
set(bundle_sources_max 10)

# bundle_sources(TARGET [ALONE files…]): ALONE are those that must stay objects of their own.
function(bundle_sources target)
  cmake_parse_arguments(BUNDLE "" "" "ALONE" ${ARGN})
  if(NOT BILLHOOK_BUNDLES)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources INCLUDE REGEX "\\.cc$")
  list(REMOVE_ITEM sources ${BUNDLE_ALONE})
  foreach(source ${sources})
    get_filename_component(folder ${source} DIRECTORY)
    get_filename_component(folder "${folder}" ABSOLUTE)
    file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${folder})
    string(MAKE_C_IDENTIFIER "${folder}" folder)
    math(EXPR count_${folder} "0${count_${folder}} + 1")
    math(EXPR bundle "(${count_${folder}} - 1) / ${bundle_sources_max}")
    set_property(SOURCE ${source} PROPERTY UNITY_GROUP "${folder}_${bundle}")
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()

# compile_as_test(TARGET): bundled, and not optimized: a test runs once for each time that it is compiled.
function(compile_as_test target)
  target_compile_options(${target} PRIVATE -O0)
  bundle_sources(${target})
endfunction()

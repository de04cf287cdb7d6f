# Sources of one folder are compiled some at a time, as one: most of the time of a compilation is the reading of headers
# and the instantiation of what they hold (docs/decisions/0017). The preset `dev` compiles each file by itself.
option(BILLHOOK_BUNDLES "compile the sources of a folder together, some at a time" ON)
set(bundle_sources_max 10)

# bundle_sources(TARGET [ALONE files…]): ALONE are those that must stay objects of their own. A bundle includes its
# sources by their path from an include directory, so that ccache finds in one checkout what another has compiled. The
# sources leave the target and are not marked themselves: another target of the folder may compile the same file.
function(bundle_sources target)
  cmake_parse_arguments(BUNDLE "" "" "ALONE" ${ARGN})
  if(NOT BILLHOOK_BUNDLES)
    return()
  endif()
  get_target_property(kept ${target} SOURCES)
  set(sources ${kept})
  list(FILTER sources INCLUDE REGEX "\\.cc$")
  list(REMOVE_ITEM sources ${BUNDLE_ALONE})
  list(REMOVE_ITEM kept ${sources})
  set(bundles)
  foreach(source ${sources})
    get_filename_component(source_path ${source} ABSOLUTE)
    file(RELATIVE_PATH from_root ${PROJECT_SOURCE_DIR} ${source_path})
    get_filename_component(folder ${from_root} DIRECTORY)
    string(MAKE_C_IDENTIFIER "${folder}" folder)
    math(EXPR count_${folder} "0${count_${folder}} + 1")
    math(EXPR number "(${count_${folder}} - 1) / ${bundle_sources_max}")
    string(REGEX REPLACE "^src/" "" included ${from_root})
    string(APPEND text_${folder}_${number} "#include \"${included}\"\n")
    list(APPEND bundles ${folder}_${number})
  endforeach()
  set_target_properties(${target} PROPERTIES SOURCES "${kept}")
  list(REMOVE_DUPLICATES bundles)
  foreach(bundle ${bundles})
    set(file ${CMAKE_CURRENT_BINARY_DIR}/bundles/${target}/${bundle}.cc)
    file(GENERATE OUTPUT ${file} CONTENT "${text_${bundle}}")
    target_sources(${target} PRIVATE ${file})
  endforeach()
endfunction()

# compile_as_test(TARGET): bundled, and not optimized: a test runs once for each time that it is compiled.
function(compile_as_test target)
  target_compile_options(${target} PRIVATE -O0)
  bundle_sources(${target})
endfunction()

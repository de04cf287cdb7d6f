# ccache and mold are used where they are installed; both only save time.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# GCC judges the warnings; clang builds the fuzz targets alone.
set(gcc_warnings -Wall -Wextra -Wshadow=compatible-local -Werror -Wno-missing-field-initializers)
add_compile_options("$<$<CXX_COMPILER_ID:GNU>:${gcc_warnings}>")
# GCC 12's flow analysis at -O2 reports the standard library's and Boost.JSON's own code (GCC bugs 105329, 105562).
add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>)

set(BILLHOOK_SANITIZE "" CACHE STRING "address,undefined or thread")
option(BILLHOOK_FUZZ "the targets of tests/fuzz for libFuzzer, with clang" OFF)
if(BILLHOOK_SANITIZE)
  # What a sanitizer finds ends the program: a report that scrolls past would be a test that passed.
  add_compile_options(-fsanitize=${BILLHOOK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(BILLHOOK_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)  # Fences of libraries: ThreadSanitizer does not see them, and GCC says so
  endif()
  add_link_options(-fsanitize=${BILLHOOK_SANITIZE})
endif()

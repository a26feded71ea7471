# Options of a build and the flags that every target of the project shares.
option(TOPOFORGE_BUILD_TESTS "Build the tests" ON)
option(TOPOFORGE_BUILD_BENCHMARKS "Build the benchmarks" OFF)
option(TOPOFORGE_BUILD_FUZZERS "Build the libFuzzer targets (clang)" OFF)
option(TOPOFORGE_BUILD_PROGRAM "Build the program and the floors that only it needs" ON)
option(TOPOFORGE_BUILD_PYTHON "Build the extension module of the Python package (pip install . does)" OFF)
option(TOPOFORGE_WARNINGS_AS_ERRORS "Treat warnings as errors" OFF)
option(TOPOFORGE_PRECOMPILED_HEADERS "Precompile the headers that most files read" ON)
set(TOPOFORGE_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")

if(TOPOFORGE_BUILD_TESTS AND NOT TOPOFORGE_BUILD_PROGRAM)
  message(FATAL_ERROR "The tests need the program: TOPOFORGE_BUILD_TESTS wants TOPOFORGE_BUILD_PROGRAM")
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE ccache)
if(CCACHE)
  # The sloppiness lets precompiled headers be cached.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE})
endif()

add_library(topoforge_flags INTERFACE)
target_compile_features(topoforge_flags INTERFACE cxx_std_20)
target_compile_options(topoforge_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  # One rounding per operation: the same diagram and score with and without FMA.
  -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(topoforge_flags INTERFACE -fpch-preprocess)
  # With -O3, g++ 12 says both of the standard library's own strings. Without it they are errors for us.
  target_compile_options(topoforge_flags INTERFACE $<$<CONFIG:Release>:-Wno-maybe-uninitialized -Wno-restrict>)
endif()
if(TOPOFORGE_WARNINGS_AS_ERRORS)
  target_compile_options(topoforge_flags INTERFACE -Werror)
endif()
if(TOPOFORGE_SANITIZE)
  add_compile_options(-fsanitize=${TOPOFORGE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TOPOFORGE_SANITIZE})
endif()

# A floor is a static library made of whole folders of src/topoforge. In each folder
#   x.cpp       belongs to the library,
#   x_test.cpp  to the floor's test program <target>_tests,
#   x_bench.cpp to the one benchmark program (bench/CMakeLists.txt).
# Adding a file needs no edit here.
#
# topoforge_floor(TARGET FOLDERS folder... [PUBLIC lib...] [PRIVATE lib...] [PRECOMPILE header...])
function(topoforge_floor target)
  cmake_parse_arguments(FLOOR "" "" "FOLDERS;PUBLIC;PRIVATE;PRECOMPILE" ${ARGN})
  set(sources)
  foreach(folder IN LISTS FLOOR_FOLDERS)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
    list(APPEND sources ${found})
  endforeach()
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_(test|bench)\\.cpp$")

  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
                                              $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PUBLIC ${FLOOR_PUBLIC}
                                  PRIVATE ${FLOOR_PRIVATE} $<BUILD_INTERFACE:topoforge_flags>)
  if(TOPOFORGE_PRECOMPILED_HEADERS AND FLOOR_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${FLOOR_PRECOMPILE})
  endif()

  if(TOPOFORGE_BUILD_TESTS AND tests)
    topoforge_test_program(${target}_tests SOURCES ${tests} LINK ${target} ${FLOOR_PRIVATE})
  endif()
endfunction()

# topoforge_test_program(NAME SOURCES file... LINK lib... [TEST_PROPERTIES name value...]): a GoogleTest program; each
# test is one of ctest's.
function(topoforge_test_program name)
  cmake_parse_arguments(PROGRAM "" "" "SOURCES;LINK;TEST_PROPERTIES" ${ARGN})
  add_executable(${name} ${PROGRAM_SOURCES})
  target_link_libraries(${name} PRIVATE ${PROGRAM_LINK} GTest::gtest_main GTest::gmock topoforge_flags)
  if(TOPOFORGE_PRECOMPILED_HEADERS)
    target_precompile_headers(${name} PRIVATE <gtest/gtest.h> <gmock/gmock.h> <vector> <string>)
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST NO_PRETTY_VALUES
    PROPERTIES TIMEOUT 600 ${PROGRAM_TEST_PROPERTIES})
endfunction()

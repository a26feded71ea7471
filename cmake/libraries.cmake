# C libraries that come with neither a CMake package nor a module of CMake's own.
#
# topoforge_find_library(TARGET HEADER header LIBRARY name): an imported target, or an error that names what is missing
function(topoforge_find_library target)
  cmake_parse_arguments(FIND "" "HEADER;LIBRARY" "" ${ARGN})
  string(MAKE_C_IDENTIFIER ${FIND_LIBRARY} name)
  find_path(TOPOFORGE_${name}_INCLUDE_DIR ${FIND_HEADER} REQUIRED)
  find_library(TOPOFORGE_${name}_LIBRARY ${FIND_LIBRARY} REQUIRED)
  mark_as_advanced(TOPOFORGE_${name}_INCLUDE_DIR TOPOFORGE_${name}_LIBRARY)
  add_library(${target} UNKNOWN IMPORTED)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION ${TOPOFORGE_${name}_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${TOPOFORGE_${name}_INCLUDE_DIR})
endfunction()

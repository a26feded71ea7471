# topoforge_embed(TARGET FUNCTION [FILES path=file...] [FOUND path=file... DEPENDS file...])
# Puts files into the program: defines topoforge::api::FUNCTION() of api/embedded_file.hpp, which gives them with the
# paths under which they are served. FOUND are files that no rule of the build names; DEPENDS are files that are newer
# than those. The assembler copies them, so their size costs the compiler nothing.
function(topoforge_embed target function)
  cmake_parse_arguments(EMBED "" "" "FILES;FOUND;DEPENDS" ${ARGN})
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp)
  set(files ${EMBED_FILES})
  list(TRANSFORM files REPLACE "^[^=]+=" "")
  add_custom_command(OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -P ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake ${source} ${function}
            ${EMBED_FILES} ${EMBED_FOUND}
    DEPENDS ${files} ${EMBED_DEPENDS} ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake
    COMMENT "Embedding ${function}" VERBATIM)
  set_source_files_properties(${source} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  target_sources(${target} PRIVATE ${source})
endfunction()

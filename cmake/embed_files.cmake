# cmake -P embed_files.cmake OUTPUT FUNCTION path=file...: the source of topoforge_embed (embed.cmake).
set(output ${CMAKE_ARGV3})
set(function ${CMAKE_ARGV4})
set(assembly)
set(declarations)
set(rows)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE 5 ${last})
  if(i GREATER last)
    break()
  endif()
  if(NOT CMAKE_ARGV${i} MATCHES "^([^=]+)=(.+)$")
    message(FATAL_ERROR "wanted path=file, got ${CMAKE_ARGV${i}}")
  endif()
  set(path ${CMAKE_MATCH_1})
  set(file ${CMAKE_MATCH_2})
  file(SIZE ${file} size)
  file(SHA256 ${file} hash)
  set(symbol topoforge_${function}_${i})
  string(APPEND assembly "    \".globl ${symbol}\\n.hidden ${symbol}\\n${symbol}:\\n\"\n"
                         "    \".incbin \\\"${file}\\\"\\n.byte 0\\n\"\n")
  string(APPEND declarations "[[gnu::visibility(\"hidden\")]] extern const char ${symbol}[];\n")
  string(APPEND rows "      {\"${path}\", {${symbol}, ${size}}, \"${hash}\"},\n")
endforeach()

if(rows)
  set(body "  static constexpr EmbeddedFile kFiles[] = {\n${rows}  };\n  return kFiles;\n")
  set(data "asm(\".pushsection .rodata\\n\"\n${assembly}    \".popsection\\n\");\n\n")
  string(APPEND data "extern \"C\" {\n${declarations}}\n\n")
else()
  set(body "  return {};\n")
  set(data)
endif()
file(WRITE ${output} "// Made by cmake/embed_files.cmake.
#include \"topoforge/api/embedded_file.hpp\"

${data}namespace topoforge::api {

std::span<const EmbeddedFile> ${function}() {
${body}}

}  // namespace topoforge::api
")

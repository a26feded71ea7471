# OUTPUT is ReDoc's bundle INPUT without the one image that it would fetch from outside: an address that leads nowhere,
# upon which ReDoc leaves the image out.
set(image "https://cdn.redoc.ly/redoc/logo-mini.svg")
file(READ ${INPUT} bundle)
string(REPLACE "\"${image}\"" "\"data:,\"" offline "${bundle}")
if(offline STREQUAL bundle)
  message(FATAL_ERROR "${INPUT} does not fetch ${image} any more: see what it fetches now, and change "
                      "${CMAKE_CURRENT_LIST_FILE}")
endif()
file(WRITE ${OUTPUT} "${offline}")

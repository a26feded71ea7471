# Installs what web/package-lock.json names into FOLDER/node_modules, once for each state of the lists; STAMP says for
# which. Two builds may ask at once: the second waits until the first has installed.
set(lists package.json package-lock.json .npmrc)
set(wanted)
foreach(name IN LISTS lists)
  file(SHA256 ${SOURCE}/${name} hash)
  string(APPEND wanted "${name} ${hash}\n")
endforeach()

file(MAKE_DIRECTORY ${FOLDER})
file(LOCK ${FOLDER} DIRECTORY GUARD PROCESS RESULT_VARIABLE locked TIMEOUT 900)
if(NOT locked EQUAL 0)
  message(FATAL_ERROR "Another build holds ${FOLDER}/cmake.lock for 15 minutes: ${locked}")
endif()
set(installed)
if(EXISTS ${STAMP})
  file(READ ${STAMP} installed)
endif()
if(installed STREQUAL wanted)
  file(TOUCH ${STAMP})
  return()
endif()

file(REMOVE ${STAMP})
foreach(name IN LISTS lists)
  file(COPY ${SOURCE}/${name} DESTINATION ${FOLDER})
endforeach()
execute_process(COMMAND ${NPM} ci --ignore-scripts --prefer-offline --fetch-timeout=60000 --fetch-retries=2
                        --fetch-retry-maxtimeout=10000
                WORKING_DIRECTORY ${FOLDER} TIMEOUT 900
                RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(failed)
  message(NOTICE "${output}")
  message(FATAL_ERROR "npm did not get the packages of web/package-lock.json, which the pages /docs and /redoc need. "
                      "Build again when the registry answers (`npm config get registry` names it), or build without "
                      "the pages:\n  cmake -D TOPOFORGE_API_DOCS=OFF ${BUILD}")
endif()
file(WRITE ${STAMP} "${wanted}")

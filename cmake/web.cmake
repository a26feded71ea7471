# The packages of web/package.json, and the pages that are made of them.
option(TOPOFORGE_API_DOCS "Build the pages /docs and /redoc into the program (needs npm)" ON)

# All build trees share one copy.
set(TOPOFORGE_WEB_PACKAGES ${PROJECT_SOURCE_DIR}/build/web)

# topoforge_web_packages(STAMP): sets STAMP to the file that is newer than what it was made of once
# ${TOPOFORGE_WEB_PACKAGES}/node_modules is there.
function(topoforge_web_packages stamp)
  find_program(NPM npm)
  if(NOT NPM)
    message(FATAL_ERROR "The pages /docs and /redoc need npm (Node.js 18 or newer), which was not found. "
                        "Install it (scripts/bootstrap build), or go without the pages: -D TOPOFORGE_API_DOCS=OFF")
  endif()
  set(file ${TOPOFORGE_WEB_PACKAGES}/installed)
  add_custom_command(OUTPUT ${file}
    COMMAND ${CMAKE_COMMAND} -D NPM=${NPM} -D SOURCE=${PROJECT_SOURCE_DIR}/web -D FOLDER=${TOPOFORGE_WEB_PACKAGES}
            -D STAMP=${file} -D BUILD=${PROJECT_BINARY_DIR} -P ${PROJECT_SOURCE_DIR}/cmake/npm_ci.cmake
    DEPENDS ${PROJECT_SOURCE_DIR}/web/package.json ${PROJECT_SOURCE_DIR}/web/package-lock.json
            ${PROJECT_SOURCE_DIR}/web/.npmrc ${PROJECT_SOURCE_DIR}/cmake/npm_ci.cmake
    COMMENT "Packages of web/package.json" VERBATIM)
  # A target of its own, so that npm runs beside the compiler.
  add_custom_target(topoforge_web_packages DEPENDS ${file})
  set(${stamp} ${file} PARENT_SCOPE)
endfunction()

# topoforge_embed_api_docs(TARGET): what api/docs_pages.cpp serves.
function(topoforge_embed_api_docs target)
  if(NOT TOPOFORGE_API_DOCS)
    topoforge_embed(${target} docs_files)
    return()
  endif()
  topoforge_web_packages(packages)
  set(swagger ${TOPOFORGE_WEB_PACKAGES}/node_modules/swagger-ui-dist)
  set(redoc ${TOPOFORGE_WEB_PACKAGES}/node_modules/redoc)
  set(pages ${PROJECT_SOURCE_DIR}/web/api-docs)
  set(redoc_bundle ${CMAKE_CURRENT_BINARY_DIR}/redoc.standalone.js)
  add_custom_command(OUTPUT ${redoc_bundle}
    COMMAND ${CMAKE_COMMAND} -D INPUT=${redoc}/bundles/redoc.standalone.js -D OUTPUT=${redoc_bundle}
            -P ${PROJECT_SOURCE_DIR}/cmake/redoc_offline.cmake
    DEPENDS ${packages} ${PROJECT_SOURCE_DIR}/cmake/redoc_offline.cmake
    COMMENT "ReDoc without its outside image" VERBATIM)
  topoforge_embed(${target} docs_files
    FILES
      /docs=${pages}/docs.html
      /docs/docs.css=${pages}/docs.css
      /docs/docs.js=${pages}/docs.js
      /redoc=${pages}/redoc.html
      /redoc/redoc.css=${pages}/redoc.css
      /redoc/redoc.js=${pages}/redoc.js
      /redoc/redoc.standalone.js=${redoc_bundle}
    FOUND
      /docs/swagger-ui.css=${swagger}/swagger-ui.css
      /docs/swagger-ui-bundle.js=${swagger}/swagger-ui-bundle.js
      /docs/swagger-ui-bundle.js.LICENSE.txt=${swagger}/swagger-ui-bundle.js.LICENSE.txt
      /docs/LICENSE.txt=${swagger}/LICENSE
      /docs/NOTICE.txt=${swagger}/NOTICE
      /redoc/redoc.standalone.js.LICENSE.txt=${redoc}/bundles/redoc.standalone.js.LICENSE.txt
      /redoc/LICENSE.txt=${redoc}/LICENSE
    DEPENDS ${packages})
endfunction()

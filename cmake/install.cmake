# What `make install` puts in place: the program (apps/topoforge), and the library of base and core with its headers
# and its package, so that find_package(topoforge CONFIG) gives topoforge::core.
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/topoforge)
set_target_properties(topoforge_core PROPERTIES EXPORT_NAME core)
install(TARGETS topoforge_core EXPORT topoforge-targets)
install(EXPORT topoforge-targets NAMESPACE topoforge:: DESTINATION ${package_folder})
install(FILES src/topoforge/topoforge.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/topoforge)
install(DIRECTORY src/topoforge/base src/topoforge/core DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/topoforge
        FILES_MATCHING PATTERN "*.hpp")

configure_package_config_file(cmake/topoforge-config.cmake.in ${PROJECT_BINARY_DIR}/topoforge-config.cmake
                              INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/topoforge-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/topoforge-config.cmake ${PROJECT_BINARY_DIR}/topoforge-config-version.cmake
        DESTINATION ${package_folder})
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

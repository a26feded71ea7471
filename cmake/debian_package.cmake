# The Debian package (`make deb`): the program, its unit and its settings. The library and its headers stay out.
set(system_files COMPONENT system EXCLUDE_FROM_ALL)
install(FILES deploy/topoforge.service DESTINATION lib/systemd/system ${system_files})
install(FILES deploy/debian/topoforge.env DESTINATION /etc/topoforge PERMISSIONS OWNER_READ OWNER_WRITE ${system_files})
install(FILES deploy/debian/copyright README.md docs/configuration.md docs/deployment.md docs/security.md
              docs/troubleshooting.md deploy/topoforge.toml.example
        DESTINATION share/doc/topoforge ${system_files})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program system)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_PACKAGE_CONTACT "The TopoForge authors <topoforge@localhost>")
set(CPACK_DEBIAN_PACKAGE_NAME topoforge)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "anomalies in streams of numbers by the shape of the data")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "TopoForge keeps a sliding window over each stream of events, computes the
window's exact persistent homology, and says how rare the window is, which
channels did it and which MITRE ATT&CK technique it may point to.
.
This package has the program topoforge and a service that takes events over
HTTP and WebSocket.")
# Certificates: those of mail servers and webhooks are checked against them.
set(CPACK_DEBIAN_PACKAGE_DEPENDS init-system-helpers ca-certificates)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/deploy/debian/conffiles ${PROJECT_SOURCE_DIR}/deploy/debian/postinst
    ${PROJECT_SOURCE_DIR}/deploy/debian/prerm ${PROJECT_SOURCE_DIR}/deploy/debian/postrm)
include(CPack)

# `make package`: a Debian package of the program, the desktop it serves, its unit, its user and its pages. The libraries it
# needs are found by dpkg-shlibdeps.
install(TARGETS cordboard RUNTIME DESTINATION bin)
# tools/desktop.sh has built it there.
install(DIRECTORY ${CMAKE_BINARY_DIR}/share/cordboard/desktop DESTINATION share/cordboard OPTIONAL)
install(FILES test/data/speech/customer.flac DESTINATION share/cordboard/demo)
install(FILES packaging/cordboard.service DESTINATION lib/systemd/system)
install(FILES examples/cordboard.toml DESTINATION share/doc/cordboard/examples)
install(FILES README.md CHANGELOG.md DESTINATION share/doc/cordboard)
install(FILES LICENSE DESTINATION share/doc/cordboard RENAME copyright)
install(DIRECTORY docs/ DESTINATION share/doc/cordboard)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME cordboard)
set(CPACK_PACKAGE_VENDOR "Cordboard")
set(CPACK_PACKAGE_CONTACT "The Cordboard developers <cordboard@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "interaction processor between agent desktops and telephony")
set(CPACK_PACKAGE_DESCRIPTION
  "Logs agents of a contact centre in, offers them calls, and lets their desktops\nanswer, hold, \
record and wrap up over one JSON protocol on a WebSocket.\nBrings its own SIP engine.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION comm)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${CMAKE_SOURCE_DIR}/packaging/debian/postinst ${CMAKE_SOURCE_DIR}/packaging/debian/prerm
  ${CMAKE_SOURCE_DIR}/packaging/debian/postrm)
include(CPack)

# SPDX-License-Identifier: GPL-3.0-or-later
# What `cmake --install` puts where. Two components: memperf, and dkms, the source of the kernel module for dkms(8). The places that
# depend on the prefix are chosen at that time: it may be another one than configured (--prefix, cpack).
include(GNUInstallDirs)

# Manual pages, which memperf prints itself.
file(GLOB commands CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/cli ${CMAKE_SOURCE_DIR}/cli/cmd_*.c)
set(manuals "")
foreach(command IN ITEMS memperf ${commands})
	string(REGEX REPLACE "^cmd_(.*)[.]c$" "\\1" name ${command})
	string(REPLACE _ - name ${name})
	if(name STREQUAL memperf)
		set(page ${CMAKE_BINARY_DIR}/man/memperf.1)
		set(name "")
	else()
		set(page ${CMAKE_BINARY_DIR}/man/memperf-${name}.1)
	endif()
	add_custom_command(OUTPUT ${page}.gz
		COMMAND memperf help ${name} --man -o ${page}
		COMMAND gzip -9nf ${page}
		DEPENDS memperf VERBATIM)
	list(APPEND manuals ${page}.gz)
endforeach()
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/man)
# Not where memperf is built for tests that a sanitizer or another machine's emulator slows down.
if(MEMPERF_SANITIZE OR MEMPERF_COVERAGE OR CMAKE_CROSSCOMPILING)
	add_custom_target(manuals DEPENDS ${manuals})
else()
	add_custom_target(manuals ALL DEPENDS ${manuals})
endif()

install(TARGETS memperf DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT memperf)
install(TARGETS memperf-worker DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/memperf COMPONENT memperf)
install(FILES ${manuals} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT memperf)
# What results files and JSON look like, and the guide.
install(FILES docs/guide.md report/format/schema.json results/schema.sql DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT memperf)
# Found as ../share/memperf from memperf's own folder.
install(DIRECTORY configs/ DESTINATION share/memperf COMPONENT memperf
	PATTERN completion EXCLUDE PATTERN privileges EXCLUDE PATTERN systemd EXCLUDE
	PATTERN "fleet/*.s*" EXCLUDE)
install(PROGRAMS configs/fleet/memperf.sbatch configs/fleet/ssh.sh DESTINATION share/memperf/fleet COMPONENT memperf)
install(FILES configs/completion/memperf.bash RENAME memperf
	DESTINATION share/bash-completion/completions COMPONENT memperf)
install(FILES configs/completion/memperf.fish DESTINATION share/fish/vendor_completions.d COMPONENT memperf)
install(FILES configs/privileges/60-memperf.rules DESTINATION lib/udev/rules.d COMPONENT memperf)

set(MEMPERF_CONFIGS ${CMAKE_SOURCE_DIR}/configs)
set(MEMPERF_UNITS ${CMAKE_BINARY_DIR}/units)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/install.cmake @ONLY CONTENT [[
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
	set(etc /etc)
	set(zsh vendor-completions)
else()
	set(etc ${CMAKE_INSTALL_PREFIX}/etc)
	set(zsh site-functions)
endif()
# The units start the memperf that is installed with them.
file(GLOB units @MEMPERF_CONFIGS@/systemd/*)
foreach(unit IN LISTS units)
	file(READ ${unit} text)
	string(REPLACE /usr/local/bin/ ${CMAKE_INSTALL_PREFIX}/@CMAKE_INSTALL_BINDIR@/ text "${text}")
	string(REPLACE "Copy the units to /etc/systemd/system, then" "To begin with them" text "${text}")
	get_filename_component(name ${unit} NAME)
	file(WRITE @MEMPERF_UNITS@/${name} "${text}")
	file(INSTALL @MEMPERF_UNITS@/${name} DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/systemd/system)
endforeach()
file(INSTALL @MEMPERF_CONFIGS@/completion/_memperf DESTINATION ${CMAKE_INSTALL_PREFIX}/share/zsh/${zsh})
file(INSTALL @MEMPERF_CONFIGS@/privileges/memperf.conf DESTINATION ${etc}/security/limits.d)
]])
install(SCRIPT ${CMAKE_BINARY_DIR}/generated/install.cmake COMPONENT memperf)

set(MEMPERF_DKMS src/memperf-${PROJECT_VERSION})
configure_file(kmod/dkms.conf.in ${CMAKE_BINARY_DIR}/generated/dkms.conf @ONLY)
install(DIRECTORY kmod/ DESTINATION ${MEMPERF_DKMS} COMPONENT dkms
	FILES_MATCHING PATTERN "*.[ch]" PATTERN Kbuild)
install(FILES ${CMAKE_BINARY_DIR}/generated/dkms.conf DESTINATION ${MEMPERF_DKMS} COMPONENT dkms)

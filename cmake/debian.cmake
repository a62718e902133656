# SPDX-License-Identifier: GPL-3.0-or-later
# Debian packages of this build, by `cpack` in the build folder: memperf and memperf-dkms. The scripts that dpkg calls, and what
# lintian is told, are in cmake/debian/.
set(debian ${CMAKE_BINARY_DIR}/debian)
set(MEMPERF_MAINTAINER "memperf maintainers <memperf@localhost>")
execute_process(COMMAND date -R -u -d ${MEMPERF_DATE} OUTPUT_VARIABLE MEMPERF_DATE_RFC OUTPUT_STRIP_TRAILING_WHITESPACE)

set(copyright [[
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: memperf

Files: *
Copyright: 2026 memperf maintainers
License: GPL-3.0+
 This program is free software: you can redistribute it and/or modify it under
 the terms of the GNU General Public License as published by the Free Software
 Foundation, either version 3 of the License, or (at your option) any later
 version.
 .
 On Debian systems, its text is in /usr/share/common-licenses/GPL-3.

Files: kmod/*
Copyright: 2026 memperf maintainers
License: GPL-2.0
 This program is free software; you can redistribute it and/or modify it under
 the terms of the GNU General Public License, version 2, as published by the
 Free Software Foundation.
 .
 On Debian systems, its text is in /usr/share/common-licenses/GPL-2.

Files: kmod/memperf_uapi.h kmod/memperf_legality.h
Copyright: 2026 memperf maintainers
License: GPL-2.0 with Linux-syscall-note
 As above; programs that use the module through system calls, by this interface,
 are not derived works of it.
 .
 On Debian systems, the text of the GNU General Public License, version 2, is in
 /usr/share/common-licenses/GPL-2.
]])

foreach(package IN ITEMS memperf memperf-dkms)
	file(CONFIGURE OUTPUT ${debian}/${package}/changelog @ONLY CONTENT
"${package} (@PROJECT_VERSION@) unstable; urgency=medium

  * Packaged from commit @MEMPERF_COMMIT@.

 -- @MEMPERF_MAINTAINER@  @MEMPERF_DATE_RFC@
")
	file(WRITE ${debian}/${package}/copyright "${copyright}")
	execute_process(COMMAND gzip -9nf ${debian}/${package}/changelog)
	string(REPLACE memperf-dkms dkms component ${package})
	install(FILES ${debian}/${package}/changelog.gz ${debian}/${package}/copyright
		DESTINATION share/doc/${package} COMPONENT debian-${component} EXCLUDE_FROM_ALL)
	install(FILES cmake/debian/${package}.overrides RENAME ${package}
		DESTINATION share/lintian/overrides COMPONENT debian-${component} EXCLUDE_FROM_ALL)
	# What a package's scripts are called by dpkg; each is named after its package here.
	file(GLOB scripts CONFIGURE_DEPENDS cmake/debian/${package}.p*)
	set(control "")
	if(package STREQUAL memperf)
		file(WRITE ${debian}/memperf/conffiles "/etc/security/limits.d/memperf.conf\n")
		list(APPEND control ${debian}/memperf/conffiles)
	endif()
	foreach(script IN LISTS scripts)
		get_filename_component(name ${script} LAST_EXT)
		string(SUBSTRING ${name} 1 -1 name)
		configure_file(${script} ${debian}/${package}/${name} @ONLY)
		list(APPEND control ${debian}/${package}/${name})
	endforeach()
	string(TOUPPER ${component} upper)
	set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${package})
	set(CPACK_DEBIAN_${upper}_FILE_NAME DEB-DEFAULT)
	set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA ${control})
	set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_STRICT_PERMISSION ON)
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_SOURCE_DIR}/cmake/debian/needs.cmake)
set(CPACK_PACKAGE_NAME memperf)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT ${MEMPERF_MAINTAINER})
set(CPACK_STRIP_FILES ON)
# Some places are absolute (/etc), and all depend on the prefix.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
	OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_COMPONENTS_ALL memperf debian-memperf dkms debian-dkms)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_MEMPERF_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_MEMPERF_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_MEMPERF_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_MEMPERF_PACKAGE_SUGGESTS memperf-dkms)
set(CPACK_DEBIAN_MEMPERF_DESCRIPTION "microbenchmarks of Linux memory management
Times the system calls of memory management, page faults, shared memory and
fork, one call at a time, checks that each did what it claims to, and stores
the distribution with its uncertainty. Compares machines, kernels and nights
in the terminal, as text, HTML and JSON.
.
With memperf-dkms it times the kernel's own allocators, too.")
set(CPACK_DEBIAN_DKMS_PACKAGE_SECTION kernel)
set(CPACK_DEBIAN_DKMS_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_DKMS_PACKAGE_DEPENDS dkms)
set(CPACK_DEBIAN_DKMS_PACKAGE_RECOMMENDS memperf)
set(CPACK_DEBIAN_DKMS_DESCRIPTION "microbenchmarks of Linux memory management (kernel module)
Source of the module through which memperf times kmalloc, vmalloc,
alloc_pages and the other allocators of the kernel. It is built for every
kernel whose headers are installed, and loaded by nobody but the
administrator: modprobe memperf.")
include(CPack)
foreach(group IN ITEMS memperf dkms)
	cpack_add_component_group(${group})
	cpack_add_component(${group} GROUP ${group})
	cpack_add_component(debian-${group} GROUP ${group})
endforeach()

# SPDX-License-Identifier: GPL-3.0-or-later
# Builds for arm64 on another machine: `cmake --preset arm64`. Needs gcc-aarch64-linux-gnu and an arm64 root with
# the libraries; cmake/aarch64-sysroot.sh makes one in the place that is looked at here, MEMPERF_SYSROOT names
# another. With qemu-user-static installed, ctest runs what it can under emulation.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)

if(DEFINED ENV{XDG_CACHE_HOME})
	set(cache $ENV{XDG_CACHE_HOME}/memperf)
else()
	set(cache $ENV{HOME}/.cache/memperf)
endif()
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES MEMPERF_SYSROOT)
if(NOT MEMPERF_SYSROOT)
	set(MEMPERF_SYSROOT ${cache}/aarch64)
endif()
if(NOT EXISTS ${MEMPERF_SYSROOT}/usr/include/stdio.h)
	message(FATAL_ERROR "no arm64 root in '${MEMPERF_SYSROOT}': run cmake/aarch64-sysroot.sh, or name one with -DMEMPERF_SYSROOT=DIR")
endif()

set(CMAKE_SYSROOT ${MEMPERF_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(ENV{PKG_CONFIG_DIR} "")
set(ENV{PKG_CONFIG_LIBDIR} ${MEMPERF_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${MEMPERF_SYSROOT}/usr/share/pkgconfig)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${MEMPERF_SYSROOT})

find_program(MEMPERF_QEMU qemu-aarch64-static)
if(MEMPERF_QEMU)
	set(CMAKE_CROSSCOMPILING_EMULATOR ${MEMPERF_QEMU};-L;${MEMPERF_SYSROOT})
endif()

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the kernel of kernel_debug.sh: some ten minutes on two CPUs, once for a source, a
# compiler and a configuration; afterwards it is in the cache.
# CTest: TIMEOUT 3600, PROCESSORS 2, COST 350, FIXTURES_SETUP debug_kernel
. "$(dirname -- "$0")/x86.bash"
. "$(dirname -- "$0")/kernels.bash"
. "$(dirname -- "$0")/debug.bash"
guest_needs
kernel_debug
[[ -s $guest_kernel && -s $kernel_build/Module.symvers ]] || guest_fail "no kernel was built"
du -sh "$tree" | sed "s|\t.*| in the cache|"
echo ok

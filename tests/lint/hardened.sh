#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The executables are what a tool of root's should be: position-independent, nothing both writable and executable, and memperf, which
# reads foreign files, with full RELRO and stack protector and, where it is optimised, libc's checks of buffers. No code asks a shell to
# run anything.
set -u
: "${MEMPERF_SOURCE:?}" "${MEMPERF_BUILD:?}"
export LC_ALL=C
failed=0
fail() { echo "FAIL: $*"; failed=1; }

for name in memperf memperf-worker; do
	file=$MEMPERF_BUILD/bin/$name
	headers=$(readelf -hlW "$file") || { fail "readelf cannot read '$file'"; continue; }
	grep -q 'Type: *DYN' <<<"$headers" || fail "$name is not position-independent"
	grep -q 'GNU_STACK.* RW ' <<<"$headers" || fail "the stack of $name is executable"
	grep -q ' RWE ' <<<"$headers" && fail "$name has a segment that is writable and executable"
done
grep -q GNU_RELRO <<<"$(readelf -lW "$MEMPERF_BUILD/bin/memperf")" || fail "memperf has no RELRO"
grep -Eq 'BIND_NOW|Flags:.*NOW' <<<"$(readelf -dW "$MEMPERF_BUILD/bin/memperf")" || fail "memperf binds lazily: no full RELRO"
grep -q __stack_chk_fail <<<"$(readelf -sW "$MEMPERF_BUILD/bin/memperf")" || fail "memperf has no stack protector"
# preset_ndebug looks at an optimised build, too.
if ! grep -q '^CMAKE_BUILD_TYPE:.*=Debug' "$MEMPERF_BUILD/CMakeCache.txt"; then
	for checked in __snprintf_chk __memcpy_chk; do
		grep -q "$checked" <<<"$(readelf -sW "$MEMPERF_BUILD/bin/memperf")" || fail "memperf is not fortified: it does not call $checked"
	done
fi

cd -- "$MEMPERF_SOURCE" || exit 1
shells=$(grep -rnE '\b(system|popen|wordexp)\(|"/bin/sh"' --include='*.[ch]' common benchmarks results runner report cli)
[[ -z $shells ]] || fail "a shell: $shells"
((failed == 0)) && echo ok
exit $failed

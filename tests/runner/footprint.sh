#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The coordinator of the largest suite that there is stays below 64 MiB (VmHWM), planned, begun and gone on with, and leaves one file.
# CTest: TIMEOUT 120, RUN_SERIAL FALSE, RESOURCE_LOCK machine, COST 100
set -u
: "${MEMPERF_SOURCE:?}"
ldd "$(command -v memperf)" | grep -q 'lib[at]san' && { echo "skip: a sanitizer has memory of its own"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'kill $(jobs -p) 2>/dev/null; rm -rf -- "$work"' EXIT
cd -- "$work" || exit 1
fail() { echo "FAIL: $*"; exit 1; }

# measured OPTION...: until some invocations were reported; the peak by then, in kB
measured() {
	local run peak
	rm -f log
	memperf run --quiet --no-progress --db a.db --json-log log "$@" >out 2>&1 &
	run=$!
	for _ in {1..600}; do
		[[ $(grep -c '"event":"invocation"' log 2>/dev/null) -lt 40 ]] || break
		kill -0 $run 2>/dev/null || fail "the run ends: $(cat out)"
		sleep 0.1
	done
	peak=$(awk '/^VmHWM:/ { print $2 }' /proc/$run/status)
	kill -INT $run
	wait $run
	[[ $? == 130 ]] || fail "an interrupted run does not end with 130: $(cat out)"
	((peak < 64 * 1024)) || fail "$*: the coordinator had $peak kB"
	echo "$*: $peak kB"
}
# planned OPTION...: the same of the plan alone
planned() {
	local peak
	peak=$(python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' memperf plan "$@") || fail "plan $*"
	((peak < 64 * 1024)) || fail "plan $*: $peak kB"
	echo "plan $*: $peak kB"
}
planned --suite matrix
planned --suite matrix --json
planned --suite matrix --json --topology "$MEMPERF_SOURCE/tests/data/hwloc/arm64-kunpeng920-thinned.xml"
measured --suite matrix --invocations 2 --budget 1s
cases=$(sqlite3 a.db "SELECT count(*) FROM run_case")
((cases > 2000)) || fail "only $cases cases are no large suite"
measured --resume
[[ $(ls -A) == $'a.db\nlog\nout' ]] || fail "more than its database is left: $(ls -A)"
echo "ok: $cases cases"

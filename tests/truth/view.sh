#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How long the viewer takes, and how much memory: to its first screen, and from a key to the repainted screen. A benchmark,
# not a test: it prints figures and judges nothing. It drives the program in a terminal of its own (view.py). The files are
# in TMPDIR, else in memory; for a cold page cache TMPDIR must be on a disk.
#
#	tests/truth/view.sh [MEMPERF]		default: build/bin/memperf
#	tests/truth/view.sh fuzz [KEYS [SEED]]	random keys, sizes and clicks instead (tests/report/test_viewer.c): as many as are
#						wanted (100,000), a share of them on each CPU. Under sanitizers with
#						MEMPERF_BUILD=build/presets/asan (cmake --preset asan; cmake --build --preset asan)
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${MEMPERF_BUILD:-build} program=${1:-$build/bin/memperf}

# fuzz KEYS SEED
fuzz() {
	local cpus bad=0 pid pids=()

	cpus=$(nproc)
	for ((i = 0; i < cpus; i++)); do
		MEMPERF_FUZZ=$((($1 + cpus - 1) / cpus)) MEMPERF_SEED=$(($2 + i)) "$build/tests/report_test_viewer" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || bad=1
	done
	return $bad
}

if [ "$program" = fuzz ]; then
	fuzz "${2:-100000}" "${3:-20260101}"
	exit
fi
command -v python3 >/dev/null || { echo "python3 is not installed" >&2; exit 3; }
work=$(mktemp -d "${TMPDIR:-/dev/shm}/view.XXXXXX") || exit 1
trap 'rm -rf -- "$work"' EXIT
. tests/truth/made.bash

make "$work/calls-a.db" calls 1000 1 &
make "$work/calls-b.db" calls 1000 2 && wait $! || exit 1
make "$work/many-a.db" many 100000 1 &
make "$work/many-b.db" many 100000 2 && wait $! || exit 1
python3 tests/truth/view.py "$program" "$work"

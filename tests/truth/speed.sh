#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How long a comparison takes: two made files of CASES cases with ten invocations each, three times. A benchmark, not a
# test: it prints and judges nothing.
#
#	tests/truth/speed.sh [many|calls] [CASES]	default: 1000 cases of single calls and batches
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${MEMPERF_BUILD:-build} kind=${1:-calls} cases=${2:-1000}
work=$(mktemp -d "${TMPDIR:-/dev/shm}/speed.XXXXXX") || exit 1
trap 'rm -rf -- "$work"' EXIT
"$build/tests/make_db" "$work/a.db" "$kind" "$cases" 1 && "$build/tests/make_db" "$work/b.db" "$kind" "$cases" 2 || exit 1
for _ in 1 2 3; do
	start=$EPOCHREALTIME
	"$build/bin/memperf" compare "$work/a.db" "$work/b.db" >"$work/out" || exit 1
	end=$EPOCHREALTIME
	echo "$cases cases a side ($kind): $(((${end/[.,]/} - ${start/[.,]/}) / 1000)) ms"
done

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How long comparisons and histories take, of one program or of several side by side. A benchmark, not a test: it
# prints medians, beside what is asked on a quiet machine, and judges nothing. The files are in memory (TMPDIR, else
# /dev/shm), up to 250 MB each.
#
#	tests/truth/speed.sh [calls|many|history] [CASES] [MEMPERF...]	default: calls 1000 build/bin/memperf
#	for of in 'calls 1000' 'many 100000' 'history 300'; do tests/truth/speed.sh $of; done	all that is asked
#
# calls: two files of CASES cases with single calls and batches, ten invocations each: twelve tests a pair. many:
# batches alone. history: one file with 365 nights of CASES cases. More than 10000 cases are copies of the first 10000
# under other names, with what a comparison reads, because measured cases take 3 ms each to make. Several programs take
# turns, so that what else the machine does hits all of them. What is said on standard error goes to nobody.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${MEMPERF_BUILD:-build} kind=${1:-calls} cases=${2:-1000} rounds=7
(($# > 2)) && programs=("${@:3}") || programs=("$build/bin/memperf")
work=$(mktemp -d "${TMPDIR:-/dev/shm}/speed.XXXXXX") || exit 1
trap 'rm -rf -- "$work"' EXIT
. tests/truth/made.bash

case $kind in
history) "$build/tests/make_history" "$work/a.db" 365 "$cases" || exit 1 ;;
calls | many)
	make "$work/a.db" "$kind" "$cases" 1 & # one file on each CPU
	make "$work/b.db" "$kind" "$cases" 2 && wait $! || exit 1 ;;
*) sed -n '/^#	tests/p' "$0" >&2; exit 2 ;;
esac

# ms that are asked of a program, where anything is
case $kind/$cases in
calls/1000 | many/1000) asked=", 100 asked" ;;
many/100000) asked=", 2000 asked" ;;
history/300) asked=", 1000 asked" ;;
*) asked= ;;
esac

once() {
	local start=$EPOCHREALTIME end

	if [[ $kind == history ]]; then
		"$1" history "$work/a.db"
	else
		"$1" compare "$work/a.db" "$work/b.db"
	fi >"$work/out" || exit 1
	end=$EPOCHREALTIME
	echo $(((${end/[.,]/} - ${start/[.,]/}) / 1000)) >>"$work/$2"
}

for ((i = 0; i < rounds; i++)); do
	for p in "${!programs[@]}"; do
		once "${programs[p]}" "$p" 2>/dev/null
	done
done
for p in "${!programs[@]}"; do
	echo "$kind, $cases cases: $(sort -n "$work/$p" | sed -n "$(((rounds + 1) / 2))p") ms$asked" \
		"($(sort -n "$work/$p" | sed -n '1p;$p' | paste -sd-)) ${programs[p]}"
done

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The judges' food: operations that take longer by a known time, in every mode, and only where the pattern says.
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*"; exit 1; }

# Times of a case in the newest run: mode, statistic, calm where there is enough of it.
measured() { # benchmark, mode, column
	sqlite3 "$work/s.db" "SELECT round(avg(s.$3)) FROM invocation_stat s JOIN invocation USING (invocation_id)
		JOIN run_case USING (run_case_id) JOIN kase k USING (case_id) JOIN bench b USING (bench_id)
		WHERE b.name = '$1' AND s.mode = '$2' AND s.population = 'all'"
}
run() { # sabotage or nothing
	rm -f "$work"/s.db*
	memperf run --bench munmap.hole --bench mmap.pair --filter 'bench = munmap.hole or size = 4K' --invocations 2 --budget 3s \
		${1:+--sabotage "$1"} --db "$work/s.db" --quiet >"$work/out" 2>&1 || fail "$1: $(cat "$work/out")"
	hole=$(measured munmap.hole call p50) batch=$(measured munmap.hole batch p50)
	rate=$(measured mmap.pair rate mean) floor=$(measured floor.getppid batch p50)
}
run ''
honest=("$hole" "$batch" "$rate" "$floor")
run 'spin=20us@m*'
longer() { # what, before, now, least, most
	awk -v a="$2" -v b="$3" -v low="$4" -v high="$5" 'BEGIN { exit !(b - a >= low && b - a <= high) }' ||
		fail "$1: $2 ns without, $3 ns with; want $4 to $5 more"
}
longer 'spin, single calls' "${honest[0]}" "$hole" 18000 30000
longer 'spin, batches' "${honest[1]}" "$batch" 18000 30000
longer 'spin, rate' "${honest[2]}" "$rate" 18000 30000
longer 'spin where it was not meant' "${honest[3]}" "$floor" -1000 1000
# What was stored is what the clock saw of it, which steps.
sqlite3 "$work/s.db" "SELECT layout FROM invocation" | grep -Eq ' spin=(19[0-9]|2[0-4][0-9])[0-9]{2}\.[0-9]*ns tail=0\.0ns' ||
	fail "the planted time is not stored: $(sqlite3 "$work/s.db" 'SELECT DISTINCT layout FROM invocation')"
memperf report "$work/s.db" | grep -q 'planted fault (spin=20us@m\*)' || fail "the report does not say what was planted"

run 'tail=5%x50@munmap.hole'
longer 'tail, median' "${honest[0]}" "$hole" -500 500
p99=$(measured munmap.hole call p99)
awk -v median="$hole" -v p99="$p99" 'BEGIN { exit !(p99 > 20 * median) }' || fail "tail: median $hole ns, p99 $p99 ns"
echo ok

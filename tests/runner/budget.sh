#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A case that misses its target goes on until the budget that was given, and says so; with none given it ends as planned,
# and says that.
# CTest: TIMEOUT 120, RUN_SERIAL FALSE, RESOURCE_LOCK machine, COST 100
set -u
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
bad() { echo "$*" >&2; exit 1; }

# Nothing comes out within a millionth.
target=0.000001
cat >"$work/sharp.cfg" <<EOF
suite: {
  title = "a target out of reach";
  defaults: { invocations = 5; target = $target; };
  cases = ( { bench = "floor.getppid"; } );
};
EOF
run() {
	local begin=$SECONDS
	memperf run --suite "$work/sharp.cfg" --counters none --db "$work/$1.db" --no-progress "${@:2}" >"$work/out" 2>&1 ||
		bad "run: $(cat "$work/out")"
	took=$((SECONDS - begin))
	why=$(sqlite3 "$work/$1.db" "SELECT group_concat(DISTINCT why_stopped) FROM run_case")
	memperf report "$work/$1.db" >"$work/$1.txt" || bad "report"
	wide=$(sqlite3 "$work/$1.db" "SELECT \"case\", value_ns, low_ns, high_ns FROM v_result
		WHERE why_stopped = 'target' AND (high_ns - low_ns) / 2 > value_ns * $target")
	[[ -z $wide ]] || bad "stopped at the target, and is not there: $wide"
}

run given --budget 10s
# Five values that the clock's steps make equal are within any target: a floor may be so.
[[ $why == budget || $why == budget,target || $why == target,budget ]] || bad "with a budget it stopped at '$why'"
((took >= 9)) || bad "it took $took s of a budget of 10"
grep -q '^b  *the budget ended' "$work/given.txt" || bad "the report does not say that the budget ended: $(cat "$work/given.txt")"

run none --invocations 1
[[ $why == planned || $why == planned,target || $why == target,planned ]] || bad "without a budget it stopped at '$why'"
grep -q '^p  *the planned rounds ended' "$work/none.txt" || bad "the report does not say that it ended as planned: $(cat "$work/none.txt")"
grep -q 'the budget ended' "$work/none.txt" && bad "the report says that a budget ended, and none was given"

# Within reach: what is said to be there is there by what is stored, too, whatever the speed of the machine did.
target=0.01
cat >"$work/sharp.cfg" <<EOF
suite: {
  title = "a target within reach";
  defaults: { invocations = 5; target = $target; };
  cases = ( { bench = "floor.getppid"; }, { bench = "brk.query"; }, { bench = "mmap.anon"; size = "page"; } );
};
EOF
run reach --budget 12s
exit 0

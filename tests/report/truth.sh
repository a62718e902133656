#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The judge of tests/truth/truth.sh is red exactly where one of its rules does not hold, on made rounds.
set -u
: "${MEMPERF_SOURCE:?}"
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
failures=0

# made AWK: twenty operations in five rounds as one that is true would have them; AWK changes a line before it is written
made() {
	awk -v OFS='\t' "function slow(hand) { return hand * 1.35 } BEGIN { for (op = 0; op < 20; op++) for (r = 0; r < 5; r++) {
		outcome = \"ok\"; hand = 1000 + 10 * op; value = hand * (1 + 0.001 * (r - 2)); low = value * 0.99; high = value * 1.01; gone = 0
		$1
		print \"op\" op, \"case/n=\" op, outcome, value, low, high, (gone ? \"\" : hand - 5) \",\" hand \",\" slow(hand) } }" >"$work/rounds"
}

# judged CODE LINE WHAT: the rounds end with that code and say that line
judged() {
	local status
	python3 "$MEMPERF_SOURCE/tests/truth/judge.py" "$work/rounds" >"$work/out" 2>&1
	status=$?
	[[ $status == "$1" ]] && grep -q -- "$2" "$work/out" && return
	echo "FAILED: $3: exit $status, not $1, or no '$2' in:"
	cat "$work/out"
	failures=$((failures + 1))
}

made ''
judged 0 'holds: as the loop says' "true rounds"
grep -q FAILS "$work/out" && failures=$((failures + 1))
made 'if (op == 3) { value *= 1.03; low *= 1.03; high *= 1.03 }'
judged 0 'OFF$' "one of twenty off by 3 %"
made 'if (op < 2) { value *= 1.03; low *= 1.03; high *= 1.03 }'
judged 1 'FAILS: as the loop says' "two of twenty off by 3 %"
made 'if (op == 3) { value *= 0.94; low *= 0.94; high *= 0.94 }'
judged 1 'FAILS: none off by more than 5 %' "one off by 6 %"
made 'if (op < 9) { value = slow(value); low = slow(low); high = slow(high) }'
judged 0 'holds: as the loop says' "as slow as the loop is at one of its places"
made 'if (op == 3) { x = 1.06 * (1 + 0.05 * (r - 2)); value *= x; low = value * 0.8; high = value * 1.2 }'
judged 0 'holds: none off' "one off by less than 1.5 times its noise"
made 'if (op < 5) { value *= 1 + 0.03 * (r - 2); low = value * 0.8; high = value * 1.2 }'
judged 1 'FAILS: below 10 us' "a quarter that does not repeat"
made 'if (op < 5) { hand *= 100; value *= 100 * (1 + 0.03 * (r - 2)); low = value * 0.8; high = value * 1.2 }'
judged 0 'holds: below 10 us' "longer ones may"
made 'if (op < 2) { low = value * 0.9995; high = value * 1.0005 * (r < 3) + value * (r >= 3); value *= 1 }'
judged 1 'FAILS: pairs of rounds' "intervals that are too narrow"
made 'if (op == 3 && r == 1) outcome = "invalid"'
judged 1 'FAILS: 1 operations' "one that is not ok"
made 'gone = op == 3 && r < 4'
judged 0 'holds: as the loop says' "a place that has a value in one round of five"
made 'gone = op == 3'
judged 1 '^op3 .*no value at 1 of 3 places' "a place that never has one"
judged 1 'FAILS: 1 operations' "a place that never has one"
: >"$work/rounds"
judged 1 'FAILS' "nothing at all"
exit $((failures > 0))

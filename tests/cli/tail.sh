#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One call in a hundred takes ten times as long. System calls that are too short for the clock have a mean as value, which
# moves by 9 %: what changed is the tail all the same.
# CTest: TIMEOUT 120
set -u
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
bad() { echo "$*" >&2; exit 1; }

for side in plain tail; do
	fault=()
	[[ $side == tail ]] && fault=(--sabotage "tail=1%x10")
	memperf run --bench floor.getppid --invocations 8 --budget 16s --counters none --db "$work/$side.db" --quiet "${fault[@]}" ||
		bad "the run of side $side"
done
memperf compare "$work/plain.db" "$work/tail.db" --json >"$work/json" || bad "compare"
# "floor.getppid batch slower slower REASON": the quantised ones that have a slower tail
jq -r '.pairs[] | select(.mode == "batch" and .tail == "slower" and (.case | test("getppid|_reject")))
	| [.case, .verdict, .reason // ""] | @tsv' "$work/json" >"$work/tails"
cat "$work/tails"
[[ -s $work/tails ]] || bad "no tail is slower: $(jq -c '.pairs[] | [.case, .mode, .verdict, .tail, .aside_reason]' "$work/json")"
cut -f2 "$work/tails" | grep -q slower && bad "a tail is called slower as a whole"
grep -q 'by its slowest calls' "$work/tails" || bad "nothing is said of a mean that moved"
exit 0

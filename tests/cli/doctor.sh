#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf doctor from outside: the table, the JSON with every subject, the exit codes, the time it takes.
set -u
command -v jq >/dev/null || { echo "jq is not installed"; exit 77; }
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
failed=0

fail() {
	echo "FAIL: $*"
	failed=1
}

start=$(date +%s)
memperf doctor --json >"$work/json" 2>"$work/stderr"
code=$?
took=$(($(date +%s) - start))
((took < 15)) || fail "took $took s"
[[ -s $work/stderr ]] && fail "writes to stderr that is not a terminal: $(head -1 "$work/stderr")"

jq -e 'type == "array"' "$work/json" >/dev/null || fail "the JSON is no array"
want='load clock "clock step" speed jitter steal governor turbo smt isolation thp ksm "numa balancing" swap memory privileges "kernel debugging"'
[[ $(jq -r '[.[].subject | if test(" ") then "\"\(.)\"" else . end] | join(" ")' "$work/json") == "$want" ]] ||
	fail "subjects: $(jq -c '[.[].subject]' "$work/json")"
jq -e 'all(.[]; (.severity | IN("good", "note", "warning", "fatal")) and (.evidence | length > 0)
	and (.remedy == null or (.remedy | length > 0)) and (keys | length == 4))' "$work/json" >/dev/null ||
	fail "a finding is malformed"
if jq -e 'any(.[]; .severity == "fatal")' "$work/json" >/dev/null; then
	((code == 3)) || fail "a fatal finding, and exit code $code"
else
	((code == 0)) || fail "no fatal finding, and exit code $code"
fi

memperf doctor >"$work/text" || (($? == 3)) || fail "exit code of the table"
grep -Eq '^(not )?fit to measure' "$work/text" || fail "no summary line"
[[ $(tail -1 "$work/text") =~ ^(not\ )?fit\ to\ measure ]] || fail "the summary is not the last line"
grep -q 'kernel debugging' "$work/text" || fail "the table lacks a subject"

memperf doctor --jsno >/dev/null 2>"$work/stderr"
(($? == 2)) || fail "an unknown option is not a usage error"
grep -q -- '--json' "$work/stderr" || fail "no did-you-mean: $(cat "$work/stderr")"
memperf doctor extra >/dev/null 2>&1
(($? == 2)) || fail "an operand is not a usage error"

HWLOC_SYNTHETIC='core:64 pu:2' memperf doctor >/dev/null 2>"$work/stderr"
(($? == 3)) || fail "another machine's topology is taken for this one's"
grep -q 'unset' "$work/stderr" || fail "no remedy: $(cat "$work/stderr")"

# One CPU to run on is enough.
taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')" memperf doctor --json | jq -e 'length == 17' >/dev/null ||
	fail "not on a single CPU"
exit $failed

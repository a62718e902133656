#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The checks at work, from outside: operations that are not run but claimed, pages that are touched though the case
# says untouched, huge pages where none should be. Each must end as invalid(reason), never as a number.
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*"; exit 1; }

outcome() { # sabotage, benchmark, jq condition on the case rows
	rm -f "$work"/s.db*
	memperf run --bench "$2" --invocations 1 --budget 4s --sabotage "$1" --db "$work/s.db" --quiet \
		>"$work/out" 2>&1 || { [ $? = 0 ] || fail "$1 $2: $(cat "$work/out")"; }
	memperf db export --json "$work/s.db" >"$work/json" || fail "export"
	jq -e --arg b "${2%%.*}." "[.[] | select(.case | startswith(\$b))] | length > 0 and all($3)" "$work/json" >/dev/null ||
		fail "$1 $2: $(jq -c --arg b "${2%%.*}." '.[] | select(.case | startswith($b)) | [.case, .outcome, .reason]' "$work/json")"
}

for bench in 'mmap.*' 'munmap.*' 'fault.*' 'brk.grow' 'brk.shrink'; do
	outcome skip "$bench" '.outcome != "ok"'
done
outcome thp fault.anon_write '.outcome == "invalid" or (.case | test("huge=thp"))'
outcome touch fault.anon_read '.outcome == "invalid" and (.reason | test("check"))'

# A spoiled run says so, and is never compared.
memperf db export --json "$work/s.db" | jq -e 'all(.outcome != "ok" or (.case | startswith("floor.")))' >/dev/null || fail "spoiled case is ok"
echo ok

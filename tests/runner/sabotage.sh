#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The checks at work, from outside: operations that are not run but claimed, pages that are touched though the case
# says untouched, huge pages where none should be. Each must end as invalid(reason), never as a number.
# CTest: RUN_SERIAL FALSE, RESOURCE_LOCK machine, COST 100
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*"; exit 1; }

outcome() { # sabotage, jq condition on the case rows of each, benchmarks
	local how=$1 condition=$2 bench
	shift 2
	rm -f "$work"/s.db*
	memperf run "${@/#/--bench=}" --invocations 1 --budget 4s --sabotage "$how" --db "$work/s.db" --quiet \
		>"$work/out" 2>&1 || fail "$how $*: $(cat "$work/out")"
	memperf db export --json "$work/s.db" >"$work/json" || fail "export"
	for bench; do
		jq -e --arg b "${bench%%.*}." "[.[] | select(.case | startswith(\$b))] | length > 0 and all($condition)" "$work/json" >/dev/null ||
			fail "$how $bench: $(jq -c --arg b "${bench%%.*}." '.[] | select(.case | startswith($b)) | [.case, .outcome, .reason]' "$work/json")"
	done
}

outcome skip '.outcome != "ok"' 'mmap.*' 'munmap.*' 'fault.*' brk.grow brk.shrink
outcome thp '.outcome == "invalid" or (.case | test("huge=thp"))' fault.anon_write
outcome touch '.outcome == "invalid" and (.reason | test("check"))' fault.anon_read

# A spoiled run says so, and is never compared.
memperf db export --json "$work/s.db" | jq -e 'all(.outcome != "ok" or (.case | startswith("floor.")))' >/dev/null || fail "spoiled case is ok"
echo ok

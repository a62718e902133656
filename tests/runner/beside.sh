#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Workers beside the measured one: each has a seat of its own, what they did during the measured blocks is stored as the
# case's rate, and shown.
# CTest: TIMEOUT 120, PROCESSORS 2
set -u
command -v jq >/dev/null && command -v sqlite3 >/dev/null || { echo "skipped: no jq or sqlite3"; exit 77; }
(($(nproc) >= 2)) || { echo "skipped: one CPU"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf -- "$work"' EXIT
export LC_ALL=C NO_COLOR=1
failures=0

bad() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# is SQL EXPECTED: of the case with one aggressor
is() {
	local got

	got=$(sqlite3 "$work/a.db" "$1")
	[[ $got == "$2" ]] || bad "$got, not $2: $1"
}

memperf run --bench contend.mmap --bench contend.munmap --set shares=mm,nothing --invocations 3 --budget 6s --quiet --seed 1 --db "$work/a.db" ||
	bad "the run ends with $?"
memperf db check "$work/a.db" >"$work/out" || bad "not sound: $(cat "$work/out")"
with="JOIN kase USING (case_id) WHERE text LIKE 'contend.%/aggressors=1/%'"
is "SELECT count(*), min(outcome), max(outcome) FROM run_case $with" '4|ok|ok'
is "SELECT count(*) FROM run_case JOIN kase USING (case_id) WHERE text LIKE 'contend.%/aggressors=0/%' AND outcome = 'ok'" 4
is "SELECT DISTINCT mode FROM run_case JOIN kase USING (case_id) WHERE text LIKE 'contend.%'" call
is "SELECT count(*), count(DISTINCT s.cpu) > 1, sum(migrated) FROM seat s JOIN invocation USING (invocation_id) JOIN run_case USING (run_case_id) $with" \
	"$(sqlite3 "$work/a.db" "SELECT 2 * count(*) FROM invocation JOIN run_case USING (run_case_id) $with")|1|0"
# A loop that maps and unmaps comes to more than a thousand a second, and to fewer than twenty million.
is "SELECT count(*), min(value) > 1e3, max(value) < 2e7 FROM summary JOIN run_case USING (run_case_id) $with AND metric = 'ops_per_s'" '4|1|1'
is "SELECT count(*) FROM summary JOIN run_case USING (run_case_id) JOIN kase USING (case_id) WHERE text LIKE 'contend.%/aggressors=0/%' AND metric = 'ops_per_s'" 0
is "SELECT count(DISTINCT text) FROM check_result JOIN invocation USING (invocation_id) JOIN run_case USING (run_case_id) $with AND name = 'beside' AND failed = 0" 4
memperf report "$work/a.db" >"$work/report"
grep -A 5 '^Beside the measured operation: 4$' "$work/report" | grep -q '^contend.mmap/aggressor=map/aggressors=1/shares=nothing  *[0-9]' ||
	bad "the report does not tell the rate of those beside: $(cat "$work/report")"

((failures == 0)) || exit 1

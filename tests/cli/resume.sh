#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --resume goes on with the plan that was stored, and with what is left of its budget: whatever the suite's file says by now, and
# whatever invocations are known to cost by now. What would make the rest another run is refused.
# CTest: TIMEOUT 300, RUN_SERIAL FALSE, RESOURCE_LOCK machine, COST 100
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0
fail() { echo "FAIL at line ${BASH_LINENO[0]}: $*"; failures=$((failures + 1)); }

suite() {
	printf 'suite: { title = "t"; defaults: { invocations = 5; budget = "6s"; target = 0.000001; }; cases = ( %s ); };\n' "$1" >own.cfg
}

# interrupted FILE: a run of the suite that is stopped once a few invocations are stored
interrupted() {
	rm -f -- "$1"* log
	memperf run --suite ./own.cfg --db "$1" --no-progress --json-log log >out 2>&1 &
	local pid=$!
	for _ in $(seq 200); do
		[ "$(cat log 2>/dev/null | grep -c '"event":"invocation"')" -ge 5 ] && break
		sleep 0.05
	done
	kill -INT "$pid"
	wait "$pid"
	[ $? = 130 ] || fail "it was not interrupted: $(cat out)"
}

# The first two lines say what is run: cases, invocations, windows.
suite '{ bench = "floor.getppid"; }, { bench = "mmap.pair"; size = "4K, 64K"; threads = "1"; }'
interrupted a.db
cp out plan
for change in edited missing; do
	cp a.db b.db
	# What is known by now of the cost of an invocation: enough to make every window another.
	sqlite3 b.db "INSERT INTO variance SELECT run_case_id, 3, 10, 0, 0, 0, 0, 1000, 9e8 FROM run_case
		WHERE run_case_id NOT IN (SELECT run_case_id FROM variance); UPDATE variance SET start_ns = 9e8"
	suite '{ bench = "mmap.pair"; size = "2M"; threads = "1"; }'
	if [ "$change" = missing ]; then
		rm own.cfg
		# The interrupted part took the whole budget: there is no extra round.
		sqlite3 b.db "UPDATE invocation SET duration_ns = 6000000000"
	fi
	memperf run --resume --db b.db --no-progress >again 2>&1 || fail "$change: $(cat again)"
	diff <(sed -n 1,2p plan) <(sed -n 1,2p again) || fail "$change: another plan"
	memperf db check b.db >/dev/null || fail "$change: $(memperf db check b.db)"
	memperf db export --json b.db | jq -e 'length >= 5 and all(.outcome == "ok" and .invocations >= 5)' >/dev/null ||
		fail "$change: $(memperf db export b.db)"
	most=$(sqlite3 b.db "SELECT max(n) FROM (SELECT count(*) AS n FROM invocation GROUP BY run_case_id)")
	[ "$change" = edited ] || [ "$most" = 5 ] || fail "$most invocations of a case, though the budget was used up"
done

# refused CODE SENTENCE SQL: a stored run that nothing can go on with
refused() {
	cp a.db c.db
	sqlite3 c.db "PRAGMA foreign_keys = OFF; $3"
	memperf run --resume --db c.db --quiet >again 2>&1
	local code=$?
	[ "$code" = "$1" ] || fail "exit $code, not $1: $(cat again)"
	grep -q "$2" again || fail "no '$2' in: $(cat again)"
	[ "$(wc -l <again)" = 1 ] || fail "more than one line: $(cat again)"
}
refused 2 'interrupted on another machine' "UPDATE machine SET key = 'ffff'"
refused 3 'stored plan of the run cannot be read' "UPDATE run SET plan_json = NULL"
refused 3 'stored plan of the run cannot be read' "UPDATE run SET plan_json = json_set(plan_json, '\$.schedule.measure_s', -1)"
refused 2 "none of this build's" "UPDATE run SET plan_json = json_set(plan_json, '\$.cases[0].bench', 'no.such')"
refused 2 "none of this build's" "UPDATE run SET plan_json = json_set(plan_json, '\$.cases[0].values.size', 'x')"
refused 2 'is not in its plan\|has [0-9]* cases' "UPDATE run SET plan_json = json_remove(plan_json, '\$.cases[0]')"
refused 3 'was begun with clock sundial' "UPDATE run SET clock = 'sundial'"

[ "$failures" = 0 ] && echo ok
exit $((failures != 0))

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a run counts, seen from outside: faults to the fault, by two sources that know nothing of each other; an ordinary user
# without permission for the kernel's side; a region of the whole machine; --counters none; a run that goes on.
# CTest: TIMEOUT 300, RUN_SERIAL FALSE, RESOURCE_LOCK machine, COST 100
set -u
: "${MEMPERF_BUILD:?}"
work=$(mktemp -d)
chmod 755 "$work"
trap 'rm -rf -- "$work"' EXIT
fail() {
	echo "FAIL: $*"
	cat -- "$work/out" 2>/dev/null
	exit 1
}

# measure DATABASE OPTION...
measure() {
	local db=$1

	shift
	memperf run --no-progress --invocations 2 --budget 1s --seed 1 --db "$work/$db" "$@" >"$work/out" 2>&1 ||
		fail "memperf run $*"
	memperf db check "$work/$db" >>"$work/out" || fail "$db is not sound"
}

# is DATABASE "SQL" EXPECTED
is() {
	local got

	got=$(sqlite3 "$work/$1" "$2" 2>&1) || fail "$got: $2"
	[[ $got == "$3" ]] || fail "$got, not $3: $2"
}

faults="--bench fault.anon_read --bench fault.anon_write --set huge=none --set page_tables=warm --set range=2M"
may_count() {
	sqlite3 "$work/$1" "SELECT count(*) FROM v_counter WHERE metric = 'minor_faults' AND source = 'software'
		AND side = 'user+kernel' AND value IS NOT NULL"
}

# One operation is one fault of one 4 KiB page: N +- 0.1 %, perf's event in invocations of its own, getrusage while timed.
# shellcheck disable=SC2086
measure faults.db $faults --counters faults --json-log "$work/log"
[[ $(jq -s '[.[] | select(.event == "counted" and .pass == "explain" and .outcome == "ok")] | length' "$work/log") == \
	$(sqlite3 "$work/faults.db" "SELECT 2 * count(*) FROM run_case") ]] || fail "the log does not tell of every counted invocation"
is faults.db "SELECT count(*) >= 4, max(abs(per_operation - 1) <= 0.001), min(abs(per_operation - 1) <= 0.001) FROM v_counter
	WHERE metric = 'minor_faults' AND source = 'getrusage' AND pass = 'timing' AND \"case\" LIKE 'fault.%'" '1|1|1'
is faults.db "SELECT count(*) FROM counter_value WHERE (value IS NULL) <> (status = 'unavailable')" 0
if (($(may_count faults.db))); then
	is faults.db "SELECT count(*), max(abs(per_operation - 1) <= 0.001), min(abs(per_operation - 1) <= 0.001),
		min(covers = 'operations') FROM v_counter WHERE metric = 'minor_faults' AND source = 'software' AND
		pass = 'explain' AND \"case\" LIKE 'fault.%'" '4|1|1|1'
	# A floor case faults not at all, and that is a number: the source was seen to count.
	is faults.db "SELECT DISTINCT value, status FROM v_counter WHERE metric = 'minor_faults' AND pass = 'explain' AND
		\"case\" = 'floor.getppid'" '0.0|measured'
else
	echo "note: the kernel's side may not be counted here: perf's software events were not compared"
fi
# Times of the explain pass are nowhere.
is faults.db "SELECT count(*) = sum(ordinal < 40) FROM invocation" 1
is faults.db "SELECT max(n) <= 2 FROM (SELECT count(DISTINCT ordinal) AS n FROM counter_value WHERE pass = 'explain'
	GROUP BY run_case_id)" 1

# Everybody's counters: a region, and idle times on both sides of it.
# shellcheck disable=SC2086
measure region.db $faults --counters vmstat_pgfault
is region.db "SELECT count(*), min(scope = 'system' AND covers = 'region' AND region_ns >= 60000000 AND
	idle_before IS NOT NULL AND idle_after IS NOT NULL AND per_operation > 0.999) FROM v_counter
	WHERE \"case\" LIKE 'fault.%' AND pass = 'bandwidth'" '4|1'

# By itself a run has no invocation that it would not have otherwise.
measure default.db --bench floor.loop
is default.db "SELECT group_concat(DISTINCT pass) FROM counter_value" timing
memperf report "$work/default.db" --counters >"$work/out" || fail "report --counters"
grep -q '^minor_faults  *0 ' "$work/out" || fail "report --counters shows no faults"
# The rest of its group is told, with the option that asks for it; a group that was asked for leaves nothing out.
grep -q '^group default: what happened while it was timed' "$work/out" || fail "report --counters has no prose"
grep -q "^Not asked for: page_allocs, .* (explain pass), dram_read_bytes, dram_write_bytes (bandwidth pass); 'memperf run --counters default'" \
	"$work/out" || fail "report --counters does not say what was not asked for"
[[ $(memperf report "$work/faults.db" --json | jq -c '[.counter_group.group, .counter_group.not_asked]') == '["faults",[]]' ]] ||
	fail "the group that was asked for is not stored"
[[ $(memperf report "$work/region.db" --json | jq -c .counter_group) == null ]] || fail "a metric alone is a group"

# A suite may say it, a path from its own folder, and the command line wins. Nothing is nothing.
mkdir -p "$work/suites"
printf '%s\n' 'group: { title = "mine"; about = "one of them"; metrics = [ "minor_faults" ]; };' >"$work/suites/own.cfg"
printf '%s\n' 'suite: { defaults: { invocations = 1; budget = "5s"; counters = "./own.cfg"; };' 'cases = ( { bench = "floor.loop"; } ); };' \
	>"$work/suites/tiny.cfg"
measure suite.db --suite "$work/suites/tiny.cfg"
is suite.db "SELECT group_concat(DISTINCT metric), max(json_extract(options_json, '$.counters.title')) FROM v_counter JOIN run USING (run_id)" \
	'minor_faults|mine'
measure option.db --suite "$work/suites/tiny.cfg" --counters none
is option.db "SELECT count(*) FROM counter_value" 0
memperf report "$work/default.db" --json | jq -e '.counters | length > 10 and all(.[]; (.value == null) == (.status == "unavailable"))' \
	>/dev/null || fail "report --json"

# Two sides: one faulted and one counted the machine; what cannot be compared says why, for people and machines.
pair=fault.anon_write/huge=none/order=ascending/page_tables=warm/range=2M
memperf compare "$work/faults.db" "$work/region.db" --explain $pair --format json >"$work/out" || fail "compare --explain"
jq -e '.counters | (.[] | select(.metric == "vmstat_pgfault") | .a == null and .b.scope == "system" and
	(.not_compared | contains("A did not count it"))) and (.[] | select(.metric == "minor_faults") | .a.source != "" and
	.b == null)' "$work/out" >/dev/null || fail "compare --explain shows other counters"
memperf compare "$work/faults.db" "$work/faults.db" --explain $pair >"$work/out" || fail "compare --explain"
grep -q '^minor_faults  *1  *1  *+0.00 %  *getrusage' "$work/out" || fail "compare --explain does not show the faults of both sides"

# A wrong name is told before anything is measured.
memperf run --bench floor.loop --counters minor_fault,x --db "$work/x.db" >"$work/out" 2>&1
(($? == 2)) && grep -q "did you mean 'minor_faults'" "$work/out" || fail "an unknown metric"

# An ordinary user under paranoid 2: events of the kernel's side open with exclude_kernel and count 0 for ever. They must be
# unavailable, or come from a source that needs no permission.
paranoid=$(cat /proc/sys/kernel/perf_event_paranoid 2>/dev/null || echo -1)
if ((EUID)) || ((paranoid < 2)) || ! command -v setpriv >/dev/null; then
	echo "note: not root, or perf_event_paranoid is $paranoid: no run as an ordinary user"
	echo ok
	exit 0
fi
mkdir -m 777 "$work/user"
cp -L "$(command -v memperf)" "$(command -v memperf-worker)" "$work/user"
setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$work/user" "$work/user/memperf" run --no-progress \
	--bench fault.anon_write --set huge=none --set page_tables=warm --set range=2M --invocations 2 --budget 1s \
	--counters context_switches,cpu_migrations,minor_faults,page_allocs --db "$work/user/user.db" >"$work/out" 2>&1 ||
	fail "a run as an ordinary user"
is user/user.db "SELECT count(*) > 2, count(value), min(length(reason)) > 20 FROM v_counter WHERE metric = 'cpu_migrations'" '1|0|1'
is user/user.db "SELECT group_concat(DISTINCT scope) FROM v_counter WHERE metric = 'page_allocs' AND value IS NOT NULL" system
is user/user.db "SELECT group_concat(DISTINCT source) FROM v_counter WHERE metric = 'context_switches' AND value IS NOT NULL" getrusage
is user/user.db "SELECT min(abs(per_operation - 1) <= 0.001) FROM v_counter WHERE metric = 'minor_faults' AND \"case\" LIKE 'fault.%'" 1
echo ok

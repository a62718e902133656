#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An emulated arm64 machine measures: with its own counter, with every check passing, into a file that this machine reads.
# CTest: TIMEOUT 600, RUN_SERIAL TRUE, LABELS preset
. "$(dirname -- "$0")/arm64.bash"
guest_needs sqlite3
guest_programs

guest_disk "memperf run --bench 'mmap.anon' --bench 'fault.anon_write' --bench munmap.touched --set size=4K,2M \
	--invocations 2 --budget 12s --no-progress --db /tmp/a.db && memperf db check /tmp/a.db
$(guest_send /tmp/a.db)"
guest_boot 300 -cpu cortex-a76 -smp 2 >"$work/console"
guest_receive "$work/console" /tmp/a.db "$work/a.db" || guest_fail "no results came back"
memperf db check "$work/a.db" >"$work/out" || guest_fail "the guest's file is not sound here"
memperf report "$work/a.db" >"$work/out" || guest_fail "the guest's file cannot be read here"

# is "SQL" EXPECTED
is() {
	local got

	got=$(sqlite3 "$work/a.db" "$1") || guest_fail "$1"
	[[ $got == "$2" ]] || guest_fail "$got, not $2: $1"
}
is 'SELECT DISTINCT outcome FROM run_case' ok
is 'SELECT clock FROM run' cntvct
is "SELECT count(*) > 12 FROM run_case WHERE checks_passed > 0 AND checks_failed = 0" 1
is "SELECT v.ns < s.ns AND s.ns < m.ns AND m.ns < 1e6 FROM
	(SELECT value_ns AS ns FROM run_case JOIN kase USING (case_id) WHERE text = 'floor.loop') v,
	(SELECT value_ns AS ns FROM run_case JOIN kase USING (case_id) WHERE text = 'floor.getppid') s,
	(SELECT min(value_ns) AS ns FROM run_case JOIN kase USING (case_id) WHERE text LIKE 'mmap.anon/%') m" 1
echo ok

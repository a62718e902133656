#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What benchmarks need of the system: skipped with the command that helps, set up with --setup or by a suite that consents, put
# back at the end, after an error, Ctrl-C and kill -9, when no process can be made, and never touched for cases that are not planned.
# CTest: TIMEOUT 300, RUN_SERIAL FALSE, RESOURCE_LOCK machine+presets, COST 100
set -u
command -v jq >/dev/null || { echo "skipped: jq is not installed"; exit 77; }
((EUID == 0)) || { echo "skipped: only root can set anything up"; exit 77; }
[[ -w /proc/sys/vm/overcommit_memory ]] || { echo "skipped: the settings of the kernel cannot be written here"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'memperf doctor --undo --state "$work/state" >/dev/null 2>&1; rm -rf "$work"' EXIT
failed=0
fail() { echo "FAIL: $*"; failed=1; }

. "$(dirname "$0")/settings.bash"
as_before() {
	machine_state >"$work/now"
	cmp -s "$work/before" "$work/now" || fail "$1: $(diff "$work/before" "$work/now")"
}
undone() {
	as_before "$1"
	[[ ! -e $work/state/run.undo && ! -e $work/state/case.undo ]] || fail "$1: a record is left: $(cat "$work"/state/*.undo)"
}
machine_state >"$work/before"
case_mode=mmap.overcommit
pool=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
want=always
(($(cat /proc/sys/vm/overcommit_memory) == 1)) && want=heuristic

run() { memperf run --invocations 1 --budget 2s --db "$work/a.db" --no-progress --state "$work/state" "$@"; }
# outcome CASES-JQ: of the newest run
outcomes() { memperf db export --json "$work/a.db" | jq -r "map(select($1) | .outcome) | unique | join(\" \")"; }

# Without consent: skipped, with the command that would do it, in plan and run.
memperf plan --json --bench "$case_mode" --set mode=$want >"$work/plan" || fail "plan"
jq -e --arg b $case_mode '[.cases[] | select(.bench == $b) | .skipped] | length > 0 and all(test("sudo memperf run --setup$"))' "$work/plan" >/dev/null ||
	fail "not skipped with the remedy: $(jq -c '.cases[] | [.case, .skipped]' "$work/plan" | grep $case_mode)"
run --bench "$case_mode" --bench mmap.rlimit_as --set mode=$want --quiet 2>"$work/err" || fail "a run without consent: $(cat "$work/err")"
[[ $(outcomes '.case | startswith("mmap.overcommit/")') == skipped ]] || fail "without consent: $(outcomes '.case | startswith("mmap.overcommit/")')"
[[ ! -e $work/state ]] || fail "a run without consent has a record"
undone "a run without consent"

# With consent: planned, set up around the case, ok, and back.
memperf plan --json --setup --bench "$case_mode" --set mode=$want >"$work/plan" || fail "plan --setup"
jq -e 'all(.cases[]; .skipped == null)' "$work/plan" >/dev/null || fail "plan --setup skips: $(jq -c '.cases[] | [.case, .skipped]' "$work/plan")"
undone "plan --setup"
rm -f "$work"/a.db*
modes=(--setup --bench "$case_mode" --set mode=heuristic,always,never --seed 8 --counters none --quiet --json-log "$work/log")
run "${modes[@]}" 2>"$work/err" || fail "run --setup: $(cat "$work/err")"
[[ $(outcomes '.case | startswith("mmap.overcommit/")') == ok ]] || fail "with consent: $(memperf db export --json "$work/a.db" | jq -c '.[] | [.case, .outcome, .reason]')"
undone "run --setup"

# The same again, but no process can be made when the case has what it needs.
at=$(grep '"event":"invocation"' "$work/log" | grep -n "mmap.overcommit/mode=$want" | cut -d: -f1)
cc -O2 -D_GNU_SOURCE -shared -fPIC -o "$work/fail.so" "$(dirname "$0")/storm/fail.c" || exit 1
rm -f "$work"/a.db*
LD_PRELOAD=$work/fail.so STORM_KIND=spawn STORM_AT=$at STORM_ERRNO=11 run "${modes[@]}" 2>"$work/err"
code=$?
((code == 3)) && grep -q 'cannot start memperf-worker' "$work/err" || fail "without processes it ends with $code: $(cat "$work/err")"
[[ $(grep -c '"event":"invocation"' "$work/log") == $((at - 1)) ]] || fail "the case was not the one that could not be started"
undone "a run that can start no more workers"

# The suite consents; a suite that says no does not.
for word in true false; do
	printf 'suite: {\n  defaults: { invocations = 1; budget = "2s"; setup = %s; };\n  cases = ( { bench = "%s"; mode = "%s"; } );\n};\n' \
		$word $case_mode $want >"$work/own.cfg"
	rm -f "$work"/a.db*
	memperf run --suite "$work/own.cfg" --db "$work/a.db" --state "$work/state" --quiet 2>"$work/err"
	got=$(outcomes '.case | startswith("mmap.overcommit/")' 2>/dev/null)
	[[ $got == $([[ $word == true ]] && echo ok || echo skipped) ]] || fail "setup = $word: $got, $(cat "$work/err")"
	undone "setup = $word"
done
printf 'suite: {\n  defaults: { setup = 1; };\n  cases = ( { bench = "mmap.*"; } );\n};\n' >"$work/own.cfg"
memperf plan --suite "$work/own.cfg" 2>&1 | grep -q "own.cfg:2: 'setup' wants true or false" || fail "setup = 1 is taken"

# Killed in the middle, while a case and the run have something set up: the next start puts it back.
# killed SIGNAL PATH: when the record of the case names that path and it is done
killed() {
	local signal=$1 path=$2 pid code
	rm -f "$work"/a.db*
	setsid memperf run --setup --bench "$case_mode" --bench mmap.hugetlb --bench fault.swapin --bench mmap.file --set mode=$want \
		--set backing=ramdisk --set range=2M --invocations 40 --budget 30s --db "$work/a.db" \
		--quiet --state "$work/state" >"$work/out" 2>&1 &
	pid=$!
	# Held still, so that it is killed in the middle of it.
	while kill -0 $pid 2>/dev/null; do
		if grep -qs "$path" "$work/state/case.undo" && kill -STOP $pid; then
			grep -qs "$path" "$work/state/case.undo" && break
			kill -CONT $pid
		fi
		sleep 0.01
	done
	grep -qs "$path" "$work/state/case.undo" || fail "$path was never set up: $(cat "$work/out")"
	for need in "$pool" "$mkfs"; do
		[[ ! -e $need ]] || grep -qs -e hugepages -e /run/memperf/disk "$work/state/run.undo" || fail "no record of the run"
	done
	kill -"$signal" "$pid"
	kill -CONT "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	code=$?
	[[ $signal != INT || $code == 130 ]] || fail "an interrupted run ends with $code"
}
mkfs=$(command -v mkfs.ext4 || echo /nonexistent)
mode=/proc/sys/vm/overcommit_memory
swap=$mode
memperf plan --setup --json --bench fault.swapin | jq -e 'any(.cases[]; .bench == "fault.swapin" and .skipped == null)' >/dev/null && swap=/dev/zram
killed INT $mode
undone "Ctrl-C"
killed TERM $mode
undone "SIGTERM"
killed KILL $mode
[[ -s $work/state/run.undo || ! -e $pool ]] || fail "kill -9 leaves no record"
cmp -s "$work/before" <(machine_state) && fail "nothing was left by kill -9: the test tests nothing"
rm -f "$work"/a.db*
run --bench mmap.rlimit_as >"$work/out" 2>"$work/err" || fail "the run after kill -9: $(cat "$work/err")"
grep -q '^put back what an earlier run' "$work/err" || fail "the next start says nothing: $(cat "$work/err")"
undone "the run after kill -9"
killed KILL $swap
# Who is not root cannot put it back, and does not measure it.
rm -f "$work"/a.db*
setpriv --reuid=65534 --inh-caps=+dac_override --ambient-caps=+dac_override memperf run --bench mmap.rlimit_as --invocations 1 \
	--budget 2s --db "$work/a.db" --state "$work/state" --quiet >"$work/out" 2>&1
code=$?
((code == 3)) && grep -q 'sudo memperf doctor --undo' "$work/out" || fail "a run of somebody else ends with $code: $(cat "$work/out")"
memperf doctor --undo --state "$work/state" >"$work/out" || fail "doctor --undo: $(cat "$work/out")"
undone "doctor --undo after kill -9"

# While somebody measures, nobody changes settings; and a wrong option is still told first.
rm -f "$work"/a.db*
memperf run --bench floor.getppid --invocations 1 --budget 3s --db "$work/a.db" --quiet & pid=$!
sleep 0.5
if kill -0 $pid 2>/dev/null; then
	memperf doctor --undo --state "$work/state" 2>&1 | grep -q 'is measuring' || fail "doctor --undo beside a run"
	memperf run --bench flor.getppid 2>&1 | grep -q 'did you mean' || fail "a wrong name beside a run"
fi
wait $pid

# A record that cannot be written: nothing is changed.
: >"$work/file"
rm -f "$work"/a.db*
memperf run --setup --bench mmap.hugetlb --bench mmap.rlimit_as --invocations 1 --budget 2s --db "$work/a.db" --state "$work/file" --quiet >"$work/out" 2>&1
grep -q 'is no folder' "$work/out" || fail "a state that is no folder: $(cat "$work/out")"
as_before "a state that is no folder"

((failed == 0)) && echo "ok"
exit $failed

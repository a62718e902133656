#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# kill -9 of the coordinator or of a worker at random moments: the results file is sound and holds every invocation that had
# been reported, or no run yet; --resume completes the run; nothing is left behind and every setting is as it was.
# CTest: TIMEOUT 900, RUN_SERIAL FALSE, RESOURCE_LOCK machine, COST 100
set -u
rounds=${MEMPERF_KILL_ROUNDS:-3} seed=${MEMPERF_KILL_SEED:-$RANDOM}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
RANDOM=$seed
round=0
fail() { echo "FAIL: round $round of seed $seed: $*"; exit 1; }
. "$(dirname "$0")/settings.bash"

# Where it can be, one case has something set up while it runs.
setup=()
if [ "$EUID" = 0 ] && [ -w /proc/sys/vm/overcommit_memory ]; then
	mode=always
	[ "$(cat /proc/sys/vm/overcommit_memory)" = 1 ] && mode=heuristic
	setup=(--setup --bench mmap.overcommit --set "mode=$mode")
fi
mkdir "$work/files"
export TMPDIR=$work/files
machine_state >"$work/before"

measure() { exec memperf run --db "$work/a.db" --state "$work/state" --clock raw --no-progress "$@"; }
run() { measure --bench floor.getppid --invocations 1 --budget 1s ${setup[@]+"${setup[@]}"} "$@"; }
worker=$(dirname "$(command -v memperf)")/memperf-worker
pids() { for p in $(pgrep -x memperf-worker); do [ "$(readlink "/proc/$p/exe")" = "$worker" ] && echo "$p"; done; }
workers() { pids | wc -l; }
rows() { memperf db export --json "$work/a.db" | jq -c ".[] | [.case, .outcome, .reason, .invocations]"; }

# Nothing is left: no process, file, segment or setting.
clean() {
	for _ in $(seq 100); do [ "$(workers)" = 0 ] && break; sleep 0.1; done
	[ "$(workers)" = 0 ] || fail "$1: a worker is left"
	machine_state | diff "$work/before" - >"$work/diff" || fail "$1: $(cat "$work/diff")"
	[ -z "$(ls -A "$TMPDIR")" ] || fail "$1: files are left: $(ls -A "$TMPDIR")"
	[ -z "$(ls "$work/state" 2>/dev/null)" ] || fail "$1: a record is left: $(ls "$work/state")"
}

# A coordinator that was killed: what is there is sound, and goes on to its end.
complete() {
	local stored=0 told how=
	for _ in $(seq 100); do [ "$(workers)" = 0 ] && break; sleep 0.1; done
	[ "$(workers)" = 0 ] || fail "a worker outlived its coordinator"
	if [ -e "$work/a.db" ]; then
		if memperf db check "$work/a.db" >"$work/check" 2>&1; then
			stored=$(memperf db info --json "$work/a.db" 2>/dev/null | jq '.[0].invocations // 0')
			memperf db runs "$work/a.db" 2>/dev/null | grep -q '^ *1 ' && how=--resume
		else
			grep -q 'is empty: no run was stored in it yet' "$work/check" || fail "$(cat "$work/check")"
		fi
	fi
	told=$(cat "$work/log" 2>/dev/null | grep -c '"event":"invocation"')
	[ "${stored:-0}" -ge "$told" ] || fail "$told invocations were reported, $stored are stored"
	[ "$(memperf db runs --json "$work/a.db" 2>/dev/null | jq -r '.[0].status')" = complete ] && { over=yes && return; }
	if [ -n "$how" ]; then (measure --resume); else (run); fi >"$work/out" 2>&1 || fail "it does not go on ($how): $(cat "$work/out")"
	gone_on=$((gone_on + ${#how} / 8))
}

# One round kills a coordinator and one a worker; and it goes on until a worker was killed before it had told everything.
gone_on=0 recorded=0 round=0
while ((round < rounds || (recorded == 0 && round < rounds + 20))); do
	round=$((round + 1)) over=
	rm -f "$work"/a.db* "$work/log"
	case $round in 1) whom=$((RANDOM % 2)) ;; 2) whom=$((1 - whom)) ;; *) whom=$((RANDOM % 2)) ;; esac
	run --json-log "$work/log" >"$work/out" 2>&1 &
	pid=$! victim=
	sleep "$(printf '%d.%03d' $((RANDOM % 4)) $((RANDOM % 1000)))"
	if [ $whom = 0 ]; then
		kill -9 "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		complete
	else
		while [ -z "$victim" ] && kill -0 "$pid" 2>/dev/null; do victim=$(pgrep -P "$pid" -x memperf-worker); done
		[ -n "$victim" ] && kill -9 "$victim" 2>/dev/null
		wait "$pid" || fail "a killed worker ended the run: $(cat "$work/out")"
	fi
	clean "whom=$whom"
	memperf db check "$work/a.db" >"$work/check" 2>&1 || fail "$(cat "$work/check")"
	[ "$(memperf db runs --json "$work/a.db" | jq -r '.[0].status')" = complete ] || fail "not complete: $(memperf db runs "$work/a.db")"
	# Killed when all was told, but the file not closed yet: the next writer takes the -wal file in.
	[ -z "$over" ] && [ -e "$work/a.db-wal" ] && fail "a finished run leaves a -wal file"
	memperf db export --json "$work/a.db" >"$work/rows"
	# The killed worker is an outcome of its invocation, and of no other.
	failed=$(jq 'map(select(.outcome == "failed" and (.reason | test("signal 9")))) | length' "$work/rows")
	jq -e --argjson failed "$failed" 'map(select(.outcome != "ok")) | length == $failed' "$work/rows" >/dev/null || fail "$(rows)"
	[ "$failed" -le $whom ] || fail "$failed invocations failed: $(rows)"
	recorded=$((recorded + failed))
done
[ $recorded -gt 0 ] || fail "no killed worker is recorded"
round=end

# A worker that takes too long is ended, and that is recorded; the run goes on.
rm -f "$work"/a.db*
(measure --bench floor.getppid --invocations 1 --budget 5s --timeout 1ms) >"$work/out" 2>&1 ||
	fail "a run of timeouts: $(cat "$work/out")"
memperf db export --json "$work/a.db" | jq -e 'all(.outcome == "timed_out" and (.reason | test("--timeout")))' >/dev/null ||
	fail "timeouts: $(memperf db export "$work/a.db")"
[ "$(workers)" = 0 ] || fail "a worker outlived its timeout"

# Out of memory: the worker dies, not the coordinator, and the reason says so (needs a cgroup of our own).
group=/sys/fs/cgroup/memperf-test-$$ limit=memory.max
[ -e /sys/fs/cgroup/cgroup.controllers ] || { group=/sys/fs/cgroup/memory/memperf-test-$$ limit=memory.limit_in_bytes; }
if mkdir "$group" 2>/dev/null && [ -w "$group/$limit" ] && echo 40M >"$group/$limit"; then
	rm -f "$work"/a.db*
	sh -c "echo \$\$ >$group/cgroup.procs; exec memperf run --bench fault.anon_write --filter 'huge = none and page_tables = warm and range = 64M' \
		--invocations 1 --budget 1s --clock raw --db $work/a.db --quiet" >"$work/out" 2>&1 || fail "out of memory ended the run: $(cat "$work/out")"
	memperf db export --json "$work/a.db" | jq -e 'any(.outcome == "failed" and (.reason | test("out of memory")))' >/dev/null ||
		fail "out of memory: $(memperf db export --json "$work/a.db" | jq -c '.[] | [.case, .outcome, .reason]')"
else
	echo "no memory cgroup of our own here: out of memory is not tested"
fi
[ -d "$group" ] && rmdir "$group"

# Ctrl-C: kept, exit 130, no worker left.
rm -f "$work"/a.db* "$work/log"
run --json-log "$work/log" >"$work/out" 2>&1 & pid=$!
for _ in $(seq 100); do [ -s "$work/log" ] && grep -q '"event":"invocation"' "$work/log" && break; sleep 0.05; done
kill -INT "$pid"; wait "$pid"; code=$?
[ "$code" = 130 ] || fail "an interrupted run exits with $code"
[ "$(memperf db runs --json "$work/a.db" | jq -r '.[0].status')" = interrupted ] || fail "not recorded as interrupted"
[ "$(memperf db info --json "$work/a.db" | jq '.[0].invocations')" -gt 0 ] || fail "an interrupted run keeps nothing"
clean "at the end"
echo "ok: $rounds kills of seed $seed: $gone_on runs went on, $recorded workers recorded"

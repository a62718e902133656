#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# kill -9 of the coordinator, and of a worker, at random moments: the results file opens, is sound and holds every
# invocation that had been reported; nothing is left behind; --resume completes the run.
set -u
rounds=${MEMPERF_KILL_ROUNDS:-12}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
RANDOM=${MEMPERF_KILL_SEED:-4711}
fail() { echo "FAIL: $*"; exit 1; }

# exec: what $! names is memperf itself and no shell around it
run() { exec memperf run --bench 'floor.getppid' --bench 'mmap.pair' --set size=4K --set threads=1 \
	--invocations 4 --budget 8s --db "$work/a.db" --no-progress "$@"; }
worker=$(dirname "$(command -v memperf)")/memperf-worker
pids() { for p in $(pgrep -x memperf-worker); do [ "$(readlink "/proc/$p/exe")" = "$worker" ] && echo "$p"; done; }
workers() { pids | wc -l; }
before_files=$(ls /dev/shm /tmp | grep -c memperf)
before_ipc=$(ipcs -m | wc -l)
before_thp=$(cat /sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null)

for i in $(seq "$rounds"); do
	rm -f "$work"/a.db*
	run --json-log "$work/log" >"$work/out" 2>&1 &
	pid=$!
	sleep "$((RANDOM % 4)).$((RANDOM % 10))"
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	for _ in 1 2 3 4 5 6 7 8 9 10; do [ "$(workers)" = 0 ] && break; sleep 0.1; done
	[ "$(workers)" = 0 ] || fail "round $i: a worker outlived its coordinator"
	[ -e "$work/a.db" ] || continue
	if ! memperf db check "$work/a.db" >"$work/check" 2>&1; then
		# Killed while the file was being created: then it must be refused as a whole.
		memperf db runs "$work/a.db" >/dev/null 2>&1 && fail "round $i: $(cat "$work/check")"
		continue
	fi
	told=$(cat "$work/log" 2>/dev/null | grep -c '"event":"invocation"'); rm -f "$work/log"
	stored=$(memperf db info --json "$work/a.db" | jq '.[0].invocations')
	[ "$stored" -ge "$told" ] || fail "round $i: $told invocations were reported, $stored are stored"
done

# The last file, or a fresh one, goes on to its end.
if ! memperf db runs "$work/a.db" >/dev/null 2>&1; then
	rm -f "$work"/a.db*
	run >/dev/null 2>&1 & pid=$!; sleep 3; kill -9 "$pid"; wait "$pid" 2>/dev/null
fi
if [ "$(memperf db runs --json "$work/a.db" | jq -r '.[0].status')" != complete ]; then
	memperf run --resume --db "$work/a.db" --no-progress >"$work/out" 2>&1 || fail "resume: $(cat "$work/out")"
fi
[ "$(memperf db runs --json "$work/a.db" | jq -r '.[0].status')" = complete ] || fail "resume did not complete"
memperf db export --json "$work/a.db" | jq -e 'all(.outcome == "ok" and .invocations >= 4)' >/dev/null ||
	fail "after resume: $(memperf db export "$work/a.db")"
[ -e "$work/a.db-wal" ] && fail "a finished run leaves a -wal file"

# A worker that is killed is an outcome of its invocation, and the run goes on.
rm -f "$work"/a.db*
run >"$work/out" 2>&1 & pid=$!
killed=0
for _ in $(seq 100); do
	sleep 0.1
	for p in $(pids); do kill -9 "$p" && killed=1; done
	[ "$killed" = 1 ] && break
done
wait "$pid" || fail "a killed worker ended the run: $(cat "$work/out")"
[ "$killed" = 1 ] || fail "no worker was seen"
memperf db export --json "$work/a.db" | jq -e 'any(.outcome == "failed" and (.reason | test("signal 9")))' >/dev/null ||
	fail "the killed worker is not recorded: $(memperf db export --json "$work/a.db" | jq -c '.[]|[.case,.outcome,.reason]')"

# A worker that takes too long is ended, and that is recorded; the run goes on.
rm -f "$work"/a.db*
memperf run --bench 'floor.getppid' --invocations 1 --budget 5s --timeout 1ms --db "$work/a.db" --quiet >"$work/out" 2>&1 ||
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
		--invocations 1 --budget 8s --db $work/a.db --quiet" >"$work/out" 2>&1 || fail "out of memory ended the run: $(cat "$work/out")"
	memperf db export --json "$work/a.db" | jq -e 'any(.outcome == "failed" and (.reason | test("out of memory")))' >/dev/null ||
		fail "out of memory: $(memperf db export --json "$work/a.db" | jq -c '.[] | [.case, .outcome, .reason]')"
else
	echo "no memory cgroup of our own here: out of memory is not tested"
fi
[ -d "$group" ] && rmdir "$group"

# Ctrl-C: kept, exit 130, no worker left.
rm -f "$work"/a.db*
run >"$work/out" 2>&1 & pid=$!
sleep 3; kill -INT "$pid"; wait "$pid"; code=$?
[ "$code" = 130 ] || fail "an interrupted run exits with $code"
[ "$(workers)" = 0 ] || fail "a worker outlived an interrupted run"
[ "$(memperf db runs --json "$work/a.db" | jq -r '.[0].status')" = interrupted ] || fail "not recorded as interrupted"
[ "$(memperf db info --json "$work/a.db" | jq '.[0].invocations')" -gt 0 ] || fail "an interrupted run keeps nothing"

[ "$(ls /dev/shm /tmp | grep -c memperf)" = "$before_files" ] || fail "files were left behind"
[ "$(ipcs -m | wc -l)" = "$before_ipc" ] || fail "SysV segments were left behind"
[ "$(cat /sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null)" = "$before_thp" ] || fail "a setting was changed"
echo "ok: $rounds kills"

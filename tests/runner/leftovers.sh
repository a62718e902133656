#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs of the benchmarks that make objects which outlive a process (SysV segments, names in /dev/shm, files) are killed in
# the middle, the coordinator or the worker: nothing of it is left.
# CTest: TIMEOUT 120
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*"; exit 1; }
command -v ipcs >/dev/null || { echo "skipped: ipcs is not installed"; exit 77; }
worker=$(dirname "$(command -v memperf)")/memperf-worker
RANDOM=${MEMPERF_KILL_SEED:-815}

state() {
	ipcs -m | awk 'NR > 3 { print $1, $2 }'
	ls /dev/shm /var/tmp "$work/files" | grep -v '^memperf-test-'
	grep memperf /proc/self/mountinfo
}
children() { for p in $(pgrep -P "$1" -x memperf-worker); do [[ $(readlink "/proc/$p/exe") == "$worker" ]] && echo "$p"; done; }

# The worker is in namespaces of its own while it measures: what it makes is nobody else's.
inside() {
	[[ $(readlink "/proc/$1/ns/ipc") != $(readlink /proc/self/ns/ipc) ]]
}
mkdir "$work/files"
export TMPDIR=$work/files
state >"$work/before"
seen=0
run() { exec memperf run --bench "$1" --invocations 3 --budget 6s --db "$work/a.db" --quiet --no-progress; }

for round in shmctl.rmid_live:worker shmget.create:coordinator shmposix.unlink:worker shmposix.create:coordinator msync.sync_dirty:worker memfd.punch:coordinator; do
	bench=${round%:*} whom=${round#*:}
	rm -f "$work"/a.db*
	run "$bench" >"$work/out" 2>&1 &
	pid=$!
	victim=
	for _ in $(seq 100); do
		sleep 0.05
		victim=$(children "$pid" | head -1)
		[[ -n $victim ]] && break
	done
	[[ -n $victim ]] || fail "$round: no worker was seen: $(cat "$work/out")"
	sleep "0.$((RANDOM % 4))"
	[[ $bench == shmctl.rmid_live ]] && inside "$victim" 2>/dev/null && seen=1
	[[ $whom == coordinator ]] && victim=$pid
	kill -9 "$victim" 2>/dev/null
	[[ $whom == coordinator ]] || kill -INT "$pid"
	wait "$pid" 2>/dev/null
	for _ in $(seq 50); do
		state >"$work/now"
		cmp -s "$work/before" "$work/now" && break
		sleep 0.1
	done
	cmp -s "$work/before" "$work/now" || fail "$round: $(diff "$work/before" "$work/now")"
done
echo "ok: six runs killed, nothing left (segments in a namespace of the worker's own: $seen)"

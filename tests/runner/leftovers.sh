#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs of the benchmarks that make objects which outlive a process (SysV segments, names in /dev/shm, files) are killed in
# the middle, the coordinator or the worker: nothing of it is left.
# CTest: TIMEOUT 300, RUN_SERIAL FALSE, RESOURCE_LOCK machine, COST 100
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*"; exit 1; }
((EUID == 0)) || { echo "skipped: only root can look into the namespaces of another process"; exit 77; }
command -v ipcs >/dev/null || { echo "skipped: ipcs is not installed"; exit 77; }
worker=$(dirname "$(command -v memperf)")/memperf-worker

state() {
	ipcs -m | awk 'NR > 3 { print $1, $2 }'
	ls /dev/shm /var/tmp "$work/files" | grep -v '^memperf-test-'
	grep memperf /proc/self/mountinfo | grep -v /memperf-test-
}
children() { for p in $(pgrep -P "$1" -x memperf-worker); do [[ $(readlink "/proc/$p/exe") == "$worker" ]] && echo "$p"; done; }

posix=/dev/shm

# Does the worker hold what its benchmark makes? Objects in namespaces of its own are looked for there.
holds() {
	case $2 in
	shmposix.*) ls "/proc/$1/root$posix" | grep -qx 'memperf-[0-9]*' ;;
	shm*) nsenter -t "$1" -i ipcs -m | grep -q '^0x' ;;
	memfd.*) readlink "/proc/$1"/fd/* | grep -q memfd:memperf ;;
	*) readlink "/proc/$1"/fd/* | grep -q "^$work/files/" ;;
	esac 2>/dev/null
}
mkdir "$work/files"
export TMPDIR=$work/files
state >"$work/before"
run() { exec memperf run --bench "$1" --invocations 3 --budget 6s --db "$work/a.db" --quiet --no-progress; }

for round in shmdt.detach:worker shmctl.stat:coordinator shmposix.unlink:worker shmposix.open:coordinator msync.sync_dirty:worker memfd.punch:coordinator; do
	bench=${round%:*} whom=${round#*:} victim=
	# The first workers measure the floor; and what is held for a moment only may not be seen in one run.
	for try in 1 2 3 4 5; do
		rm -f "$work"/a.db*
		run "$bench" >"$work/out" 2>&1 &
		pid=$!
		while [[ -z $victim ]] && kill -0 "$pid" 2>/dev/null; do
			for p in $(children "$pid"); do holds "$p" "$bench" && victim=$p; done
			sleep 0.02
		done
		[[ -n $victim ]] && break
	done
	[[ -n $victim ]] || fail "$round: no worker held anything: $(cat "$work/out")"
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
echo "ok: six runs killed while they held segments, names and files, and nothing left"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Least privilege, seen in /proc from outside: while a case is measured, its worker, every thread of it and every process that it
# made have the capabilities that the case uses and no other; they pass none on, and no program gives them one.
# CTest: TIMEOUT 120, RUN_SERIAL FALSE, RESOURCE_LOCK machine, COST 100
set -u
((EUID == 0)) || { echo "skipped: an ordinary user's workers have nothing to give up"; exit 77; }
grep -q '^CapPrm:.*[1-9a-f]' /proc/self/status || { echo "skipped: this root has no capabilities"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'kill $(jobs -p) 2>/dev/null; rm -rf -- "$work"' EXIT
cd -- "$work" || exit 1
fail() { echo "FAIL: $*"; exit 1; }
worker=$(readlink -f -- "$(dirname -- "$(command -v memperf)")/memperf-worker")

# look WHOSE PID...: a line for each thread of each, and of the processes that they made: whose, inheritable, permitted, effective
# and ambient capabilities, NoNewPrivs
look() {
	local pid task
	for pid in "${@:2}"; do
		for task in /proc/"$pid"/task/*; do
			awk -v line="$1" '/^Cap(Inh|Prm|Eff|Amb):|^NoNewPrivs:/ { line = line " " $2 } END { if (NR) print line }' \
				"$task/status" 2>/dev/null
		done
		(($(ls /proc/"$pid"/task 2>/dev/null | wc -l) < 2)) || echo "$1 threads"
		look child $(cat /proc/"$pid"/task/*/children 2>/dev/null)
	done
}

# One locks memory, another one may not; one advises a child; others have two threads that are measured, a helping
# thread, a helping process, namespaces of their own.
memperf run --quiet --counters none --invocations 2 --budget 8s --db a.db --bench mlock.limit --bench mlock.resident --bench process_madvise.cold \
	--bench fault.throughput --bench munmap.shootdown --bench brk.mt --bench shmctl.stat --set threads=2 --set processes=2 --set vectors=1 \
	--filter "not (family = mlock or family = munmap) or (size = 4K or size = 64K) and not huge = thp" >out 2>&1 &
run=$!
while kill -0 $run 2>/dev/null; do
	for pid in $(cat /proc/$run/task/*/children 2>/dev/null); do
		[[ $(readlink "/proc/$pid/exe") == "$worker" ]] || continue
		# From here on it has set up.
		while [[ -e /proc/$pid ]] && ! grep -q '^NoNewPrivs:.1' "/proc/$pid/status" 2>/dev/null; do sleep 0.01; done
		sleep 0.03
		look worker "$pid" >>seen
		while [[ -e /proc/$pid && $(readlink "/proc/$pid/exe") == "$worker" ]]; do sleep 0.01; done
	done
	sleep 0.01
done
wait $run || fail "the run ends with $?: $(cat out)"
bad=$(sqlite3 a.db "SELECT text, outcome, reason FROM run_case JOIN kase USING (case_id) WHERE outcome <> 'ok'
	UNION ALL SELECT 'no two threads', '', '' WHERE NOT EXISTS (SELECT 1 FROM kase WHERE text LIKE '%/threads=2%')")
[[ -z $bad ]] || fail "not measured: $bad"
sort -u seen >found
# linux/capability.h: CAP_IPC_LOCK is bit 14, CAP_SYS_NICE bit 23.
none=0000000000000000 lock=0000000000004000 nice=0000000000800000
for line in "child $none $none $none $none 1" "worker $none $lock $lock $none 1" "worker $none $nice $nice $none 1" \
	"worker $none $none $none $none 1" "worker threads"; do
	echo "$line"
done | sort >wanted
diff wanted found || fail "seen is not what is wanted"
echo "ok: $(grep -c 'worker 0' seen) threads of workers seen, and $(grep -c 'child 0' seen) of their children"

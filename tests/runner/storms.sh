#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Faults in the middle of a run, one line of the table each: it ends as the line says, with one sentence where it fails; what was
# reported is stored, the file is sound and --resume completes it; no process, file or setting is left. kill.sh has kill -9 and memory
# that runs out, full.sh a full disk, setup.sh what is set up meanwhile.
#
# Each line has namespaces of its own: the lock of 'memperf run' is a name in the network's, and what is mounted over /proc and
# /sys stays there. No time is judged, so that two measure at once.
# CTest: TIMEOUT 300, RUN_SERIAL FALSE, PROCESSORS 2
set -u
: "${MEMPERF_SOURCE:?}" "${MEMPERF_BUILD:?}"
here=$MEMPERF_SOURCE/tests/runner
. "$here/settings.bash"
for tool in jq sqlite3 setpriv; do command -v $tool >/dev/null || { echo "skip: $tool is not installed"; exit 77; }; done
((EUID == 0)) && unshare -mn true 2>/dev/null || { echo "skip: no namespaces may be made here"; exit 77; }
work=$(mktemp -d /tmp/memperf-test-XXXXXX) || exit 1
trap 'rm -rf -- "$work"' EXIT
chmod 755 "$work"
memperf=$(command -v memperf)
ldd "$memperf" | grep -q 'lib[at]san' && { echo "skip: a sanitizer takes these calls itself"; exit 77; }
cc -O2 -D_GNU_SOURCE -shared -fPIC -o "$work/fail.so" "$here/storm/fail.c" && cc -O2 -D_GNU_SOURCE -o "$work/deny" "$here/storm/deny.c" || exit 1
worker=$(readlink -f -- "$(dirname -- "$memperf")/memperf-worker")
number() { printf '#include <sys/syscall.h>\nSYS_%s\n' "$1" | cc -E -P - | tail -n 1; }

run=(memperf run --no-progress --bench floor.getppid --invocations 1 --budget 1s --clock raw --db a.db --state state)

# --- what happens meanwhile: begun behind the run, whose process is $1, once something was reported ------------------------------

workers() { local p; for p in $(cat /proc/"$1"/task/*/children 2>/dev/null); do [[ $(readlink "/proc/$p/exe") == "$worker" ]] && echo "$p"; done; }
stop_worker() {
	local pid=
	while [[ -z $pid && -d /proc/$1 ]]; do pid=$(workers "$1" | head -n 1); done
	kill -STOP "$pid"
}
lock_file() { sqlite3 a.db "BEGIN IMMEDIATE" ".shell touch locked; sleep $2" >/dev/null; }
shrink_cpuset() { echo "${group_cpus%%[-,]*}" >"$group/cpuset.cpus"; }

# --- how the run is begun ------------------------------------------------------------------------------------------------------------

failing() { LD_PRELOAD=$work/fail.so STORM_KIND=$1 STORM_AT=$2 STORM_ERRNO=$3 exec "${@:4}"; }
denied() { local error=$1 numbers=() name; for name in ${2//,/ }; do numbers+=("$(number "$name")"); done; exec "$work/deny" "$error" "${numbers[@]}" -- "${@:3}"; }
# How many are left does not go by what the caller's caller had open.
few_files() {
	local fd
	for fd in /proc/$BASHPID/fd/*; do
		fd=${fd##*/}
		((fd < 3 || fd == 255)) || exec {fd}>&-
	done
	ulimit -n "$1"
	exec "${@:2}"
}
without() {
	local piece
	for piece in ${1//,/ }; do
		if [[ -d $piece ]]; then mount -t tmpfs none "$piece"; elif [[ -e $piece ]]; then mount --bind /dev/null "$piece"; fi || exit 99
	done
	exec "${@:2}"
}
unprivileged() { chown -R 65534:65534 .; exec setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --no-new-privs "$@"; }
powerless() { exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$@"; }
plainly() { exec "$@"; }
in_cpuset() {
	echo "$group_cpus" >"$group/cpuset.cpus" && cat /sys/fs/cgroup/cpuset/cpuset.mems >"$group/cpuset.mems" &&
		echo $BASHPID >"$group/tasks" && exec "$@"
}

# storm CODE SENTENCE OUTCOMES MEANWHILE HOW...: the run ends with CODE; where that is not 0 it says SENTENCE in one line; where
# it is, the outcomes and reasons that are stored are all of OUTCOMES, and one is SENTENCE. Several CODEs: any.
storm() {
	local codes=$1 sentence=$2 outcomes=$3 meanwhile=$4 how=("${@:5}") folder pid child code told stored bad
	storm_name="${how[*]} ${meanwhile}"
	folder=$(mktemp -d "$work/XXXXXX") && cd "$folder" && mkdir files || exit 1
	export TMPDIR=$folder/files
	group=/sys/fs/cgroup/cpuset/memperf-test-$BASHPID
	if [[ ${how[0]} == in_cpuset ]]; then
		[[ -e /sys/fs/cgroup/cpuset/tasks ]] && mkdir "$group" 2>/dev/null || { echo "not tried: cpusets of version 1 cannot be made here"; return; }
		group_cpus=$(cat /sys/fs/cgroup/cpuset/cpuset.cpus)
	fi
	("${how[@]}" timeout -k 1 "$limit" "${run[@]}" --json-log log) >out 2>err &
	pid=$!
	if [[ $meanwhile != : ]]; then
		until grep -q '"event":"invocation"' log 2>/dev/null; do kill -0 $pid 2>/dev/null || break; sleep 0.01; done
		read -r child < <(cat /proc/$pid/task/*/children 2>/dev/null)
		$meanwhile "$child"
	fi
	wait $pid
	code=$?
	[[ " $codes " == *" $code "* ]] || fail "ends with $code: $(cat err)"
	if ((code)); then
		[[ $(grep -c '^memperf: ' err) == 1 ]] && grep -q "^memperf: .*$sentence" err || fail "it says: $(cat err)"
	fi
	[[ ! -d $group ]] || { sleep 0.2; rmdir "$group" || fail "its cpuset is busy"; }
	for _ in {1..50}; do [[ -z $(pgrep -g 0 -f "$folder") ]] && break; sleep 0.1; done
	[[ -z $(ls -A files) ]] || fail "files are left: $(ls -A files)"
	[[ -z $(ls -A state 2>/dev/null) ]] || fail "a record is left"
	[[ -z $(find . -newer "$work/deny" -type f ! -name 'a.db*' ! -path ./log ! -path ./out ! -path ./err ! -path ./locked) ]] || fail "left: $(ls)"
	[[ -e a.db ]] || { ((code)) || fail "no results file"; return; }
	told=$(grep -c '"event":"invocation"' log 2>/dev/null)
	stored=$(sqlite3 a.db "SELECT count(*) FROM invocation" 2>/dev/null || echo 0)
	((stored >= told)) || fail "$told invocations were reported, $stored are stored"
	if ! memperf db check a.db >check 2>&1; then
		grep -q 'is empty: no run was stored' check || fail "$(cat check)"
		return
	fi
	if [[ $(sqlite3 a.db "SELECT count(*) FROM run") == 0 ]]; then
		((code)) || fail "no run is stored"
		return
	fi
	if [[ $(sqlite3 a.db "SELECT status FROM run") != complete ]]; then
		((code)) || fail "it is not complete"
		timeout -k 1 "$limit" "${run[@]:0:2}" --resume --quiet --db a.db --state state >again 2>&1 || fail "it does not go on: $(cat again)"
		[[ $(sqlite3 a.db "SELECT group_concat(DISTINCT status) FROM run") == complete ]] || fail "it does not come to an end"
		memperf db check a.db >check 2>&1 || fail "$(cat check)"
	fi
	((code == 0)) || return
	bad=$(sqlite3 a.db "SELECT DISTINCT outcome, reason FROM invocation WHERE instr(' $outcomes ', ' ' || outcome || ' ') = 0")
	[[ -z $bad ]] || fail "outcomes: $bad"
	[[ -z $sentence || $codes != 0 ]] || sqlite3 a.db "SELECT reason FROM invocation UNION SELECT reason FROM counter_value" | grep -q "$sentence" ||
		fail "nothing says '$sentence': $(sqlite3 a.db "SELECT DISTINCT outcome, reason FROM invocation")"
}
fail() { echo "FAIL: $storm_name: $*"; exit 1; }

machine_state >"$work/before"
declare -f >"$work/functions"
# No fault makes it hang: what an undisturbed run takes, twice, as this machine may be busy, and 10 s.
SECONDS=0
(cd "$work" && mkdir plain && cd plain && unshare -n "${run[@]}") >"$work/plain.out" 2>&1 || { cat "$work/plain.out"; exit 1; }
limit=$((2 * SECONDS + 10))
declare -p run work worker memperf limit >>"$work/functions"
kept='cannot .*a.db'
sed '/^#/d; /^$/d' <<T >"$work/table"
# the disk: full, read-only, broken, from the Nth write on
storm 3 "disk is full" ok : failing write 60 28
storm 3 "disk is full" ok : failing write 700 28
storm 3 "$kept" ok : failing write 400 30
storm 3 "$kept" ok : failing write 900 5
# another program that writes it, for a while and for good
storm 0 '' ok 'lock_file x 1.5' plainly
storm 3 'is locked\|another program' ok 'lock_file x 9' plainly
# processes that cannot be made, files that cannot be opened
storm 3 'cannot start memperf-worker: Resource temporarily unavailable' ok : failing spawn 3 11
storm 3 'cannot start memperf-worker: Cannot allocate memory' ok : failing spawn 1 12
storm 3 'Too many open files' ok : few_files 6
storm 3 'Too many open files' ok : few_files 8
storm 3 'cannot create shared memory of .*: Too many open files' ok : few_files 9
# the calendar's clock, an hour back and ten years ahead
storm 0 '' ok : failing clock 6 -3600
storm 0 '' ok : failing clock 6 315360000
# a worker that stands still
run+=(--timeout 1s); storm 0 'the worker was ended after 1 s' 'ok timed_out' stop_worker plainly
# CPUs that are taken away
storm 0 "check 'seat' failed\|outside the cpuset\|cannot" 'ok invalid failed' shrink_cpuset in_cpuset
# what a container leaves out or refuses
storm 0 '' ok : powerless
storm 0 '' ok : unprivileged
storm 0 '' ok : without /sys
storm 0 '' ok : without /proc/meminfo,/proc/cpuinfo,/proc/vmstat,/proc/stat,/proc/zoneinfo,/proc/buddyinfo,/proc/cmdline,/proc/swaps,/proc/sys
storm 3 'mount procfs' ok : without /proc
storm 0 '' ok : denied 1 perf_event_open
run+=(--counters none); storm 0 '' ok : denied 38 perf_event_open,pidfd_open,mlock,get_mempolicy
run+=(--mem bind:0); storm 0 'policy' 'ok failed' : denied 1 mbind,set_mempolicy
storm 3 'cannot run on CPU' ok : denied 1 sched_setaffinity
storm 0 'cannot give up privileges' failed : denied 1 capset
storm 3 'cannot create shared memory' ok : denied 38 memfd_create
T
xargs -d '\n' -a "$work/table" -P 2 -I {} unshare -mn bash -c '. "$0/functions"; ip link set lo up 2>/dev/null; {}' "$work" >"$work/found" 2>&1
cat "$work/found"
! grep -qv '^not tried' "$work/found" || exit 1
machine_state | diff "$work/before" - || { echo "FAIL: the machine is not as it was"; exit 1; }
echo "ok: $(wc -l <"$work/table") faults"

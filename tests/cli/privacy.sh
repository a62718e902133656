#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A results file tells nobody whose machine it is: after a real run, with a made-up name of the host, a user's paths in the
# environment and in options, and everything that this machine's own files call a serial number, UUID, address or id, none
# is in it. Nor is who judges, unless they say so; and a run goes on without the files that its options named.
# CTest: TIMEOUT 300, RUN_SERIAL FALSE, RESOURCE_LOCK machine, COST 100
set -u
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
failed=0

fail() {
	echo "FAIL: $*"
	failed=1
}

# One word a line, of this machine; words that are too short or mean nothing would be found in any file.
secrets() {
	{
		cat /etc/machine-id /var/lib/dbus/machine-id /etc/hostname /proc/sys/kernel/random/boot_id
		cat /sys/class/dmi/id/*serial* /sys/class/dmi/id/*uuid* /sys/class/dmi/id/*asset_tag*
		cat /sys/class/net/*/address /sys/class/net/*/permaddr
		cat /sys/block/*/serial /sys/block/*/device/serial /sys/block/*/device/wwid /sys/block/*/wwid
		ls /dev/disk/by-uuid /dev/disk/by-partuuid
		awk -F: '$3 >= 1000 && $3 < 60000 { print $1 }' /etc/passwd
	} 2>/dev/null | tr -d '\0' | grep -Ev '^(.{0,7}|[0: .-]*|None|Not Specified|Default string|unknown)$' | sort -u
}

host=farm-17-anna
run=(memperf run --bench floor.getppid --invocations 1 --budget 1s --quiet --db "$work/run.db")
export LIBPFM_UNKNOWN=/home/$host/pfm LD_LIBRARY_PATH=/home/$host/lib MALLOC_CONF=prof_prefix:/home/$host LOGNAME=$host USER=$host
if unshare --uts true 2>/dev/null; then
	unshare --uts bash -c 'hostname "$1" && shift && exec "$@"' - "$host" "${run[@]}" || fail "the run ends with $?"
else
	"${run[@]}" || fail "the run ends with $?"
fi
sqlite3 "$work/run.db" .dump >"$work/dump" || fail "no dump"
grep -q "INSERT INTO fact" "$work/dump" || fail "no facts in the file"
grep -q "LIBPFM_UNKNOWN=... LD_LIBRARY_PATH=" "$work/dump" || grep -q 'LIBPFM_UNKNOWN=\.\.\.' "$work/dump" || fail "the names of the variables are not told"

[[ $(sqlite3 "$work/run.db" "SELECT ifnull(value, 'unknown') = source_commit FROM fact JOIN run USING (run_id)
	WHERE fact_group = 'build' AND key = 'commit'") == 1 ]] || fail "memperf's commit is no fact"

secrets >"$work/secrets"
grep -oiFf "$work/secrets" "$work/dump" | sort -u | while read -r word; do echo "in the file: ${word:0:4}..."; done | grep . && failed=1
grep -oi "$host" "$work/dump" "$work/run.db" && fail "the host's name or a user's path is in the file"
grep -oiE '\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b' "$work/dump" && fail "a hardware address is in the file"
# The only UUID is the run's own.
own=$(sqlite3 "$work/run.db" "SELECT uuid FROM run")
grep -oiE '[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}' "$work/dump" | sort -u | grep -v "^$own$" && fail "another UUID is in the file"

# What the compiler knew of the builder's folders is not in what a failing assertion says.
strip -g -o "$work/worker" "$(dirname -- "$(command -v memperf)")/memperf-worker" || fail "no worker"
grep -q -- "$MEMPERF_SOURCE/" "$work/worker" && fail "the worker names the folder that it was built in"

# Everything in a user's home: what options name, and the place for files, which is not there.
user=annatest home=$work/home/annatest db=$work/home/annatest/home.db
mkdir -p "$home" && printf 'suite: { cases = ( { bench = "floor.getppid"; }, { bench = "mincore.file_*"; backing = "disk"; size = "2M"; } ); };\n' >"$home/own.cfg"
cp "$MEMPERF_SOURCE/configs/counters/faults.cfg" "$home/counted.cfg" || fail "no group to copy"
as_anna=(env HOME="$home" USER="$user" LOGNAME="$user" TMPDIR="$home/tmp" memperf)
"${as_anna[@]}" run --suite "$home/own.cfg" --counters "$home/counted.cfg" --invocations 8 --budget 4s --no-progress --db "$db" \
	--json-log "$work/log" >"$work/out" 2>&1 &
pid=$!
for ((i = 0; i < 200; i++)); do
	grep -q '"event":"invocation"' "$work/log" 2>/dev/null && break
	sleep 0.1
done
kill -INT "$pid" && wait "$pid"
(($? == 130)) || fail "the run was not interrupted: $(cat "$work/out")"
rm "$home"/*.cfg
"${as_anna[@]}" run --resume --quiet --db "$db" >"$work/out" 2>&1 || fail "the run does not go on: $(cat "$work/out")"
[[ $(sqlite3 "$db" "SELECT status, suite, min(n) > 1 AND max(n) = min(n) FROM run JOIN (SELECT run_id, count(*) AS n FROM run_case
	JOIN invocation USING (run_case_id) GROUP BY run_case_id) USING (run_id)") == 'complete|own|1' ]] ||
	fail "the run did not go on to its end: $(memperf db runs "$db")"
(($(sqlite3 "$db" "SELECT count(*) FROM counter_value JOIN counter USING (counter_id) WHERE metric = 'minor_faults'") > 0)) ||
	fail "the run went on without its counters"
sqlite3 "$db" "SELECT plan_json FROM run" | grep -q 'no directory for a file on disk' || fail "no case misses its folder"
"${as_anna[@]}" db baseline "$db" latest >"$work/out" 2>&1 || fail "no baseline: $(cat "$work/out")"
"${as_anna[@]}" db accept "$db" 'floor.*' --at '#1' --reason why --all >"$work/out" 2>&1 || fail "not accepted: $(cat "$work/out")"
sqlite3 "$db" .dump >"$work/dump"
memperf db topology "$db" >>"$work/dump" || fail "no topology"
grep -oi -E ".{0,60}($user|$work).{0,20}" "$work/dump" && fail "a user's name or path is in the file"
grep -q . <(sqlite3 "$db" "SELECT author FROM baseline UNION SELECT author FROM accepted") && fail "somebody judged"

# What the owner says is stored.
memperf db baseline "$db" latest --author "A. N. Na" >"$work/out" && memperf db baseline "$db" --json | jq -e '.[0].author == "A. N. Na"' >/dev/null ||
	fail "who pinned is not stored"
memperf db accept "$db" 'floor.*' --at '#1' --reason why --all --author "A. N. Na" >"$work/out" &&
	memperf db accept "$db" --json | jq -e '.[0].author == "A. N. Na"' >/dev/null || fail "who judged is not stored"
"${run[@]}" --host "my machine" || fail "the run ends with $?"
[[ $(sqlite3 "$work/run.db" "SELECT group_concat(host) FROM run ORDER BY run_id") =~ ^machine-[0-9a-f]{8},my\ machine$ ]] || fail "hosts: $(sqlite3 "$work/run.db" "SELECT host FROM run")"
exit $failed

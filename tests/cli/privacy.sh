#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A results file tells nobody whose machine it is: after a real run, with a made-up name of the host, a user's paths in the
# environment and everything that this machine's own files call a serial number, UUID, address or id, none is in it.
# CTest: TIMEOUT 60
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
run=(memperf run --bench floor.getppid --invocations 1 --quiet --db "$work/run.db")
export LIBPFM_UNKNOWN=/home/$host/pfm LD_LIBRARY_PATH=/home/$host/lib MALLOC_CONF=prof_prefix:/home/$host LOGNAME=$host USER=$host
if unshare --uts true 2>/dev/null; then
	unshare --uts bash -c 'hostname "$1" && shift && exec "$@"' - "$host" "${run[@]}" || fail "the run ends with $?"
else
	"${run[@]}" || fail "the run ends with $?"
fi
sqlite3 "$work/run.db" .dump >"$work/dump" || fail "no dump"
grep -q "INSERT INTO fact" "$work/dump" || fail "no facts in the file"
grep -q "LIBPFM_UNKNOWN=... LD_LIBRARY_PATH=" "$work/dump" || grep -q 'LIBPFM_UNKNOWN=\.\.\.' "$work/dump" || fail "the names of the variables are not told"

secrets >"$work/secrets"
grep -oiFf "$work/secrets" "$work/dump" | sort -u | while read -r word; do echo "in the file: ${word:0:4}..."; done | grep . && failed=1
grep -oi "$host" "$work/dump" "$work/run.db" && fail "the host's name or a user's path is in the file"
grep -oiE '\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b' "$work/dump" && fail "a hardware address is in the file"
# The only UUID is the run's own.
own=$(sqlite3 "$work/run.db" "SELECT uuid FROM run")
grep -oiE '[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}' "$work/dump" | sort -u | grep -v "^$own$" && fail "another UUID is in the file"

# What the owner says is stored.
"${run[@]}" --host "my machine" || fail "the run ends with $?"
[[ $(sqlite3 "$work/run.db" "SELECT group_concat(host) FROM run ORDER BY run_id") =~ ^machine-[0-9a-f]{8},my\ machine$ ]] || fail "hosts: $(sqlite3 "$work/run.db" "SELECT host FROM run")"
exit $failed

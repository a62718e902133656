#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What starts nights: the units are as systemd wants them, change nothing of what is measured, and the one that goes on runs
# as the other does; the line for cron gives options that there are.
# CTest: TIMEOUT 30
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"
configs="$MEMPERF_SOURCE/configs"

# What installs a seccomp filter, through which every timed system call would go: what systemd.exec(5) names under
# NoNewPrivileges, because without privileges a filter needs that.
filters=" DynamicUser LockPersonality MemoryDenyWriteExecute PrivateDevices ProtectClock ProtectHostname ProtectKernelLogs
	ProtectKernelModules ProtectKernelTunables RestrictAddressFamilies RestrictNamespaces RestrictRealtime
	RestrictSUIDSGID SystemCallArchitectures SystemCallFilter SystemCallLog "

for unit in "$configs"/systemd/*.service; do
	while IFS='=' read -r name _; do
		[[ $filters != *[[:space:]]"$name"[[:space:]]* ]] || bad "${unit##*/}: $name installs a seccomp filter"
	done < <(grep -E '^[A-Za-z]+=' "$unit")
	grep -qE '^(Memory|Tasks|CPU|IO)[A-Za-z]*=' "$unit" && bad "${unit##*/}: a limit whose accounting is in the path"
done

# settings UNIT: what it says of the process, but the command
settings() {
	sed -n '/^\[Service]/,$ { /^ExecStart=/d; /^#/d; /^$/d; p }' "$configs/systemd/$1"
}
cmp -s <(settings memperf-nightly.service) <(settings memperf-nightly-continue.service) ||
	bad "a night that goes on is not measured as it began: $(diff <(settings memperf-nightly.service) <(settings memperf-nightly-continue.service))"

# The commands are some that memperf takes: with --judge, or with nothing to go on with, nothing is measured.
grep -hoE '/usr/local/bin/memperf .*' "$configs"/systemd/*.service "$configs/cron/memperf-nightly" >commands
[[ $(grep -c -- --continue commands) == 2 && $(wc -l <commands) == 4 ]] || bad "not two commands of each kind: $(cat commands)"
while read -r _ words; do
	[[ $words == *--continue* ]] || words+=" --judge"
	MEMPERF_CONFIGS="$configs" memperf $words >out 2>err
	status=$?
	case $words in
	*--judge) [[ $status == 3 ]] && grep -q "no results file 'nightly.db'" err || bad "'memperf $words' ends with $status: $(cat err)" ;;
	*) [[ $status == 0 && ! -s out && ! -s err ]] || bad "'memperf $words' ends with $status: $(cat out err)" ;;
	esac
done <commands

if command -v systemd-analyze >/dev/null; then
	cp "$configs"/systemd/* .
	sed -i "s|/usr/local/bin/memperf|$MEMPERF_BUILD/bin/memperf|" ./*.service
	systemd-analyze verify ./*.service ./*.timer >err 2>&1 || bad "units: $(head -n 3 err)"
	[[ ! -s err ]] || bad "units: $(head -n 3 err)"
fi
exit $((failures > 0))

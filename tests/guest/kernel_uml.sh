#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel module in Debian's user-mode-linux: every request that can be made, hostile ones, what is charged, who may ask; nothing
# of it is left behind. tests/guest/kernel_suite.sh measures there.
# CTest: TIMEOUT 900, RESOURCE_LOCK guests, COST 185
. "$(dirname -- "$0")/x86.bash"
. "$(dirname -- "$0")/kernels.bash"
guest_needs
kernel_uml
kernel_module

# A load that fails and an unload that is refused must be seen from outside, so each says its word.
guest_disk "
busybox insmod /bin/memperf.ko && echo loaded
sh -c 'exec 9</dev/memperf; busybox rmmod memperf' 2>/dev/null || echo held
kmod matrix
$(kernel_group)
kmod charged /group/one
su nobody -c 'kmod closed'
kmod hostile 10000 3
state() { echo \"state \$1 \$(busybox awk '/^(MemAvailable|SUnreclaim|VmallocUsed|Percpu):/ { printf \"%s \", \$2 }' /proc/meminfo)\"; }
sleep 1
state before
kmod hostile 20000 5
kmod matrix
sleep 1
state after
memperf run --bench kmalloc.pair --sabotage skip --invocations 1 --budget 1s --no-progress --quiet --db /tmp/skipped.db
memperf db export --json /tmp/skipped.db | busybox grep -q '\"invalid\"' && echo noticed
i=0
while busybox rmmod memperf && busybox [ \$((i = i + 1)) -lt 20 ] && busybox insmod /bin/memperf.ko; do :; done
echo reloaded \$i
busybox dmesg" "$work/memperf.ko" "$MEMPERF_BUILD/tests/kmod"
guest_boot 600 >"$work/console"

kernel_console matrix charged closed hostile
for word in loaded held noticed 'reloaded 20'; do
	grep -q "^$word" "$work/console" || kernel_fail "not '$word'"
done
# In kB; what is available may move by what the rest of the system does.
read -r -a before < <(sed -n 's/^state before //p' "$work/console")
(($(grep -c '^kmod matrix ok' "$work/console") == 2 && $(grep -c '^kmod hostile ok' "$work/console") == 2)) ||
	kernel_fail "a pass did not come to its end"
read -r -a after < <(sed -n 's/^state after //p' "$work/console")
((${#before[@]} == 4 && ${#after[@]} == 4)) || kernel_fail "the memory was not read"
((before[0] - after[0] < 4096 && after[1] - before[1] < 1024 && after[2] - before[2] < 512 && after[3] - before[3] < 256)) ||
	kernel_fail "memory is missing: ${before[*]} kB became ${after[*]} kB"
echo ok

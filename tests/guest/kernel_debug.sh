#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel module in a kernel that looks for mistakes (debug.bash), emulated with two CPUs: every request that can be made, hostile
# ones, signals, allocations that fail, memory that is short, a memory cgroup's limit, the kernel suite, several loads. The kernel
# reports nothing, no object is lost and no memory missing; and mistakes made on purpose afterwards are all reported.
# CTest: TIMEOUT 7200, RESOURCE_LOCK guests, COST 140, FIXTURES_REQUIRED debug_kernel
. "$(dirname -- "$0")/x86.bash"
. "$(dirname -- "$0")/kernels.bash"
. "$(dirname -- "$0")/debug.bash"
guest_needs sqlite3
kernel_debug
kernel_module
kernel_beside fault
loads=5
# vmalloc keeps memory here that no counter has, once for the addresses that areas had: most likely KASAN's shadow, an eighth of them. A
# module of 1,024 areas that has nothing of memperf's lost 14 MB, and none when it did so again; nor did the suite's areas (15 MB, none), nor
# all else of it in two passes. Whole suites lost 14 and 54 MB, by which the limit was set; lost pages show in kernels without KASAN.
shadow=0
if kernel_whole; then
	loads=20
	shadow=65536
fi

# What KASAN keeps of freed objects is given back by a shrink of their cache. kmemleak lists what it has seen unreferenced in two scans,
# and for five seconds, by the name of the program that ran: mistakes are loaded by "insmod", the module is not. The kernel's log is put
# aside before its buffer is full. Of the mistakes in the end the order of locks comes first: after the first report of any kind lockdep
# says no more, so that its own shows that it was on until then.
guest_disk "
$kernel_state
settle() {
	for cache in /sys/kernel/slab/*/shrink; do echo 1 >\$cache; done
	sleep 2
	echo \"depot \$1 \$(busybox sed -n 's/^pools: //p' /sys/kernel/debug/stackdepot/stats)\"
	state \$1
	echo meminfo \$1 \$(busybox cat /proc/meminfo)
	busybox awk -v when=\$1 '{ n[\$3] += \$2 } END { for (who in n) print \"area\", when, who, n[who] }' /proc/vmallocinfo
}
fault() { /bin/insmod /bin/fault.ko what=\$1 2>/dev/null; }
now() { busybox cut -d. -f1 /proc/uptime; }
at() {
	echo \"at \$(now) \$1\"
	busybox dmesg -c >>/tmp/log
}
echo; echo started
busybox ln -s busybox /bin/insmod
mount -t debugfs debug /sys/kernel/debug
busybox mkdir /group && mount -t cgroup2 group /group && echo +memory >/group/cgroup.subtree_control && busybox mkdir /group/one /group/two
cd /sys/kernel/debug/failslab
echo Y >task-filter; echo 1000000000 >times; echo 0 >verbose; echo N >ignore-gfp-wait; echo 10 >probability
fault caches
echo 0 >probability
cd /
busybox insmod /bin/memperf.ko
at matrix
matrix 53
at hostile
hostile 10000 17 /bin/memperf.ko
at cancel
kmod cancel
at charged
kmod charged /group/one
at settle
settle before
at failing
strain failing 10
at pressure
strain pressure
at limited
strain limited /group/two
at suite
$(kernel_run "$kernel_each_benchmark")
at reload
i=0
while busybox rmmod memperf && busybox [ \$((i = i + 1)) -lt $loads ] && busybox insmod /bin/memperf.ko; do :; done
echo reloaded \$i
at settle
settle after
fault leak
old=\$(( \$(now) + 6 ))
at database
$(guest_send /tmp/kernel.db)
echo
at leaks
while busybox [ \$(now) -lt \$old ]; do sleep 1; done
echo scan >/sys/kernel/debug/kmemleak
echo scan >/sys/kernel/debug/kmemleak
at planted
{
	cat /tmp/log
	echo planted
	cat /sys/kernel/debug/kmemleak
	echo listed
	for what in order overrun sleep list; do fault \$what; done
	busybox dmesg
} >/tmp/said
at said
$(guest_send /tmp/said)
echo
at over
busybox reboot -f" "$work/"{memperf,fault}.ko "$MEMPERF_BUILD/tests/"{kmod,matrix,hostile,strain}
kernel_boot 900 -cpu max,-erms -smp 2,sockets=2 -m 1024
grep '^at ' "$work/console"
guest_receive "$work/console" /tmp/said "$work/said" && cat -- "$work/said" >>"$work/console"

kernel_console matrix hostile cancel charged failing pressure limited
grep -q "^reloaded $loads\$" "$work/console" || guest_fail "not loaded and unloaded $loads times"
# A chunk of variables for each CPU is spared when all of it is free.
kernel_balanced 4096 2048 $shadow

# What the kernel itself loses when its allocations fail was shown by a module that has nothing of memperf's.
kernel_leaks | sort >"$work/leaks"
sed -n 's/^insmod //p' "$work/leaks" | grep -vx planted >"$work/known"
lost=$(sed '/^insmod /d; s/^[^ ]* //' "$work/leaks" | grep -vxFf "$work/known")
[[ -z $lost ]] || guest_fail "objects are lost: $lost"
echo "$(grep -vc '^insmod ' "$work/leaks") objects are lost as without memperf"

# Each mistake is seen by who judges the log above.
planted() {
	sed -n '/^planted/,$p' "$work/console" | kernel_reports | grep -q "$1" || guest_fail "not reported: $1"
}
planted 'KASAN: slab-out-of-bounds'
planted 'sleeping function called from invalid context'
planted 'list_del corruption'
planted 'possible circular locking dependency'
(($(grep -cx 'insmod planted' "$work/leaks") >= 5)) || guest_fail "lost objects are not found"

kernel_measured
# A kernel like this is recognised, and nothing is judged by what it costs there.
kernel_debugging_is 'fatal: KASAN_GENERIC, PROVE_LOCKING, LOCKDEP, DEBUG_VM, DEBUG_KMEMLEAK, DEBUG_ATOMIC_SLEEP; remedy: boot a kernel without%'
kernel_is "SELECT value LIKE 'yes: kernel debugging: KASAN_GENERIC%' FROM fact WHERE fact_group = 'doctor' AND key = 'noisy'" 1
kernel_is "SELECT count(DISTINCT name) >= 110 FROM $kernel_cases" 1
kernel_is "SELECT count(*) > 150, sum(failed) FROM check_result WHERE name IN ('in_context', 'as_named')" '1|0'
echo ok

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel module in Debian's kernel, emulated with two CPUs: what user-mode-linux has not. Objects are freed on another CPU than
# the one that allocated them, hardware interrupts are real, vmalloc maps huge pages, addresses and slabs are kept by CPU, and
# memory is asked for on another node. How long
# that takes in an emulation says nothing. All of it is measured by a user who has no privilege but memperf's group, to which the device
# belongs as the rule for udev says; who is not in it is told what helps.
# CTest: TIMEOUT 7200, RESOURCE_LOCK guests, COST 40
. "$(dirname -- "$0")/x86.bash"
. "$(dirname -- "$0")/kernels.bash"
guest_needs sqlite3
kernel_meta linux-image-cloud-amd64
kernel_module
kernel_nodes

# A kernel that takes signed modules only, by its parameter and then by lockdown, says so to whoever loads one.
kernel_afterwards="$kernel_why
echo Y >/sys/module/module/parameters/sig_enforce
! busybox insmod /bin/memperf.ko && why '(module.sig_enforce): sign it' && echo unsigned
mount -t securityfs security /sys/kernel/security && echo integrity >/sys/kernel/security/lockdown
! busybox insmod /bin/memperf.ko && why 'lockdown accepts signed modules only: sign it' && echo locked"
rule=$(grep -o 'GROUP="[a-z]*", MODE="[0-7]*"' "$MEMPERF_SOURCE/configs/privileges/60-memperf.rules")
IFS='"' read -r _ group _ mode _ <<<"$rule"
outsider="su nobody -c 'memperf run --bench kfloor.pair --invocations 1 --budget 1s --quiet --db /tmp/nobody.db && memperf report /tmp/nobody.db'"
kernel_as='su ada -c'
kernel_smp "busybox chgrp $group /dev/memperf && busybox chmod $mode /dev/memperf
$outsider | busybox tr -s '\\n ' '  ' | busybox grep -q \"'sudo adduser USER memperf'\" && echo outside" \
	--bench kfloor.pair --bench "'kmalloc.*'" --bench "'vmalloc_huge.*'" --bench "'kmem_cache_shrink.*'" \
	--bench "'vmalloc_amortised.*'" --bench vmalloc_busy.pair --bench vmap_align.alloc --bench "'*_node.pair'" \
	--filter "'context = remote and size = 256 or context = hardirq or size = 8M or batch = 16 or areas = 1024 or size = 1M or node = local or node = remote'"
if kernel_whole; then
	kernel_each_family_ran process kthread bhoff irqsoff softirq hardirq remote
else
	kernel_is "SELECT sum(text LIKE '%context=remote%'), sum(text LIKE '%context=hardirq%'), sum(family = 'vmalloc_huge'), sum(text LIKE '%node=remote%') FROM $kernel_cases" '4|2|4|4'
	kernel_is "SELECT count(*), sum(failed) FROM check_result WHERE name = 'in_context'" '23|0'
	kernel_is "SELECT count(*), sum(failed) FROM check_result WHERE name = 'as_named'" '17|0'
fi
grep -q '^outside' "$work/console" || guest_fail "who is not in the group is not told what helps"
kernel_is "SELECT DISTINCT value FROM fact WHERE fact_group = 'process' AND key IN ('root', 'capabilities') ORDER BY 1" $'no\nnone'
for word in unsigned locked; do
	grep -q "^$word" "$work/console" || guest_fail "not '$word'"
done
echo ok

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel module at native speed, in Debian's user-mode-linux: jobs end when they are told to, the whole kernel suite runs, and
# what it measures agrees with what is known of the allocators.
# CTest: TIMEOUT 600, RUN_SERIAL TRUE
. "$(dirname -- "$0")/x86.bash"
. "$(dirname -- "$0")/kernels.bash"
guest_needs sqlite3
kernel_uml
kernel_module

guest_disk "
busybox insmod /bin/memperf.ko
kmod cancel
$(kernel_group)
echo 0 >/group/one/cgroup.procs
memperf run --suite kernel --invocations 1 --budget 15s --no-progress --quiet --db /tmp/kernel.db
busybox dmesg
$(guest_send /tmp/kernel.db)" "$work/memperf.ko" "$MEMPERF_BUILD/tests/kmod"
guest_boot 300 >"$work/console"

kernel_console cancel
guest_receive "$work/console" /tmp/kernel.db "$work/kernel.db" || kernel_fail "no database came back"
memperf db check "$work/kernel.db" >/dev/null || kernel_fail "the database is not sound"
# User-mode-linux maps no huge pages.
kernel_is "SELECT DISTINCT outcome, reason FROM $kernel_cases WHERE family <> 'vmalloc_huge'" 'ok|'
kernel_is "SELECT DISTINCT outcome, reason LIKE '%built without it' FROM $kernel_cases WHERE family = 'vmalloc_huge'" 'skipped|1'
kernel_is "SELECT count(DISTINCT name) >= 100, count(*) > 200 FROM $kernel_cases" '1|1'
kernel_is "SELECT value FROM fact WHERE fact_group = 'module' AND key = 'commit'" \
	"$(git -C "$MEMPERF_SOURCE" -c safe.directory='*' rev-parse --short=12 HEAD 2>/dev/null)"
# Every operation has per-call distributions, and every context proved itself.
kernel_is "SELECT count(*) FROM $kernel_cases c WHERE outcome = 'ok' AND NOT EXISTS (SELECT 1 FROM point p WHERE p.run_case_id = c.run_case_id
	AND mode = 'call' AND population = 'all')" 0
kernel_is "SELECT count(*) > 150, sum(failed) FROM check_result WHERE name = 'in_context'" '1|0'
kernel_is "SELECT count(DISTINCT detail) > 1, min(detail LIKE '0x% GFP_%__GFP_NOWARN%') FROM check_result WHERE name = 'gfp'" '1|1'
# What can be seen to have done what its name says did, and what is accounted was charged to the group that the suite ran in.
kernel_is "SELECT count(DISTINCT family), sum(r.failed) FROM check_result r JOIN invocation USING (invocation_id) JOIN $kernel_cases USING (run_case_id)
	WHERE r.name = 'as_named'" '12|0'
kernel_is "SELECT count(*) > 5, min(r.detail LIKE '%, charged') FROM check_result r JOIN invocation USING (invocation_id) JOIN $kernel_cases USING (run_case_id)
	WHERE r.name = 'gfp' AND text LIKE '%gfp=account%'" '1|1'

# cost CASE: ns of one operation among many
cost() {
	sqlite3 "$work/kernel.db" "SELECT s.value FROM summary s JOIN run_case USING (run_case_id) JOIN kase USING (case_id)
		WHERE text = '$1' AND s.mode = 'batch' AND s.population = 'all' AND s.metric = 'p50'"
}

# holds WHAT EXPRESSION: of awk
holds() {
	awk "BEGIN { exit !($2) }" || kernel_fail "not so: $1: $2"
}

pages=context=process/gfp=kernel/live=512/order
slab=context=process/gfp=kernel/live=512/size
holds "the module's own loop costs a nanosecond or two" "$(cost kfloor.pair/context=process) < 3"
holds "an operation costs more than the loop" "$(cost "kmalloc.alloc/$slab=64") > 5"
holds "512 pages cost more than one" "$(cost "pages.alloc/$pages=9") > 4 * $(cost "pages.alloc/$pages=0")"
holds "clearing costs" "$(cost "kzalloc.alloc/$slab=4K") > 1.5 * $(cost "kmalloc.alloc/$slab=4K")"
holds "kzalloc is kmalloc and clearing" "$(cost "kzalloc.pair/context=process/gfp=kernel/size=4K") < 2 * \
$(cost "kmalloc_memset.pair/context=process/gfp=kernel/size=4K")"
holds "what outgrows its size class is moved" "$(cost krealloc_grow.apply/$slab=4K) > 2 * $(cost krealloc_fit.apply/$slab=256)"
holds "objects in bulk cost less than as many single ones" "$(cost kmem_cache_bulk.alloc/batch=64/$slab=256) < 64 * $(cost kmem_cache.alloc/$slab=256)"
holds "vmalloc grows with pages" "$(cost "vmalloc.alloc/$slab=1M") > 8 * $(cost "vmalloc.alloc/$slab=4K")"
echo ok

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel module at native speed, in Debian's user-mode-linux: every request that can be made, hostile ones, signals, the
# whole kernel suite, by a user who has no privilege but the group of the device; what it measures agrees with what is known of the
# allocators, and nothing of it is left behind. It is one that is newer than memperf: it has an allocator more than that has families
# for, and operations more of one that it has a family for.
# CTest: TIMEOUT 900, RESOURCE_LOCK guests, COST 60
. "$(dirname -- "$0")/x86.bash"
. "$(dirname -- "$0")/kernels.bash"
. "$MEMPERF_SOURCE/tests/cli/documented.bash"
guest_needs sqlite3
kernel_uml
mkdir -p -- "$work/kmod/allocators"
cp -- "$MEMPERF_SOURCE/tests/guest/described/"*.c "$work/kmod/allocators"
sed '/^\tX(percpu)$/s/$/ X(kmalloc_array) X(kmalloc_steady2)/' "$MEMPERF_SOURCE/kmod/allocators.h" >"$work/kmod/allocators.h"
kernel_module

# As README says it.
load=$(documented 'sudo insmod' | sed 's|sudo|busybox|; s|build/kmod|/bin|')
measure=$(documented 'sudo build/bin/memperf run --suite kernel' | sed 's|sudo build/bin/||; s|results/db|/tmp|')
probe=$(documented 'sudo modprobe' | sed 's|sudo|busybox|')

# A load that fails and an unload that is refused must be seen from outside, so each says its word.
LC_ALL=C sed 's/vermagic=[0-9]/vermagic=1/' "$work/memperf.ko" >"$work/other.ko"
# One that speaks another version.
sed -i 's/\.abi = MPK_ABI/.abi = MPK_ABI + 1/' "$work/kmod/describe.c"
kernel_make -C "$kernel_build" M="$work/kmod" modules
strip -g -o "$work/newer.ko" "$work/kmod/memperf.ko"
guest_disk "
$kernel_state
$kernel_why
busybox mkdir -p /libexec/memperf && busybox cp /bin/memperf-worker /libexec/memperf
why 'install memperf-dkms and linux-headers-' && echo packaged
busybox rm -r /libexec
why 'to build it: sudo apt-get install linux-headers-' && echo headerless
busybox insmod /bin/newer.ko && why \"of another version than this memperf (it speaks version \" && why 'rmmod memperf && make -C kmod' &&
	memperf doctor | busybox grep -q 'kernel module .* of another version than this memperf' && echo newer
busybox rmmod memperf
! busybox insmod /bin/other.ko && why 'for another kernel (version magic' && echo refused
$load && busybox mv /dev/memperf /dev/moved && why \"is no /dev/memperf: mknod\" && echo nodeless
busybox mv /dev/moved /dev/memperf
test -c /dev/memperf && echo loaded
echo \$(memperf list kmalloc_array | busybox grep -c '^kmalloc_array\..* yes ') \
	\$(memperf help --complete=run --complete=--bench --complete=kmalloc_array | busybox grep -c ^kmalloc_array) described
echo \$(memperf list 'kmalloc.*' | busybox grep -c '^kmalloc\..* yes ') of kmalloc
sh -c 'exec 9</dev/memperf; busybox rmmod memperf' 2>/dev/null || echo held
matrix
busybox mkdir /group && mount -t cgroup2 group /group && echo +memory >/group/cgroup.subtree_control && busybox mkdir /group/one
kmod charged /group/one
kmod cancel
su nobody -c 'kmod closed'
su nobody -c 'memperf list --bench kfloor.pair' | busybox tr -s '\\n ' '  ' | busybox grep -q 'the group of /dev/memperf' && echo grouped
busybox chown 0:65534 /dev/memperf && busybox chmod 660 /dev/memperf
su nobody -c 'kmod opened'
busybox chown 0:0 /dev/memperf && busybox chmod 600 /dev/memperf
hostile 10000 3
sleep 1
state before
hostile 20000 5
matrix
sleep 1
state after
echo 0 >/group/one/cgroup.procs
busybox chgrp memperf /dev/memperf && busybox chmod 660 /dev/memperf
su ada -c '$measure --invocations 1 --budget 15s --no-progress --quiet'
echo \"\$(busybox grep -c ^memperf- /proc/slabinfo) caches left\"
physics refill
physics touch
memperf run $(printf ' --bench=%s' pages.pair/context=process/gfp=kernel/order={0..5} \
	{kmalloc,kzalloc,kmalloc_memset}.pair/context=process/gfp=kernel/size=4K) \
	--invocations 2 --budget 2s --no-progress --quiet --db /tmp/physics.db
memperf run --bench kmalloc.pair --sabotage skip@kmalloc.pair --invocations 1 --budget 1s --no-progress --quiet --db /tmp/skipped.db
memperf db export --json /tmp/skipped.db | busybox grep -q '\"invalid\"' && echo noticed
i=0
while busybox rmmod memperf && busybox [ \$((i = i + 1)) -lt 20 ] && busybox insmod /bin/memperf.ko; do :; done
echo reloaded \$i
modules=/lib/modules/\$(busybox uname -r) && busybox mkdir -p \$modules && busybox cp /bin/memperf.ko \$modules && busybox depmod
$probe && test -c /dev/memperf && echo probed
busybox rmmod memperf
busybox dmesg
echo 1 >/proc/sys/kernel/modules_disabled
! busybox insmod /bin/memperf.ko && why 'kernel.modules_disabled=1): reboot, then insmod' && echo disabled
$(guest_send /tmp/kernel.db)
$(guest_send /tmp/physics.db)" "$work/"{memperf,newer,other}.ko "$MEMPERF_BUILD/tests/"{kmod,matrix,hostile,physics}
guest_boot 600 >"$work/console"

kernel_console matrix charged cancel closed opened hostile
for word in refill touch; do
	grep "^physics $word ok" "$work/console" || guest_fail "no 'physics $word ok'"
done
for word in packaged headerless newer disabled refused nodeless loaded held grouped noticed probed '5 5 described' '6 of kmalloc' '0 caches left' 'reloaded 20'; do
	grep -q "^$word" "$work/console" || guest_fail "not '$word'"
done
(($(grep -c '^kmod matrix ok' "$work/console") == 2 && $(grep -c '^kmod hostile ok' "$work/console") == 2)) ||
	guest_fail "a pass did not come to its end"
kernel_balanced 1024

for name in kernel physics; do
	guest_receive "$work/console" /tmp/$name.db "$work/$name.db" || guest_fail "no $name.db came back"
done
memperf db check "$work/kernel.db" >/dev/null || guest_fail "the database is not sound"
# User-mode-linux maps no huge pages.
kernel_is "SELECT DISTINCT outcome, reason FROM $kernel_cases WHERE family <> 'vmalloc_huge'" 'ok|'
kernel_is "SELECT DISTINCT outcome, reason LIKE '%built without it' FROM $kernel_cases WHERE family = 'vmalloc_huge'" 'skipped|1'
kernel_is "SELECT count(DISTINCT name) >= 100, count(*) > 200 FROM $kernel_cases" '1|1'
kernel_is "SELECT DISTINCT value FROM fact WHERE fact_group = 'process' AND key IN ('root', 'capabilities') ORDER BY 1" $'no\nnone'
kernel_is "SELECT value FROM fact WHERE fact_group = 'module' AND key = 'commit'" \
	"$(git -C "$MEMPERF_SOURCE" -c safe.directory='*' rev-parse --short=12 HEAD 2>/dev/null)"
# Every operation has per-call distributions, and every context proved itself.
kernel_is "SELECT count(*) FROM $kernel_cases c WHERE outcome = 'ok' AND NOT EXISTS (SELECT 1 FROM point p WHERE p.run_case_id = c.run_case_id
	AND mode = 'call' AND population = 'all')" 0
kernel_is "SELECT count(*) > 150, sum(failed) FROM check_result WHERE name = 'in_context'" '1|0'
kernel_is "SELECT count(DISTINCT detail) > 1, min(detail LIKE '0x% GFP_%__GFP_NOWARN%' OR detail LIKE '0x% GFP_TRANSHUGE') FROM check_result WHERE name = 'gfp'" '1|1'
# What can be seen to have done what its name says did, and what is accounted was charged to the group that the suite ran in.
kernel_is "SELECT count(DISTINCT family), sum(r.failed) FROM check_result r JOIN invocation USING (invocation_id) JOIN $kernel_cases USING (run_case_id)
	WHERE r.name = 'as_named'" '22|0'
kernel_is "SELECT count(*) > 5, min(r.detail LIKE '%, charged') FROM check_result r JOIN invocation USING (invocation_id) JOIN $kernel_cases USING (run_case_id)
	WHERE r.name = 'gfp' AND text LIKE '%gfp=account%'" '1|1'
kernel_is "SELECT count(*) > 3, min(r.detail LIKE '% GFP_TRANSHUGE') FROM check_result r JOIN invocation USING (invocation_id) JOIN $kernel_cases USING (run_case_id)
	WHERE r.name = 'gfp' AND text LIKE '%gfp=transhuge%'" '1|1'

# What memperf has no family for is measured as the others are, and can be read where no module is loaded.
kernel_is "SELECT group_concat(DISTINCT name) FROM (SELECT name FROM $kernel_cases WHERE family = 'kmalloc_array' ORDER BY 1)" \
	kmalloc_array.alloc,kmalloc_array.apply,kmalloc_array.free,kmalloc_array.pair,kmalloc_array.steady
kernel_is "SELECT group_concat(DISTINCT name) FROM (SELECT name FROM $kernel_cases WHERE family = 'kmalloc' AND outcome = 'ok' ORDER BY 1)" \
	kmalloc.alloc,kmalloc.apply,kmalloc.free,kmalloc.pair,kmalloc.steady,kmalloc.steady2
checks() {
	echo "SELECT r.name FROM check_result r JOIN invocation USING (invocation_id) JOIN $kernel_cases USING (run_case_id) WHERE family = '$1'"
}
kernel_is "SELECT count(*) FROM ($(checks krealloc_grow) EXCEPT $(checks kmalloc_array))" 0
! memperf list kmalloc_array >/dev/null 2>&1 || guest_fail "a family is there without the module"
memperf report "$work/kernel.db" --filter 'family = kmalloc_array' | grep -q '^kmalloc_array.pair: ' || guest_fail "no report"
memperf compare "$work/kernel.db" "$work/kernel.db" --filter 'family = kmalloc_array' | grep -q '^kmalloc_array.pair' || guest_fail "no comparison"

# cost CASE [DATABASE]: ns of one operation among many, where what else this machine does disturbed least
cost() {
	sqlite3 "$work/${2-kernel}.db" "SELECT min(s.min) FROM invocation_stat s JOIN invocation USING (invocation_id)
		JOIN run_case USING (run_case_id) JOIN kase USING (case_id) WHERE text = '$1' AND s.mode = 'batch' AND s.population = 'all'"
}

# holds WHAT EXPRESSION: of awk
holds() {
	awk "BEGIN { exit !($2) }" || guest_fail "not so: $1: $2"
}

pages=context=process/gfp=kernel/live=512/order
slab=context=process/gfp=kernel/live=512/size
holds "the module's own loop costs a nanosecond or two" "$(cost kfloor.pair/context=process) < 3"
holds "the module's own loops go round" "$(cost kfloor.free/context=process/free_order=random/live=512) > 0.15"
holds "an operation costs more than the loop" "$(cost "kmalloc.alloc/$slab=64") > 5"
holds "an allocator costs the same by whatever name" "$(cost "kmalloc_array.alloc/$slab=64") < 2 * $(cost "kmalloc.alloc/$slab=64")"
holds "two objects cost more than one" "$(cost "kmalloc.steady2/$slab=64") > 1.2 * $(cost "kmalloc.steady/$slab=64/touch=none")"
holds "512 pages cost more than one" "$(cost "pages.alloc/$pages=9") > 4 * $(cost "pages.alloc/$pages=0")"
holds "clearing costs" "$(cost "kzalloc.alloc/$slab=4K") > 1.5 * $(cost "kmalloc.alloc/$slab=4K")"
pair=pair/context=process/gfp=kernel
read -r kmalloc kzalloc both < <(for name in kmalloc kzalloc kmalloc_memset; do cost $name.$pair/size=4K physics; done | tr '\n' ' ')
holds "kzalloc is kmalloc and clearing" "$kzalloc - $kmalloc < 1.3 * ($both - $kmalloc) && $kzalloc - $kmalloc > 0.7 * ($both - $kmalloc)"
# Orders up to 3 come from the CPU's lists, and larger ones from the zone, which costs little on one CPU. Each page is checked
# (free_pages_prepare() in mm/page_alloc.c): some 4 ns, and what tells the orders apart.
for order in {0..5}; do
	orders[order]=$(cost pages.$pair/order=$order physics)
done
echo "alloc_pages and __free_pages by order, ns: ${orders[*]}; kmalloc, kzalloc, kmalloc and memset of 4K: $kmalloc $kzalloc $both"
for order in 1 2 3; do
	holds "order $order costs what order 0 does, and the checks" "${orders[order]} < 2.2 * ${orders[0]} && ${orders[order]} > 0.8 * ${orders[0]}"
done
holds "each page of orders 4 and 5 is checked" "${orders[4]} > ${orders[3]} && ${orders[5]} > 1.4 * ${orders[3]}"
holds "what outgrows its size class is moved" "$(cost krealloc_grow.apply/$slab=4K) > 2 * $(cost krealloc_fit.apply/$slab=256)"
holds "objects in bulk cost less than as many single ones" "$(cost kmem_cache_bulk.alloc/batch=64/$slab=256) < 64 * $(cost kmem_cache.alloc/align=8/$slab=256)"
holds "vmalloc grows with pages" "$(cost "vmalloc.alloc/$slab=1M") > 8 * $(cost "vmalloc.alloc/$slab=4K")"
holds "a cache costs more than an object of it" "$(cost kmem_cache_create.alloc/context=process/live=32/size=256) > 10 * $(cost kmem_cache.alloc/align=8/$slab=256)"

echo ok

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel module in Debian's PREEMPT_RT kernel, emulated with two CPUs, where the locks of allocators sleep: with interrupts off and
# in them nothing is measured and the reason is told, everything that is offered runs where it says it does, and the kernel complains
# of nothing.
# CTest: TIMEOUT 7200, RESOURCE_LOCK guests, COST 40
. "$(dirname -- "$0")/x86.bash"
. "$(dirname -- "$0")/kernels.bash"
guest_needs sqlite3
kernel_meta linux-image-rt-amd64
kernel_module
kernel_memory_console

kernel_smp "matrix 53
memperf plan --bench kfloor.pair" "$kernel_each_family"
kernel_console matrix
grep -q '^kmod matrix ok.*; in process kthread bhoff softirq remote$' "$work/console" || guest_fail "not the contexts of PREEMPT_RT"
for refusal in 'irqsoff: PREEMPT_RT: allocators take locks that sleep' 'hardirq: this kernel cannot interrupt itself'; do
	grep -A 1 "^dropped: not legal: ${refusal#*: }" "$work/console" | grep -q "kfloor.pair/context=${refusal%%: *}$" ||
		guest_fail "not refused: $refusal"
done
kernel_each_family_ran process kthread bhoff softirq remote
echo ok

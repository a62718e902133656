#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel module in the newest kernel that the release offers beside its own, emulated with two CPUs: it compiles without a
# warning, and every family of the kernel's allocators is measured.
# CTest: TIMEOUT 7200, RESOURCE_LOCK guests, COST 40
. "$(dirname -- "$0")/x86.bash"
. "$(dirname -- "$0")/kernels.bash"
guest_needs sqlite3
kernel_meta "$(kernel_newest cloud-amd64)"
kernel_module

kernel_smp "matrix 17" "$kernel_each_family"
kernel_console matrix
kernel_each_family_ran process kthread bhoff irqsoff softirq hardirq remote
echo ok

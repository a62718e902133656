#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel module in Debian's kernels, emulated with two CPUs: it is built for each and loaded, contexts are really entered
# (hardware interrupts, too), hostile requests and signals do no harm, and memperf run brings a database home. How long
# things take in an emulation says nothing; user-mode-linux (kernel_uml.sh) is for that.
# CTest: TIMEOUT 600, PROCESSORS 2
. "$(dirname -- "$0")/x86.bash"
. "$(dirname -- "$0")/kernels.bash"
guest_needs sqlite3

# Byte-wise string stores are slow in the emulation, and so is clearing whatever is allocated.
guest_arguments=init_on_alloc=0
booted=0
for meta in linux-image-cloud-amd64 linux-image-6.12-cloud-amd64; do
	apt-cache show "$meta" >/dev/null 2>&1 || continue
	kernel_meta "$meta"
	kernel_module
	guest_disk "
echo started
memperf list --bench kmalloc.alloc | busybox tail -n 3
busybox insmod /bin/memperf.ko && echo loaded
su nobody -c 'kmod closed'
su nobody -c 'memperf list --bench kmalloc.alloc' | busybox tail -n 3
kmod cancel
kmod hostile 3000 11
memperf run --suite kernel --filter 'context != process' --invocations 1 --budget 1s --no-progress --quiet --db /tmp/kernel.db
busybox rmmod memperf && echo unloaded
busybox dmesg
$(guest_send /tmp/kernel.db)" "$work/memperf.ko" "$MEMPERF_BUILD/tests/kmod"
	guest_boot 250 -cpu max,-erms -smp 2 -m 1024 >"$work/console"
	# The emulator's own races kill a boot now and then.
	if ! grep -q '^started' "$work/console"; then
		echo "note: $meta did not boot, once more"
		guest_boot 250 -cpu max,-erms -smp 2 -m 1024 >"$work/console"
	fi
	kernel_console closed cancel hostile
	for word in loaded unloaded; do
		grep -q "^$word" "$work/console" || kernel_fail "$meta: not '$word'"
	done
	grep -q 'not here: memperf.s kernel module is not loaded.*insmod' "$work/console" || kernel_fail "no word on how to load it"
	grep -q 'not here: memperf.s kernel module answers root alone' "$work/console" || kernel_fail "no word on who may use it"
	rm -f "$work/kernel.db"
	guest_receive "$work/console" /tmp/kernel.db "$work/kernel.db" || kernel_fail "$meta: no database came back"
	kernel_is "SELECT DISTINCT outcome, reason FROM $kernel_cases" 'ok|'
	kernel_is "SELECT count(*) > 15, count(DISTINCT word) FROM $kernel_cases JOIN case_param USING (case_id) WHERE axis = 'context'" '1|5'
	kernel_is "SELECT count(*) > 15, sum(failed) FROM check_result WHERE name = 'in_context'" '1|0'
	booted=$((booted + 1))
done
((booted)) || guest_skip "this release offers no linux-image-cloud-amd64"
echo "ok: $booted kernels"

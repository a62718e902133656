# SPDX-License-Identifier: GPL-3.0-or-later
# For tests that look whether a run leaves the machine as it was.

# Everything that a run may set up or make, as it is now: settings, swap, mounts, devices, SysV segments, shared memory, files.
machine_state() {
	cat /proc/sys/vm/overcommit_{memory,ratio,kbytes} /sys/kernel/mm/hugepages/*/nr_hugepages /proc/swaps
	cat /sys/kernel/mm/transparent_hugepage/{enabled,shmem_enabled,*/enabled} 2>/dev/null
	grep -e memperf -e /dev/loop /proc/self/mountinfo | grep -v /memperf-test-
	grep -H . /sys/block/zram*/disksize /sys/block/loop*/loop/backing_file 2>/dev/null
	ls -d /run/memperf 2>/dev/null
	ipcs -m | awk 'NR > 3 { print $1, $2 }'
	ls -d /dev/shm/* /var/tmp/memperf* 2>/dev/null | grep -v /memperf-test-
}

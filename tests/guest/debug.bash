# SPDX-License-Identifier: GPL-3.0-or-later
# A kernel that looks for the mistakes of what runs in it: Debian's linux-source, built with KASAN, lockdep, kmemleak, checks of lists
# and of sleep in atomic context, and failures that can be injected. Sourced after kernels.bash.
#
#	kernel_debug                chooses that kernel, as kernel_meta does; built once for a source, compiler and configuration, in
#	                            some ten minutes of two CPUs
#	kernel_leaks                of what kmemleak listed on the console between "planted" and "listed", a line per object: the name of
#	                            the program, and "planted" when that is what it says, or the functions that allocated it, from the
#	                            innermost to the last one before a module's
#
# It has no PCI, ACPI, network or disks: what the guest does not use costs minutes to build and seconds to boot. Nor has it static
# keys, whose changes of running code an emulation may miss.

# kernel_debug_tree SOURCE: the image, and of the built source what modules are built with. Options that are not named are off; one that
# is named must be what it says in the end.
kernel_debug_tree() {
	local line ccache

	kernel_source "$1" || return
	cat >source/memperf.config <<-'CONFIG'
		CONFIG_64BIT=y
		CONFIG_EXPERT=y
		CONFIG_SMP=y
		CONFIG_NR_CPUS=4
		CONFIG_HOTPLUG_CPU=y
		CONFIG_PREEMPT=y
		CONFIG_HZ_100=y
		CONFIG_NO_HZ_IDLE=y
		CONFIG_HIGH_RES_TIMERS=y
		CONFIG_CC_OPTIMIZE_FOR_SIZE=y
		CONFIG_PRINTK=y
		CONFIG_LOG_BUF_SHIFT=20
		CONFIG_BUG=y
		CONFIG_DEBUG_BUGVERBOSE=y
		CONFIG_TTY=y
		CONFIG_SERIAL_8250=y
		CONFIG_SERIAL_8250_CONSOLE=y
		CONFIG_BLK_DEV_INITRD=y
		CONFIG_BINFMT_ELF=y
		CONFIG_BINFMT_SCRIPT=y
		CONFIG_MODULES=y
		CONFIG_MODULE_UNLOAD=y
		CONFIG_MULTIUSER=y
		CONFIG_FUTEX=y
		CONFIG_NET=y
		CONFIG_UNIX=y
		CONFIG_EPOLL=y
		CONFIG_SIGNALFD=y
		CONFIG_TIMERFD=y
		CONFIG_EVENTFD=y
		CONFIG_POSIX_TIMERS=y
		CONFIG_FILE_LOCKING=y
		CONFIG_INOTIFY_USER=y
		CONFIG_ADVISE_SYSCALLS=y
		CONFIG_MEMBARRIER=y
		CONFIG_RSEQ=y
		CONFIG_PROC_FS=y
		CONFIG_PROC_SYSCTL=y
		CONFIG_PROC_PAGE_MONITOR=y
		CONFIG_SYSFS=y
		CONFIG_DEVTMPFS=y
		CONFIG_SHMEM=y
		CONFIG_TMPFS=y
		CONFIG_CGROUPS=y
		CONFIG_MEMCG=y
		CONFIG_COMPACTION=y
		CONFIG_TRANSPARENT_HUGEPAGE=y
		CONFIG_TRANSPARENT_HUGEPAGE_ALWAYS=y
		CONFIG_MIGRATION=y
		CONFIG_VM_EVENT_COUNTERS=y
		CONFIG_SLUB_DEBUG=y
		CONFIG_KALLSYMS=y
		CONFIG_DEBUG_KERNEL=y
		CONFIG_DEBUG_FS=y
		CONFIG_UNWINDER_FRAME_POINTER=y
		CONFIG_KASAN=y
		CONFIG_KASAN_OUTLINE=y
		CONFIG_KASAN_VMALLOC=y
		CONFIG_PROVE_LOCKING=y
		CONFIG_DEBUG_ATOMIC_SLEEP=y
		CONFIG_DEBUG_PREEMPT=y
		CONFIG_DEBUG_LIST=y
		CONFIG_DEBUG_VM=y
		CONFIG_DEBUG_KMEMLEAK=y
		CONFIG_DEBUG_KMEMLEAK_MEM_POOL_SIZE=16000
		CONFIG_FAULT_INJECTION=y
		CONFIG_FAULT_INJECTION_DEBUG_FS=y
		CONFIG_FAILSLAB=y
		CONFIG_FAIL_PAGE_ALLOC=y
		CONFIG_RCU_CPU_STALL_TIMEOUT=300
	CONFIG
	make -C source KCONFIG_ALLCONFIG=memperf.config allnoconfig || return
	while read -r line; do
		grep -qx -- "$line" source/.config || {
			echo "this kernel has no $line"
			return 1
		}
	done <source/memperf.config
	! command -v ccache >/dev/null || ccache="ccache "
	make -C source -j"$(nproc)" CC="${ccache-}gcc" bzImage modules || return
	mv source/arch/x86/boot/bzImage . && kernel_built
}

kernel_debug() {
	local source

	guest_tools make gcc flex bison bc xz
	[[ -e /usr/include/libelf.h ]] || guest_skip "libelf-dev is not installed: './bootstrap test' does that"
	source=$(kernel_package linux-source-6.12) || exit
	kernel_tree kernel_debug_tree "$source"
	kernel_build=$tree/build
	kernel_arch=
	guest_kernel=$tree/bzImage

	# Decompression in a kernel that looks at every byte takes longer than the rest of the boot.
	# Without ACPI there is nothing that the frequency of the time-stamp counter could be told from; the emulation's is this machine's.
	guest_boot() {
		local seconds=$1 khz
		shift

		zcat "$work/disk.gz" >"$work/disk.cpio"
		khz=$(sed -n '0,/^cpu MHz/s/^cpu MHz.*: \([0-9]*\).*/\1000/p' /proc/cpuinfo)
		timeout "$seconds" qemu-system-x86_64 -machine q35 "$@" -nographic -net none -no-reboot -kernel "$guest_kernel" \
			-initrd "$work/disk.cpio" -append \
			"console=ttyS0 quiet loglevel=0 rdinit=/init panic=-1 oops=panic tsc=reliable tsc_early_khz=${khz:-1000000}" \
			</dev/null | sed -u 's/\r//g'
	}
}

kernel_leaks() {
	awk '
		function emit() {
			if (comm)
				print comm, planted ? "planted" : by ? by : "unknown"
			comm = by = ""
			planted = inner = 0
		}
		$0 == "planted" { section = 1 }
		$0 == "listed" { emit(); section = 0 }
		!section { next }
		/^unreferenced object/ { emit() }
		$1 == "comm" { split($0, part, "\""); comm = part[2] }
		/  planted/ { planted = 1 }
		/^  backtrace/ { inner = 1; next }
		$1 ~ /^0x/ || $2 ~ /^\[/ { inner = 0 }
		inner { by = by " " $1 }' "$work/console"
}

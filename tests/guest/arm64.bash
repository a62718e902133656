# SPDX-License-Identifier: GPL-3.0-or-later
# An arm64 machine in QEMU's emulation: see machine.bash for what it offers. Kernel, busybox and libraries come from the root
# that cmake/aarch64-sysroot.sh fetches; memperf is built for it in the folder of the arm64 preset.
#
#	guest_programs    builds memperf for arm64, where no other test has
#	guest_module      builds kmod/ for the kernel that boots: $work/memperf.ko
. "$(dirname -- "${BASH_SOURCE[0]}")/machine.bash"

root=${MEMPERF_SYSROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/memperf/aarch64}
programs=$MEMPERF_BUILD/presets/arm64/bin

guest_needs() {
	local why

	guest_tools aarch64-linux-gnu-gcc qemu-system-aarch64 "$@"
	why=$("$MEMPERF_SOURCE/cmake/aarch64-sysroot.sh" linux-image-arm64 linux-headers-arm64 busybox-static 2>&1) || guest_skip "$why"
}

# In the folder of the preset, too: what has not changed is not compiled again.
guest_module() {
	local folder=$MEMPERF_BUILD/presets/arm64/kmod

	if ! make -j"$(nproc)" -C "$MEMPERF_SOURCE/kmod" OUT="$folder" KDIR="$(echo "$root"/usr/src/linux-headers-*-arm64)" ARCH=arm64 \
		CROSS_COMPILE=aarch64-linux-gnu- KCFLAGS='-Werror -g0' ${CMAKE_C_COMPILER_LAUNCHER:+DEBIAN_KERNEL_USE_CCACHE=1} >"$work/log" 2>&1; then
		cat -- "$work/log"
		exit 1
	fi
	cp -- "$folder/memperf.ko" "$work/memperf.ko"
}

# One test at a time: they share the folder.
guest_programs() {
	local folder=$MEMPERF_BUILD/presets/arm64

	mkdir -p -- "$MEMPERF_BUILD/presets"
	exec 8>"$folder.lock"
	flock 8
	if ! { (cd -- "$MEMPERF_SOURCE" && cmake --preset arm64 -B "$folder") &&
		ninja -C "$folder" memperf memperf-worker guest_count; } >"$folder.log" 2>&1; then
		cat -- "$folder.log"
		exit 1
	fi
	exec 8>&-
}

# A program or library, with what it is linked to, into the RAM disk.
guest_library() {
	local name

	for name in $(aarch64-linux-gnu-readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
		[[ -e $work/disk/lib/$name ]] && continue
		cp -L -- "$(find "$root"/lib "$root"/usr/lib -name "$name" -print -quit)" "$work/disk/lib/$name"
		guest_library "$work/disk/lib/$name"
	done
}

# guest_disk SCRIPT [PROGRAM...]
guest_disk() {
	local disk=$work/disk script=$1 applet

	shift
	rm -rf -- "$disk"
	mkdir -p -- "$disk"/{bin,lib,etc}
	cp -- "$root/bin/busybox" "$programs/memperf" "$programs/memperf-worker" "$@" "$disk/bin"
	for applet in chmod su; do
		ln -s busybox "$disk/bin/$applet"
	done
	printf 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >"$disk/etc/passwd"
	guest_library "$programs/memperf"
	guest_pack "$disk" "chmod 1777 /tmp /dev/shm
$script"
}

guest_boot() {
	local seconds=$1

	shift
	timeout "$seconds" qemu-system-aarch64 -M virt -m 1024 -nographic -net none -no-reboot "$@" \
		-kernel "$root"/boot/vmlinuz-* -initrd "$work/disk.gz" \
		-append 'console=ttyAMA0 quiet loglevel=0 rdinit=/init panic=-1 init_on_alloc=0' </dev/null | tr -d '\r'
}

# SPDX-License-Identifier: GPL-3.0-or-later
# An arm64 machine in QEMU's emulation: a kernel, a RAM disk with busybox and memperf, and a serial line. For any test that
# needs another machine than this one:
#
#	. "$MEMPERF_SOURCE/tests/guest/arm64.bash"
#	guest_programs              builds memperf for arm64, where no other test has; `programs` names the folder
#	guest_disk SCRIPT           a RAM disk that runs SCRIPT and switches the machine off
#	guest_boot SECONDS OPTION.. what the machine wrote on its console; OPTIONs are QEMU's
#
# A machine that lacks what this needs is a skip. `work` is a scratch folder, which goes when the test does.
: "${MEMPERF_SOURCE:?}" "${MEMPERF_BUILD:?}"

root=${MEMPERF_SYSROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/memperf/aarch64}
programs=$MEMPERF_BUILD/presets/arm64/bin
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

guest_skip() {
	echo "skip: $*"
	exit 77
}

# The tools are in cmake/packages/test.txt; the arm64 root comes from the release's archive, once.
guest_needs() {
	local tool why

	for tool in aarch64-linux-gnu-gcc qemu-system-aarch64 cpio "$@"; do
		command -v "$tool" >/dev/null || guest_skip "no $tool: ./bootstrap test installs it"
	done
	why=$("$MEMPERF_SOURCE/cmake/aarch64-sysroot.sh" linux-image-arm64 busybox-static 2>&1) || guest_skip "$why"
}

# Builds memperf and its worker for arm64, in the folder of the arm64 preset. One test at a time.
guest_programs() {
	local folder=$MEMPERF_BUILD/presets/arm64

	guest_needs
	mkdir -p -- "$MEMPERF_BUILD/presets"
	exec 8>"$folder.lock"
	flock 8
	if ! { cmake --preset arm64 -S "$MEMPERF_SOURCE" -B "$folder" && ninja -C "$folder" memperf memperf-worker guest_count; } \
		>"$folder.log" 2>&1; then
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

guest_disk() {
	local disk=$work/disk applet

	rm -rf -- "$disk"
	mkdir -p -- "$disk"/{bin,lib,dev,etc,proc,sys,tmp,share}
	cp -- "$root/bin/busybox" "$programs/memperf" "$programs/memperf-worker" "$programs/../tests/count" "$disk/bin"
	for applet in sh mkdir mount hostname base64 cat chmod kill poweroff sleep su; do
		ln -s busybox "$disk/bin/$applet"
	done
	cp -RL -- "$MEMPERF_SOURCE/configs" "$disk/share/memperf"
	printf 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >"$disk/etc/passwd"
	guest_library "$programs/memperf"
	cat >"$disk/init" <<SH
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm
mount -t tmpfs tmp /dev/shm
mount -t tmpfs tmp /tmp
chmod 1777 /tmp /dev/shm
hostname guest
$1
poweroff -f
SH
	chmod +x "$disk/init"
	(cd -- "$disk" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/disk.gz"
}

# guest_send FILE: a line of the script that writes a file to the console; guest_receive takes it from there.
guest_send() {
	printf 'echo; echo "BEGIN %s"; base64 %s; echo "END %s"' "$1" "$1" "$1"
}

# guest_receive CONSOLE FILE TO
guest_receive() {
	sed -n "\\|^BEGIN $2\$|,\\|^END $2\$|{//!p}" "$1" | base64 -d >"$3" 2>/dev/null && [[ -s $3 ]]
}

guest_boot() {
	local seconds=$1

	shift
	timeout "$seconds" qemu-system-aarch64 -M virt -m 1024 -nographic -net none -no-reboot "$@" \
		-kernel "$root"/boot/vmlinuz-* -initrd "$work/disk.gz" \
		-append 'console=ttyAMA0 quiet loglevel=0 rdinit=/init panic=-1' </dev/null | tr -d '\r'
}

# SPDX-License-Identifier: GPL-3.0-or-later
# An arm64 machine in QEMU's emulation: a kernel, a RAM disk with busybox and memperf, and a serial line.
# The caller has set `root`, the arm64 root with kernel and libraries.

# needs FILE: copies a program or library with what it is linked to.
needs() {
	local name

	for name in $(aarch64-linux-gnu-readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
		[[ -e $disk/lib/$name ]] && continue
		cp -L -- "$(find "$root"/lib "$root"/usr/lib -name "$name" -print -quit)" "$disk/lib/$name"
		needs "$disk/lib/$name"
	done
}

# ram_disk PROGRAMS SCRIPT: makes $work/disk.gz, which runs SCRIPT and switches the machine off.
ram_disk() {
	local applet

	disk=$work/disk
	mkdir -p -- "$disk"/{bin,lib,dev,proc,sys,tmp,share}
	cp -- "$root/bin/busybox" "$1/memperf" "$1/memperf-worker" "$disk/bin"
	for applet in sh mkdir mount hostname base64 cat poweroff; do
		ln -s busybox "$disk/bin/$applet"
	done
	cp -RL -- "$MEMPERF_SOURCE/configs" "$disk/share/memperf"
	needs "$1/memperf"
	cat >"$disk/init" <<SH
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm
mount -t tmpfs tmp /dev/shm
mount -t tmpfs tmp /tmp
hostname guest
$2
poweroff -f
SH
	chmod +x "$disk/init"
	(cd -- "$disk" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/disk.gz"
}

# boot SECONDS: what the guest wrote on its console.
boot() {
	timeout "$1" qemu-system-aarch64 -M virt -cpu cortex-a76 -smp 2 -m 1024 -nographic -net none -no-reboot \
		-kernel "$root"/boot/vmlinuz-* -initrd "$work/disk.gz" \
		-append 'console=ttyAMA0 quiet loglevel=0 rdinit=/init panic=-1' </dev/null | tr -d '\r'
}

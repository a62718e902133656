# SPDX-License-Identifier: GPL-3.0-or-later
# What the emulated machines of tests have in common, whatever their architecture: a RAM disk that runs a script, and files
# that come back over the console. Sourced by the file of an architecture, which offers
#
#	guest_needs [TOOL...]       skips the test when something is missing
#	guest_disk SCRIPT           a RAM disk that runs SCRIPT (of busybox's sh) and switches the machine off
#	guest_boot SECONDS OPTION.. what the machine wrote on its console; OPTIONs are QEMU's
#
# and from here
#
#	guest_send FILE             a line of the script that writes a file to the console
#	guest_receive CONSOLE FILE TO
#	guest_skip REASON
#	guest_fail SENTENCE         the test has failed; shows what the machine and the last command wrote, without files
#
# `work` is a scratch folder, which goes when the test does.
: "${MEMPERF_SOURCE:?}" "${MEMPERF_BUILD:?}"

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

guest_skip() {
	echo "skip: $*"
	exit 77
}

guest_fail() {
	echo "FAIL: $*"
	cat -- "$work"/console* "$work/out" 2>/dev/null | grep -v '^[A-Za-z0-9+/=]\{60,\}$'
	exit 1
}

guest_tools() {
	local tool

	for tool in cpio "$@"; do
		command -v "$tool" >/dev/null || guest_skip "$tool is not installed: './bootstrap test' does that"
	done
}

# guest_pack FOLDER SCRIPT: makes FOLDER, which has busybox and the programs in bin/, the disk $work/disk.gz.
guest_pack() {
	local disk=$1 applet

	mkdir -p -- "$disk"/{bin,dev,proc,sys,tmp,etc,share}
	for applet in sh mkdir mount hostname base64 cat poweroff sleep kill; do
		ln -sf busybox "$disk/bin/$applet"
	done
	cp -RL -- "$MEMPERF_SOURCE/configs" "$disk/share/memperf"
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

guest_send() {
	printf 'echo; echo "BEGIN %s"; busybox gzip -c %s | base64; echo "END %s"' "$1" "$1" "$1"
}

guest_receive() {
	sed -n "\\|^BEGIN $2\$|,\\|^END $2\$|{//!p}" "$1" | base64 -d 2>/dev/null | gzip -dc >"$3" 2>/dev/null && [[ -s $3 ]]
}

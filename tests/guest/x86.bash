# SPDX-License-Identifier: GPL-3.0-or-later
# An x86-64 machine in QEMU's emulation, with the memperf of this build: see machine.bash for what it offers.
#
# $guest_kernel is the image that boots. Kernel and busybox are the
# release's own packages, downloaded and unpacked (nothing is installed) below ${XDG_CACHE_HOME:-~/.cache}/memperf/x86-64, each
# file under its SHA-256.
. "$(dirname -- "${BASH_SOURCE[0]}")/machine.bash"

cache=${XDG_CACHE_HOME:-$HOME/.cache}/memperf/x86-64

# A file of the cache, whole: its name ends in its hash.
guest_cached() {
	local file hash

	for file in "$cache/$1"-*; do
		# Not what has a longer name: linux-headers-6.1-common is not linux-headers-6.1-common-rt.
		[[ -f $file && $file == "$cache/$1-${file##*-}" ]] || continue
		hash=$(sha256sum <"$file")
		if [[ ${file##*-} == "${hash%% *}" ]]; then
			printf '%s\n' "$file"
			return
		fi
		rm -f -- "$file"
	done
	return 1
}

# guest_fetch NAME PACKAGE PATTERN: the file of the package that matches, into the cache as NAME-<hash>.
guest_fetch() {
	local folder=$work/fetch file hash

	guest_cached "$1" >/dev/null && return
	mkdir -p -- "$folder" "$cache"
	(cd -- "$folder" && { apt-get -qq download "$2" || { apt-get -qq update && apt-get -qq download "$2"; }; }) \
		>"$work/log" 2>&1 || guest_skip "cannot download '$2': $(tail -n 1 "$work/log")"
	dpkg-deb --fsys-tarfile "$folder"/*.deb | tar -xC "$folder" --wildcards "$3" 2>>"$work/log" ||
		guest_skip "no $3 in '$2': $(tail -n 1 "$work/log")"
	file=$(find "$folder" -type f -path "$folder/${3#./}" -print -quit)
	hash=$(sha256sum <"$file")
	mv -- "$file" "$cache/.$1.$$" && mv -- "$cache/.$1.$$" "$cache/$1-${hash%% *}"
	rm -rf -- "$folder"
}

# Debian's and Ubuntu's smallest kernels for virtual machines.
guest_kernel_package() {
	local meta found

	for meta in linux-image-cloud-amd64 linux-image-virtual linux-image-amd64; do
		found=$(apt-cache depends "$meta" 2>/dev/null | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
		if [[ -n $found ]]; then
			printf '%s\n' "$found"
			return
		fi
	done
}

guest_needs() {
	local package

	[[ $(uname -m) == x86_64 ]] || guest_skip "this is not an x86-64 build of memperf"
	guest_tools qemu-system-x86_64 apt-get dpkg-deb ldd "$@"
	if ! guest_cached vmlinuz >/dev/null; then
		package=$(guest_kernel_package)
		[[ -n $package ]] || guest_skip "this release offers no linux-image-cloud-amd64 or linux-image-virtual"
		guest_fetch vmlinuz "$package" './boot/vmlinuz-*'
	fi
	guest_kernel=$(guest_cached vmlinuz)
	guest_fetch busybox busybox-static './*bin/busybox'
}

# guest_disk SCRIPT [PROGRAM...]
guest_disk() {
	local disk=$work/disk script=$1 file

	shift
	rm -rf -- "$disk"
	mkdir -p -- "$disk/bin" "$disk/lib64"
	cp -- "$(guest_cached busybox)" "$disk/bin/busybox"
	chmod +x "$disk/bin/busybox"
	ln -s busybox "$disk/bin/su"
	mkdir -p -- "$disk/etc"
	printf 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\nada:x:1000:1000::/:/bin/sh\n' >"$disk/etc/passwd"
	printf 'root:x:0:\nmemperf:x:900:ada\n' >"$disk/etc/group"
	cp -- "$MEMPERF_BUILD/bin/memperf" "$MEMPERF_BUILD/bin/memperf-worker" "$@" "$disk/bin"
	# Where the loader finds them without a cache.
	while read -r file; do
		mkdir -p -- "$disk$(dirname -- "$file")"
		cp -L -- "$file" "$disk$file"
	done < <(ldd "$MEMPERF_BUILD/bin/memperf" "$@" 2>/dev/null | grep -o '/[^ ]* (' | cut -d' ' -f1 | sort -u)
	guest_pack "$disk" "$script"
}

guest_boot() {
	local seconds=$1

	shift
	timeout "$seconds" qemu-system-x86_64 -machine q35 -cpu max -nographic -net none -no-reboot "$@" \
		-kernel "$guest_kernel" -initrd "$work/disk.gz" \
		-append 'console=ttyS0 quiet loglevel=0 rdinit=/init panic=-1 tsc=unstable' </dev/null | tr -d '\r'
}

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel module compiles without a warning for the newest kernel whose source Debian publishes for its stable release, which may be
# years ahead of what this one offers, and calls nothing that is not exported there: an early warning. Nothing is booted.
# CTest: TIMEOUT 1800, COST 20
. "$(dirname -- "$0")/x86.bash"
. "$(dirname -- "$0")/kernels.bash"
. "$MEMPERF_SOURCE/cmake/private-apt.bash"
guest_tools make gcc flex bison bc xz apt-get dpkg-deb nm
[[ $(uname -m) == x86_64 ]] || guest_skip "this is not an x86-64 machine"
[[ -e /usr/include/libelf.h ]] || guest_skip "libelf-dev is not installed: './bootstrap test' does that"

# Lists of packages that are none of this system's, a day old at most, or older where they cannot be fetched. From now on apt sees these.
next_lists() {
	local archive lists=$cache/backports keyring=/usr/share/keyrings/debian-archive-keyring.gpg

	archive=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' 'Created-By: Packages' 2>/dev/null | head -n 1)
	[[ -n $archive && -e $keyring ]] || guest_skip "this is no Debian"
	private_apt "$lists" "deb [signed-by=$keyring] $archive stable-backports main" 'Acquire::Check-Valid-Until "false"'
	[[ -z $(find "$lists/fetched" -mtime -1 2>/dev/null) ]] || return
	if apt-get -qq update >"$work/log" 2>&1; then
		touch "$lists/fetched"
	else
		echo "note: no newer lists: $(tail -n 1 "$work/log")"
	fi
}

# kernel_next_tree SOURCE: what modules are built with, and the names that modules may use.
kernel_next_tree() {
	kernel_source "$1" || return
	make -C source x86_64_defconfig || return
	printf 'CONFIG_%s=y\n' MODULES MEMCG SMP NUMA ZONE_DMA PREEMPT >>source/.config
	make -C source olddefconfig && make -C source -j"$(nproc)" modules_prepare || return
	grep -rhoE '\bEXPORT_[A-Z_]*\((__)?[A-Za-z0-9_]+' source/{mm,kernel,lib,fs,arch/x86,drivers/char} | sed 's/.*(//' | sort -u >exported
	kernel_built
}

next_lists
newest=$(apt-cache pkgnames linux-source- | grep -x 'linux-source-[0-9.]*' | sort -V | tail -n 1)
[[ -n $newest ]] || guest_skip "Debian's stable-backports offers no linux-source"
source=$(kernel_package "$newest") || exit
unset APT_CONFIG
kernel_tree kernel_next_tree "$source"
kernel_build=$tree/build
kernel_arch=KBUILD_MODPOST_WARN=1
kernel_module
echo "builds for $(make -s -C "$kernel_build" kernelversion)"
# Names that macros make of others.
nm -u "$work/memperf.ko" | awk '{ sub(/^__SCT__/, "", $2); print $2 }' | grep -v '^__x86_indirect_thunk_' | sort -u >"$work/used"
(($(wc -l <"$work/used") > 50)) || guest_fail "the module uses only $(wc -l <"$work/used") names of the kernel"
missing=$(comm -23 "$work/used" "$tree/exported")
[[ -z $missing ]] || guest_fail "not exported:" $missing
echo ok

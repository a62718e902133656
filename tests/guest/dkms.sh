#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel module's source as it is installed, built by dkms for every kernel whose headers are there: those of this machine, of
# the release's own kernel, and of the newest that it offers beside that. The source is whole, and the module is of its version
# and of the kernel that it was built for.
# CTest: TIMEOUT 600, PROCESSORS 2, COST 30
. "$(dirname -- "$0")/x86.bash"
. "$(dirname -- "$0")/kernels.bash"
[[ $(uname -m) == x86_64 ]] || guest_skip "this is not an x86-64 build of memperf"
guest_tools cmake dkms modinfo ccache

DESTDIR=$work cmake --install "$MEMPERF_BUILD" --component dkms --prefix /usr >"$work/log" 2>&1 || guest_fail "$(tail -n 3 "$work/log")"
source=$(echo "$work"/usr/src/memperf-*)
version=${source##*/memperf-}
missing=$(cd -- "$MEMPERF_SOURCE/kmod" && find . -name '*.[ch]' -o -name Kbuild | while read -r file; do cmp "$file" "$source/$file"; done 2>&1)
[[ -z $missing ]] || guest_fail "the source is not whole: $missing"

# In a state of its own; a build folder that stays the same lets ccache know the module again.
state=$MEMPERF_BUILD/dkms
rm -rf -- "$state"
mkdir -p -- "$state"
export DEBIAN_KERNEL_USE_CCACHE=yes CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=$cache
dkms=(dkms --dkmstree "$state" --sourcetree "$work/usr/src" --installtree "$work/modules" -m memperf -v "$version")
"${dkms[@]}" add >"$work/log" 2>&1 || guest_fail "dkms add: $(cat "$work/log")"

# build KERNEL FOLDER
build() {
	local made=$state/memperf/$version/$1/$(uname -m)/module/memperf.ko

	"${dkms[@]}" build -k "$1" --kernelsourcedir "$2" >"$work/log" 2>&1 ||
		guest_fail "dkms build for $1: $(cat "$work/log" "$state/memperf/$version/build/make.log")"
	made=$(echo "$made"*)
	[[ $(modinfo -F vermagic "$made") == "$1 "* ]] || guest_fail "of $(modinfo -F vermagic "$made"), not of $1"
	[[ -n $(modinfo -F version "$made") ]] || guest_fail "no version"
	echo "built for $1"
}

built=0
for headers in /lib/modules/*/build; do
	if [[ -e $headers/Makefile ]]; then
		build "$(basename -- "${headers%/build}")" "$headers"
		built=$((built + 1))
	fi
done
for meta in linux-image-cloud-amd64 "$(kernel_newest cloud-amd64)"; do
	kernel_meta "$meta"
	headers=$(basename -- "$(readlink -- "$kernel_build")")
	build "${headers#linux-headers-}" "$kernel_build"
	built=$((built + 1))
done
((built >= 2)) || guest_fail "built for $built kernels"
[[ $("${dkms[@]}" status | grep -c ': built') == "$built" ]] || guest_fail "dkms says: $("${dkms[@]}" status)"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the arm64 root that cmake/aarch64.cmake builds against, from the packages of this Debian or Ubuntu release:
#
#	cmake/aarch64-sysroot.sh [PACKAGE...]
#
# The libraries of cmake/packages and the named packages are downloaded and unpacked (nothing is installed, this
# system's packages stay as they are) below $MEMPERF_SYSROOT or ~/.cache/memperf/aarch64. What is there already is not
# fetched again. linux-headers-arm64 brings what modules are built with on this machine, for the kernel of linux-image-arm64,
# which is named before it. Exit 0; 3 with a sentence when this machine or its network cannot do it.
set -u -o pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P) || exit 4
. "$here/private-apt.bash"
root=${MEMPERF_SYSROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/memperf/aarch64}
work=
trap '[[ -z $work ]] || rm -rf -- "$work"' EXIT

die() {
	printf 'aarch64-sysroot: %s\n' "$*" >&2
	exit 3
}

# The -dev packages of both lists; of alternatives the first one.
libraries() {
	sed -n 's/^\(lib[a-z0-9.+-]*-dev\).*/\1/p' "$here/packages/build.txt" "$here/packages/test.txt"
}

# The release's archive, for another architecture.
foreign_apt() {
	local ID='' VERSION_CODENAME='' archive keyring components=main

	# shellcheck disable=SC1091
	. /etc/os-release 2>/dev/null
	case $ID in
	debian)
		archive=http://deb.debian.org/debian
		keyring=/usr/share/keyrings/debian-archive-keyring.gpg
		;;
	ubuntu)
		archive=http://ports.ubuntu.com/ubuntu-ports
		keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg
		components='main universe'
		;;
	*) die "this is neither Debian nor Ubuntu: unpack an arm64 root with the libraries in '$root' yourself" ;;
	esac
	private_apt "$work" "deb [arch=arm64 signed-by=$keyring] $archive $VERSION_CODENAME $components" \
		'APT::Architecture "arm64"' 'APT::Architectures { "arm64"; }' 'APT::Install-Recommends "false"'
}

# depends PACKAGE PATTERN: the first package that it depends on and that matches.
depends() {
	apt-cache depends "$1" 2>/dev/null | sed -n "s/.*Depends: \($2\)\$/\1/p" | head -n 1
}

download() {
	(cd -- "$work/archives" && apt-get -qq download "$@") >>"$work/log" 2>&1
}

# The compiler's helpers are programs of this machine: they come from its own archive.
download_headers() {
	download "$1" "$(depends "$1" 'linux-headers-.*-common')" && (
		tools=$(depends "$1" 'linux-kbuild-.*')
		unset APT_CONFIG
		download "$tools" || { apt-get -qq update && download "$tools"; }
	)
}

mapfile -t wanted < <(libraries)
wanted+=("$@")
# A kernel and its headers are of the same day.
[[ " $* " != *' linux-headers-arm64 '* || -e $root/.have/linux-headers-arm64 ]] || rm -f -- "$root"/.have/linux-image-arm64
missing=()
for package in "${wanted[@]}"; do
	[[ -e $root/.have/$package ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0
command -v apt-get >/dev/null 2>&1 || die "no apt-get here"
mkdir -p -- "$root/.have" || die "cannot create '$root': name another folder with MEMPERF_SYSROOT"
work=$(mktemp -d) || exit 4
foreign_apt
apt-get -qq update >"$work/log" 2>&1 || die "the package lists cannot be fetched: $(tail -n 1 "$work/log")"
for package in "${missing[@]}"; do
	# A kernel's dependencies would bring a whole system; its image is one package, its headers are two.
	case $package in
	linux-image-*) download "$(depends "$package" 'linux-image-.*')" ;;
	linux-headers-*) download_headers "$(depends "$package" 'linux-headers-.*')" ;;
	*) apt-get -qq -y -d install "$package" >"$work/log" 2>&1 ;;
	esac || die "cannot fetch '$package' for arm64: $(tail -n 1 "$work/log")"
done
[[ " ${missing[*]} " != *' linux-image-'* ]] || rm -rf -- "$root"/boot/* "$root"/usr/src/linux-headers-*
for archive in "$work"/archives/*.deb; do
	only=()
	[[ $archive == */linux-image-* ]] && only=(./boot)
	dpkg-deb --fsys-tarfile "$archive" | tar -xC "$root" "${only[@]}" || die "cannot unpack $(basename -- "$archive") in '$root'"
done
# As if they were installed, but for their paths. An image that is there would be asked for its BTF.
for file in "$root"/usr/src/linux-headers-*-arm64/Makefile; do
	[[ ! -e $file ]] || sed -i "s|^include /usr/src|include \$(dir \$(lastword \$(MAKEFILE_LIST)))..|" "$file"
done
for package in "${missing[@]}"; do
	: >"$root/.have/$package"
done

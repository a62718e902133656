# SPDX-License-Identifier: GPL-3.0-or-later
# Kernels that the module is built for and booted in: sourced after x86.bash. Everything is the release's own packages, downloaded
# and unpacked (nothing is installed) into the cache, each package under its SHA-256, each tree under the hash of what it was made of.
#
#	kernel_meta META            chooses the kernel of that meta package, such as linux-image-cloud-amd64: its image is what
#	                            guest_boot of x86.bash boots, its headers what kernel_module builds for
#	kernel_uml                  chooses Debian's user-mode-linux instead, and defines guest_boot
#	kernel_module               builds kmod/ for the chosen kernel: $work/memperf.ko
#
# They skip the test with a reason when the release or the network has nothing to offer.

# kernel_package NAME [=VERSION]: the .deb, into the cache.
kernel_package() {
	local name=$1 version=${2-} file hash folder=$work/packages

	guest_cached "deb-$name$version" && return
	mkdir -p -- "$folder" "$cache"
	(cd -- "$folder" && { apt-get -qq download "$name$version" || { apt-get -qq update && apt-get -qq download "$name$version"; }; }) \
		>"$work/log" 2>&1 || guest_skip "cannot download '$name$version': $(tail -n 1 "$work/log")" >&2
	file=$(find "$folder" -name '*.deb' -print -quit)
	hash=$(sha256sum <"$file")
	mv -- "$file" "$cache/.$name.$$" && mv -- "$cache/.$name.$$" "$cache/deb-$name$version-${hash%% *}"
	printf '%s\n' "$cache/deb-$name$version-${hash%% *}"
}

# kernel_tree RECIPE PACKAGE...: what the function RECIPE makes in an empty folder out of the unpacked packages (folder of each .deb
# file as an argument), in the cache. Remade when a package or the recipe is another one. The folder in $tree.
kernel_tree() {
	local recipe=$1 key made
	shift

	key=$( (declare -f "$recipe" && printf '%s\n' "${@##*-}") | sha256sum)
	tree=$cache/tree-${key:0:40}
	[[ -d $tree ]] && return
	made=$cache/.tree.$$
	rm -rf -- "$made"
	mkdir -p -- "$made"
	(cd -- "$made" && "$recipe" "$@") >"$work/log" 2>&1 ||
		{
			rm -rf -- "$made"
			guest_skip "cannot prepare a kernel tree to build modules in: $(tail -n 1 "$work/log")"
		}
	mv -T -- "$made" "$tree" 2>/dev/null || rm -rf -- "$made"
}

# Header packages as if they were installed, but for their paths. An image that is there would be asked for its BTF.
kernel_headers() {
	local file

	for file; do
		dpkg-deb -x "$file" .
	done
	rm -f usr/src/*/vmlinux
	sed -i "s|^include /usr/src|include \$(dir \$(lastword \$(MAKEFILE_LIST)))..|" usr/src/*/Makefile
	ln -s usr/src/*-"$(dpkg --print-architecture)" build 2>/dev/null
	test -e build/Makefile
}

kernel_meta() {
	local image headers common kbuild

	guest_tools make "$@" >/dev/null 2>&1
	image=$(apt-cache depends "$1" 2>/dev/null | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
	[[ -n $image ]] || guest_skip "this release offers no $1"
	headers=${image/image/headers}
	common=$(apt-cache depends "$headers" | sed -n 's/.*Depends: \(linux-headers-.*-common\)/\1/p' | head -n 1)
	kbuild=$(apt-cache depends "$headers" | sed -n 's/.*Depends: \(linux-kbuild-.*\)/\1/p' | head -n 1)
	[[ -n $common && -n $kbuild ]] || guest_skip "this release offers no $headers"
	headers=$(kernel_package "$headers") || exit
	common=$(kernel_package "$common") || exit
	kbuild=$(kernel_package "$kbuild") || exit
	kernel_tree kernel_headers "$headers" "$common" "$kbuild"
	kernel_build=$tree/build
	kernel_arch=
	guest_fetch "vmlinuz-${image#linux-image-}" "$image" './boot/vmlinuz-*'
	kernel_image=$(guest_cached "vmlinuz-${image#linux-image-}")
}

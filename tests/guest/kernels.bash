# SPDX-License-Identifier: GPL-3.0-or-later
# Kernels that the module is built for and booted in: sourced after x86.bash. Everything is the release's own packages, downloaded
# and unpacked (nothing is installed) into the cache, each package under its SHA-256, each tree under the hash of what it was made of.
#
#	kernel_meta META            chooses the kernel of that meta package, such as linux-image-cloud-amd64: its image is what
#	                            guest_boot of x86.bash boots
#	kernel_newest FLAVOUR       the meta package of the newest kernel that the release offers beside its own
#	kernel_uml                  chooses Debian's user-mode-linux instead, and defines guest_boot
#	kernel_module               builds kmod/ for the chosen kernel: $work/memperf.ko
#	kernel_truth                builds tests/guest/truth/ for it: $work/truth.ko
#	kernel_beside NAME          builds tests/guest/NAME/ for it: $work/NAME.ko
#	kernel_as                   by whom memperf runs there; "sh -c": by root
#	kernel_nodes                the machine of kernel_smp gets two NUMA nodes, each with one of its CPUs
#	kernel_memory_console       what the machine of kernel_smp says comes by its memory, not by its UART
#	kernel_smp SCRIPT OPTION..  runs the SCRIPT with the module, and memperf with the OPTIONs, on two CPUs of the kernel, and
#	                            $kernel_afterwards when the module is gone
#	kernel_run OPTION...        how memperf is called in a machine, to measure what the OPTIONs choose
#	kernel_whole                is the whole suite to be measured, whatever the OPTIONs choose?
#
# They skip the test with a reason when the release or the network has nothing to offer; what is there must do.

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
# file as an argument), in the cache. Remade when a package, the recipe or the compiler is another one. The folder in $tree.
# Whoever uses a tree says of what recipe it is: those of the same one that nobody used for a day are removed, and so are halves.
kernel_tree() {
	local recipe=$1 key made old
	shift

	key=$( (declare -f "$recipe" && printf '%s\n' "${@##*-}" && gcc -dumpfullversion) | sha256sum)
	tree=$cache/tree-${key:0:40}
	if [[ ! -d $tree ]]; then
		made=$cache/.tree.$$
		rm -rf -- "$made"
		mkdir -p -- "$made"
		(cd -- "$made" && "$recipe" "$@") >"$work/log" 2>&1 ||
			{
				rm -rf -- "$made"
				echo "FAIL: no kernel tree to build modules in: $recipe: $(tail -n 20 "$work/log")"
				exit 1
			}
		mv -T -- "$made" "$tree" 2>/dev/null || rm -rf -- "$made"
	fi
	printf '%s\n' "$recipe" >"$tree/recipe"
	find "$cache"/tree-*/recipe -mtime +0 -exec grep -lx -- "$recipe" {} + | while read -r old; do
		rm -rf -- "${old%/recipe}"
	done
	find "$cache" -maxdepth 1 -name '.tree.*' -mtime +0 -exec rm -rf -- {} +
}

# kernel_source DEB: of a linux-source package, what an x86-64 kernel without most drivers is built of, in source/.
kernel_source() {
	mkdir source
	dpkg-deb --fsys-tarfile "$1" | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		tar -xJ -C source --strip-components=1 --wildcards --exclude='*/arch/[!x]*/*.[chS]' --exclude='*/Documentation/*/*' \
			--exclude='*/tools/testing/*' --exclude='*/drivers/gpu/*.[ch]' --exclude='*/drivers/net/*/*.[ch]' \
			--exclude='*/drivers/media/*.[ch]' --exclude='*/drivers/staging/*.[ch]' --exclude='*/sound/*.[ch]'
}

# Of source/, which is built or prepared, what modules are built with stays, in build/.
kernel_built() {
	mkdir build
	(cd source && cp -r --parents Makefile Kbuild .config $(find . -maxdepth 1 -name Module.symvers) include scripts \
		arch/x86/Makefile* arch/x86/include tools/objtool/objtool ../build) && rm -rf source
}

# Header packages as if they were installed, but for their paths. An image that is there would be asked for its BTF.
kernel_headers() {
	local file

	for file; do
		dpkg-deb -x "$file" .
	done
	rm -f usr/src/*/vmlinux
	sed -i "s|^include /usr/src|include \$(dir \$(lastword \$(MAKEFILE_LIST)))..|" usr/src/*/Makefile
	ln -s usr/src/*-"$(dpkg --print-architecture)" build
	test -e build/Makefile
}

# kernel_depends PACKAGE PATTERN: the first package that it depends on and that matches.
kernel_depends() {
	apt-cache depends "$1" 2>/dev/null | sed -n "s/.*Depends: \($2\)\$/\1/p" | head -n 1
}

# Such as linux-image-6.12-cloud-amd64, which depends on the newest build of its line; empty: there is none.
kernel_newest() {
	apt-cache pkgnames linux-image- | grep -x "linux-image-[0-9]*\.[0-9]*-$1" | sort -V | tail -n 1
}

kernel_meta() {
	local image headers common kbuild

	guest_tools make gcc
	image=$(kernel_depends "$1" 'linux-image-[0-9].*')
	headers=${image/image/headers}
	common=$(kernel_depends "$headers" 'linux-headers-.*-common.*')
	kbuild=$(kernel_depends "$headers" 'linux-kbuild-.*')
	[[ -n $image && -n $common && -n $kbuild ]] || guest_skip "this release offers no ${1:-newer kernel} with headers"
	headers=$(kernel_package "$headers") || exit
	common=$(kernel_package "$common") || exit
	kbuild=$(kernel_package "$kbuild") || exit
	kernel_tree kernel_headers "$headers" "$common" "$kbuild"
	kernel_build=$tree/build
	kernel_arch=
	guest_fetch "image-$image" "$image" './boot/vmlinuz-*'
	guest_kernel=$(guest_cached "image-$image")
}

# The prepared source of the kernel that Debian's user-mode-linux was made from; only what a module needs is unpacked.
kernel_uml_tree() {
	local uml=$1 source=$2 top

	dpkg-deb --fsys-tarfile "$uml" | tar -x ./usr/bin/linux.uml ./usr/share/doc/user-mode-linux/config.gz
	mkdir build
	dpkg-deb --fsys-tarfile "$source" | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' >source.tar.xz
	top=$(dpkg-deb -c "$source" | sed -n 's|.*/\(linux-source-[0-9.]*[0-9]\)\.tar\.xz$|\1|p')
	tar -xJf source.tar.xz -C build --strip-components=1 --wildcards "$top/Makefile" "$top/Kbuild" "$top/*Kconfig*" \
		"$top/include" "$top/scripts" "$top/arch/um" "$top/arch/x86" "$top/kernel/bounds.c" \
		"$top/kernel/time/timeconst.bc" "$top/tools/include" "$top/tools/scripts" "$top/tools/build" "$top/security/selinux/include"
	rm source.tar.xz
	zcat usr/share/doc/user-mode-linux/config.gz >build/.config
	make -C build ARCH=um olddefconfig && make -C build -j"$(nproc)" ARCH=um modules_prepare
}

kernel_uml() {
	local version uml source

	guest_tools make gcc flex bison bc xz
	apt-cache show user-mode-linux >/dev/null 2>&1 || guest_skip "this release offers no user-mode-linux"
	uml=$(kernel_package user-mode-linux) || exit
	# Of the package that is at hand, which may be older than the release's newest.
	version=$(dpkg-deb -f "$uml" Built-Using | sed -n 's/.*linux (= \([^)]*\)).*/\1/p')
	[[ -n $version ]] || guest_skip "user-mode-linux does not say what kernel it is"
	source=$(kernel_package "linux-source-${version%%.*}.$(cut -d. -f2 <<<"$version")" "=$version") || exit
	kernel_tree kernel_uml_tree "$uml" "$source"
	kernel_build=$tree/build
	kernel_arch=ARCH=um
	kernel_program=$tree/usr/bin/linux.uml

	guest_boot() {
		local seconds=$1

		timeout "$seconds" "$kernel_program" mem=768M initrd="$work/disk.gz" root=/dev/ram0 \
			rdinit=/init con=null con0=null,fd:1 console=tty0 quiet loglevel=0 panic=-1 </dev/null 2>&1 | tr -d '\r'
	}
}

# kernel_make ARGUMENT...: make, for the chosen kernel; what it said when that failed.
kernel_make() {
	make -j"$(nproc)" KCFLAGS=-Werror ${kernel_arch:+"$kernel_arch"} "$@" >"$work/log" 2>&1 && return
	cat -- "$work/log"
	exit 1
}

kernel_module() {
	kernel_make -C "$MEMPERF_SOURCE/kmod" OUT="$work/kmod" KDIR="$kernel_build"
	strip -g -o "$work/memperf.ko" "$work/kmod/memperf.ko"
}

kernel_beside() {
	cp -r -- "$MEMPERF_SOURCE/tests/guest/$1" "$work/$1"
	kernel_make -C "$kernel_build" M="$work/$1" modules
	strip -g -o "$work/$1.ko" "$work/$1/$1.ko"
}

kernel_truth() {
	kernel_beside truth
}

# What every test of the module asks of a console and a database: the words of guest/kmod and its like, a quiet kernel log, and
# cases that all went well.
kernel_complaints='BUG|WARNING|KASAN|Oops|Bad page|Call Trace|Kernel panic|general protection|page allocation failure|oom-killer|unreferenced object|sleeping function called|INFO: (possible|trying|rcu|task)|list_(add|del) corruption|Objects remaining'

# kernel_reports: of a kernel's log at standard input, what it complains of. A slab cache that cannot be made for want of memory (-12), of
# memory for its name, too (-22), is told with a call trace by every kernel, and so is an area of addresses that cannot be split (va_clip):
# no mistakes, but what allocations that fail come to.
kernel_reports() {
	awk -v complaints="$kernel_complaints" '
		/kmem_cache_create.*failed with error -(12|22)$/ { told++ }
		/WARNING: .* at mm\/vmalloc.c:[0-9]+ alloc_vmap_area\+/ { told++; next }
		/Call Trace:/ && told { told--; next }
		$0 ~ complaints'
}

# kernel_console WORD...: "kmod WORD ok" stands on the console for each, nothing went wrong, and the kernel complained of nothing, until "planted".
kernel_console() {
	local word

	for word; do
		grep -q "^kmod $word ok" "$work/console" || guest_fail "no 'kmod $word ok'"
	done
	! grep -q '^WRONG' "$work/console" || guest_fail "the module is wrong"
	grep -q ': loading out-of-tree module' "$work/console" || guest_fail "no kernel log"
	! sed -e '1,/: loading out-of-tree module/d' -e '/^BEGIN /,/^END /d' -e '/^planted/,$d' "$work/console" | kernel_reports | grep . ||
		guest_fail "the kernel complains"
}

# For scripts in a machine: "state NAME" says what of its memory is in use, for kernel_balanced. Pages that a CPU's list gives back between
# one look and the next would be in none of the two (those of another node's lists go all at once, dozens of MB, three seconds after their
# last use), so it looks at the lists before and after, and again until they are the same but for a MB.
kernel_state='state() {
	local line

	until line=$(busybox awk "
		FNR == 1 { file++ }
		/^ +count:/ { listed[file] += \$2 }
		/^(MemAvailable|Shmem|SUnreclaim|VmallocUsed|Percpu):/ { text = text \$2 \" \" }
		END { moved = listed[3] - listed[1]; print text listed[3] * 4; exit moved * moved > 256 * 256 }" \
		/proc/zoneinfo /proc/meminfo /proc/zoneinfo); do :; done
	echo "state $1 $line" $(busybox wc -l </proc/vmallocinfo) $(busybox grep -c ^memperf- /proc/slabinfo)
}'

# "why TEXT": does memperf say so, where it says why no case of the kernel's allocators can be measured?
kernel_why='why() { memperf list --bench kfloor.pair | busybox tr -s "\\n " "  " | busybox grep -qF -- "$1"; }'

# Emulated time is dear, so tests measure little of the suite. With MEMPERF_GUEST_WHOLE=FOLDER they measure all of it, in as long as it takes, and the
# console and the database stay in the FOLDER, as TEST.log and TEST.db.
kernel_whole() { [[ -n ${MEMPERF_GUEST_WHOLE-} ]]; }

kernel_run() {
	if kernel_whole; then
		set -- --suite kernel --budget 6m
	else
		set -- "$@" --budget 1s
	fi
	echo "memperf run $* --counters none --invocations 1 --no-progress --quiet --db /tmp/kernel.db"
}

# kernel_balanced SLAB [CHUNK [SHADOW]]: between "state before" and "state after" no memory was lost, in kB; the slab allocator may keep SLAB
# of it, the one of CPUs' variables CHUNK, KASAN SHADOW of what none of the counters has. What is available may move by what the rest of the
# system does; files that were written (Shmem) and free pages of CPUs are there. Areas of addresses and slab caches are counted.
kernel_balanced() {
	local chunk=${2-0} before after

	read -r -a before < <(sed -n 's/^state before //p' "$work/console")
	read -r -a after < <(sed -n 's/^state after //p' "$work/console")
	# A chunk all of which is free is spared; only the whole suite makes one everywhere.
	! kernel_whole || chunk=2048
	((${#before[@]} == 8 && ${#after[@]} == 8)) || guest_fail "the memory was not read"
	((before[0] + before[1] + before[5] - after[0] - after[1] - after[5] < $1 + chunk + ${3-0} + 3072 && after[2] - before[2] < $1 &&
		after[3] - before[3] < chunk + 512 && after[4] - before[4] < chunk + 256 && after[6] - before[6] < 50 && after[7] == 0)) ||
		guest_fail "memory is missing: ${before[*]} became ${after[*]}"
}

# PREEMPT_RT handles the interrupts of QEMU's UART in a thread, and loses one now and then: whoever writes waits for ever. So what is
# said is kept, and written in the end to a part of the memory that the kernel does not use; the memory is a file here.
kernel_memory_console() {
	kernel_say='exec >/tmp/console 2>&1'
	kernel_said="busybox dd if=/tmp/console of=/dev/mem bs=4096 seek=$((0x3c000))"

	guest_boot() {
		local seconds=$1
		shift

		timeout "$seconds" qemu-system-x86_64 -machine q35,memory-backend=ram "$@" -nographic -net none -no-reboot \
			-object "memory-backend-file,id=ram,size=1G,mem-path=$work/memory,share=on" -kernel "$guest_kernel" \
			-initrd "$work/disk.gz" -append \
			'console=ttyS0 quiet loglevel=0 rdinit=/init panic=-1 tsc=unstable memmap=32M$0x3c000000' </dev/null >"$work/log"
		tail -c "+$((0x3c000000 + 1))" "$work/memory" | head -c 32M | tr -d '\0\r'
		rm -f -- "$work/memory"
	}
}

# The first counter of a task, and the end of the last, rewrite the kernel's code (a static key in __schedule). An emulated CPU may run
# what another has translated before: it meets the breakpoint of a change that is over, and the kernel ends in "Oops: int3" or stands still.
kernel_as='sh -c'
kernel_machine=()
kernel_nodes() {
	local node

	for node in 0 1; do
		kernel_machine+=(-object "memory-backend-ram,id=node$node,size=512M" -numa "node,nodeid=$node,cpus=$node,memdev=node$node")
	done
}

# kernel_boot SECONDS OPTION...: guest_boot, to $work/console; an emulation that dies before its script says "started" gets a second chance.
kernel_boot() {
	local seconds=$1 try kept
	shift

	! kernel_whole || seconds=3600
	! kernel_whole || mkdir -p -- "$MEMPERF_GUEST_WHOLE"
	for try in 1 2; do
		guest_boot "$seconds" "$@" >"$work/console"
		! grep -q '^started' "$work/console" || break
		echo "note: boot $try died before it began: '$(tail -n 1 "$work/console")'"
	done
	if kernel_whole; then
		kept=$MEMPERF_GUEST_WHOLE/$(basename -- "$0" .sh)
		cp -- "$work/console" "$kept.log"
		guest_receive "$work/console" /tmp/kernel.db "$kept.db" || echo "note: no database came back"
	fi
}

kernel_smp() {
	local script=$1
	shift

	guest_disk "
${kernel_say-}
$kernel_state
echo; echo started
${kernel_said-}
busybox insmod /bin/memperf.ko
echo listed \$(memperf list --filter 'gfp = kernel' | busybox grep -c ' yes ')
kmod cancel
hostile 2000 11
$script
sleep 1
state before
$kernel_as \"$(kernel_run "$@")\"
sleep 1
state after
busybox rmmod memperf && echo unloaded
busybox dmesg
${kernel_afterwards-}
$(guest_send /tmp/kernel.db)
${kernel_said-}" "$work/memperf.ko" "$MEMPERF_BUILD/tests/"{kmod,matrix,hostile}
	kernel_boot 200 -cpu max,-erms -smp 2 -m 1024 "${kernel_machine[@]}"

	kernel_console cancel hostile
	grep -q '^unloaded' "$work/console" || guest_fail "the module stayed"
	(($(sed -n 's/^listed //p' "$work/console") >= 60)) || guest_fail "too few benchmarks are available"
	kernel_balanced 4096
	kernel_measured
	kernel_is "SELECT count(*) > 10, sum(failed) FROM check_result WHERE name IN ('in_context', 'as_named')" '1|0'
	# As Debian builds them, allocations are cleared.
	kernel_debugging_is 'note: init_on_alloc; remedy: boot with init_on_alloc=0 %'
}

# The database came back, and the run came to its end, without a case that did not go well.
kernel_measured() {
	guest_receive "$work/console" /tmp/kernel.db "$work/kernel.db" || guest_fail "no database came back"
	memperf db check "$work/kernel.db" >/dev/null || guest_fail "the database is not sound"
	kernel_is "SELECT status FROM run" complete
	kernel_is "SELECT DISTINCT outcome, reason FROM $kernel_cases" 'ok|'
	! kernel_whole || kernel_is "SELECT count(*) > 340, count(DISTINCT name) >= 120 FROM $kernel_cases" '1|1'
}

# kernel_debugging_is PATTERN: what the run has of that; here the module alone can tell.
kernel_debugging_is() {
	kernel_is "SELECT iif(value LIKE '$1', 1, value) FROM fact WHERE fact_group = 'doctor' AND key = 'finding_kernel_debugging'" 1
}

# OPTIONs of kernel_smp: one size and order of every benchmark, and few objects, as what emulations measure says nothing (of a minute in a
# kernel that looks for mistakes, a third was 64 slab caches at a time). What is large is where it must be.
kernel_sets="--suite kernel --set size=256,64K,2M --set order=0 --set batch=4 --set areas=64 --set live=8"
kernel_size="(not (size > 256) or size = 64K and family = vmap_align or size = 2M and family = vmalloc_huge)"
# One case at least of every family, in every context; and of every benchmark, where the caller is.
kernel_each_family="$kernel_sets --filter '(bench ~ *.pair or bench ~ *.free or bench ~ *.apply) and not (context = process and gfp = atomic) and
	$kernel_size'"
kernel_each_benchmark="$kernel_sets --filter '(bench ~ *.pair or not (gfp = atomic)) and not (context = remote or context = kthread or
	context = bhoff or context = irqsoff or context = softirq or context = hardirq) and $kernel_size'"

# kernel_each_family_ran CONTEXT...: it did, in the CONTEXTs and no other, with what single calls cost.
kernel_each_family_ran() {
	local context all="SELECT DISTINCT family FROM $kernel_cases"

	kernel_is "SELECT count(*) FROM ($all)" "$(grep -c '^	X(' "$MEMPERF_SOURCE/kmod/allocators.h")"
	kernel_is "SELECT count(DISTINCT name) >= 60 FROM $kernel_cases" 1
	kernel_is "SELECT count(*) FROM $kernel_cases c WHERE NOT EXISTS (SELECT 1 FROM point p
		WHERE p.run_case_id = c.run_case_id AND mode = 'call' AND population = 'all')" 0
	for context; do
		kernel_is "SELECT count(*) > 0 FROM $kernel_cases WHERE text || '/' LIKE '%context=$context/%'" 1
	done
	kernel_is "SELECT count(*) FROM $kernel_cases WHERE text LIKE '%context=%' $(printf \
		" AND text || '/' NOT LIKE '%%context=%s/%%'" "$@")" 0
}

# kernel_is "SQL" EXPECTED, in $work/kernel.db
kernel_is() {
	local got

	got=$(sqlite3 "$work/kernel.db" "$1" 2>&1) || guest_fail "$got: $1"
	[[ $got == "$2" ]] || guest_fail "$got, not $2: $1"
}

# Cases of kernel benchmarks, as a table of SQL.
kernel_cases="(SELECT * FROM run_case JOIN kase USING (case_id) JOIN bench USING (bench_id)
	WHERE unit IN ('object', 'batch', 'cache') OR family IN ('clear_page', 'copy_page'))"

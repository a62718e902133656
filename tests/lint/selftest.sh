#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The lints can fail: in a small tree that they accept, plants one violation of each kind and expects the
# sentence that names it.
set -u
lint=$(cd -- "$(dirname -- "$0")" && pwd)
# A path with a space, because people have those.
tree=$(mktemp -d)/"a tree"
trap 'rm -rf -- "${tree%/*}"' EXIT
failures=0
spdx='/* SPDX-License-Identifier: GPL-3.0-or-later */'

# write PATH LINE...
write() {
	mkdir -p -- "$(dirname -- "$tree/$1")"
	printf '%s\n' "${@:2}" >"$tree/$1"
}

header() {
	local guard

	guard=$(printf '%s' "$1" | tr '[:lower:]' '[:upper:]' | tr -c 'A-Z0-9' _)
	write "$1" "$spdx" '/* What it is for. */' "#ifndef $guard" "#define $guard" '' "${@:2}" '' '#endif'
}

source_file() {
	write "$1" "$spdx" '/* What it is for. */' "${@:2}"
}

fixture() {
	rm -rf -- "$tree"
	mkdir -p -- "$tree"
	cp -- "$lint/../../.clang-format" "$lint/../../.clang-tidy" "$tree/"
	write CMakeLists.txt '# SPDX-License-Identifier: GPL-3.0-or-later' \
		'memperf_collect(TARGET mp_benchmarks FOLDER benchmarks PREFIX mp_family_' \
		'	LIST mp_families EXCLUDE find.c)' \
		'memperf_collect(TARGET memperf FOLDER cli GLOB "cmd_*.c" PREFIX mp_cmd_ LIST mp_cmds)'
	write README.md '<!-- SPDX-License-Identifier: GPL-3.0-or-later -->' 'See README.md.'
	header common/str.h 'struct mp_str;'
	header results/store.h '#include "common/str.h"'
	header runner/plan/plan.h '#include "results/store.h"'
	source_file results/store.c '#include "results/store.h"' '' '#include <sqlite3.h>'
	source_file runner/machine/topology.c '#include <hwloc.h>' '#include <numa.h>'
	source_file benchmarks/find.c '#include "common/str.h"'
	source_file benchmarks/mmap.c '#include "common/str.h"' '' \
		'static const char *const url = "http://example.org"; /* not a // comment */' \
		'static const struct mp_bench benches[] = {' '	{ .name = "mmap.anon" },' '};' '' \
		'const struct mp_family mp_family_mmap = { "mmap", benches };'
	source_file cli/cmd_run.c '#include "runner/plan/plan.h"' '' 'const struct mp_cmd mp_cmd_run = {' \
		'	.name = "run",' '};'
}

# expect LINT SENTENCE...: the lint fails and says so.
expect() {
	local said status sentence

	said=$(bash "$lint/$1.sh" "$tree" 2>&1)
	status=$?
	for sentence in "${@:2}"; do
		if ((status == 77)); then
			printf 'not tried: %s: %s\n' "$1" "$said"
		elif ((status == 0)) || [[ $said != *"$sentence"* ]]; then
			printf 'FAILED: %s (exit %d) was to say:\n\t%s\nbut said:\n%s\n' "$1" "$status" "$sentence" "$said"
			failures=$((failures + 1))
		else
			printf 'red: %s: %s\n' "$1" "$sentence"
		fi
	done
	fixture
}

# accept LINT: the lint has nothing to say.
accept() {
	local said status

	said=$(bash "$lint/$1.sh" "$tree" 2>&1)
	status=$?
	if ((status != 0 && status != 77)); then
		printf 'FAILED: %s does not accept the tree without violations:\n%s\n' "$1" "$said"
		failures=$((failures + 1))
	fi
}

fixture
for name in includes names opening comments words length headers format cppcheck; do
	accept "$name"
done

header common/str.h '#include "results/store.h"'
expect includes 'common/str.h:6: common/ may not include "results/store.h": it may use nothing else of the project'
source_file benchmarks/mmap.c '#include "common/str.h"' '#include "results/store.h"'
expect includes 'benchmarks/mmap.c:4: benchmarks/ may not include "results/store.h": it may use only common'
source_file report/text.c '#include "runner/plan/plan.h"'
expect includes 'report/text.c:3: report/ may not include "runner/plan/plan.h": it may use only results common'
source_file results/merge.c '#include "cli/cmd.h"'
header cli/cmd.h
expect includes 'results/merge.c:3: results/ may not include "cli/cmd.h"'
source_file runner/worker/main.c '#include "runner/plan/plan.h"'
expect includes 'runner/worker/main.c:3: runner/worker/ may not include "runner/plan/plan.h"'
header runner/counters/counters.h
source_file runner/worker/main.c '#include "runner/counters/counters.h"'
expect includes 'runner/worker/main.c:3: runner/worker/ may not include "runner/counters/counters.h"'
source_file results/merge.c '#include "store.h"'
expect includes 'results/merge.c:3: "store.h" is not written from the root'
source_file results/merge.c '#include "results/stor.h"'
expect includes 'results/merge.c:3: "results/stor.h" does not exist'
source_file results/store.c '#include <stdio.h>' '#include "results/store.h"'
expect includes 'results/store.c:3: the first include of results/store.c must be its own header'
source_file results/store.c '#include <results/store.h>'
expect includes 'results/store.c:3: <results/store.h> belongs to the project'
for planted in 'sqlite3.h cli results' 'zstd.h report results' 'hwloc.h runner/exec runner/machine' \
	'hwloc/linux.h runner/machines runner/machine' 'numaif.h benchmarks runner/machine' \
	'perfmon/pfmlib.h runner/exec runner/counters' 'libconfig.h runner/plan runner/config' \
	'gsl/gsl_cdf.h results report/statistics' 'curses.h report report/viewer' 'ncursesw/curses.h cli report/viewer'; do
	read -r library folder right <<<"$planted"
	source_file "$folder/planted.c" "#include <$library>"
	expect includes "$folder/planted.c:3: <$library> is included outside its door, $right/"
done
for folder in common benchmarks runner/worker; do
	source_file "$folder/planted.c" '#  include <jansson.h>'
	expect includes "$folder/planted.c:3: <jansson.h> may not be used in $folder/"
done

source_file benchmarks/brk.c 'const struct mp_family mp_family_brake = { "brk", 0 };'
expect names 'benchmarks/brk.c:1: does not define the descriptor mp_family_brk'
source_file cli/cmd_plan.c 'static const struct mp_cmd mp_cmd_plan = {' '};'
expect names 'cli/cmd_plan.c:1: does not define the descriptor mp_cmd_plan'
source_file benchmarks/brk.c 'static const struct mp_bench b[] = { { .name = "sbrk.grow" } };' \
	'const struct mp_family mp_family_brk = { "brk", b };'
expect names 'benchmarks/brk.c:3: benchmark "sbrk.grow" is not of the family "brk"'
source_file benchmarks/brk.c 'const struct mp_family mp_family_brk = { "break", 0 };'
expect names 'benchmarks/brk.c:1: mp_family_brk calls itself "break", but its file says "brk"'
write CMakeLists.txt '# SPDX-License-Identifier: GPL-3.0-or-later'
expect names 'this test would be blind'

write common/str.c '/* What it is for. */' '#include "common/str.h"'
expect opening 'common/str.c:1: does not open with "SPDX-License-Identifier: GPL-3.0-or-later"'
write common/str.c "$spdx" '#include "common/str.h"'
expect opening 'common/str.c:2: the file does not say what it is for'
write configs/suites/all.cfg 'suite: { };'
expect opening 'configs/suites/all.cfg:1: does not open with'
write kmod/alloc.c "$spdx" '/* What it is for. */'
expect opening 'kmod/alloc.c:1: does not open with "SPDX-License-Identifier: GPL-2.0-only"'
write common/vec.h "$spdx" '/* What it is for. */' '#ifndef VEC_H' '#define VEC_H' '#endif'
expect opening 'common/vec.h:1: the include guard is not COMMON_VEC_H'

source_file common/str.c 'int mp_x; // one'
expect comments 'common/str.c:3: a // comment'
source_file common/str.c 'char c = '"'"'"'"'"'; // after a quote'
expect comments 'common/str.c:3: a // comment'
source_file common/str.c '	/* close(fd); */'
expect comments 'common/str.c:3: a comment that is code'
source_file common/str.c '#if 0' '#endif'
expect comments 'common/str.c:3: code is switched off with #if 0'

write README.md '<!-- SPDX-License-Identifier: GPL-3.0-or-later -->' 'see /ho''me/someone/x'
expect words 'README.md:2: a path that only one machine has'
write README.md '<!-- SPDX-License-Identifier: GPL-3.0-or-later -->' "see $tree/x"
expect words 'README.md:2: a path of this machine'
source_file common/str.c '/* TO''DO: all of it */'
expect words 'common/str.c:3: unfinished work'
source_file common/str.c 'int mp_x; '
expect words 'common/str.c:3: white space at the end'
source_file common/str.c '>>>>>>''> theirs'
expect words 'common/str.c:3: a conflict marker'
source_file common/str.c '/* See MISSING''.md. */'
expect words 'common/str.c:3: refers to MISSING''.md, which does not exist'

mapfile -t long < <(for ((i = 0; i < 130; i++)); do printf '\tmp_x++;\n'; done)
source_file common/str.c 'void mp_long(void)' '{' "${long[@]}" '}'
expect length 'common/str.c:4: the function mp_long has 130 lines, more than 120'
mapfile -t long < <(for ((i = 0; i < 900; i++)); do printf 'int mp_%d;\n' "$i"; done)
source_file common/str.c "${long[@]}"
expect length 'common/str.c:1: the file has 902 lines, more than 800'

header common/vec.h 'size_t mp_vec_count(void);'
expect headers 'common/vec.h does not compile alone'
write common/vec.h "$spdx" '/* What it is for. */' 'struct mp_vec { int x; };'
expect headers 'common/vec.h does not compile alone'

source_file common/str.c 'int   mp_x;'
expect format 'common/str.c:3:4: is not formatted'

source_file common/str.c 'int mp_x(int *p);' '' 'int mp_x(int *p)' '{' '	int a[2];' '' '	a[2] = *p;' '	return a[2];' '}'
expect cppcheck "common/str.c:9: Array 'a[2]' accessed at index 2"

write kmod/Kbuild '# SPDX-License-Identifier: GPL-2.0-only' 'obj-m := main.o'
write kmod/main.c '/* SPDX-License-Identifier: GPL-2.0-only */' '#include <linux/slab.h>' '' 'int mpk_x(int *p)' '{' \
	'	gfp_t gfp = 5;' '' '	kfree(p);' '	if(gfp)' '		return *p;' '	return 0;' '}'
expect kmod 'kmod/main.c:6:21: warning: incorrect type in initializer' 'kmod/main.c:9: ERROR:SPACING' \
	'kmod/main.c:10:10-11: ERROR: reference preceded by free on line 8'

export MEMPERF_BUILD=$tree
# compiled FILE: the compilation database of a build that compiles it
compiled() {
	write compile_commands.json \
		"[{ \"directory\": \"$tree\", \"command\": \"cc -c '$tree/$1'\", \"file\": \"$tree/$1\" }]"
}
source_file common/str.c 'int mp_x(int a);' '' 'int mp_x(int a)' '{' '	return (a & 1) == 3;' '}'
compiled common/str.c
expect tidy 'common/str.c:7:17: error: logical expression is always false'
compiled common/gone.c
expect tidy 'this test would be blind'

((failures == 0)) || printf '%d of the planted faults were not found\n' "$failures"
((failures == 0))

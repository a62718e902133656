#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every command under valgrind: no invalid access, no use of uninitialised memory, nothing lost.
# CTest: TIMEOUT 900, RUN_SERIAL FALSE, RESOURCE_LOCK machine, COST 100
set -u
command -v valgrind >/dev/null || { echo "skip: valgrind is not installed"; exit 77; }
memperf --version | grep -q . || exit 1
ldd "$(command -v memperf)" | grep -q libasan && { echo "skip: an ASan build does not run under valgrind"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
make=$MEMPERF_BUILD/tests
cd "$work" || exit 1

clean() { # exit codes that are right, with commas; arguments of memperf
	local code=$1 got log
	shift
	log=$(mktemp -p .)
	valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect \
		--errors-for-leak-kinds=definite,indirect memperf "$@" >/dev/null 2>"$log" </dev/null
	got=$?
	[[ ,$code, == *,$got,* ]] && return
	echo "FAIL: exit $got, not $code: $*"
	tail -40 "$log"
	return 1
}
export -f clean

failures=0
clean 0 run --bench floor.loop --filter 'bench = floor.loop' --invocations 2 --budget 1s --clock raw --db a.db || failures=1
clean 0 run --bench floor.loop --filter 'bench = floor.loop' --invocations 2 --budget 1s --clock raw --db b.db --label x --tag k=v || failures=1
echo text >t.db
"$make/make_db" base.db base && "$make/make_history" nights.db 12 3 || exit 1
for copy in judged pruned accepted named; do cp nights.db $copy.db; done
cp base.db into.db
echo 'nightly: { suite = ["nightly"]; database = "judged.db"; reports: { folder = "reports"; formats = ["json"]; }; };' >night.cfg
printf 'screen\n2\nscreen\n5\nscreen\n6\nscreen\n' >keys

# The rest reads, or writes a file of its own: several at once.
sed '/^#/d' <<'T' | xargs -d '\n' -P "$(nproc)" -I {} bash -c 'clean {}' || failures=1
0 list
0 list --json
0 list floor.access
0 plan --suite quick
0 plan --suite matrix --json
0 help run
0 report a.db
0 report a.db --format json
0 compare a.db b.db
0 compare a.db b.db --format csv --all
0 db info a.db
0 db runs a.db
0 db check a.db
0 db export a.db
0 db merge into.db a.db b.db
0 db baseline named.db "#1" --name golden --reason release
0 db prune pruned.db --keep-raw 2 --keep-runs 9
0 db accept accepted.db mmap.made/n=0 --at "#5" --reason why --all
0 history nights.db
0 history nights.db --json
0,3 doctor --json
0 counters
0 counters --json
0 view base.db a.db --script keys
0 nightly ./night.cfg --judge
128 bisect-step --good a.db --bad b.db --case floor.loop
128 bisect-step --good base.db --bad base.db --case floor.nothing
2 run --suite none
2 run --bench "mmap.*" --set size=4Q
2 plan --bench floor.access --filter "size > (4K"
3 report t.db
2 run --resume --db a.db
T
[ $failures = 0 ] && echo ok
exit $failures

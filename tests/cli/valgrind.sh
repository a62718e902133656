#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every command under valgrind: no invalid access, no use of uninitialised memory, nothing lost.
set -u
command -v valgrind >/dev/null || { echo "skip: valgrind is not installed"; exit 77; }
memperf --version | grep -q . || exit 1
ldd "$(command -v memperf)" | grep -q libasan && { echo "skip: an ASan build does not run under valgrind"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failures=0

clean() { # expected exit code, command
	local code=$1
	shift
	valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect \
		--errors-for-leak-kinds=definite,indirect "$@" >"$work/out" 2>"$work/err" </dev/null
	local got=$?
	[ $got = "$code" ] && return
	echo "FAIL: exit $got, not $code: $*"
	tail -40 "$work/err"
	failures=$((failures + 1))
}

m=$(command -v memperf)
clean 0 "$m" run --bench floor.loop --filter 'bench = floor.loop' --invocations 2 --budget 4s --db "$work/a.db"
clean 0 "$m" run --bench floor.loop --filter 'bench = floor.loop' --invocations 4 --budget 4s --db "$work/b.db" --label x --tag k=v
clean 0 "$m" list
clean 0 "$m" list --json
clean 0 "$m" list floor.access
clean 0 "$m" plan --suite all
clean 0 "$m" plan --suite matrix --json
clean 0 "$m" help run
clean 0 "$m" report "$work/a.db"
clean 0 "$m" report "$work/a.db" --format json
clean 0 "$m" compare "$work/a.db" "$work/b.db"
clean 0 "$m" compare "$work/a.db" "$work/b.db" --format csv --all
for action in info runs check export; do clean 0 "$m" db $action "$work/a.db"; done
clean 0 "$m" db merge "$work/a.db" "$work/b.db"
clean 2 "$m" run --suite none
clean 2 "$m" run --bench 'mmap.*' --set size=4Q
clean 2 "$m" plan --bench floor.access --filter 'size > (4K'
echo text >"$work/t.db"
clean 3 "$m" report "$work/t.db"
clean 2 "$m" run --resume --db "$work/a.db"
[ $failures = 0 ] && echo ok
exit $((failures != 0))

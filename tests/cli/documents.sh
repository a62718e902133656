#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# README, the guide and CONTRIBUTING do what they say: in a fresh copy of the tree, in a path with spaces, every command of a
# ```console block is executed, and the example benchmark of CONTRIBUTING is dropped in, judged by the lints,
# built, listed, planned, run and reported.
# CTest: TIMEOUT 1800, RUN_SERIAL FALSE, RESOURCE_LOCK machine, COST 300
set -u
: "${MEMPERF_SOURCE:?}"
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
tree="$work/a fresh clone"
source=$MEMPERF_SOURCE
lints=$source/tests/lint
unset MEMPERF_BUILD MEMPERF_SOURCE CDPATH
export CCACHE_BASEDIR=$tree
export NO_COLOR=1

die() {
	printf 'FAILED: %s\n' "$*"
	exit 1
}

# The lines of the console blocks that are commands, in order.
commands() {
	awk '/^```/ { console = ($0 == "```console") } console && /^\$ / { print substr($0, 3) }' "$1"
}

# Writes each ```c PATH block of the document to that path of the tree; prints the paths.
extract() {
	awk -v tree="$tree" '
	/^```/ {
		if (out)
			close(out)
		out = ""
		if ($1 == "```c" && NF == 2) { out = tree "/" $2; print $2 }
		next
	}
	out { print > out }' "$1"
}

# Two commands are shortened: the one would measure for a quarter of an hour, the other would start this test
# again; and runs get little time, a whole suite one benchmark. That this machine is busy is an answer of the doctor. Everything else runs as it stands.
shortened() {
	case $1 in
	'./bootstrap run') printf '%s' "$1 --bench floor.getppid --invocations 3 --budget 2s" ;;
	'./bootstrap test') printf '%s' "$1 -N" ;;
	'build/bin/memperf run '*) printf '%s' "${1/--suite quick/--bench floor.getppid --invocations 3} --budget 1s" ;;
	'build/bin/memperf doctor') printf '%s' "$1 || ((\$? == 3))" ;;
	*) printf '%s' "$1" ;;
	esac
}

# Runs a command in the tree; while somebody else measures on this machine, waits.
patiently() {
	local try

	for try in {1..60}; do
		output=$(cd -- "$tree" && bash -c "$1" </dev/null 2>&1) && return 0
		[[ $output == *"another 'memperf run' is measuring"* ]] || return 1
		sleep 10
	done
	return 1
}

# Runs every command of a document; each must succeed and say something.
execute() {
	local command output n=0

	while IFS= read -r command; do
		n=$((n + 1))
		command=$(shortened "$command")
		printf '%s: %s\n' "${1##*/}" "$command"
		patiently "$command" || die "${1##*/}: '$command' fails:
$output"
		case $command in
		*' -o '*) [[ -s $tree/${command##* -o } ]] || die "${1##*/}: '$command' writes nothing" ;;
		*) [[ -n $output ]] || die "${1##*/}: '$command' says nothing" ;;
		esac
	done < <(commands "$1")
	((n)) || die "${1##*/} has no console block: this test would be blind"
}

# says WORD ARGS...: `memperf ARGS` of that tree mentions the word.
says() {
	local word=$1 output

	shift
	output=$(cd -- "$tree" && build/bin/memperf "$@" </dev/null 2>&1) || die "'memperf $*' exits $?:
$output"
	[[ $output == *"$word"* ]] || die "'memperf $*' does not mention $word:
$output"
}

mkdir -p -- "$tree"
(
	set -- "$source"
	. "$lints/lib/tree.bash"
	tree_files '*' | tar -c --no-recursion -T - | tar -x -C "$tree"
) || die "cannot copy the tree"

execute "$tree/README.md"
# It reads what the README has measured.
execute "$tree/docs/guide.md"

mapfile -t files < <(extract "$tree/CONTRIBUTING.md")
((${#files[@]} == 2)) || die "CONTRIBUTING.md holds ${#files[@]} files, not 2"
for lint in includes names opening comments format words; do
	output=$(bash "$lints/$lint.sh" "$tree" | grep pagemap) && die "lint/$lint does not accept the example:
$output"
done
execute "$tree/CONTRIBUTING.md"

says pagemap.read list
for case in size=2M/touched=no size=2M/touched=yes; do
	says "pagemap.read/$case" plan --bench 'pagemap.*'
	says "pagemap.read/$case" report results/db/try.db --format csv
done
says pagemap.read report results/db/try.db
outcomes=$(sqlite3 "$tree/results/db/try.db" 'SELECT DISTINCT outcome FROM run_case') || die "cannot read try.db"
[[ $outcomes == ok ]] || die "the cases of the example are not all ok: $outcomes"

# A family without its descriptor does not build, and the names lint says which one is missing.
sed -i 's/mp_family_pagemap/mp_family_pagemaker/' "$tree/benchmarks/pagemap.c"
output=$(cd -- "$tree" && ./bootstrap build 2>&1) && die "a family without its descriptor builds"
[[ $output == *mp_family_pagemap* ]] || die "the link error does not name mp_family_pagemap: $output"
output=$(bash "$lints/names.sh" "$tree")
[[ $output == *'does not define the descriptor mp_family_pagemap'* ]] ||
	die "lint/names does not see the missing descriptor: $output"

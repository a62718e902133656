#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# README, the guide and CONTRIBUTING do what they say: in a fresh copy of the tree, in a path with spaces, every command of a
# ```console block is executed, and the example benchmark of CONTRIBUTING is dropped in, judged by the lints,
# built, listed, planned, run and reported. Commands of ```text blocks are those of a console block or are executed by another test,
# and screens that stand there have the lines that memperf prints now.
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
# again; and runs get little time, a whole suite one benchmark. The viewer is driven by a script. That this machine is busy is an
# answer of the doctor. Everything else runs as it stands.
shortened() {
	case $1 in
	'./bootstrap run') printf '%s' "$1 --filter 'bench = floor.getppid' --invocations 3 --budget 2s" ;;
	'./bootstrap test') printf '%s' "$1 -N" ;;
	'build/bin/memperf run '*) printf '%s' "${1/--suite quick/--bench floor.getppid --invocations 3} --budget 1s" ;;
	'build/bin/memperf view '*) printf '%s' "$1 --script <(echo screen)" ;;
	'build/bin/memperf doctor') printf '%s' "$1 || ((\$? == 3))" ;;
	*) printf '%s' "$1" ;;
	esac
}

# Every command in a ```text block is one of a console block, or that of a test that takes it from there.
claimed() {
	local command claim
	local -a claims

	mapfile -t claims < <(grep -rhoE --include='*.sh' "documented '[^']+'" "$source/tests" | cut -d"'" -f2)
	while IFS= read -r command; do
		grep -qxF -- "${command//results\/db\//}" "$work/commands" && continue
		for claim in "${claims[@]}"; do
			[[ $command != "$claim"* ]] || continue 2
		done
		die "no test executes '$command' of $1"
	done < <(awk '/^```/ { text = ($0 == "```text") } text && /^\$ / { print substr($0, 3) }' "$1")
}

# screens DOCUMENT: they look like what was said here, or like an exact output of another test.
screens() {
	/usr/bin/python3 "$source/tests/report/lib/screens.py" "$1" "$work/said" "$work/listed" "$source"/tests/data/report/*.txt ||
		die "${1##*/} shows screens that there are no more"
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
		printf '%s\n' "$output" >>"$work/said"
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

for document in README.md docs/guide.md CONTRIBUTING.md; do
	commands "$tree/$document" | sed 's|build/bin/||g; s|results/db/||g'
done >"$work/commands"
for document in README.md docs/guide.md; do
	claimed "$tree/$document"
done
execute "$tree/README.md"
# It reads what the README has measured.
execute "$tree/docs/guide.md"
(cd -- "$tree" && build/bin/memperf list --json) | jq -r '.[] | "\(.name): \(.summary); per \(.unit)"' >"$work/listed"
for document in README.md docs/guide.md; do
	screens "$tree/$document"
done

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

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf bisect-step: git finds the commit that planted a slow-down, by steps that are good (0), bad (1), and not to be told (125); what
# is wrong ends the bisection (128).
# CTest: TIMEOUT 300, RUN_SERIAL FALSE, RESOURCE_LOCK machine, COST 100
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"

case=brk.query

# refuses SENTENCE ARGS...: exit 128, which git takes for the end, and one line that says why
refuses() {
	local sentence=$1 status
	shift
	memperf bisect-step "$@" >"$work/out" 2>"$work/err"
	status=$?
	[[ $status == 128 ]] || bad "'bisect-step $*' ends with $status, not 128"
	[[ $(wc -l <"$work/err") == 1 ]] && grep -qF -- "$sentence" "$work/err" ||
		bad "'bisect-step $*' says: $(cat "$work/err")"
}

"$make_db" base.db base && "$make_db" planted.db planted || exit 1
refuses "no option '--nonsense'" --nonsense
refuses "--case is missing" --good base.db --bad base.db
refuses "--good is missing" --bad base.db --case $case
refuses "has no case 'floor.nothing'" --good base.db --bad base.db --case floor.nothing
refuses "is failed in 'base.db'" --good base.db --bad base.db --case brk.grow/size=4K/threads=1
refuses "was run with a planted fault (touch)" --good planted.db --bad base.db --case floor.clock
refuses "was measured on another machine ('testhost')" --good base.db --bad base.db --case floor.clock
refuses "--max-invocations '0' is not a number" --good base.db --bad base.db --case $case --max-invocations 0

# References: this machine, and the same with a microsecond more for each operation, ten times what it takes, so that no neighbour hides it.
memperf run --bench $case --invocations 5 --budget 3s --db good.db --quiet || exit 1
memperf run --bench $case --invocations 5 --budget 3s --db bad.db --quiet --sabotage "spin=1us@$case" || exit 1
refuses "are not apart" --good good.db --bad good.db --case $case

# Six commits after the good one. Git begins with the third, whose case does not run (its operations are left out), so that it is neither
# good nor bad, and teaches the file no batch size. From the fifth on there is the slow-down. --sabotage with a pattern that no case has
# spoils nothing. Git is to ask for one step of each kind; what a step cannot tell in twelve invocations (not each is calm), it tells by how near they are.
git init -q repository && cd repository || exit 1
git config user.email test@example.org
git config user.name test
for commit in 0 1 2 3 4 5 6; do
	case $commit in
	3) sabotage=skip@$case ;;
	5 | 6) sabotage=spin=1us@$case ;;
	*) sabotage=spin=1us@nowhere ;;
	esac
	echo "$sabotage" >spoil
	echo $commit >number
	git add . && git commit -qm "commit $commit"
	git tag "commit-$commit"
done
git bisect start commit-6 commit-0 >../out 2>&1
git bisect run sh -c "memperf bisect-step --good ../good.db --bad ../bad.db --case $case --db ../steps.db --max-invocations 12 \
	--sabotage \$(cat spoil)" >../out 2>../err || bad "git bisect ends with $?: $(cat ../out ../err)"
grep -q "^$(git rev-parse commit-5) is the first bad commit" ../out || bad "git found another commit: $(cat ../out)"
git bisect log | sed -n 's/^# \([a-z]*\): .* commit \([1-5]\)$/\1 \2/p' >../steps
git bisect reset >/dev/null 2>&1
cd ..
for step in 'skip 3' 'good 4' 'bad 5'; do
	grep -qx "$step" steps || bad "git was not told '$step': $(cat steps out)"
done
grep -q '^cannot tell: the case does not run here' out || bad "the third commit: $(cat out)"
json 'length >= 3 and all(.[]; .status == "complete")' memperf db runs steps.db --json

# Nothing is left behind where --db is not given, and a step that git cancels is no verdict.
mkdir temporary
TMPDIR=$work/temporary timeout --preserve-status -s INT 2 memperf bisect-step --good good.db --bad bad.db --case $case \
	--sabotage spin=1us@nowhere --max-invocations 40 >out 2>err
status=$?
((status == 130 || status == 0)) || bad "an interrupted step ends with $status: $(cat err)"
[[ -z $(ls temporary) ]] || bad "left behind: $(ls temporary/*)"
exit $((failures > 0))

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf bisect-step: git finds the commit that planted a slow-down; what is wrong ends the bisection (128).
# CTest: TIMEOUT 300
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"

case=floor.getppid

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

# References: this machine, and the same with four times the time of every operation: a system call alone has two speeds here and there, a third apart.
memperf run --bench $case --invocations 5 --budget 5s --db good.db --quiet || exit 1
memperf run --bench $case --invocations 5 --budget 5s --db bad.db --quiet --sabotage spin=300% || exit 1
refuses "are not apart" --good good.db --bad good.db --case $case

# Four commits after the good one; the third has the slow-down. --sabotage with a pattern that no case has spoils nothing.
git init -q repository && cd repository || exit 1
git config user.email test@example.org
git config user.name test
for commit in 0 1 2 3 4; do
	where=nowhere
	((commit >= 3)) && where=$case
	echo "spin=300%@$where" >spoil
	echo $commit >number
	git add . && git commit -qm "commit $commit"
	git tag "commit-$commit"
done
git bisect start commit-4 commit-0 >../out 2>&1
git bisect run sh -c "memperf bisect-step --good ../good.db --bad ../bad.db --case $case --db ../steps.db \
	--sabotage \$(cat spoil)" >../out 2>../err || bad "git bisect ends with $?: $(cat ../out ../err)"
grep -q "^$(git rev-parse commit-3) is the first bad commit" ../out || bad "git found another commit: $(cat ../out)"
git bisect reset >/dev/null 2>&1
cd ..
grep -q "^good: like the good" out && grep -q "^bad: like the bad" out || bad "not both verdicts: $(cat out)"
json 'length == 2 and all(.[]; .status == "complete")' memperf db runs steps.db --json

# Nothing is left behind where --db is not given, and a step that git cancels is no verdict.
mkdir temporary
TMPDIR=$work/temporary timeout --preserve-status -s INT 2 memperf bisect-step --good good.db --bad bad.db --case $case \
	--sabotage spin=300%@nowhere --max-invocations 40 >out 2>err
status=$?
((status == 130 || status == 0)) || bad "an interrupted step ends with $status: $(cat err)"
[[ -z $(ls temporary) ]] || bad "left behind: $(ls temporary/*)"
exit $((failures > 0))

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf plan: the shipped suites on this machine, the selection options, and that the estimate keeps its bounds.
# CTest: RUN_SERIAL FALSE
set -u
: "${MEMPERF_SOURCE:?}"
command -v jq >/dev/null || { echo "skipped: jq is not installed"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf -- "$work"' EXIT
cd -- "$work" || exit 1
export LC_ALL=C
unset MEMPERF_CONFIGS COLUMNS
failures=0

bad() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# json FILTER ARGUMENTS...: the filter is true of the plan
json() {
	local filter=$1
	shift
	memperf plan --json "$@" >out 2>err || bad "plan $* ends with $?: $(cat err)"
	jq -e "$filter" out >/dev/null || bad "not true of plan $*: $filter"
}

# same FILTER: it is true of the last one, too
same() {
	jq -e "$1" out >/dev/null || bad "not true of that plan: $1"
}

refused() {
	local words=$1
	shift
	memperf plan "$@" >out 2>err
	[[ $? == 2 ]] || bad "plan $* is not refused with 2"
	[[ ! -s out && $(wc -l <err) == 1 ]] || bad "plan $* does not say one line: $(cat err)"
	grep -qF -- "$words" err || bad "plan $* says: $(cat err)"
}

# every shipped suite
sound='.schedule as $s
	| ($s.fits | not) or (
		$s.base_s + $s.pool_s <= $s.budget_s * 1.000001
		and ($s.to_budget or $s.pool_s <= 0.300001 * $s.base_s)
		and ($s.estimate_s - $s.base_s - $s.pool_s / 2 | fabs) < 0.001)'
for file in "$MEMPERF_SOURCE"/configs/suites/*.cfg; do
	suite=$(basename "$file" .cfg)
	if ! memperf plan --suite "$suite" >"$suite.txt" 2>err; then
		# a machine without the module may have nothing to run in a suite of the kernel's
		[[ $suite == kernel ]] || bad "plan --suite $suite: $(cat err)"
		continue
	fi
	json "$sound" --suite "$suite"
	same '.cases | map(.case) | length == (unique | length)'
	same 'all(.dropped[]; (.case | length > 0) and (.reason | length > 0))'
	same '.schedule.runnable == ([.cases[] | select(.skipped == null)] | length)'
	grep -q "^suite $suite: " "$suite.txt" || bad "the first line of $suite is $(head -n 1 "$suite.txt")"
	jq -r '.cases[].case, .dropped[].reason' out | sort -u |
		awk 'NR == 1 { text = $0; next } !index(text, $0)' RS='\001' "$suite.txt" RS='\n' - >lost
	[[ ! -s lost ]] || bad "plan --suite $suite does not tell people: $(head -n 3 lost)"
done

# 'all' is the default and covers every benchmark, none silently
memperf plan --json >one.json
json '.' --suite all
cmp -s one.json out || bad "the default is not 'all', or two plans differ"
memperf list --json | jq -r '.[].name' | sort >listed
jq -r '(.cases[].bench), (.dropped[].case | split("[ /]"; "")[0])' one.json | sort -u >planned
[[ -z $(comm -23 listed planned) ]] || bad "not in 'all': $(comm -23 listed planned)"
json '.schedule.fits and .schedule.estimate_s <= 900' --suite all
json '.schedule | .invocations == 5 and .fits and .estimate_s <= 75 and .runnable >= 20 and .runnable <= 48' --suite quick
json '.schedule.invocations == 10' --suite nightly
json 'any(.cases[]; .bench == "floor.loop")' --bench floor.clear
json 'all(.cases[]; (.bench | startswith("floor.")) or (.values | has("threads") or has("processes") or has("helpers")))' --suite scaling
jq -e --slurpfile all one.json '(.cases | length) >= ($all[0].cases | length)' <(memperf plan --suite matrix --json) >/dev/null ||
	bad "the matrix has fewer cases than 'all'"
jq -e --slurpfile all one.json '[$all[0].cases[].case] - [.cases[].case] == []' <(memperf plan --suite nightly --json) >/dev/null ||
	bad "the nightly suite lacks a case of 'all'"

# options
json '[.cases[] | select(.bench == "floor.access") | .values.size] | index(8192) and index(1048576)' --bench floor.access --set size=8K,1M
case=$(memperf plan --json --bench munmap.untouched | jq -r '[.cases[] | select(.bench == "munmap.untouched")][0].case')
json "[.cases[] | select(.bench | startswith(\"floor.\") | not) | .case] == [\"$case\"]" --bench "$case"
json '[.cases[].case] | index("floor.access/size=24K") != null' --bench floor.access/size=24K
json '[.cases[] | select(.bench | startswith("floor.") | not)] | length > 1 and all(.[]; .values.size == 4096)' --bench 'munmap.*/*/size=4K*'
json '.schedule.budget_s == 33' --bench floor.access --budget 33s
json '.schedule | .invocations == 7 and .invocations_asked == 7' --bench floor.access --invocations 7
json '[.cases[] | select(.bench | startswith("floor.") | not)] | length > 0 and all(.[]; .values.size > 65536)' --filter 'family != floor and size > 64K'
json '[.cases[] | select(.bench | startswith("floor.") | not)] | length > 0 and all(.[]; .values.size == 4096)' --filter 'family != floor' --filter 'size = 4K'
json '.schedule | (.fits | not) and .invocations == 5 and .invocations_asked == 10 and .pool_s == 0' --budget 1s
memperf plan --budget 1s | grep -q '^longer than the budget of 1 s: give --budget' || bad "a plan that does not fit says nothing"
jq -e '.schedule.fits' <(memperf plan --json --budget "$(memperf plan --budget 1s | sed -n 's/.*give --budget \([0-9]*s\).*/\1/p')") >/dev/null ||
	bad "the budget that the remedy names does not fit"

# a suite of one's own, and a second one beside it
mkdir sub
printf 'suite: {\n  title = "mine";\n  defaults: { invocations = 6; };\n  include = ["./more.cfg"];\n};\n' >sub/own.cfg
printf 'suite: {\n  cases = ( { bench = "floor.access"; size = "32K"; } );\n};\n' >sub/more.cfg
json '.schedule.invocations == 6 and any(.cases[]; .case == "floor.access/size=32K")' --suite sub/own.cfg
json '.schedule.invocations == 6 and any(.cases[]; .case == "floor.access/size=32K")' --suite sub/own.cfg --suite quick
memperf plan --suite sub/own.cfg --suite quick | grep -q '^suite own+quick: mine$' || bad "the names of two suites"

# what is wrong is said with its place
sed -i 's/size/sise/' sub/more.cfg
refused "sub/./more.cfg:2: 'sise' is no axis of floor.access; did you mean 'size'?" --suite sub/own.cfg
printf 'suite: {\n  cases = (\n    { bench = "floor.acess"; }\n  );\n};\n' >sub/own.cfg
refused "sub/own.cfg:3: no benchmark matches 'floor.acess'; did you mean 'floor.access'?" --suite sub/own.cfg
refused "unknown suite 'nightl'; did you mean 'nightly'?" --suite nightl
refused "--set: 'sise' is no axis" --set sise=4K
refused "--bench: 'sise' is no axis of floor.access; did you mean 'size'?" --bench floor.access/sise=4K
refused "--bench: no case matches filter" --bench 'floor.access/size=3?'
refused "did you mean 'munmap.*'?" --bench munmap.qqqqqqqqqqqqqqqq
refused "column 10" --filter 'size = 4 4K'
refused "--budget '10' is not a time" --budget 10
refused "--budget '0s' is not a time" --budget 0s
refused "--budget '9999h' is not a time" --budget 9999h
for wrong in 0 1001 -1 3x '' 99999999999; do
	refused "--invocations '$wrong' is not a whole number from 1 to 1000" --invocations="$wrong"
done

# what would show is unknown without results, and says the remedy; a file that is none is refused
json '[.cases[] | .detectable == null and (.detectable_unknown | test("run it once"))] | all' --bench floor.loop --db none.db
memperf plan --bench floor.loop --db none.db | grep -q 'unknown: no run of this machine' || bad "plan does not say what it lacks"
echo text >text.db
memperf plan --bench floor.loop --db text.db >out 2>err && bad "plan takes a text for a results file"
grep -q "text.db" err || bad "plan of a text says: $(cat err)"

((failures == 0)) || exit 1

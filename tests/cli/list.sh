#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf list: every benchmark with everything its descriptor says, for people and machines, whatever families
# this build has.
# CTest: RUN_SERIAL FALSE
set -u
command -v jq >/dev/null || { echo "skipped: jq is not installed"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf -- "$work"' EXIT
cd -- "$work" || exit 1
export LC_ALL=C NO_COLOR=1
unset COLUMNS
failures=0

bad() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# refused WORDS COMMAND...: exit 2, one line on stderr that holds the words
refused() {
	local words=$1
	shift
	"$@" >out 2>err
	[[ $? == 2 ]] || bad "'$*' is not refused with 2"
	[[ ! -s out && $(wc -l <err) == 1 ]] || bad "'$*' does not say one line: $(cat err)"
	grep -qF -- "$words" err || bad "'$*' says: $(cat err)"
}

memperf list --json >all.json || bad "list --json ends with $?"
jq -e 'length > 0' all.json >/dev/null || bad "no benchmark in the build"

# true FILTER: it holds for every benchmark; those for which it does not are named
every() {
	local wrong
	wrong=$(jq -r ".[] | select(($1) | not) | .name" all.json)
	[[ -z $wrong ]] || bad "not '$1': $wrong"
}
every '.name | test("^[a-z][a-z0-9_]*\\.[a-z][a-z0-9_]*$")'
every '.family == (.name | split(".")[0])'
every '(.summary | length > 0) and (.timed | length > 10) and (.unit | length > 0)'
every '.summary | test("\\.$") | not'
every '.version >= 1'
every '(.modes | length > 0) and (.modes - ["call", "batch", "rate"] == [])'
every '.needs | all(.[]; test("^[a-z][a-z-]*$") and . != "unknown")'
every '.available == (.why_not == null)'
every 'all(.axes[]; (.help | length > 0) and (.values | length > 0) and (.matrix | length > 0))'
every 'all(.axes[]; if .kind == "choice" or .kind == "flag" then (.choices | length > 0) else .choices == null end)'
every 'all(.axes[]; if .kind == "size" or .kind == "count" then .min >= 0 else .min == null and .max == null end)'
every '.bytes_axis == null or (.bytes_axis as $b | any(.axes[]; .name == $b and .kind == "size"))'
every '[.axes[].name] | unique | length == length'
[[ $(jq 'length' all.json) == $(jq '[.[].name] | unique | length' all.json) ]] || bad "a name occurs twice"

# for people: one row each, the family as a heading, the count at the end
memperf list >table || bad "list ends with $?"
jq -r '.[].name' all.json | while read -r name; do
	[[ $(grep -c "^$name  *" table) == 1 ]] || echo "$name"
done >lost
[[ ! -s lost ]] || bad "without a row: $(cat lost)"
for family in $(jq -r '[.[].family] | unique[]' all.json); do
	grep -q "^$family: " table || bad "no heading for $family"
done
tail -n 1 table | grep -q "^$(jq length all.json) benchmarks, $(jq '[.[] | select(.available)] | length' all.json) available here" ||
	bad "the last line says: $(tail -n 1 table)"
jq -r '.[] | .why_not // empty' all.json | sort -u | while IFS= read -r why; do
	grep -qF -- "not here: $why" table || echo "$why"
done >lost
[[ ! -s lost ]] || bad "a reason is not told: $(cat lost)"

# one benchmark in full
mkdir one
for name in $(jq -r '.[].name' all.json); do
	memperf list "$name" >"one/$name" || bad "list $name: exit $?"
done
jq -r '.[] | "\(.name)\t\(.timed)", "\(.name)\taxis \(.axes[] | "\(.name) \(.help)")", "\(.name)\tvalues \(.axes[].values)"' all.json |
	tr -s ' ' >told
awk '
function judge(    i, n, lines) {
	gsub(/ +/, " ", flat)
	n = split(told[name], lines, "\t")
	for (i = 2; i <= n; i++)
		if (!index(flat, lines[i]))
			print name ": not told: " lines[i]
	if (name && n < 2)
		print name ": nothing is to be told"
}
NR == FNR {
	at = index($0, "\t")
	told[substr($0, 1, at - 1)] = told[substr($0, 1, at - 1)] substr($0, at)
	next
}
FNR == 1 {
	judge()
	name = substr(FILENAME, 5)
	flat = ""
	if (index($0, name ": ") != 1)
		print name ": the first line is " $0
}
length($0) > 100 { print name ": wider than 100 columns" }
{ flat = flat " " $0 }
END { judge() }' told one/* >lost
[[ ! -s lost ]] || bad "$(cat lost)"
COLUMNS=60 memperf list floor.clear | awk 'length($0) > 60 { exit 1 }' || bad "wider than 60 columns"

# selections
[[ $(memperf list floor --json | jq -r '[.[].family] | unique | join(",")') == floor ]] || bad "a family as operand"
[[ $(memperf list 'floor.l*' --json | jq -r '.[].name') == floor.loop ]] || bad "a pattern as operand"
[[ $(memperf list floor.access/size=4K --json | jq -r '.[].name') == floor.access ]] || bad "a case as operand"
[[ $(memperf list --bench floor.loop --bench 'floor.clear/*4K' --json | jq length) == 2 ]] || bad "--bench twice"
memperf list --filter 'size >= 64M' --json |
	jq -e 'length > 0 and all(.[]; any(.axes[]; .name == "size"))' >/dev/null || bad "--filter"
memperf list --filter 'size >= 64M' --filter 'family = floor' --json |
	jq -e '[.[].name] == ["floor.access"]' >/dev/null || bad "two --filter"
refused "did you mean 'floor.loop'?" memperf list floor.lop
refused "did you mean 'floor.*'?" memperf list flor
refused "did you mean 'floor.loop'?" memperf list --bench floor.loo
refused "column 7" memperf list --filter 'size >'
refused "did you mean 'size'?" memperf list --filter 'sise > 4K'
refused "no case matches filter" memperf list --filter 'size = 3'
refused "does not take 'b'" memperf list a b

# a reader that goes away is no error
memperf list --json 2>err | head -n 1 >out
[[ ${PIPESTATUS[0]} == 0 && ! -s err ]] || bad "list | head: $(cat err)"

((failures == 0)) || exit 1

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Nothing changed, and nothing must be found: compares real runs of one build on one machine, every one with every other.
# Not part of CTest: a dozen runs take a quarter of an hour and want the machine for themselves.
#
#   tests/truth/aa.sh FILE.db [RUNS]     measures until FILE.db holds RUNS runs (12), then compares; exits 1 when more
#                                        than 1 % of the pairs are called faster or slower, or more than 1 gate in 20
#                                        is red
#   tests/truth/aa.sh --power A.db B.db  A.db: honest runs, B.db: runs with --sabotage spin=N%[@GLOB]; of the planted cases
#                                        whose noise floor is below 2 %: how often each is found, and missed. Exits 1
#                                        when less than 95 % are found of changes below 20 %, or not all of larger ones
set -u
here=$(cd -- "$(dirname -- "$0")" && pwd)
command -v jq >/dev/null || { echo "aa.sh: jq is not installed" >&2; exit 3; }

runs_in() { memperf db runs "$1" --json 2>/dev/null | jq '[.[] | select(.status == "complete") | .run] | .[]'; }

# one A B: the pairs as lines "case verdict tail shape", then "gate CODE"
one() {
	memperf compare "$1" "$2" --json --gate >"$work/json"
	local code=$?
	# what a planted change of 3 ns or more is to be found in: a shorter spin cannot be planted
	jq -r --argjson share "${share:-0}" '.pairs[] | select(.floor != null and .floor < 0.02 and .median_a_ns * $share >= 3)
		| [.case, .verdict] | @tsv' "$work/json" >>"$work/judged"
	jq -r '.pairs[] | [.case, .verdict, .tail, .shape] | @tsv' "$work/json"
	printf 'gate\t%s\n' "$code"
}

# share WORD COLUMN: lines whose column is the word
count() { awk -F'\t' -v c="$2" -v w="$1" '$1 != "gate" && $c == w { n++ } END { print n + 0 }' "$work/all"; }

summary() {
	local pairs gates red called
	pairs=$(grep -vc '^gate' "$work/all")
	gates=$(grep -c '^gate' "$work/all")
	red=$(grep -c $'^gate\t1$' "$work/all")
	called=$(($(count faster 2) + $(count slower 2)))
	echo "$gates comparisons, $pairs pairs: $(count faster 2) faster, $(count slower 2) slower, $(count same 2) same," \
		"$(count unsure 2) unsure; tails: $(count faster 3) faster, $(count slower 3) slower, $(count same 3) same," \
		"$(count unsure 3) unsure; shapes: $(count changed 4) changed, $(count same 4) same; $red gates red"
	awk -F'\t' '$1 != "gate" && ($2 == "faster" || $2 == "slower" || $3 == "slower" || $3 == "faster" || $4 == "changed") {
		n[$1 " " $2 ", tail " $3 ", shape " $4]++ } END { for (k in n) print "  " n[k] " " k }' "$work/all" | sort -rn -k1
	((called * 100 <= pairs && red * 20 <= gates))
}

# power PERCENT GLOB: found and missed of each planted case, and whether that is enough
power() {
	local case verdict need=95
	(($1 >= 20)) && need=100
	while IFS=$'\t' read -r case verdict; do
		# shellcheck disable=SC2053 # it is a pattern
		[[ $case == $2 || ${case%%/*} == $2 ]] && printf '%s\t%s\n' "$case" "$verdict"
	done <"$work/judged" | awk -F'\t' -v need="$need" -v percent="$1" '
		{ n[$1]++; found[$1] += $2 == "slower"; pairs++; hits += $2 == "slower" }
		END {
			for (k in n) printf "  %s: %d found, %d missed\n", k, found[k], n[k] - found[k]
			printf "+%d %%: %d of %d pairs with a noise floor below 2 %% found; %d %% are asked for\n", percent, hits, pairs, need
			exit !(pairs && hits * 100 >= need * pairs)
		}'
}

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
if [[ ${1-} == --power ]]; then
	planted=$(sqlite3 "$3" "SELECT DISTINCT json_extract(options_json, '$.sabotage') FROM run") || exit 3
	[[ $planted =~ ^spin=([0-9]+)%(@(.+))?$ ]] || { echo "aa.sh: '$3' holds no runs with one spin=N%, but '$planted'" >&2; exit 3; }
	percent=${BASH_REMATCH[1]} glob=${BASH_REMATCH[3]:-*}
	share=$(jq -n "$percent / 100")
	for a in $(runs_in "$2"); do
		for b in $(runs_in "$3"); do one "$2:#$a" "$3:#$b"; done
	done >"$work/all"
	summary
	power "$percent" "$glob"
	exit
fi
db=${1:?a results file}
while (($(runs_in "$db" | wc -l) < ${2-12})); do
	memperf run --suite "$here/aa.cfg" --db "$db" --quiet --no-progress || exit
done
ids=$(runs_in "$db")
for a in $ids; do
	for b in $ids; do ((a < b)) && one "$db:#$a" "$db:#$b"; done
done >"$work/all"
summary

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Does the result make sense? What is known of the machine must show in the numbers, on the real kernel: two cases, how many
# times the first must be under or over the second, and why. A line of the table is all that another fact takes; a fact about
# something that this machine does not have is skipped.
# CTest: TIMEOUT 120
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*"; exit 1; }

[ "$(getconf PAGESIZE)" = 4096 ] || { echo "skip: the facts are about pages of 4 KiB"; exit 77; }

# case | under or over | factor | case | the physics
cat >"$work/facts" <<'T'
mremap.fixed/align=pud/backing=anon/huge=none/size=1G/touch=write | under | 50 | mremap.fixed/align=pte/backing=anon/huge=none/size=1G/touch=write | where source and destination match, one entry moves for 1 GiB; where not, one for every page
mremap.fixed/align=pmd/backing=anon/huge=none/size=1G/touch=write | under | 5 | mremap.fixed/align=pte/backing=anon/huge=none/size=1G/touch=write | one entry for every 2 MiB are less than one for every page
mprotect.rw_r/backing=anon/huge=none/size=2M/touch=none | under | 5 | mprotect.rw_r/backing=anon/huge=none/size=2M/touch=write | a range without pages changes in the list of mappings alone
mprotect.noop/size=4K/touch=write | under | 1.5 | mprotect.rw_r/backing=anon/huge=none/size=4K/touch=write | the protection that is there already costs no change and no flush
T

# The cases of the table and no others: an alternative of a filter for each, and its benchmark.
awk -F ' *[|] *' '{ print $1; print $4 }' "$work/facts" | sort -u >"$work/cases"
mapfile -t benches < <(cut -d/ -f1 "$work/cases" | sort -u)
filter=$(sed -e 's|/| and |g' -e 's/^/(bench=/' -e 's/$/)/' "$work/cases" | paste -sd '|' | sed 's/|/ or /g')

memperf run "${benches[@]/#/--bench=}" --filter "$filter" --invocations 3 --budget 12s --db "$work/p.db" --quiet >"$work/out" 2>&1 ||
	fail "run: $(cat "$work/out")"
memperf db export --json "$work/p.db" | jq -r '.[] | [.case, .outcome, .value_ns, .reason // ""] | @tsv' >"$work/values" ||
	fail "export"

awk -F ' *[|] *' -v values="$work/values" '
BEGIN {
	while ((getline line <values) > 0) {
		split(line, word, "\t")
		outcome[word[1]] = word[2]
		ns[word[1]] = word[3]
		reason[word[1]] = word[4]
	}
}
function known(name) {
	if (!(name in outcome)) {
		print "FAIL: no such case here: " name
		bad++
		return 0
	}
	if (outcome[name] == "skipped") {
		print "left out: " name ": " reason[name]
		return 0
	}
	if (outcome[name] == "ok" && ns[name] > 0)
		return 1
	print "FAIL: " name " is " outcome[name] ": " reason[name]
	bad++
	return 0
}
{
	if (!known($1) || !known($4))
		next
	holds = $2 == "under" ? ns[$1] * $3 <= ns[$4] : ns[$1] >= ns[$4] * $3
	printf "%s: %s %.0f ns, %s %.0f ns, ratio %.1f, wanted %s %s: %s\n", holds ? "holds" : "FAIL", $1, ns[$1], $4, ns[$4],
		$2 == "under" ? ns[$4] / ns[$1] : ns[$1] / ns[$4], $2, $3, $5
	bad += !holds
	judged++
}
END { exit bad > 0 || !judged }' "$work/facts" || exit 1

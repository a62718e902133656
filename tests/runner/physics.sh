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
fault.anon_read/huge=none/range=64M | under | 1.3 | fault.anon_write/huge=none/order=ascending/page_tables=warm/range=64M | a read fault maps the zero page: nothing is allocated and nothing cleared
fault.anon_write/huge=thp/order=ascending/page_tables=warm/range=64M | under | 0.0007 | floor.clear_nt/size=4K | the fault of a huge page is clearing 512 small ones that no cache holds, and little else
fault.anon_write/huge=thp/order=ascending/page_tables=warm/range=64M | over | 256 | floor.clear_nt/size=4K | and not less
fault.file_read/backing=memfd/fill=page/range=2M/stride=4K | under | 4 | fault.file_read/backing=memfd/fill=page/range=2M/stride=64K | a fault on a file maps the pages around it (64 KiB), which are then loaded without one
munmap.touched/huge=none/neighbourhood=isolated/outstanding=1/size=2M/touch=write | over | 2.5 | munmap.touched/huge=none/neighbourhood=isolated/outstanding=1/size=512K/touch=write | every resident page is freed: four times as many, four times the cost,
munmap.touched/huge=none/neighbourhood=isolated/outstanding=1/size=2M/touch=write | under | 0.15 | munmap.touched/huge=none/neighbourhood=isolated/outstanding=1/size=512K/touch=write | and not more
fault.throughput/range=2M/threads=2/vma=own | under | 0.6 | fault.throughput/range=2M/threads=1/vma=own | two threads that fault in mappings of their own share a lock of neither
mmap.pair/neighbourhood=isolated/size=4K/threads=2 | over | 1.3 | mmap.pair/neighbourhood=isolated/size=4K/threads=1 | two threads that map wait for each other: the lock of the address space is taken for writing
T

mapfile -t cases < <(awk -F ' *[|] *' '{ print $1; print $4 }' "$work/facts" | sort -u)
memperf run "${cases[@]/#/--bench=}" --invocations 3 --budget 20s --db "$work/p.db" --quiet >"$work/out" 2>&1 ||
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

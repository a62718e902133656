#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Does what memperf measures make sense? Known physics of memory management must show on the kernel that runs: a table of two
# cases each, and how many times the first is of the second. Bounds are wide: this is no measurement, but what lies outside of
# them was not measured.
# CTest: TIMEOUT 180, PROCESSORS 2
set -u
command -v sqlite3 >/dev/null || { echo "skipped: no sqlite3"; exit 77; }
(($(nproc) >= 2)) || { echo "skipped: one CPU"; exit 77; }
[[ $(getconf PAGESIZE) == 4096 ]] || { echo "skipped: the sizes are those of pages of 4 KiB"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf -- "$work"' EXIT

# what it shows | what is compared: ns (an operation) or rate (operations a second of all workers) | least | most | A | B
# where A / B must lie between least and most.
cat >"$work/table" <<'TABLE'
a huge page's fault costs about clearing 2 MiB of memory (64 MiB hold 32)|ns|0.015|0.07|fault.anon_write/huge=thp/order=ascending/page_tables=warm/range=64M|floor.clear/size=64M
a write fault allocates and clears, a read fault does not|ns|1.3|20|fault.anon_write/huge=none/order=ascending/page_tables=warm/range=64M|fault.anon_read/huge=none/range=64M
one fault maps the cached pages around it|ns|3|40|fault.file_read/backing=memfd/fill=page/range=64M/stride=64K|fault.file_read/backing=memfd/fill=page/range=64M/stride=4K
munmap is linear in resident pages (8 times as many)|ns|5|14|munmap.touched/huge=none/neighbourhood=isolated/outstanding=1/size=16M/touch=write|munmap.touched/huge=none/neighbourhood=isolated/outstanding=1/size=2M/touch=write
two threads that fault in one mm scale|rate|1.25|2.4|fault.throughput/range=2M/threads=2/vma=own|fault.throughput/range=2M/threads=1/vma=own
two threads that map in one mm do not|rate|0.2|1.2|mmap.pair/neighbourhood=isolated/size=4K/threads=2|mmap.pair/neighbourhood=isolated/size=4K/threads=1
mmap slows when another thread maps in the same mm|ns|1.2|20|contend.mmap/aggressor=map/aggressors=1/shares=mm|contend.mmap/aggressor=map/aggressors=0/shares=mm
and does not when another process does|ns|0.7|1.2|contend.mmap/aggressor=map/aggressors=1/shares=nothing|contend.mmap/aggressor=map/aggressors=0/shares=nothing
a fault slows when another thread changes VMAs of the same mm|ns|1.08|20|contend.fault_anon/aggressor=protect/aggressors=1/shares=mm|contend.fault_anon/aggressor=protect/aggressors=0/shares=mm
TABLE

# The values of all cases together, and of what they give those cases and no other: a filter of their axes.
awk -F'|' '{ print $5; print $6 }' "$work/table" | sort -u >"$work/cases"
filter=$(while IFS=/ read -r bench axes; do
	printf ' or (bench=%s%s)' "$bench" "${axes:+ and ${axes//\// and }}"
done <"$work/cases")
mapfile -t sets < <(tr / '\n' <"$work/cases" | grep = | sort -u | awk -F= '
	{ values[$1] = values[$1] (values[$1] ? "," : "") $2 }
	END { for (axis in values) printf "--set=%s=%s\n", axis, values[axis] }')
mapfile -t benches < <(cut -d/ -f1 "$work/cases" | sort -u | sed 's/^/--bench=/')
memperf run "${benches[@]}" "${sets[@]}" --filter "${filter# or }" --counters none --invocations 3 --budget 12s --seed 1 --quiet --db "$work/a.db" || exit 1

# of CASE ns|rate
of() {
	local value="value_ns"

	[[ $2 == rate ]] && value="(SELECT value FROM summary s WHERE s.run_case_id = c.run_case_id AND metric = 'ops_per_s')"
	sqlite3 "$work/a.db" "SELECT CASE WHEN outcome IN ('ok', 'skipped') THEN ifnull($value, 'skipped') ELSE outcome || ' ' || reason END
		FROM run_case c JOIN kase USING (case_id) WHERE text = '$1'"
}

failures=0
while IFS='|' read -r what quantity least most a b; do
	x=$(of "$a" "$quantity")
	y=$(of "$b" "$quantity")
	[[ $x == skipped || $y == skipped ]] && { echo "skipped: $what"; continue; }
	ratio=$(awk -v x="$x" -v y="$y" -v least="$least" -v most="$most" 'BEGIN {
		if (x + 0 <= 0 || y + 0 <= 0) { print "unknown"; exit }
		printf "%.3f%s", x / y, x / y < least || x / y > most ? " outside" : "" }')
	case $ratio in
	*outside | unknown)
		echo "FAILED: $what: $ratio of $least .. $most: $a $x, $b $y"
		failures=$((failures + 1))
		;;
	*) echo "$ratio: $what" ;;
	esac
done <"$work/table"
((failures == 0)) || exit 1

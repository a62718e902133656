#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf against hand-written loops (hand/) for the same operations: interleaved on the same CPU, in fresh
# processes, both judged by their calm samples; judge.py prints the table and says what holds (exit 1: something does not). Not
# part of CTest. The loops are position-independent, as nearly every program is (mmap takes 1.55 us then, 1.50 us at a
# fixed address), and born on their CPU (taskset), or every unmapping would flush the other CPU as well.
#
# A loop has no single value: how the kernel's returns are predicted depends on where the compiler puts the loop (at ten
# places growing the heap took 1010 to 1048 ns, mmap 1500 to 1697 ns), and what changes a mapping on the shape of the tree
# that holds them (munmap 1458 to 1498 ns with 10 to 64 mappings). So each is run at four places, each with another number of
# mappings, from as many as memperf's process has; memperf's value is held against the nearest of the four (judge.py).
#
#	tests/truth/truth.sh [ROUNDS [OPERATION...]]   from the root of a built tree; default 7 rounds of all. A round takes
#	                                               about 10 s for each operation: 'hand list' has nearly two hundred
set -u
rounds=${1:-7}
operations=" ${*:2} "
cd "$(dirname "$0")/../.." || exit 1
bin=${MEMPERF_BUILD:-build}/bin
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
places=(0 16 32 48) # bytes before the code of every function, from the beginning of a cache line
for place in "${places[@]}"; do
	cc -O2 -std=gnu17 -D_GNU_SOURCE -static-pie -fPIE -pthread -falign-functions=64 \
		-fpatchable-function-entry="$place" -o "$work/hand$place" tests/truth/hand/*.c || exit 1
done

# operation, benchmark, words of a filter that picks the case in the same state
"$work/hand0" list | awk -F'\t' -v wanted="$operations" 'wanted == "  " || index(wanted, " " $1 " ")' >"$work/pairs"
[ -s "$work/pairs" ] || { echo "truth.sh: no such operation:$operations" >&2; exit 2; }

# loops OPERATION FIRST STEP: the loops at all places, each some mappings more; a loop without calm samples leaves its place empty
loops() {
	local i place value
	for ((i = $2; i >= 0 && i < 4; i += $3)); do
		place=${places[i]}
		value=$(taskset -c "$cpu" "$work/hand$place" "$cpu" 0.3 "$1" $((mappings + 2 * i)) | cut -d' ' -f2)
		[[ $value ]] && hand[i]="${hand[i]-} $value"
	done
}

# A run, with the loops before it and, in the other order, after it: the state of the machine, which moves short calls by a third,
# lasts for seconds. With eight operations at a time, 40 s, four of ten were off by 2 to 4 % that are within 2 % so.
cpu=
for round in $(seq "$rounds"); do
	while IFS=$'\t' read -r op bench condition <&3; do
		db=$work/$op-$round.db
		hand=()
		[[ $cpu ]] && loops "$op" 3 -1 # as many mappings as the run before had
		"$bin/memperf" run --bench "$bench" --filter "bench=$bench${condition:+ and $condition}" --invocations 5 --budget 5s \
			--seed "$round" --quiet --db "$db" || exit 1
		cpu=$(sqlite3 "$db" 'SELECT cpus FROM invocation LIMIT 1')
		mappings=$(sqlite3 "$db" 'SELECT min(vma_count) FROM invocation')
		loops "$op" 0 1
		means=
		for i in 0 1 2 3; do
			means+=$(awk '{ for (i = 1; i <= NF; i++) s += $i } END { if (NF) printf "%.2f", s / NF }' <<<"${hand[i]-}"),
		done
		"$bin/memperf" db export --json "$db" | jq -r --arg b "$bench" --arg c "$condition" --arg o "$op" --arg h "${means%,}" '
			($c | split(" and ") | map(select(startswith("bench=") | not))) as $words |
			[.[] | select((.case | split("/")) as $parts | $parts[0] == $b and ($words - $parts | length) == 0)] | first | [$o, .case, .outcome, .value_ns, .low_ns, .high_ns, $h] | @tsv' >>"$work/rounds"
	done 3<"$work/pairs"
done

python3 tests/truth/judge.py "$work/rounds"

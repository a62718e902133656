#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf against hand-written loops (hand/) for the same operations: interleaved on the same CPU, in fresh
# processes, both judged by their calm samples. A benchmark, not a timed test: it prints ratios and judges nothing
# unless asked. The loops are position-independent, as nearly every program is (mmap takes 1.55 us then, 1.50 us at a
# fixed address), and born on their CPU (taskset), or every unmapping would flush the other CPU as well. Each is run with
# as many mappings as memperf's process has (the ratio), and as it is, with a dozen of them (the last column).
#
#	tests/truth/truth.sh [ROUNDS [OPERATION...]]   from the root of a built tree; default 7 rounds of all, 5 minutes
#	TRUTH_LIMIT=1.30 tests/truth/truth.sh  exit 1 when a ratio lies outside 1/LIMIT .. LIMIT
set -u
rounds=${1:-7}
operations=" ${*:2} "
cd "$(dirname "$0")/../.." || exit 1
bin=${MEMPERF_BUILD:-build}/bin
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cc -O2 -std=gnu17 -D_GNU_SOURCE -static-pie -fPIE -pthread -o "$work/hand" tests/truth/hand/*.c || exit 1

# operation, benchmark, words of a filter that picks the case in the same state
"$work/hand" list | awk -F'\t' -v wanted="$operations" 'wanted == "  " || index(wanted, " " $1 " ")' >"$work/pairs"
[ -s "$work/pairs" ] || { echo "truth.sh: no such operation:$operations" >&2; exit 2; }

filter=
while IFS=$'\t' read -r _ bench condition; do
	filter="${filter:+$filter or }(bench=$bench${condition:+ and $condition})"
done <"$work/pairs"
benches=$(awk -F'\t' '!seen[$2]++ { printf " --bench %s", $2 }' "$work/pairs")

budget=$((5 + 2 * $(wc -l <"$work/pairs")))

for round in $(seq "$rounds"); do
	# shellcheck disable=SC2086
	"$bin/memperf" run $benches --filter "$filter" --invocations 5 --budget "${budget}s" --seed "$round" --quiet --db "$work/$round.db" || exit 1
	cpu=$(sqlite3 "$work/$round.db" 'SELECT cpus FROM invocation LIMIT 1')
	mappings=$(sqlite3 "$work/$round.db" 'SELECT min(vma_count) FROM invocation')
	while IFS=$'\t' read -r op bench condition; do
		hand=$(taskset -c "$cpu" "$work/hand" "$cpu" 1.2 "$op" "$mappings" | cut -d' ' -f2)
		bare=$(taskset -c "$cpu" "$work/hand" "$cpu" 1.2 "$op" | cut -d' ' -f2)
		"$bin/memperf" db export --json "$work/$round.db" | jq -r --arg b "$bench" --arg c "$condition" --arg o "$op" --arg h "${hand:-null}" --arg d "${bare:-null}" '
			($c | split(" and ") | map(select(startswith("bench=") | not))) as $words |
			[.[] | select((.case | split("/")) as $parts | $parts[0] == $b and ($words - $parts | length) == 0)] | first | [$o, .case, .outcome, .value_ns, $h, $d] | @tsv'
	done <"$work/pairs" >>"$work/rounds"
done

python3 - "$work/rounds" "${TRUTH_LIMIT:-0}" <<'P'
import statistics, sys
rows = {}
for line in open(sys.argv[1]):
    op, case, outcome, value, hand, bare = line.rstrip("\n").split("\t")
    rows.setdefault((op, case), []).append((outcome, value, hand, bare))
limit, bad = float(sys.argv[2]), 0
print(f"{'operation':15} {'memperf ns':>11} {'cv %':>5} {'hand ns':>11} {'cv %':>5} {'ratio':>7} {'bare':>7}  case")
for (op, case), got in rows.items():
    known = lambda column: [float(g[column]) for g in got if g[column] not in ("", "null")]
    m, h, d = known(1), known(2), known(3)
    if any(g[0] != "ok" for g in got):
        print(f"{op:15} not ok: {case}")
        bad += 1
        continue
    if not m or not h or not d:
        print(f"{op:15} no calm samples: {case}")
        continue
    cv = lambda x: 100 * statistics.stdev(x) / statistics.mean(x) if len(x) > 1 else float("nan")
    ratio = statistics.median(m) / statistics.median(h)
    outside = limit and not 1 / limit <= ratio <= limit
    bad += bool(outside)
    print(f"{op:15} {statistics.median(m):11.1f} {cv(m):5.1f} {statistics.median(h):11.1f} {cv(h):5.1f} {ratio:7.3f} {statistics.median(m) / statistics.median(d):7.3f}  {case}{'  OUTSIDE' if outside else ''}")
sys.exit(bad > 0)
P

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the harness itself costs: the address space of the measured process, and the empty operation.
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*"; exit 1; }

cat >"$work/hello.c" <<'C'
#include <stdio.h>
#include <string.h>
int main(void)
{
	char line[512];
	int n = 0;
	FILE *maps = fopen("/proc/self/maps", "r");

	while (maps && fgets(line, sizeof(line), maps))
		n++;
	printf("%d\n", n);
	return 0;
}
C
cc -O2 -static -o "$work/hello" "$work/hello.c" || { echo "skip: no static libc"; exit 77; }
hello=$("$work/hello")
memperf run --bench floor.loop --filter 'family = floor' --invocations 3 --budget 6s --db "$work/h.db" --quiet || fail "run"
memperf db export --json "$work/h.db" >"$work/json"
vmas=$(sqlite3 "$work/h.db" 'SELECT max(vma_count) FROM invocation')
[ "$vmas" -le $((hello + 12)) ] || fail "the worker has $vmas mappings, a static hello world $hello"
jq -e '.[] | select(.case == "floor.loop") | .batch_p50_calm_ns // .batch_mean_all_ns | . <= 1' "$work/json" >/dev/null ||
	fail "the empty operation costs more than 1 ns: $(jq -c '.[] | select(.case == "floor.loop")' "$work/json")"
# In call mode it is one clock read and at most 1 ns more: the clock pair's own batch figure, of the same run, is beside it.
jq -e '(.[] | select(.case == "floor.loop") | .call_p50_calm_ns // .call_p50_all_ns) as $l |
	(.[] | select(.case == "floor.clockpair") | .batch_p50_calm_ns // .batch_mean_all_ns) as $c | $l <= $c + 1' "$work/json" >/dev/null ||
	fail "an empty call is dearer than the clock: $(jq -c '.[] | select(.case | test("loop|clockpair"))' "$work/json")"
# What the clock is worth is stored.
for key in step pair_p50 pair_p99; do
	sqlite3 "$work/h.db" "SELECT value FROM fact WHERE fact_group = 'clock' AND key = '$key'" | grep -qx '[0-9.]* ns' || fail "no fact clock.$key"
done
echo "ok: $vmas mappings against $hello"

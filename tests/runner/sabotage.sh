#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The checks at work, from outside: operations that are not run but claimed, pages that are touched though the case
# says untouched, huge pages where none should be, blocks with major faults. Each must end as invalid(reason), never as a number.
# CTest: RUN_SERIAL FALSE, RESOURCE_LOCK machine, COST 100
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*"; exit 1; }

spoil() { # sabotage, benchmarks
	local how=$1
	shift
	rm -f "$work"/s.db*
	memperf run "${@/#/--bench=}" --invocations 1 --budget 4s --sabotage "$how" --db "$work/s.db" --quiet \
		>"$work/out" 2>&1 || fail "$how $*: $(cat "$work/out")"
	memperf db export --json "$work/s.db" >"$work/json" || fail "export"
}
all() { # jq condition on the cases of each, what their names begin with
	local condition=$1 name
	shift
	for name; do
		jq -e --arg b "$name" "[.[] | select(.case | startswith(\$b))] | length > 0 and all($condition)" "$work/json" >/dev/null ||
			fail "$name: $(jq -c --arg b "$name" '.[] | select(.case | startswith($b)) | [.case, .outcome, .reason]' "$work/json")"
	done
}

spoil skip 'mmap.*' 'munmap.*' 'fault.*' brk.grow brk.shrink
all '.outcome != "ok"' mmap. munmap. fault. brk. floor.
all '.outcome == "invalid" and (.reason | test("took no time"))' floor.loop floor.getppid floor.access
spoil 'thp@fault.anon_write,touch@fault.anon_read,major@floor.loop,major=20%@floor.madvise_reject' fault.anon_write fault.anon_read
all '.outcome == "invalid" or (.case | test("huge=thp"))' fault.anon_write
all '.outcome == "invalid" and (.reason | test("check"))' fault.anon_read

# A block with a major fault is not calm; where most blocks are so, the case is invalid. One that has some is not, and says how many.
all '.outcome == "invalid" and (.reason | test("major_faults.* ([0-9]+) of \\1 measured blocks have"))' floor.loop
calm=$(sqlite3 "$work/s.db" "SELECT coalesce(sum(n), 0) FROM v_invocation WHERE \"case\" = 'floor.loop' AND population = 'calm'")
[ "$calm" = 0 ] || fail "blocks with a major fault are calm: $calm"
all '.outcome == "ok" and .checks_failed == 0' floor.madvise_reject
read -r stray blocks flagged < <(sqlite3 -separator ' ' "$work/s.db" "SELECT DISTINCT substr(detail, 1, instr(detail, ' ') - 1), blocks, flagged_blocks
	FROM check_result JOIN v_invocation USING (invocation_id) WHERE \"case\" = 'floor.madvise_reject' AND name = 'major_faults'")
((stray > 0 && stray < blocks / 2 && flagged >= stray)) || fail "$stray of $blocks blocks are said to have a major fault, $flagged are disturbed"
echo ok

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Hardware counters from end to end, on a PMU whose counts are exact: an emulated arm64 machine with -icount (a cycle
# counter and six others; it has no cache and no memory controller to count). And what is stored where it counts nothing. The same
# of operations that the kernel module repeats.
# CTest: TIMEOUT 900, RESOURCE_LOCK guests, COST 60, LABELS preset
. "$(dirname -- "$0")/arm64.bash"
guest_needs sqlite3 make
guest_programs
guest_module

fail() {
	echo "FAIL: $*"
	cat -- "$work"/console* "$work/out" 2>/dev/null | grep -v '^[A-Za-z0-9+/=]\{60,\}$'
	exit 1
}

# is DATABASE "SQL" EXPECTED
is() {
	local got

	got=$(sqlite3 "$work/$1.db" "$2" 2>&1) || fail "$got: $2"
	[[ $got == "$3" ]] || fail "$got, not $3: $2"
}

# An instruction takes 2^icount ns: the slower the machine, the fewer of them fill the times that a run is given. Its cycles are of 1 ns.
icount=3
cycles=$((4 << icount)) # of a round of four instructions
run="memperf run --bench floor.loop --invocations 2 --budget 1s --no-progress --quiet"
kernel="memperf run --counters cycles,instructions,context_switches --invocations 1 --budget 1s --no-progress --quiet"
pair=pair/context=process/gfp=kernel
benches=$(printf ' --bench=%s' kfloor.pair/context={process,kthread,bhoff,softirq,hardirq} kfloor.alloc/context=process/live={16,512} \
	kmalloc.$pair/size={64,4K} kzalloc.$pair/size=4K pages.$pair/order=0 vmalloc.$pair/size=4K kmalloc.pair/context={softirq,hardirq}/gfp=atomic/size=64)
guest_disk "
count loop 1000000 3000000 1000000
count overflow
$run --counters cycles,instructions,context_switches --db /tmp/root.db
echo 2 >/proc/sys/kernel/perf_event_paranoid
su nobody -c 'count loop 1000000 3000000 1000000' | while read line; do echo \"user \$line\"; done
su nobody -c '$run --counters cycles,instructions,context_switches,cpu_migrations,minor_faults,l3_misses --db /tmp/user.db'
count hog &
sleep 1
$run --counters cycles,instructions --db /tmp/hog.db
kill %1
busybox insmod /bin/memperf.ko
$kernel $benches --db /tmp/kernel.db
chmod 666 /dev/memperf
su nobody -c '$kernel --bench kfloor.pair/context=process --db /tmp/closed.db'
$(guest_send /tmp/kernel.db)
$(guest_send /tmp/closed.db)
$(guest_send /tmp/root.db)
$(guest_send /tmp/user.db)
$(guest_send /tmp/hog.db)" "$programs/../tests/count" "$work/memperf.ko"
guest_boot 450 -cpu max -smp 1 -icount shift=$icount,align=off,sleep=off >"$work/console"
for name in root user hog kernel closed; do
	guest_receive "$work/console" /tmp/$name.db "$work/$name.db" || fail "no $name.db came back"
	memperf db check "$work/$name.db" >"$work/out" || fail "$name.db is not sound here"
done

# A loop of N rounds of four instructions and what reading the counters adds, on the user's side: the same each time.
mapfile -t counts < <(sed -n 's/^user loop [0-9]* instructions measured 1.000 \([0-9]*\) *$/\1/p' "$work/console")
((${#counts[@]} == 3)) || fail "three loops were counted ${#counts[@]} times"
((counts[0] == counts[2] && counts[1] - counts[0] == 4 * 2000000 && counts[0] - 4000000 < 1000)) ||
	fail "loops of 1, 3 and 1 million rounds count ${counts[*]} instructions"
mapfile -t counts < <(sed -n 's/^user loop [0-9]* cycles measured 1.000 \([0-9]*\) *$/\1/p' "$work/console")
((${#counts[@]} == 3 && counts[0] == counts[2] && counts[1] - counts[0] == cycles * 2000000)) ||
	fail "loops of 1, 3 and 1 million rounds count ${counts[*]} cycles"
# With the kernel's side, ticks of its clock count, too.
awk '/^loop [0-9]* instructions/ { if ($4 != "measured" || $5 != "1.000" || $6 < 4 * $2 || $6 > 4 * $2 * 1.02) exit 1; n++ }
	END { exit n != 3 }' "$work/console" || fail "the kernel's side is not counted, or too much"

# Twelve counters at once do not fit: they take turns, none is pinned, and scaled they are right.
grep -Eq '^overflow groups [2-9] pinned 0 largest [67] *$' "$work/console" || fail "twelve events fit"
awk -v cycles=$cycles '/^overflow (instructions|cycles) / {
		want = ($2 == "cycles" ? cycles : 4) * 200 * 500000
		if ($3 != "scaled" || $4 <= 0.2 || $4 >= 0.8 || $5 < want || $5 > want * 1.03) exit 1
		n++
	}
	END { exit n != 12 }' "$work/console" || fail "scaled counts are not within 3 % of the true ones"

# What memperf run stores.
mine="v_counter WHERE \"case\" = 'floor.loop' AND pass = 'timing'"
is root "SELECT count(*) FROM $mine AND status = 'measured' AND ratio_pct = 100 AND side = 'user+kernel' AND source = 'generic'
	AND metric IN ('cycles', 'instructions') AND covers = 'operations'" \
	"$(sqlite3 "$work/root.db" "SELECT 2 * count(*) FROM invocation JOIN run_case USING (run_case_id) JOIN kase USING (case_id)
		WHERE text = 'floor.loop'")"
is root "SELECT count(*) > 2 FROM v_counter WHERE metric = 'context_switches' AND status = 'measured' AND source = 'software'" 1
is user "SELECT count(*) > 1, min(side = 'user'), max(ratio_pct) FROM $mine AND metric = 'instructions' AND status = 'measured'" '1|1|100.0'

# The loop of floor.access (batch blocks only) as it was compiled: the shortest branch back says how many instructions a round
# has (other loops call the clock). Every block adds the same beside its rounds, so what is left of the count is a whole number, and always the same.
length=$(aarch64-linux-gnu-objdump -d --no-show-raw-insn --disassemble=access_op_run_honest "$programs/memperf-worker" |
	sed -n 's/^ *\([0-9a-f]*\):.*\tb\.[a-z]*\t\([0-9a-f]*\) <access_op.*/\1 \2/p' |
	while read -r from to; do ((0x$to < 0x$from)) && echo $(((0x$from - 0x$to) / 4 + 1)); done | sort -n | head -n 1)
((length >= 2 && length <= 8)) || fail "a loop of $length instructions"
is user "SELECT count(DISTINCT rest), min(rest > 0 AND rest < 1000), min(rest = CAST(rest AS INTEGER)) FROM
	(SELECT (v.value - v.operations * $length) / i.blocks AS rest FROM counter_value v JOIN counter USING (counter_id)
	JOIN invocation i ON i.run_case_id = v.run_case_id AND i.ordinal = v.ordinal JOIN run_case c ON c.run_case_id = v.run_case_id
	JOIN kase USING (case_id) WHERE text = 'floor.access/size=16K' AND metric = 'instructions' AND pass = 'timing')" '1|1|1'

# Without permission for the kernel's side, switches come from getrusage and migrations not at all; nothing is 0.
is user "SELECT DISTINCT source FROM v_counter WHERE metric = 'context_switches' AND value IS NOT NULL" getrusage
is user "SELECT DISTINCT status, value IS NULL, reason LIKE '%user side%' FROM v_counter WHERE metric = 'cpu_migrations'" 'unavailable|1|1'
is user "SELECT DISTINCT side, status FROM v_counter WHERE metric = 'minor_faults' AND pass = 'explain'" 'user|measured'
# The machine has no cache: the event opens, counts nothing under a load, and is not believed.
is user "SELECT DISTINCT status, value IS NULL, reason <> '' FROM v_counter WHERE metric = 'l3_misses'" 'unavailable|1|1'
# One counter is left for two events.
is hog "SELECT count(*) > 2, min(status), max(status), min(ratio_pct) > 20, max(ratio_pct) < 80 FROM $mine" '1|scaled|scaled|1|1'
is hog "SELECT abs(h.n / r.n - 1) < 0.05 FROM (SELECT avg(per_operation) AS n FROM $mine AND metric = 'instructions') h,
	(SELECT $(sqlite3 "$work/root.db" "SELECT avg(per_operation) FROM $mine AND metric = 'instructions'") AS n) r" 1

# Operations of the kernel module, without what asking for them and reading the counters takes: the loop of the module has four
# instructions, in whatever context (a tick falls into it now and then), however few operations are asked for at a time.
length=$(aarch64-linux-gnu-objdump -d --no-show-raw-insn --disassemble=kfloor_pair_counter "$work/memperf.ko" | sed -n 's/^ *\([0-9a-f]*\):.*\tb\.[a-z]*\t\([0-9a-f]*\) <.*/\1 \2/p' |
	while read -r from to; do ((0x$to < 0x$from)) && echo $(((0x$from - 0x$to) / 4 + 1)); done | sort -n | head -n 1)
counted="v_counter WHERE pass = 'timing' AND metric = 'instructions' AND status = 'measured' AND ratio_pct = 100 AND \"case\" ="
is kernel "SELECT count(*), min(abs(per_operation - ${length:-0}) < 1) FROM v_counter WHERE \"case\" LIKE 'kfloor.pair/%' AND metric = 'instructions'
	AND status = 'measured'" '4|1'
# of CASE
instructions() {
	sqlite3 "$work/kernel.db" "SELECT per_operation FROM $counted '$1'"
}
# holds WHAT EXPRESSION: of awk
holds() {
	awk "BEGIN { exit !($2) }" || fail "not so: $1: $2"
}
floor=$(instructions kfloor.pair/context=process)
small=$(instructions kmalloc.$pair/size=64)
large=$(instructions kmalloc.$pair/size=4K)
zeroed=$(instructions kzalloc.$pair/size=4K)
page=$(instructions pages.$pair/order=0)
mapped=$(instructions vmalloc.$pair/size=4K)
echo "instructions: kfloor $floor, kmalloc 64 $small, 4K $large, kzalloc 4K $zeroed, a page $page, vmalloc 4K $mapped"
holds "a slab object costs more than nothing, a mapping more than its page" "10 * $floor < $small && $small < $page && 2 * $page < $mapped"
holds "kmalloc asks for one thing, whatever the size" "$large < 1.1 * $small && $small < 1.1 * $large"
# dc zva, add, subs, b.ne for each 64 bytes of a page (arch/arm64/lib/clear_page.S, memset.S), if it clears so much at once
holds "kzalloc is kmalloc and clearing" "$zeroed - $large > 200 && $zeroed - $large < 320"
for context in softirq hardirq; do
	other=$(instructions kmalloc.pair/context=$context/gfp=atomic/size=64)
	holds "an allocation costs the same in $context" "$other < 1.15 * $small && $other > 0.85 * $small"
done
holds "the same of 16 operations at a time and of 512" "$(instructions kfloor.alloc/context=process/live=16) < $(instructions kfloor.alloc/context=process/live=512) + 10"
is kernel "SELECT count(*), min(per_operation BETWEEN 0.9 * $cycles / 4 * $floor AND 1.1 * $cycles / 4 * $floor) FROM v_counter
	WHERE \"case\" = 'kfloor.pair/context=process' AND metric = 'cycles'" '1|1'
# A kernel thread does it: nothing of it is counted, and nothing is 0. Who may not count the kernel's side counts nothing of it, either.
is kernel "SELECT count(DISTINCT metric), min(status), max(status), count(value), min(reason LIKE 'another task %') FROM v_counter
	WHERE \"case\" = 'kfloor.pair/context=kthread'" '3|unavailable|unavailable|0|1'
is closed "SELECT count(DISTINCT metric), min(status), max(status), count(value), min(reason LIKE 'the kernel does %perf_event_paranoid%') FROM v_counter
	WHERE \"case\" LIKE 'kfloor.pair/%' AND metric <> 'context_switches'" '2|unavailable|unavailable|0|1'

# The same machine without a PMU.
guest_disk "busybox insmod /bin/memperf.ko; $run --bench kfloor.pair/context=process --counters cycles,instructions,context_switches --db /tmp/none.db
$(guest_send /tmp/none.db)" "$work/memperf.ko"
guest_boot 200 -cpu max,pmu=off -smp 2 >"$work/console-none"
guest_receive "$work/console-none" /tmp/none.db "$work/none.db" || fail "no none.db came back"
is none "SELECT count(DISTINCT metric), min(status), max(status), count(value), min(length(reason)) > 20 FROM v_counter
	WHERE metric IN ('cycles', 'instructions')" '2|unavailable|unavailable|0|1'
is none "SELECT count(*) FROM v_counter WHERE \"case\" LIKE 'kfloor.pair/%' AND metric = 'instructions' AND reason LIKE '%ENOENT%'" 1
is none "SELECT count(*) > 2 FROM v_counter WHERE metric = 'context_switches' AND status = 'measured'" 1
echo ok

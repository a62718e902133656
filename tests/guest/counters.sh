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

# is DATABASE "SQL" EXPECTED
is() {
	local got

	got=$(sqlite3 "$work/$1.db" "$2" 2>&1) || guest_fail "$got: $2"
	[[ $got == "$3" ]] || guest_fail "$got, not $3: $2"
}

# An instruction takes 2^icount ns: the slower the machine, the fewer of them fill the times that a run is given. Its cycles are of 1 ns.
icount=3
cycles=$((4 << icount)) # of a round of four instructions
run="memperf run --bench floor.loop --invocations 2 --budget 1s --no-progress --quiet"
pair=pair/context=process/gfp=kernel
kernel=$(printf ' --bench=%s' kfloor.pair/context={process,softirq,kthread} kfloor.alloc/context=process/live={16,512} k{m,z}alloc.$pair/size=4K \
	kmalloc.pair/context={softirq,hardirq}/gfp=atomic/size=4K pages.$pair/order=0 vmalloc.$pair/size=4K)
guest_disk "
busybox insmod /bin/memperf.ko
chmod 666 /dev/memperf
count loop 1000000 3000000 1000000
count overflow
$run $kernel --counters cycles,instructions,context_switches --db /tmp/root.db
echo 2 >/proc/sys/kernel/perf_event_paranoid
su nobody -c 'count loop 1000000 3000000 1000000' | while read line; do echo \"user \$line\"; done
su nobody -c '$run --bench kfloor.pair/context=process --counters cycles,instructions,context_switches,cpu_migrations,minor_faults,l3_misses --db /tmp/user.db'
count hog &
sleep 1
${run/ 2/ 1} --counters cycles,instructions --db /tmp/hog.db
kill %1
$(guest_send /tmp/root.db)
$(guest_send /tmp/user.db)
$(guest_send /tmp/hog.db)" "$programs/../tests/count" "$work/memperf.ko"
guest_boot 450 -cpu max -smp 1 -icount shift=$icount,align=off,sleep=off >"$work/console"
for name in root user hog; do
	guest_receive "$work/console" /tmp/$name.db "$work/$name.db" || guest_fail "no $name.db came back"
	memperf db check "$work/$name.db" >"$work/out" || guest_fail "$name.db is not sound here"
done

# A loop of N rounds of four instructions and what reading the counters adds, on the user's side: the same each time.
mapfile -t counts < <(sed -n 's/^user loop [0-9]* instructions measured 1.000 \([0-9]*\) *$/\1/p' "$work/console")
((${#counts[@]} == 3)) || guest_fail "three loops were counted ${#counts[@]} times"
((counts[0] == counts[2] && counts[1] - counts[0] == 4 * 2000000 && counts[0] - 4000000 < 1000)) ||
	guest_fail "loops of 1, 3 and 1 million rounds count ${counts[*]} instructions"
mapfile -t counts < <(sed -n 's/^user loop [0-9]* cycles measured 1.000 \([0-9]*\) *$/\1/p' "$work/console")
((${#counts[@]} == 3 && counts[0] == counts[2] && counts[1] - counts[0] == cycles * 2000000)) ||
	guest_fail "loops of 1, 3 and 1 million rounds count ${counts[*]} cycles"
# With the kernel's side, ticks of its clock count, too.
awk '/^loop [0-9]* instructions/ { if ($4 != "measured" || $5 != "1.000" || $6 < 4 * $2 || $6 > 4 * $2 * 1.02) exit 1; n++ }
	END { exit n != 3 }' "$work/console" || guest_fail "the kernel's side is not counted, or too much"

# Twelve counters at once do not fit: they take turns, none is pinned, and scaled they are right.
grep -Eq '^overflow groups [2-9] pinned 0 largest [67] *$' "$work/console" || guest_fail "twelve events fit"
awk -v cycles=$cycles '/^overflow (instructions|cycles) / {
		want = ($2 == "cycles" ? cycles : 4) * 100 * 500000
		if ($3 != "scaled" || $4 <= 0.2 || $4 >= 0.8 || $5 < want || $5 > want * 1.03) exit 1
		n++
	}
	END { exit n != 12 }' "$work/console" || guest_fail "scaled counts are not within 3 % of the true ones"

# loop_length FUNCTION FILE: the instructions of its shortest loop, as it was compiled: the shortest branch back says it
loop_length() {
	aarch64-linux-gnu-objdump -d --no-show-raw-insn --disassemble="$1" "$2" |
		sed -n 's/^ *\([0-9a-f]*\):.*\tb\.[a-z]*\t\([0-9a-f]*\) <.*/\1 \2/p' |
		while read -r from to; do ((0x$to < 0x$from)) && echo $(((0x$from - 0x$to) / 4 + 1)); done | sort -n | head -n 1
}

# What memperf run stores.
mine="v_counter WHERE \"case\" = 'floor.loop' AND pass = 'timing'"
is root "SELECT count(*) FROM $mine AND status = 'measured' AND ratio_pct = 100 AND side = 'user+kernel' AND source = 'generic'
	AND metric IN ('cycles', 'instructions') AND covers = 'operations'" \
	"$(sqlite3 "$work/root.db" "SELECT 2 * count(*) FROM invocation JOIN run_case USING (run_case_id) JOIN kase USING (case_id)
		WHERE text = 'floor.loop'")"
is root "SELECT count(*) > 2 FROM v_counter WHERE metric = 'context_switches' AND status = 'measured' AND source = 'software'" 1
is user "SELECT count(*) > 1, min(side = 'user'), max(ratio_pct) FROM $mine AND metric = 'instructions' AND status = 'measured'" '1|1|100.0'

# The loop of floor.access (batch blocks only; other loops call the clock). Every block adds the same beside its rounds, so what is left of
# the count is a whole number, and always the same.
length=$(loop_length access_op_run_honest "$programs/memperf-worker")
((length >= 2 && length <= 8)) || guest_fail "a loop of $length instructions"
is user "SELECT count(DISTINCT rest), min(rest > 0 AND rest < 1000), min(rest = CAST(rest AS INTEGER)) FROM
	(SELECT (v.value - v.operations * $length) / i.blocks AS rest FROM counter_value v JOIN counter USING (counter_id)
	JOIN invocation i ON i.run_case_id = v.run_case_id AND i.ordinal = v.ordinal JOIN run_case c ON c.run_case_id = v.run_case_id
	JOIN kase USING (case_id) WHERE text = 'floor.access/size=16K' AND metric = 'instructions' AND pass = 'timing')" '1|1|1'

# Without permission for the kernel's side, switches come from getrusage and migrations not at all; nothing is 0.
is user "SELECT DISTINCT source FROM v_counter WHERE metric = 'context_switches' AND value IS NOT NULL" getrusage
is user "SELECT DISTINCT status, value IS NULL, reason LIKE '%user side%' FROM v_counter WHERE metric = 'cpu_migrations'" 'unavailable|1|1'
is user "SELECT DISTINCT side, status FROM v_counter WHERE metric = 'minor_faults' AND pass = 'explain'
	AND \"case\" NOT LIKE 'kfloor.%'" 'user|measured'
# The machine has no cache: the event opens, counts nothing under a load, and is not believed.
is user "SELECT DISTINCT status, value IS NULL, reason <> '' FROM v_counter WHERE metric = 'l3_misses'" 'unavailable|1|1'
# One counter is left for two events.
is hog "SELECT count(*), min(status), max(status), min(ratio_pct) > 20, max(ratio_pct) < 80 FROM $mine" '2|scaled|scaled|1|1'
is hog "SELECT abs(h.n / r.n - 1) < 0.05 FROM (SELECT avg(per_operation) AS n FROM $mine AND metric = 'instructions') h,
	(SELECT $(sqlite3 "$work/root.db" "SELECT avg(per_operation) FROM $mine AND metric = 'instructions'") AS n) r" 1

# Operations of the kernel module, without what asking for them and reading the counters takes: as many instructions as the module's loop
# has (give or take a tick), in whatever context, and however few operations are asked for at a time.
length=$(loop_length kfloor_pair_counter "$work/memperf.ko")
((length >= 2 && length <= 8)) || guest_fail "a loop of $length instructions in the module"
is root "SELECT count(*), min(abs(per_operation - $length) < 1) FROM v_counter WHERE \"case\" LIKE 'kfloor.pair/%' AND metric = 'instructions'
	AND status = 'measured' AND ratio_pct = 100" '4|1'
is root "SELECT count(*), min(abs(per_operation / $length - $cycles / 4) < 0.25 * $cycles) FROM v_counter WHERE \"case\" LIKE 'kfloor.pair/%'
	AND metric = 'cycles' AND status = 'measured'" '4|1'
# instructions CASE: of an operation, in the invocation with the fewest
instructions() {
	sqlite3 "$work/root.db" "SELECT min(per_operation) FROM v_counter WHERE \"case\" = '$1' AND metric = 'instructions' AND status = 'measured'"
}
# holds WHAT EXPRESSION: of awk
holds() {
	awk "BEGIN { exit !($2) }" || guest_fail "not so: $1: $2"
}
kmalloc=$(instructions kmalloc.$pair/size=4K)
kzalloc=$(instructions kzalloc.$pair/size=4K)
page=$(instructions pages.$pair/order=0)
vmalloc=$(instructions vmalloc.$pair/size=4K)
echo "instructions of a pair: kfloor $(instructions kfloor.pair/context=process), kmalloc 4K $kmalloc, kzalloc 4K $kzalloc, a page $page, vmalloc 4K $vmalloc"
holds "an object takes more than the loop, a page more than an object, a mapping more than its page" \
	"$kmalloc > 20 * $length && $page > $kmalloc && $vmalloc > 2 * $page && $vmalloc < 100 * $page"
# dc zva, add, subs and a branch for each 64 bytes (arch/arm64/lib/memset.S), and the call
holds "kzalloc is kmalloc and clearing" "$kzalloc - $kmalloc > 4 * 4096 / 64 && $kzalloc - $kmalloc < 1.5 * 4 * 4096 / 64"
for context in softirq hardirq; do
	other=$(instructions kmalloc.pair/context=$context/gfp=atomic/size=4K)
	holds "an allocation takes the same in $context" "$other < 1.15 * $kmalloc && $other > 0.85 * $kmalloc"
done
holds "of 16 operations at a time one takes what one of 512 does" \
	"$(instructions kfloor.alloc/context=process/live=16) < $(instructions kfloor.alloc/context=process/live=512) + 10"
# What a kernel thread does is not counted, and not 0; nor is what the user has no permission to count.
is root "SELECT count(DISTINCT metric), min(status), max(status), count(value), min(reason LIKE 'another task %') FROM v_counter
	WHERE \"case\" = 'kfloor.pair/context=kthread'" '3|unavailable|unavailable|0|1'
is user "SELECT count(DISTINCT metric), min(status), max(status), count(value), min(reason LIKE 'the kernel does %perf_event_paranoid%')
	FROM v_counter WHERE \"case\" LIKE 'kfloor.%' AND metric IN ('cycles', 'instructions')" '2|unavailable|unavailable|0|1'

# The same machine without a PMU.
guest_disk "busybox insmod /bin/memperf.ko
$run --bench kfloor.pair/context=process --counters cycles,instructions,context_switches --db /tmp/none.db
$(guest_send /tmp/none.db)" "$work/memperf.ko"
guest_boot 200 -cpu max,pmu=off -smp 2 >"$work/console-none"
guest_receive "$work/console-none" /tmp/none.db "$work/none.db" || guest_fail "no none.db came back"
is none "SELECT count(DISTINCT metric), min(status), max(status), count(value), min(length(reason)) > 20 FROM v_counter
	WHERE metric IN ('cycles', 'instructions')" '2|unavailable|unavailable|0|1'
is none "SELECT count(*), count(value), min(status = 'unavailable' AND length(reason) > 20) FROM v_counter WHERE \"case\" LIKE 'kfloor.pair/%'
	AND metric IN ('cycles', 'instructions')" '2|0|1'
is none "SELECT count(*) > 2 FROM v_counter WHERE metric = 'context_switches' AND status = 'measured'" 1
echo ok

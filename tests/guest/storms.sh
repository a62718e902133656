#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What takes a machine of its own to go wrong, emulated: a CPU that is set offline under the workers that are bound to it, and comes
# back; and cases that ask for 80 % of its 4 GiB, or fill as much as any may. Each ends with a clear outcome, nothing that was reported
# is lost, no process is killed for want of memory, and settings and memory are as before.
# CTest: TIMEOUT 900, RESOURCE_LOCK guests, COST 50
. "$(dirname -- "$0")/x86.bash"
guest_needs sqlite3 jq

# Every benchmark with a size that may be so large: the plan says which of them fill it.
{
	echo 'suite: { title = "four fifths of the memory"; cases = ('
	memperf list --json | jq -r '[.. | objects | select(.axes?) | . as $bench | .axes[] |
		select(.name == "size" and .kind == "size" and .max >= 3276 * 1048576) |
		"{ bench = \"\($bench.name)\"; size = \"3276M\";" +
		if any($bench.axes[]; .name == "outstanding") then " outstanding = \"1\";" else "" end + " }"] | join(",\n")'
	echo '); };'
} >"$work/most.cfg"
# A quarter of the memory, which is the most that a case may fill, in every way there is.
cat >"$work/quarter.cfg" <<'CFG'
suite: { title = "a quarter of the memory"; cases = (
	{ bench = "mmap.populate"; size = "960M"; outstanding = "1"; huge = "none"; },
	{ bench = "mlock.absent"; size = "960M"; outstanding = "1"; },
	{ bench = "memfd.fallocate"; size = "256M"; outstanding = "1"; },
	{ bench = "fork.child"; size = "960M"; huge = "none"; },
	{ bench = "fault.hugetlb"; range = "64M"; } ); };
CFG

run="memperf run --quiet --seed 1 --state /tmp/state"
guest_disk "
settings() {
	for file in /proc/sys/vm/overcommit_* /sys/kernel/mm/hugepages/*/nr_hugepages /sys/kernel/mm/transparent_hugepage/*enabled \
		/proc/swaps /proc/mounts /sys/devices/system/cpu/online; do
		echo \$file: \$(cat \$file)
	done
	echo shared: \$(busybox ls /dev/shm) segments: \$(busybox wc -l </proc/sysvipc/shm) state: \$(busybox ls /tmp/state)
}
memory() { busybox awk '/^MemAvailable:/ { print \$2 }' /proc/meminfo; }
online() { echo \$1 >/sys/devices/system/cpu/cpu3/online; }
told() { busybox grep -c '\"event\":\"invocation\"' /tmp/\$1.log; }
# Until \$1 more invocations were told.
later() {
	want=\$((\$(told \$name) + \$1))
	while [ -d /proc/\$run ] && [ \$(told \$name) -lt \$want ]; do sleep 0.1; done
}
# A worker is on CPU 3.
bound() {
	until [ ! -d /proc/\$run ] || for pid in \$(busybox pidof memperf-worker); do
		busybox cat /proc/\$pid/task/*/status
	done 2>/dev/null | busybox grep -q '^Cpus_allowed_list:.3\$'; do sleep 0.1; done
	sleep 0.1
}
# A run; with a worker on it CPU 3 is set offline, and \$during happens.
strike() {
	name=\$1
	shift
	$run --invocations 3 --json-log /tmp/\$name.log --db /tmp/\$name.db \"\$@\" >/tmp/\$name.out 2>&1 &
	run=\$!
	bound
	online 0
	\$during
	wait \$run
	echo \"\$name ended \$? told \$(told \$name) \$(busybox tr '\\n' ' ' </tmp/\$name.out)\"
}
# Until one saw it.
come_back() {
	later 2
	online 1
	for try in 1 2 3; do
		busybox grep -q \"check 'seat' failed\" /tmp/\$name.log && break
		bound
		online 0
		later 2
		online 1
	done
}
be_killed() { later 1; kill -9 \$run; }

echo
mkdir /tmp/state
settings >/tmp/before
memory >/tmp/free
during=: strike gone --bench fault.throughput --set threads=2 --set vma=own --set range=2M --place cpus:2,3 --budget 10s
online 1
during=come_back strike back --bench fault.anon_write --set range=2M --set huge=none --set page_tables=warm --set order=ascending \
	--place cpus:3 --budget 20s
during=be_killed strike killed --setup --bench mmap.overcommit --set mode=always --set size=1M --place cpus:3 --budget 20s
resume() {
	$run --resume --db /tmp/killed.db >/tmp/killed.out 2>&1
	echo \"\$1 ended \$? \$(busybox tr '\\n' ' ' </tmp/killed.out)\"
}
resume without
settings | busybox grep overcommit_memory | sed 's/^/without /'
online 1
resume with

for suite in most quarter; do
	$run --setup --suite /bin/\$suite.cfg --invocations 1 --budget 20s --counters none --db /tmp/\$suite.db >/tmp/\$suite.out 2>&1
	echo \"\$suite ended \$? \$(busybox tr '\\n' ' ' </tmp/\$suite.out)\"
	memperf plan --suite /bin/\$suite.cfg --json >/tmp/\$suite.json
done
settings >/tmp/after
busybox diff /tmp/before /tmp/after && echo settings same
echo memory \$(cat /tmp/free) \$(memory)
busybox dmesg | busybox grep -E 'oom-killer|Out of memory|oom_reaper|BUG:|WARNING:|Call Trace|blocked for more' | sed 's/^/kernel /'
echo kernel lines \$(busybox dmesg | busybox wc -l)
$(for file in {gone,back,killed,most,quarter}.db {most,quarter}.json; do guest_send /tmp/$file; echo; done)
" "$work"/{most,quarter}.cfg
# In one thread: a CPU may not run what another has translated before the kernel rewrote it.
guest_boot 400 -accel tcg,thread=single -cpu max,-erms -m 4G -smp 4 >"$work/console" 2>"$work/qemu"
for file in {gone,back,killed,most,quarter}.db {most,quarter}.json; do
	guest_receive "$work/console" "/tmp/$file" "$work/$file" || guest_fail "no $file came back"
done
for file in gone back killed most quarter; do
	memperf db check "$work/$file.db" >"$work/out" || guest_fail "$file.db is not sound here: $(cat "$work/out")"
done

# is DATABASE "SQL" EXPECTED
is() {
	local got

	got=$(sqlite3 "$work/$1.db" "$2" 2>&1) || guest_fail "$got: $2"
	[[ $got == "$3" ]] || guest_fail "$1: $got, not $3: $2: $(sqlite3 "$work/$1.db" "SELECT count(*), outcome, reason FROM invocation GROUP BY 2, 3")"
}
# ends NAME WORDS: how a run ended
ends() {
	grep -q "^$1 ended $2" "$work/console" || guest_fail "$1 did not end with '$2': $(grep "^$1 ended" "$work/console")"
}
# The partner of floor.barrier sees it, too.
struck="(i.reason LIKE 'check ''seat'' failed %bound to CPU 3%' OR i.reason LIKE 'check ''elsewhere'' failed %')"
kept_out="i.reason LIKE 'cannot bind to CPU 3: Invalid argument'"

# --- a CPU that goes ---------------------------------------------------------------------------------------------------

grep -q '^settings same' "$work/console" || guest_fail "settings are not as they were"
! grep '^kernel [^l]' "$work/console" || guest_fail "the kernel complains"
[[ $(sed -n 's/^kernel lines \([0-9]*\) *$/\1/p' "$work/console") -gt 100 ]] || guest_fail "no kernel log"
for name in gone back killed; do
	told=$(sed -n "s/^$name ended [0-9]* told \([0-9]*\) .*/\1/p" "$work/console")
	((told > 0 && $(sqlite3 "$work/$name.db" "SELECT count(*) FROM invocation") >= told)) || guest_fail "$name: of $told invocations some are lost"
	is $name "SELECT status FROM run" complete
	is $name "SELECT count(*) FROM invocation i WHERE outcome <> 'ok' AND NOT ($struck) AND NOT ($kept_out)" 0
done
ends gone 0
ends back 0
ends killed 137
ends without "3 memperf: .*CPU 3 is absent, offline"
ends with 0
# Who was measuring sees it, unless it was over; those after cannot begin; with the CPU come those that can.
is gone "SELECT sum($struck) + sum($kept_out) > 0, sum(outcome = 'ok') > 0 FROM invocation i" '1|1'
is back "SELECT sum($struck) + sum($kept_out) > 0 FROM invocation i" 1
is back "SELECT outcome FROM invocation i ORDER BY started_ns DESC LIMIT 1" ok
struck_ones=0
for name in gone back killed; do
	((struck_ones += $(sqlite3 "$work/$name.db" "SELECT sum($struck) FROM invocation i")))
	echo "$name: $(sqlite3 "$work/$name.db" "SELECT sum($struck), sum($kept_out), sum(outcome = 'ok') FROM invocation i")"
done
((struck_ones > 0)) || guest_fail "nobody saw that it was moved"

# --- memory ------------------------------------------------------------------------------------------------------------

for name in most quarter; do
	ends $name 0
	is $name "SELECT count(*) FROM run_case WHERE outcome NOT IN ('ok', 'skipped') OR outcome = 'skipped' AND reason = ''" 0
done
is most "SELECT count(*) > 5 FROM run_case JOIN kase USING (case_id) WHERE text LIKE '%size=3276M%' AND outcome = 'ok'" 1
is quarter "SELECT count(*) >= 4 FROM run_case JOIN kase USING (case_id) WHERE outcome = 'ok' AND (text LIKE '%=960M%' OR text LIKE '%=256M%'
	OR text LIKE '%hugetlb%range=64M%')" 1
read -r before after < <(sed -n 's/^memory \([0-9]*\) \([0-9]*\) *$/\1 \2/p' "$work/console")
((before - after < 65536)) || guest_fail "of $before KiB that were available $after are left"
echo ok

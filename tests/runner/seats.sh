#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Placement on this machine: workers sit where the policy says, as a program of the test's sees and as is stored; one that
# is moved meanwhile makes its invocation invalid; cpusets are respected; and what cannot be bound is not measured.
# CTest: TIMEOUT 180
set -u
: "${MEMPERF_SOURCE:?}" "${MEMPERF_BUILD:?}"
for tool in sqlite3 taskset jq; do
	command -v "$tool" >/dev/null || { echo "skip: $tool is not installed"; exit 77; }
done
# What this process may use, as the kernel lists it.
usable=$(sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status)
cpus=()
for range in ${usable//,/ }; do
	for ((cpu = ${range%-*}; cpu <= ${range#*-}; cpu++)); do
		cpus+=("$cpu")
	done
done
((${#cpus[@]} > 1)) || { echo "skip: one CPU is no choice"; exit 77; }
a=${cpus[0]} b=${cpus[1]}

work=$(mktemp -d) || exit 1
group=
cleanup() {
	kill $(jobs -p) 2>/dev/null
	[[ -z $group ]] || rmdir -- "$group"
	rm -rf -- "$work"
}
trap cleanup EXIT
cd -- "$work" || exit 1
failures=0

bad() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# is DATABASE "SQL" EXPECTED
is() {
	local got

	got=$(sqlite3 "$1" "$2" 2>&1)
	[[ $got == "$3" ]] || bad "$got, not $3: $2"
}

run=(memperf run --quiet --invocations 1 --budget 2s)

# --- two CPUs, in both orders, and one memory policy -------------------------------------------------------------

"$MEMPERF_BUILD/tests/seats" $((4 << 20)) >seen &
watch=$!
"${run[@]}" --bench fault.throughput --set threads=2 --set vma=own --bench fault.anon_write --set range=4M --set huge=none \
	--place "cpus:$a,$b,cpus:$b,$a" --mem bind:0 --db a.db || bad "the run ends with $?"
kill "$watch"
wait "$watch"
for order in "$a $b" "$b $a"; do
	grep -q "^team $order\$" seen || bad "nobody saw two workers on CPUs $order: $(cat seen)"
done
if [[ -d /sys/devices/system/node/node0 ]]; then
	grep -q "^pages $a bind:0 0=[1-9][0-9]*\$" seen || bad "nobody saw pages of node 0: $(cat seen)"
	is a.db "SELECT sum(pages > 0) = count(*), sum(astray), group_concat(DISTINCT memory || nodes) FROM v_seat
		WHERE \"case\" LIKE 'fault.anon_write/%'" '1|0|bind0'
fi
is a.db "SELECT group_concat(cpus, ' ') FROM (SELECT DISTINCT cpus FROM invocation JOIN run_case USING (run_case_id) JOIN kase
	USING (case_id) WHERE text LIKE 'fault.throughput/%' ORDER BY text)" "$(printf '%s\n' "$a,$b" "$b,$a" | sort | paste -sd' ')"
is a.db "SELECT count(*) > 0, sum(migrated), sum(cpu <> cpu_end) FROM seat" '1|0|0'
is a.db "SELECT count(*) FROM v_seat s JOIN invocation i ON 0" 0
memperf db check a.db >out || bad "$(cat out)"

# --- a worker that somebody moves -----------------------------------------------------------------------------------

# One moved too early has not been bound yet, and is refused for another reason: this goes on until one was moved while it measured.
moved="SELECT count(*) > 0 FROM invocation JOIN seat USING (invocation_id) WHERE migrated = 1 AND cpu = $a AND cpu_end = $b
	AND outcome = 'invalid' AND reason LIKE '%check ''seat'' failed%bound to CPU $a, and at the end ran on CPU $b%'"
memperf run --quiet --invocations 1 --budget 60s --bench floor.loop --filter 'bench = floor.loop' --place "cpus:$a" --db b.db &
measuring=$!
for _ in {1..3000}; do
	pid=$(pgrep -n -x memperf-worker) || { kill -0 "$measuring" 2>/dev/null || break; continue; }
	sleep 0.05
	taskset -pc "$b" "$pid" >/dev/null 2>&1
	[[ $(sqlite3 b.db "$moved" 2>/dev/null) == 1 ]] && break
done
kill -INT "$measuring"
wait "$measuring"
[[ $(sqlite3 b.db "$moved") == 1 ]] || bad "no worker was seen to move: $(sqlite3 b.db "SELECT cpu, cpu_end, migrated, outcome, reason
	FROM invocation LEFT JOIN seat USING (invocation_id)")"

# --- what is outside -------------------------------------------------------------------------------------------------

taskset -c "$b" memperf plan --bench floor.loop --place "auto,cpus:$a" >out || bad "plan ends with $?"
grep -qF "CPU $a is absent, offline, or outside the cpuset or affinity mask of this process, which may use $b" out ||
	bad "a CPU outside of the mask: $(cat out)"

# A cpuset of its own, version 1; the emulated machine of tests/guest has version 2.
if mount | grep -q '^cgroup on /sys/fs/cgroup/cpuset ' && mkdir /sys/fs/cgroup/cpuset/memperf-test-$$ 2>/dev/null; then
	group=/sys/fs/cgroup/cpuset/memperf-test-$$
	echo "$b" >"$group/cpuset.cpus"
	cat /sys/fs/cgroup/cpuset/cpuset.mems >"$group/cpuset.mems"
	bash -c 'echo $$ >"$1/tasks" && exec memperf plan --bench floor.loop --place "auto,compact,cpus:$2"' - "$group" "$a" >out
	grep -q "1 worker, place=compact, mem=default: CPU $b;" out || bad "compact in a cpuset: $(cat out)"
	grep -qF "CPU $a is absent, offline, or outside the cpuset" out || bad "a CPU outside of the cpuset: $(cat out)"
else
	echo "not tried: a cpuset cgroup of version 1 cannot be made here"
fi

# refused WORDS COMMAND...: exit code 2 or 3, one line
refused() {
	local words=$1 code

	shift
	"$@" >out 2>err
	code=$?
	((code == 2 || code == 3)) || bad "$* ends with $code"
	[[ ! -s out && $(wc -l <err) == 1 ]] || bad "$* does not say one line: $(cat out err)"
	grep -qF -- "$words" err || bad "$* says: $(cat err)"
}
file=$MEMPERF_SOURCE/tests/data/hwloc/arm64-kunpeng920-thinned.xml
refused "nothing can be bound on another machine's topology" "${run[@]}" --bench floor.loop --topology "$file" --db c.db
refused 'unset HWLOC_XMLFILE' env HWLOC_XMLFILE="$file" "${run[@]}" --bench floor.loop --db c.db
refused 'is no topology that hwloc' memperf plan --topology /etc/passwd
refused "is not an hwloc XML file" memperf plan --topology ./nothing.xml
refused "did you mean 'spread:l3'" memperf plan --place spred:l3
refused "--mem: 'remot' is no memory policy; did you mean 'remote'" memperf plan --mem remot
refused 'workers need as many CPUs' memperf plan --bench fault.throughput --set threads=500 --place compact
[[ ! -e c.db ]] || bad "a refused run made a results file"

# Another machine can be planned for, and says so.
memperf plan --topology "$file" --bench fault.throughput --set threads=4 --place spread:node --mem local,remote >out ||
	bad "plan --topology ends with $?"
grep -q 'nothing can be bound there' out || bad "a foreign topology is not told: $(cat out)"
grep -q '4 workers, place=spread:node, mem=remote: CPUs 64,96,32,1; memory bind 0, bind 0, bind 3, bind 3$' out ||
	bad "a plan for four nodes: $(grep workers out)"
memperf plan --topology "$file" --bench floor.loop --json | jq -e '.bindable == false' >/dev/null || bad "JSON calls it bindable"

# --- the topology of a run ----------------------------------------------------------------------------------------------

"${run[@]}" --bench floor.loop --db a.db || bad "the second run ends with $?"
is a.db "SELECT count(DISTINCT topology_id), count(*) FROM run_topology" '1|2'
memperf db topology a.db -o t.xml || bad "no topology comes out"
memperf plan --topology t.xml --bench floor.loop >/dev/null || bad "the stored topology is no plan's"
! grep -qE "$(uname -n)|ProcessName|HostName" t.xml || bad "the topology names the machine"
memperf db merge m.db a.db >/dev/null && memperf db check m.db >out || bad "merged: $(cat out)"
memperf db topology m.db >t2.xml
cmp -s t.xml t2.xml || bad "merging changed the topology"
is m.db "SELECT (SELECT count(*) FROM topology), (SELECT count(*) FROM run_topology), (SELECT count(*) FROM seat)" \
	"$(sqlite3 a.db 'SELECT 1, 2, count(*) FROM seat')"
sqlite3 m.db "UPDATE topology SET hash = replace(hash, substr(hash, 1, 1), 'x')"
memperf db check m.db >out && bad "a topology of another hash is sound"
grep -q 'not the text of that hash' out || bad "a topology of another hash: $(cat out)"
sqlite3 a.db "UPDATE run SET started_ns = started_ns - 864000000000000 * 3 WHERE run_id = 1;
	UPDATE run_topology SET topology_id = 2 WHERE run_id = 1;
	INSERT INTO topology SELECT 2, 'y' || substr(hash, 2), bytes, blob FROM topology WHERE topology_id = 1"
memperf db prune a.db --keep-runs 5 >/dev/null || bad "prune ends with $?"
is a.db "SELECT group_concat(topology_id) FROM topology" 1

((failures == 0)) || exit 1
echo ok

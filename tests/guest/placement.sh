#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Placement on a machine that has something to place on: two packages, each a NUMA node with two cores of two threads,
# emulated. Where workers and their pages are is asked from outside by a program of its own (seats.c), and compared with
# what is expected and with what memperf stored.
#
# QEMU cannot give cores of two kinds: the kernel's core PMUs of a hybrid processor are mounted over sysfs as it would show
# them. What makes the machine's name is planted in DMI, to see that none of it is stored.
# CTest: TIMEOUT 900, RESOURCE_LOCK guests, COST 50
. "$(dirname -- "$0")/x86.bash"
guest_needs sqlite3 jq

secrets=(SYSTEM-SERIAL BOARD-SERIAL CHASSIS-SERIAL ASSET-TAG DIMM-SERIAL 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0)
mems=default,local,remote,interleave,bind:0+1,preferred-many:1,interleave:1@map,preferred-many:0@map
one="--bench fault.anon_write --set range=4M --set huge=none --set page_tables=warm"
team="--bench fault.throughput --set threads=4 --set vma=own"
run="memperf run --counters none --invocations 1 --budget 3s --quiet --seed 1"

guest_disk "
cat /sys/class/dmi/id/product_serial /sys/class/dmi/id/product_uuid

seats 4194304 >/tmp/seen &
watch=\$!
$run $one --mem $mems --db /tmp/nodes.db
kill \$watch
sleep 1
sed 's/^/nodes /' /tmp/seen
memperf counters vmstat_pgmigrate | sed 's/^/moved /'
$run --bench 'numa.*' --db /tmp/numa.db
mkdir /run
benchmarks_test_numa 2>&1 | sed 's/^/numa /'

pmu=/sys/bus/event_source/devices
mount -t tmpfs pmu \$pmu
mkdir \$pmu/cpu_core \$pmu/cpu_atom
echo 0-3 >\$pmu/cpu_core/cpus
echo 4-7 >\$pmu/cpu_atom/cpus
seats 0 >/tmp/seen &
watch=\$!
$run $team --place smt,spread:node,e-cores --db /tmp/cpus.db
kill \$watch
sleep 1
sed 's/^/cpus /' /tmp/seen
memperf plan $team --place auto,compact,spread,spread:package,spread:l3,p-cores,cpus:6,1,0,3 --json >/tmp/plan.json
memperf plan $one --place p-cores,lp-cores >/tmp/lp

echo 0 >/sys/devices/system/cpu/cpu3/online
memperf plan $team --place auto,p-cores,cpus:2,3,4,5 >/tmp/offline
echo 1 >/sys/devices/system/cpu/cpu3/online

mkdir /tmp/cgroup
mount -t cgroup2 none /tmp/cgroup
echo +cpuset >/tmp/cgroup/cgroup.subtree_control
mkdir /tmp/cgroup/a
echo 5-6 >/tmp/cgroup/a/cpuset.cpus
echo 1 >/tmp/cgroup/a/cpuset.mems
(echo \$\$ >/tmp/cgroup/a/cgroup.procs; exec sh -c 'echo \$\$ >/tmp/cgroup/a/cgroup.procs
	memperf plan $one --place auto,cpus:4 --mem local,remote,bind:0 >/tmp/cpuset')
$(for file in /tmp/nodes.db /tmp/numa.db /tmp/cpus.db /tmp/plan.json /tmp/lp /tmp/offline /tmp/cpuset; do guest_send $file; echo; done)
" "$MEMPERF_BUILD/tests/seats" "$MEMPERF_BUILD/tests/benchmarks_test_numa"
# The vendor decides how a processor tells which threads share a core.
guest_boot 800 -cpu max,vendor=GenuineIntel,family=6,model=151 -m 1024 -smp 8,sockets=2,cores=2,threads=2 \
	-object memory-backend-ram,id=m0,size=512M -object memory-backend-ram,id=m1,size=512M \
	-numa node,nodeid=0,cpus=0-3,memdev=m0 -numa node,nodeid=1,cpus=4-7,memdev=m1 -numa dist,src=0,dst=1,val=21 \
	-smbios "type=1,serial=${secrets[0]},uuid=${secrets[5]}" -smbios "type=2,serial=${secrets[1]},asset=${secrets[3]}" \
	-smbios "type=3,serial=${secrets[2]},asset=${secrets[3]}" -smbios "type=17,serial=${secrets[4]},asset=${secrets[3]}" \
	>"$work/console" 2>"$work/qemu"
for file in nodes.db numa.db cpus.db plan.json lp offline cpuset; do
	guest_receive "$work/console" "/tmp/$file" "$work/$file" || guest_fail "no $file came back"
done
for file in nodes numa cpus; do
	memperf db check "$work/$file.db" >"$work/out" || guest_fail "$file.db is not sound here: $(cat "$work/out")"
done

# is DATABASE "SQL" EXPECTED
is() {
	local got

	got=$(sqlite3 "$work/$1.db" "$2" 2>&1) || guest_fail "$got: $2"
	[[ $got == "$3" ]] || guest_fail "$got, not $3: $2"
}

# --- a counter of pages that move is proven where they can -------------------------------------------------------

grep -q '^moved  *seen: [0-9]* after moving 64 pages between memory nodes' "$work/console" ||
	guest_fail "moved pages are not counted: $(grep '^moved' "$work/console")"

# --- calls that move pages between nodes: measured, and a move that did not happen is seen ------------------------

is numa "SELECT count(*), group_concat(CASE outcome WHEN 'ok' THEN NULL ELSE text || ' ' || outcome || ': ' || reason END) FROM run_case JOIN kase USING (case_id)
	WHERE text GLOB 'numa.*'" '9|'
is numa "SELECT group_concat(DISTINCT bench) FROM v_result WHERE run_case_id IN (SELECT run_case_id FROM invocation
	JOIN check_result USING (invocation_id) WHERE name = 'moved' AND passed > 0) ORDER BY bench" \
	'numa.mbind_move,numa.migrate_pages,numa.move_pages'
grep -q '^numa \[  PASSED  \] ' "$work/console" && ! grep -q '^numa \[  \(FAILED\|SKIPPED\)' "$work/console" ||
	guest_fail "planted faults: $(grep '^numa' "$work/console")"

# --- pages: the worker is on CPU 4, the first of node 1 (CPU 0's node comes last) -----------------------------

# pages POLICY NODES: all pages seen under that policy of the kernel's are on these nodes and on no other
pages() {
	local got

	got=$(sed -n "s/^nodes pages 4 $1 \([0-9=]*\( [0-9=]*\)*\) *\$/\1/p" "$work/console")
	[[ -n $got ]] || guest_fail "nobody saw pages under policy $1"
	[[ $(tr ' ' '\n' <<<"$got" | sed 's/=.*//' | tr '\n' ' ') == "$2 " ]] || guest_fail "pages under policy $1 are on $got"
}
pages bind:1 1
pages local 1
pages bind:0 0
pages interleave:0-1 '0 1'
pages bind:0-1 1
pages 'prefer (many):1' 1
pages interleave:1 1
pages 'prefer (many):0' 0
sed -n 's/^nodes pages 4 interleave:0-1 0=\([0-9]*\) 1=\([0-9]*\) *$/\1 \2/p' "$work/console" |
	awk '{ exit !($1 + $2 > 100 && $1 > 0.4 * ($1 + $2) && $2 > 0.4 * ($1 + $2)) }' || guest_fail "interleaved pages are not even"
grep -q '^nodes team 4 *$' "$work/console" || guest_fail "no worker was seen on CPU 4"
# Teams of the floor's have more members; the first is on CPU 4 always.
! grep '^nodes team' "$work/console" | grep -qv '^nodes team 4\( [0-9]*\)* *$' || guest_fail "first workers were seen on other CPUs than 4"

# What memperf stored says the same.
seat="FROM v_seat WHERE \"case\" LIKE 'fault.anon_write/%'"
is nodes "SELECT count(*), sum(migrated), sum(astray), min(cpu), max(cpu), min(cpu_end), max(cpu_end), min(pages) > 0 $seat" \
	'8|0|0|4|4|4|4|1'
is nodes "SELECT group_concat(x, ' ') FROM (SELECT ifnull(p.word, 'default') || ':' || memory || ':' || per_mapping || ':' || seat.nodes
	|| ':' || (page_nodes LIKE '%0=%') || (page_nodes LIKE '%1=%') AS x
	FROM seat JOIN invocation USING (invocation_id) JOIN run_case USING (run_case_id) JOIN kase USING (case_id)
	LEFT JOIN case_param p ON p.case_id = kase.case_id AND p.axis = 'mem' WHERE text LIKE 'fault.anon_write/%' ORDER BY x)" \
	'bind:0+1:bind:0:0,1:01 default:bind:0:1:01 interleave:1@map:interleave:1:1:01 interleave:interleave:0:0,1:11 local:local:0:1:01 preferred-many:0@map:preferred-many:1:0:10 preferred-many:1:preferred-many:0:1:01 remote:bind:0:0:10'
is nodes "SELECT DISTINCT outcome || reason FROM run_case JOIN kase USING (case_id) WHERE text LIKE 'fault.anon_write/%'" ok

# --- CPUs: cores (0,1) (2,3) in node 0 are performance cores, (4,5) (6,7) in node 1 efficiency cores ------------

for want in '2 3 1 0' '2 4 1 6' '4 6 5 7'; do
	grep -q "^cpus team $want *\$" "$work/console" || guest_fail "no four workers were seen on CPUs $want"
done
is cpus "SELECT group_concat(cpus, ' ') FROM (SELECT i.cpus FROM invocation i JOIN run_case USING (run_case_id)
	JOIN kase USING (case_id) WHERE text LIKE 'fault.throughput/%' ORDER BY text)" '4,6,5,7 2,3,1,0 2,4,1,6'
is cpus "SELECT count(*), sum(migrated), sum(cpu <> cpu_end) FROM seat" \
	"$(sqlite3 "$work/cpus.db" "SELECT count(*) FROM seat")|0|0"

# seats PLACE CPUS
seats() {
	local got

	got=$(jq -r --arg place "$1" '[.cases[] | select(.bench == "fault.throughput" and (.values.place // "auto") == $place)][0]
		| .seats | map(.cpu) | join(",")' "$work/plan.json")
	[[ $got == "$2" ]] || guest_fail "place=$1 puts workers on $got, not $2"
}
seats auto 2,1,4,6
seats compact 2,3,1,0
seats spread 2,4,1,6
seats spread:package 2,4,1,6
seats spread:l3 2,4,1,6
seats p-cores 2,1,3,0
seats cpus:6+1+0+3 6,1,0,3

# told FILE WORDS
told() {
	grep -qF -- "$2" "$work/$1" || guest_fail "'$1' does not say '$2': $(cat "$work/$1")"
}
told lp 'skipped: place=lp-cores: this machine has no low-power cores that this process may use'
told offline 'place=p-cores: 4 workers need as many CPUs, and it has 3 here'
told offline 'CPU 3 is absent, offline, or outside the cpuset or affinity mask of this process, which may use 0-2,4-7'
told cpuset '1 worker, place=auto, mem=local: CPU 5; memory local 1'
told cpuset 'CPU 4 is absent, offline, or outside the cpuset or affinity mask of this process, which may use 5-6'
told cpuset 'remote memory wants two NUMA nodes with memory and there is one'
told cpuset 'NUMA node 0 is absent, without memory, or outside the cpuset of this process, which may use 1'

# --- what names the machine --------------------------------------------------------------------------------------

grep -qF "${secrets[0]}" "$work/console" || guest_fail "the serial number was not there to be stored"
memperf db topology "$work/nodes.db" >"$work/topology.xml" || guest_fail "no topology was stored"
grep -q '<object type="NUMANode" os_index="1"' "$work/topology.xml" || guest_fail "the topology has no node 1"
sqlite3 "$work/nodes.db" .dump >"$work/dump"
for secret in "${secrets[@]}"; do
	! grep -qiF -- "$secret" "$work/topology.xml" "$work/dump" || guest_fail "$secret is stored"
done
is nodes 'SELECT count(*) FROM topology' 1
memperf plan $one --mem remote --topology "$work/topology.xml" >"$work/out" || guest_fail "the stored topology is no plan's"
grep -q 'place=auto, mem=remote: CPU 4; memory bind 0$' "$work/out" || guest_fail "planned elsewhere: $(cat "$work/out")"
echo ok

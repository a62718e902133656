#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Two kinds of core: in a mount namespace of its own, where the kernel seems to have a core PMU for either CPU, each case is
# judged by the full speed of its own kind, in the store and in reports.
# CTest: TIMEOUT 300, RUN_SERIAL FALSE, RESOURCE_LOCK machine, COST 100
set -u
: "${MEMPERF_SOURCE:?}" "${MEMPERF_BUILD:?}"
for tool in sqlite3 unshare jq; do
	command -v "$tool" >/dev/null || { echo "skip: $tool is not installed"; exit 77; }
done
pmus=/sys/bus/event_source/devices
[[ -d $pmus ]] || { echo "skip: no $pmus"; exit 77; }
usable=$(sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status)
[[ $usable =~ ^0[-,]1($|[-,]) ]] || { echo "skip: CPUs 0 and 1 are not both usable"; exit 77; }
unshare -m true 2>/dev/null || { echo "skip: no mount namespace may be made here"; exit 77; }

work=$(mktemp -d) || exit 1
trap 'rm -rf -- "$work"' EXIT
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

# hybrid COMMAND...: where CPU 1 and all behind it are performance cores, and CPU 0 an efficiency core
hybrid() {
	unshare -m bash -c 'mount --bind "$1" "$2" && shift 2 && exec "$@"' - "$work/pmus" "$pmus" "$@"
}
mkdir -p pmus/cpu_core pmus/cpu_atom
echo 4 >pmus/cpu_core/type
echo 1-1023 >pmus/cpu_core/cpus
echo 10 >pmus/cpu_atom/type
echo 0 >pmus/cpu_atom/cpus

run=(memperf run --quiet --invocations 3 --budget 6s --counters none --bench brk.query)
hybrid "${run[@]}" --place "p-cores,e-cores" --db two.db || bad "the run ends with $?"
is two.db "SELECT group_concat(place) FROM (SELECT DISTINCT kind || cpu AS place FROM v_seat WHERE \"case\" LIKE 'brk.query/%'
	ORDER BY 1)" e0,p1
# Either kind has what it was judged by; one worker an invocation has it in its row.
is two.db "SELECT count(*) FROM seat WHERE mul_reference IS NOT NULL" 0
is two.db "SELECT count(*) FROM invocation WHERE mul_reference IS NULL" 0
is two.db "SELECT group_concat(kind) FROM (SELECT kind FROM probe_reference ORDER BY 1)" e,p
memperf report two.db >report 2>&1 || bad "report ends with $?"
grep -Eq '^ *cores +calm by kind of core: .*e [0-9]+ % of [0-9]+ cases.*p [0-9]+ % of' report || bad "no calm by kind: $(head -20 report)"
# The null call of each kind, which the run measured at every placement.
hybrid "${run[@]}" --place "p-cores,e-cores" --db two.db || bad "the second run ends with $?"
memperf compare two.db:#1 two.db:#2 --unit null --json >compare.json
jq -e '(.unit.a_rests_on | test("place=e-cores.*on e cores, floor.getppid/place=p-cores.*on p cores")) and
	([.pairs[] | select(.case | test("^brk.query")) | .a_in_unit] | length == 2 and all(. > 0))' compare.json >/dev/null ||
	bad "null calls: $(jq -c '.unit, [.pairs[] | select(.case | test("^brk"))]' compare.json)"
memperf db check two.db >check 2>&1 || bad "db check: $(cat check)"

# Without the two PMUs there is one kind, which has no name.
"${run[@]}" --place "cpus:0,cpus:1" --db one.db || bad "the run ends with $?"
is one.db "SELECT DISTINCT '(' || kind || ')' FROM v_seat" '()'
memperf report one.db | grep -q 'kind of core' && bad "one kind is told as several"

((failures)) || echo "ok"
exit $((failures > 0))

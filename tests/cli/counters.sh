#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf counters from outside: no number without proof, no absence without a reason, captured machines, encodings,
# groups, what an ordinary user is told, calibration.
set -u
command -v jq >/dev/null || { echo "skipped: jq is not installed"; exit 77; }
data=${MEMPERF_SOURCE:-.}/tests/data/counters
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
failed=0

fail() {
	echo "FAIL: $*"
	failed=1
}

# machine NAME: the folder of PMUs that the table describes.
machine() {
	awk -F'\t' -v root="$work/$1" '!/^#/ && NF { path = root "/" $1; sub(/\/[^\/]*$/, "", path)
		if (!(path in made)) { system("mkdir -p \"" path "\""); made[path] = 1 }
		print $2 >(root "/" $1); close(root "/" $1) }' "$data/event_source/$1.tsv"
}

# expect CODE PATTERN ARGUMENT...: exit code and a line of stderr
expect() {
	local code=$1 pattern=$2 got

	shift 2
	memperf counters "$@" >"$work/stdout" 2>"$work/stderr"
	got=$?
	((got == code)) || fail "counters $*: exit code $got, not $code"
	grep -q -- "$pattern" "$work/stderr" || fail "counters $*: no '$pattern' in: $(cat "$work/stderr")"
	[[ $(wc -l <"$work/stderr") -le 1 ]] || fail "counters $*: more than a line on stderr"
}

# Every metric is counted and was seen to count (or says why its zeros are not believed), or has its reasons.
sound='[.cpus[].metrics[]] | length > 30 and all(
	if .available
	then .reason == null and (.source | .event != null and .per_count > 0 and (.zero_proven or .proof != null))
	else .source == null and (.reason | length > 0) and (.refused | length > 0) end
	and all(.refused[]; (.why | length > 0) and .error < 0))'

memperf counters --json >"$work/json" || fail "exit code of --json"
jq -e "$sound" "$work/json" >/dev/null || fail "a metric is neither counted nor explained: $(jq -c '[.cpus[].metrics[] | select(.available and (.source.zero_proven | not))]' "$work/json")"
memperf counters >"$work/text" || fail "exit code of the text"
for id in $(jq -r '.cpus[0].metrics[].metric' "$work/json"); do
	grep -q "^$id: " "$work/text" || fail "the text lacks $id"
done
if [[ $(jq -r '.cpus[0].core_pmu' "$work/json") == null ]]; then
	for id in cycles instructions l3_misses dtlb_misses dtlb_walks; do
		jq -e --arg id $id '.cpus[0].metrics[] | select(.metric == $id) | (.available | not) and (.reason | test("no core PMU"))
			and (.remedy | length > 0)' "$work/json" >/dev/null || fail "$id without a PMU"
	done
fi

# Groups: every one names metrics that exist, and `all` names all of them.
for group in "${MEMPERF_SOURCE:-.}"/configs/counters/*.cfg; do
	name=$(basename "$group" .cfg)
	memperf counters "$name" --json >"$work/group" || fail "group $name"
	if [[ $name == all ]]; then
		cmp -s <(jq -c '[.cpus[0].metrics[].metric] | sort' "$work/group") <(jq -c '[.cpus[0].metrics[].metric] | sort' "$work/json") ||
			fail "the group 'all' is not every metric"
	fi
done
cat >"$work/own.cfg" <<'CFG'
group: { title = "mine"; about = "two of them"; metrics = [ "minor_faults", "cycles" ]; };
CFG
[[ $(memperf counters "$work/own.cfg" --json | jq -c '[.cpus[0].metrics[].metric]') == '["minor_faults","cycles"]' ]] || fail "a group of one's own"
memperf counters "$work/own.cfg" | grep -q '^own: mine. two of them' || fail "the prose of a group is not shown"
memperf counters "$work/own.cfg" cycles --json | jq -e '.groups == [{"group": "own", "title": "mine", "about": "two of them"}]' \
	>/dev/null || fail "the prose of a group is not in the JSON"
expect 2 "'none' is no metric and no group" none
sed 's/metrics/metric/' "$work/own.cfg" >"$work/bad.cfg"
expect 2 "bad.cfg:1: unknown setting 'metric' in group; did you mean 'metrics'" "$work/bad.cfg"
sed 's/cycles/cicles/' "$work/own.cfg" >"$work/bad.cfg"
expect 2 "bad.cfg:1: no metric 'cicles'; did you mean 'cycles'" "$work/bad.cfg"
echo 'group: { title = "mine"; metrics = [ "cycles" ]; };' >"$work/bad.cfg"
expect 2 'needs title, about and metrics' "$work/bad.cfg"

expect 2 "did you mean 'l3_misses'" l3_miss
expect 2 "did you mean 'memory'" memry
expect 2 'not one that this process may run on' --cpu 65535
expect 2 "wants the number of a CPU, not 'x'" --cpu x
expect 2 'cannot read the folder' --sysfs "$work/nowhere"
expect 2 '--cpu-id is for a captured machine' --cpu-id GenuineIntel-6-BA
expect 2 '--calibrate runs on this machine' --calibrate --sysfs "$work"

# A captured machine: one CPU of each core type, and nothing pretends to be open.
machine intel-raptorlake-h
machine arm64-kunpeng920
memperf counters --sysfs "$work/intel-raptorlake-h" --cpu-id GenuineIntel-6-BA --json >"$work/json" || fail "--sysfs"
[[ $(jq -c '[.cpus[] | [.cpu, .core_pmu, (.metrics[] | select(.metric == "cycles").source.events[0].config)]]' "$work/json") == '[[12,"cpu_atom","0xa00000000"],[0,"cpu_core","0x400000000"]]' ]] ||
	fail "core types: $(jq -c '[.cpus[] | [.cpu, .core_pmu]]' "$work/json")"
jq -e 'all(.cpus[].metrics[]; .available == false or .source.zero_proven == false)' "$work/json" >/dev/null || fail "a captured machine proves a zero"
memperf counters --sysfs "$work/intel-raptorlake-h" --cpu-id GenuineIntel-6-BA memory >"$work/text" || fail "--sysfs memory"
grep -q 'nothing can be opened' "$work/text" || fail "a captured machine is not called one"
memperf counters --sysfs "$work/arm64-kunpeng920" --cpu-id arm-48-d01 memory --json | jq -e '.cpus[0].metrics | map({(.metric): .}) | add
	| (.dram_read_bytes.reason | test("what one count stands for")) and .ddrc_read_flux.source.events[0].config == "0x1"
	and (.ddrc_read_flux.source.events | length) == 8 and .ddrc_write_flux.source.events[0].config == "0x0"' >/dev/null || fail "a unit that nobody states"

# Encodings, by each who understands a name.
[[ $(memperf counters --sysfs "$work/intel-raptorlake-h" --encode 'uncore_imc_free_running_1/data_write/' --encode cache-misses --json |
	jq -c '[.[] | [.pmu, .type, .config, (.scale * 1048576 | floor)]]') == '[["uncore_imc_free_running_1",33,"0x30ff",64],["cpu_atom",0,"0xa00000003",1048576],["cpu_core",0,"0x400000003",1048576]]' ]] || fail "--encode"
expect 2 "the PMU knows no term 'umsk'" --sysfs "$work/intel-raptorlake-h" --encode 'cpu_core/event=1,umsk=2/'
expect 2 "the value of 'event' does not fit" --sysfs "$work/intel-raptorlake-h" --encode 'cpu_core/event=0x100/'
expect 3 'no PMU cpu in' --sysfs "$work/intel-raptorlake-h" --encode 'cpu/event=1/'
expect 2 'knows the machine that it runs on' --sysfs "$work/intel-raptorlake-h" --encode 'skl::LONGEST_LAT_CACHE:MISS'
printf 'event=0x3c,umask=?' >"$work/intel-raptorlake-h/cpu_core/events/open"
expect 2 "add umask=NUMBER" --sysfs "$work/intel-raptorlake-h" --encode 'cpu_core/open/'
[[ $(memperf counters --sysfs "$work/intel-raptorlake-h" --encode 'cpu_core/open,umask=1/' --json | jq -r '.[0].config') == 0x13c ]] || fail "term=?"
expect 2 "'umask' contradicts another term" --sysfs "$work/intel-raptorlake-h" --encode 'cpu_core/cache-misses,umask=1/'
expect 2 'modifiers are u' --sysfs "$work/intel-raptorlake-h" --encode 'cpu_core/cache-misses/x'
expect 2 'not of the form PMU/TERMS/' --sysfs "$work/intel-raptorlake-h" --encode 'cpu_core/'
[[ $(memperf counters --encode page-faults --json | jq -c '[.[0].type, .[0].config]') == '[1,"0x2"]' ]] || fail "a software event"

# Without a memory controller there is nothing to calibrate, and it says so.
if memperf counters dram_read_bytes dram_write_bytes dram_bytes --json | jq -e 'all(.cpus[].metrics[]; .available | not)' >/dev/null; then
	expect 3 'nothing to calibrate: no memory controller can be counted here' --calibrate
fi

# LIBPFM_ variables change what libpfm4 says: they are shown.
LIBPFM_FORCE_PMU=skl memperf counters cycles | grep -q 'environment: LIBPFM_FORCE_PMU' || fail "LIBPFM_FORCE_PMU is not shown"

# An ordinary user sees the same list, with other reasons.
if (($(id -u) == 0)) && command -v setpriv >/dev/null && [[ $(cat /proc/sys/kernel/perf_event_paranoid) == 2 ]] &&
	setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$(command -v memperf)"; then
	setpriv --reuid=65534 --regid=65534 --clear-groups memperf counters --json >"$work/json" || fail "as an ordinary user"
	jq -e "$sound" "$work/json" >/dev/null || fail "as an ordinary user: a metric is neither counted nor explained"
	jq -e '.cpus[0].metrics | map({(.metric): .}) | add | .minor_faults.source.side == "user" and (.minor_faults.source.note | test("user side only"))
		and (.cpu_migrations.available | not) and (.cpu_migrations.remedy | test("perf_event_paranoid"))
		and (.page_allocs.source.name != "tracepoint")' "$work/json" >/dev/null || fail "as an ordinary user: a silent zero"
fi
exit $failed

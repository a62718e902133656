#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf doctor from outside: the table, the JSON with every subject, the exit codes, the time it takes.
set -u
command -v jq >/dev/null || { echo "jq is not installed"; exit 77; }
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
failed=0

fail() {
	echo "FAIL: $*"
	failed=1
}

start=$(date +%s)
memperf doctor --json >"$work/json" 2>"$work/stderr"
code=$?
took=$(($(date +%s) - start))
((took < 15)) || fail "took $took s"
[[ -s $work/stderr ]] && fail "writes to stderr that is not a terminal: $(head -1 "$work/stderr")"

jq -e 'type == "array"' "$work/json" >/dev/null || fail "the JSON is no array"
want='load background clock "clock step" speed jitter "jitter of all" frequency steal governor turbo smt isolation thp ksm
	"numa balancing" swap memory privileges "kernel module" "kernel debugging" "cpu quota" heat mains "nmi watchdog" tracing damon
	"lazy memory" layout environment seccomp'
[[ $(jq -r '[.[].subject | if test(" ") then "\"\(.)\"" else . end] | join(" ")' "$work/json") == $(echo $want) ]] ||
	fail "subjects: $(jq -c '[.[].subject]' "$work/json")"
jq -e 'all(.[]; (.severity | IN("good", "note", "warning", "fatal")) and (.evidence | length > 0)
	and (.remedy == null or (.remedy | length > 0)) and (keys | length == 4))' "$work/json" >/dev/null ||
	fail "a finding is malformed"
if jq -e 'any(.[]; .severity == "fatal")' "$work/json" >/dev/null; then
	((code == 3)) || fail "a fatal finding, and exit code $code"
else
	((code == 0)) || fail "no fatal finding, and exit code $code"
fi

memperf doctor >"$work/text" || (($? == 3)) || fail "exit code of the table"
grep -Eq '^(not )?fit to measure' "$work/text" || fail "no summary line"
[[ $(tail -1 "$work/text") =~ ^(not\ )?fit\ to\ measure ]] || fail "the summary is not the last line"
grep -q 'kernel debugging' "$work/text" || fail "the table lacks a subject"

memperf doctor --jsno >/dev/null 2>"$work/stderr"
(($? == 2)) || fail "an unknown option is not a usage error"
grep -q -- '--json' "$work/stderr" || fail "no did-you-mean: $(cat "$work/stderr")"
memperf doctor extra >/dev/null 2>&1
(($? == 2)) || fail "an operand is not a usage error"

HWLOC_SYNTHETIC='core:64 pu:2' memperf doctor >/dev/null 2>"$work/stderr"
(($? == 3)) || fail "another machine's topology is taken for this one's"
grep -q 'unset' "$work/stderr" || fail "no remedy: $(cat "$work/stderr")"

# One CPU to run on is enough.
taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')" memperf doctor --json | jq -e 'length == 31' >/dev/null ||
	fail "not on a single CPU"

# Every CPU that this process may use, once.
memperf doctor --cpus --json >"$work/cpus" || (($? == 3)) || fail "exit code of --cpus"
jq -e --argjson n "$(nproc)" 'length == $n and ([.[].cpu] | unique | length) == $n
	and all(.[]; .seconds > 0.04 and .over_1us >= .over_10us and .over_10us >= .over_100us
		and .lost >= 0 and .lost <= 1 and (.steal == null or .steal >= 0))' "$work/cpus" >/dev/null ||
	fail "--cpus: $(cat "$work/cpus")"

# What is in the way is seen: a busy loop on every CPU.
for ((i = 0; i < $(nproc); i++)); do
	taskset -c "$i" bash -c 'while :; do :; done' &
done 2>/dev/null
memperf doctor --json >"$work/json"
kill $(jobs -p) && wait 2>/dev/null
for subject in background jitter "jitter of all"; do
	jq -e --arg s "$subject" '.[] | select(.subject == $s) | .severity == "warning" or .severity == "fatal"' "$work/json" >/dev/null ||
		fail "a busy machine: $(jq -c --arg s "$subject" '.[] | select(.subject == $s)' "$work/json")"
done

# A run that is interrupted and goes on is watched once for each part, and every part says whether it was noisy.
run=(memperf run --bench floor.getppid --bench floor.loop --invocations 2 --quiet --db "$work/run.db")
"${run[@]}" 2>/dev/null &
for ((i = 0; i < 100; i++)); do
	[[ $(sqlite3 "$work/run.db" "SELECT count(*) > 1 FROM invocation" 2>/dev/null) == 1 ]] && break
	sleep 0.1
done
kill -INT $! && wait $! 2>/dev/null
memperf run --resume --quiet --db "$work/run.db" || fail "the run does not go on"
facts=$(sqlite3 "$work/run.db" "SELECT group_concat(key, ' ') FROM (SELECT key FROM fact WHERE fact_group = 'doctor' ORDER BY position)")
one="noisy warnings before after others stolen throttled"
[[ $facts == "$one ${one// /_2 }_2" ]] || fail "facts of two parts: $facts"
[[ $(sqlite3 "$work/run.db" "SELECT count(*) FROM fact WHERE fact_group = 'doctor' AND key LIKE 'noisy%' AND (value = 'no' OR value LIKE 'yes: %')") == 2 ]] ||
	fail "noisy is neither yes nor no"

# Options that change something, wrong ones first.
refused() {
	local want=$1 words=$2 status
	shift 2
	memperf doctor "$@" >/dev/null 2>"$work/stderr"
	status=$?
	((status == want)) || fail "'doctor $*' ends with $status, not $want"
	grep -q -- "$words" "$work/stderr" || fail "'doctor $*' says $(cat "$work/stderr")"
}
refused 2 "opposites" --fix --undo
refused 2 "belong to --fix" --apply
refused 2 "'sometimes'" --fix --thp sometimes
refused 3 "nothing to undo" --undo --state "$work/none"
if command -v setpriv >/dev/null && ((EUID == 0)); then
	cp "$(command -v memperf)" "$work/memperf" && chmod 755 "$work" "$work/memperf"
	setpriv --reuid 65534 --regid 65534 --clear-groups "$work/memperf" doctor --fix --apply >/dev/null 2>"$work/stderr"
	(($? == 3)) && grep -q 'sudo' "$work/stderr" || fail "an ordinary user: $(cat "$work/stderr")"
	setpriv --reuid 65534 --regid 65534 --clear-groups "$work/memperf" doctor --fix >/dev/null || fail "an ordinary user may not even look"
fi

# A real setting, there and back. Shown first, and then nothing has changed.
setting=/proc/sys/kernel/perf_event_paranoid
before=$(cat $setting 2>/dev/null)
if ((EUID)) || ! { echo 2 >$setting; } 2>/dev/null; then
	echo "not root, or settings are read-only here: --fix --apply is tested on trees alone"
	exit $failed
fi
trap 'memperf doctor --undo --state "$work/state" >/dev/null 2>&1; echo "$before" >$setting; rm -rf "$work"' EXIT
memperf doctor --fix --state "$work/state" >"$work/text" || fail "--fix ends with $?"
grep -q "perf_event_paranoid.*would change" "$work/text" || fail "--fix does not show it: $(cat "$work/text")"
[[ $(cat $setting) == 2 && ! -e $work/state ]] || fail "--fix changed something"
memperf doctor --fix --apply --state "$work/state" --json >"$work/json" || fail "--apply ends with $?"
jq -e 'all(.[]; .outcome == "done")' "$work/json" >/dev/null || fail "not done: $(cat "$work/json")"
[[ $(cat $setting) == 0 && -s $work/state/doctor.undo ]] || fail "--apply changed nothing, or has no record"
memperf doctor --fix --state "$work/state" | grep -q '^nothing to change' || fail "there is still something to change"
memperf doctor --undo --state "$work/state" >"$work/text" || fail "--undo ends with $?"
[[ $(cat $setting) == 2 && ! -e $work/state/doctor.undo ]] || fail "--undo: $(cat $setting), $(ls "$work/state")"
exit $failed

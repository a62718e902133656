#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf doctor from outside: the table, the JSON with every subject, the verdict and its exit code, the time it takes.
# What limits decide is tested on made-up measurements (tests/runner/test_doctor_judge.c): this machine may be busy or not.
set -u
command -v jq >/dev/null || { echo "skipped: jq is not installed"; exit 77; }
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

# verdict FILE CODE: the verdict, its reason, the severities and the exit code say the same
verdict() {
	jq -e --argjson code "$2" '([.findings[] | select(.severity == "noisy" or .severity == "fatal")]) as $bad
		| (if any($bad[]; .severity == "fatal") then "unfit" elif $bad == [] then "fit" else "noisy" end) as $verdict
		| .verdict == $verdict and keys == ["findings", "reason", "verdict"]
		and $code == (if $verdict == "fit" then 0 else 3 end)
		and .reason == (if $bad == [] then null else [$bad[] | "\(.subject): \(.evidence)"] | join("; ") end)' "$1" >/dev/null ||
		fail "exit code $2 and verdict $(jq -c '[.verdict, .reason, (.findings[] | [.subject, .severity])]' "$1")"
}
verdict "$work/json" $code
want='load background clock "clock step" speed jitter "jitter of all" frequency steal governor turbo smt isolation thp ksm
	"numa balancing" swap memory "kernel debugging" "memory locking" counting "kernel counting"
	"machine counting" tracepoints "kernel module" namespaces "advising others" "setting up"
	"cpu quota" heat mains "nmi watchdog" tracing damon "lazy memory" layout environment seccomp'
[[ $(jq -r '[.findings[].subject | if test(" ") then "\"\(.)\"" else . end] | join(" ")' "$work/json") == $(echo $want) ]] ||
	fail "subjects: $(jq -c '[.findings[].subject]' "$work/json")"
jq -e 'all(.findings[]; (.severity | IN("good", "note", "warning", "noisy", "fatal")) and (.evidence | length > 0)
	and (.remedy == null or (.remedy | length > 0)) and (keys | length == 4))' "$work/json" >/dev/null ||
	fail "a finding is malformed"

# Every privilege that memperf(1) tells of has its row, which says what it buys.
privileges=$(memperf help --man | sed -n '/^.SH PRIVILEGES/,/^.SH EXIT/s/^\\fB\(.*\)\\fR$/\1/p' | grep -v '^0$')
[[ $(wc -l <<<"$privileges") == 9 ]] || fail "privileges: $privileges"
while read -r privilege; do
	buys=$(memperf help --man | sed -n "/^.fB$privilege.fR/{n;s/\\\\-/-/g;s/\\\\(aq/'/g;p}")
	jq -e --arg subject "$privilege" --arg buys "$buys" 'any(.findings[]; .subject == $subject and (.evidence | contains($buys))
		and (.severity == "good") == (.remedy == null))' "$work/json" >/dev/null || fail "no row '$privilege' that says '$buys'"
done <<<"$privileges"

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
taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')" memperf doctor --json | jq -e '.findings | length == 38' >/dev/null ||
	fail "not on a single CPU"

# Every CPU that this process may use, once.
memperf doctor --cpus --json >"$work/cpus" || (($? == 3)) || fail "exit code of --cpus"
jq -e --argjson n "$(nproc)" '(.verdict | IN("fit", "noisy", "unfit")) and (.cpus | length == $n and ([.[].cpu] | unique | length) == $n
	and all(.[]; .seconds > 0.04 and .over_1us >= .over_10us and .over_10us >= .over_100us
		and .lost >= 0 and .lost <= 1 and (.steal == null or .steal >= 0)))' "$work/cpus" >/dev/null ||
	fail "--cpus: $(cat "$work/cpus")"

# What is in the way is seen: a busy loop on every CPU.
for ((i = 0; i < $(nproc); i++)); do
	taskset -c "$i" bash -c 'while :; do :; done' &
done 2>/dev/null
memperf doctor --json >"$work/json"
code=$?
# night CODE CALM: a night that has nothing to measure ends with that code, if so much calm is asked for
night() {
	printf 'nightly: { suite = "./none.cfg"; database = "%s"; judge: { least_calm = %s; }; };\n' "$work/night.db" "$2" >"$work/night.cfg"
	memperf nightly "$work/night.cfg" --quiet >"$work/text" 2>"$work/stderr"
	code=$?
	((code == $1)) || fail "a night on a busy machine ends with $code, not $1: $(cat "$work/text" "$work/stderr")"
}
# One that is never fit stops there, whatever is asked for.
if jq -e '.verdict != "unfit"' "$work/json" >/dev/null; then
	busy=$code
	night 5 0.1
	grep -q 'not fit for it: .*background: ' "$work/text" || fail "not why: $(cat "$work/text")"
	night 2 0.0
	code=$busy
fi
kill $(jobs -p) && wait 2>/dev/null
verdict "$work/json" $code
((code == 3)) || fail "a busy machine ends with $code"
for subject in background jitter "jitter of all"; do
	jq -e --arg s "$subject" '.findings[] | select(.subject == $s) | .severity == "noisy"' "$work/json" >/dev/null ||
		fail "a busy machine: $(jq -c --arg s "$subject" '.findings[] | select(.subject == $s)' "$work/json")"
done

# A run that is interrupted and goes on is watched once for each part, and every part says whether it was noisy.
run=(memperf run --bench floor.getppid --bench floor.loop --invocations 2 --budget 4s --quiet --db "$work/run.db")
"${run[@]}" 2>/dev/null &
for ((i = 0; i < 100; i++)); do
	[[ $(sqlite3 "$work/run.db" "SELECT count(*) > 1 FROM invocation" 2>/dev/null) == 1 ]] && break
	sleep 0.1
done
kill -INT $! && wait $! 2>/dev/null
memperf run --resume --quiet --db "$work/run.db" || fail "the run does not go on"
facts=$(sqlite3 "$work/run.db" "SELECT group_concat(key, ' ') FROM (SELECT key FROM fact WHERE fact_group = 'doctor' ORDER BY position)")
said=$(jq -r '[.findings[].subject | select(IN("background", "speed", "jitter", "jitter of all", "frequency", "steal") | not)
	| "finding_" + gsub(" "; "_")] | join(" ")' "$work/json")
one="noisy before after others stolen throttled $said"
[[ $facts == "$one ${one// /_2 }_2" ]] || fail "facts of two parts: $facts"
[[ $(sqlite3 "$work/run.db" "SELECT count(*) FROM fact WHERE fact_group = 'doctor' AND key LIKE 'finding%'
	AND substr(value, 1, instr(value, ':') - 1) NOT IN ('good', 'note', 'warning', 'fatal')") == 0 ]] || fail "a finding without severity"
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

# With what the rows name, the right to lock memory and CAP_SYS_NICE, a user has every benchmark of system calls that root has.
# offered COMMAND...: which are there
offered() {
	(ulimit -S -l 64 && "$@" env MEMPERF_CONFIGS="$work/configs" "$work/memperf" list --json) |
		jq -c '[.[] | select(.needs | index("module") | not) | {name, available}]'
}
if command -v setpriv >/dev/null && ((EUID == 0)) && setpriv --reuid 65534 --regid 65534 --clear-groups unshare --user true 2>/dev/null; then
	user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	cp -r "$MEMPERF_SOURCE/configs" "$work/configs"
	root=$(offered env)
	[[ $(offered "${user[@]}" --inh-caps +sys_nice,+ipc_lock --ambient-caps +sys_nice,+ipc_lock) == "$root" ]] ||
		fail "a user with two capabilities has not what root has"
	grep -q '"process_madvise.cold","available":true' <<<"$root" || fail "root has no process_madvise.cold"
	[[ $(offered "${user[@]}") == *'"process_madvise.cold","available":false'* ]] || fail "a user has process_madvise.cold"
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

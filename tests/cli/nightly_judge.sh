#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf nightly on made nights with planted changes: red exactly when it should be, "could not judge" exactly when it should
# be, one message for one cause. Nothing is measured: the nights and the confirm runs are made (tests/report/make_history.c).
# CTest: TIMEOUT 120, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"
make_history="$MEMPERF_BUILD/tests/make_history"
cat >night.cfg <<'END_'
nightly: { suite = ["nightly"]; database = "night.db"; reports: { folder = "reports"; formats = ["json"]; }; };
END_

# judged CODE WORDS: the made night ends with that code, and its message says so
judged() {
	local code=$1 words=$2 status
	memperf nightly ./night.cfg --judge >out 2>err
	status=$?
	[[ $status == "$code" ]] || bad "the night '$planted' ends with $status, not $code: $(head -n 5 out err)"
	grep -qF -- "$words" out || bad "the night '$planted' does not say '$words': $(head -n 5 out err)"
}

# night CODE WORDS NIGHTS CASES [PLANT]...
night() {
	local code=$1 words=$2
	shift 2
	planted="$*"
	rm -f night.db*
	"$make_history" night.db "$@" || exit 1
	judged "$code" "$words"
}

# causes N: so many paragraphs that say what is wrong
causes() {
	[[ $(grep -c '^reproduce ' out) == "$1" ]] || bad "the night '$planted' names not $1 causes: $(cat out)"
}

report() {
	jq -e "$1" reports/night.json >/dev/null || bad "the report of '$planted' does not hold: $1"
}

# ---- red ----

night 0 "as before: 60 of 60 cases" 40 60
causes 0

# A step on the last night is red once fresh processes confirm it; three cases of one family are one cause.
night 5 "neither confirmed nor cleared by measuring again: 1 of 60" 40 60 'step=0@39*1.12'
night 1 "1 confirmed tonight" 40 60 'step=0@39*1.12' 'confirm=0*1.12'
night 1 "mmap: 3 cases slower, confirmed by fresh processes" 40 60 'step=0-8/4@39*1.15' 'confirm=0-8/4*1.15'
causes 1
for words in 'memperf run --bench mmap.made/n=0 ' "last good   night.db:#39" "tonight     night.db:#40" "compare     memperf compare 'night.db:#39' 'night.db:#40'" \
	"changed     nothing that is recorded of the machine, since the last good night"; do
	grep -qF -- "$words" out || bad "the message of '$planted' does not say $words"
done
report '[.cases[] | select(.state == "slower") | .case] == ["mmap.made/n=0", "mmap.made/n=4", "mmap.made/n=8"]'
report '[.cases[] | select(.control == 1)] | length == 3 and all(.family != "mmap")'
# Two families are two causes, and an improvement is none.
night 1 "slower: 2 of 60 cases" 40 60 'step=0-1@39*1.15' 'step=2@39*0.85' 'confirm=0-1*1.15' 'confirm=2*0.85'
causes 2
night 0 "as before" 40 60 'step=2@39*0.85' 'confirm=2*0.85'
report '[.cases[] | select(.state == "faster")] | length == 1'

# A step three nights old is measured again; one of five nights is known to the history without that. It stays red until it is
# accepted or gone, however old it is.
night 5 "neither confirmed nor cleared by measuring again: 1 of 60" 60 60 'step=0@57*1.12'
night 1 "1 confirmed tonight" 60 60 'step=0@57*1.12' 'confirm=0*1.12'
night 1 "1 since an earlier night" 60 60 'step=0@55*1.12'
night 1 "1 since an earlier night" 120 60 'step=0@57*1.12'
grep -qE "^compare +memperf compare 'night.db:#5[67]' 'night.db:#5[78]'" out || bad "not the runs on both sides of the step: $(cat out)"
accept=$(sed -n "s/^accept *//p" out)
[[ $accept == "memperf db accept night.db mmap.made/n=0 --at '#5"[78]"' --reason TEXT" ]] || bad "no command that accepts it: $accept"
eval "$accept" >out 2>err || bad "'$accept' fails: $(cat err)"
judged 0 "as before: 60 of 60"
# What is to be typed is what a shell takes, whatever the file is called.
night 1 "1 since an earlier night" 120 60 'step=0@57*1.12'
mv night.db "tonight's host.db"
cp night.cfg kept.cfg
sed -i "s/night\.db/tonight's host.db/" night.cfg
memperf nightly ./night.cfg --judge >said 2>err
mv kept.cfg night.cfg
for word in compare accept; do
	typed=$(sed -n "s/^$word *//p" said | head -n 1)
	[[ $typed ]] && (eval "$typed") >out 2>err || bad "'$typed' fails: $(cat err)"
done
night 0 "as before: 60 of 60" 120 60 'step=0@57*1.12' 'step=0@80*0.893'
# Steps of one family on two nights are two causes.
night 1 "2 since an earlier night" 120 60 'step=0@57*1.12' 'step=4@90*1.12'
causes 2

# A drift is red by itself when it is long, and against a baseline when it is slow.
night 1 "1 since an earlier night" 120 60 'drift=0@10*1.12'
slow=(24 10 'drift=0@0*1.05' noise=0.005 seed=6)
night 0 "as before" "${slow[@]}"
sqlite3 night.db "UPDATE run SET label = 'release' WHERE run_id <= 5"
memperf db baseline night.db label:release >out || bad "no baseline"
judged 1 "1 drifted from the baseline"
grep -q "against baseline 'default'" out || bad "no word of the baseline: $(cat out)"
memperf db accept night.db mmap.made/n=0 --at '#20' --reason meant >out 2>err || bad "a drift cannot be accepted: $(cat err)"
judged 0 "as before"

# ---- no alarm ----

# One bad night: cleared by fresh processes, tonight and when it lies back.
night 0 "1 stood out and were cleared" 40 60 'outlier=0@39*1.5' 'confirm=0*1'
night 0 "as before" 60 60 'outlier=0@40*2' 'outlier=7@50*3' 'outlier=0-59@30*1.4'

# ---- could not judge ----

# Controls that move in the confirm run: the machine, not the case. One cause, whatever was suspect.
night 5 "cases that nothing was wrong with moved in the confirm run" 40 60 'step=0-2@39*1.2' 'confirm=0-59*1.2'
causes 1
report '.counts.unconfirmable == 3 and .counts.slower == 0'
[[ $(sqlite3 night.db "SELECT group_concat(DISTINCT state) FROM suspect") == unconfirmable ]] || bad "not recorded as unconfirmable"
# No answer from the confirm run.
night 5 "neither confirmed nor cleared" 40 60 'step=0@39*1.2' 'confirm=0*1.2' unread=0
grep -qF "the confirm run has no valid value of it" out || bad "no word of why: $(cat out)"

# Most cases at once: the machine, on that night, while the history is not sure of every one, and until it is accepted.
for nights in 41 43 80; do
	night 5 "the machine changed: " $nights 60 'step=0-39@40*1.1'
	causes 1
	grep -qE "^the machine: [0-9]+ cases" out || bad "no word of the machine: $(cat out)"
done
eval "$(sed -n "s/^accept *//p" out)" >out 2>err || bad "the machine's change cannot be accepted: $(cat err)"
judged 0 "as before"
# With a known change of the machine: until there are nights of the new level to judge by.
for nights in 41 43; do
	night 5 "changed" $nights 60 'step=0-39@40*1.1' kernel=40
	causes 1
	grep -qF "kernel release 6.1 -> 6.2" out || [[ $nights != 41 ]] || bad "the other kernel is not named: $(cat out)"
done
night 0 "as before" 60 60 'step=0-39@40*1.1' kernel=40
night 5 "on another level since the machine changed: 1 of 60" 41 60 'step=0@40*1.2' kernel=40
night 5 "on another level since the machine changed: 1 of 60" 44 60 'step=0@40*1.2' kernel=40
night 0 "as before: 60 of 60" 41 60 kernel=40
# A regression weeks after it is one.
night 1 "1 confirmed tonight" 60 60 kernel=40 'step=0@59*1.15' 'confirm=0*1.15'

# Cases that are gone or broken, a noisy night, a short history.
night 5 "without a value, which they had the night before: 1 of 60" 40 60 'gone=5@39'
causes 1
night 5 "without a value, which they had the night before: 1 of 60" 40 60 'failed=5@39'
grep -qF "it broke" out || bad "not why the case has no value: $(cat out)"
night 0 "as before" 40 60 'failed=5@20'
night 5 "too noisy" 40 60 calm=0.05 'step=0@39*1.5' 'confirm=0*1.5'
night 5 "the history is too short" 10 60
night 0 "as before" 11 60

# A clock that was set back makes tonight no older night, which was good, and judging again is no better.
set_back="UPDATE run SET started_ns = started_ns - 86400000000000 * 200, ended_ns = ended_ns - 86400000000000 * 200 WHERE run_id = 11"
sqlite3 night.db "$set_back; DELETE FROM run_tag WHERE run_id = 11 AND key = 'verdict'"
planted="set back"
for words in "the history is too short" "tonight     night.db:#11" "later dates: the clock was set back"; do judged 5 "$words"; done

# ---- a baseline judges at once ----

# pinned CODE WORDS RUNS CASES [PLANT]...: the runs before the last are the baseline
pinned() {
	local code=$1 words=$2 runs=$3
	shift 3
	planted="$runs pinned, $*"
	rm -f night.db*
	"$make_history" night.db $((runs + 1)) "$@" kernel="$runs" || exit 1
	sqlite3 night.db "UPDATE run SET label = 'old' WHERE run_id <= $runs"
	memperf db baseline night.db label:old --reason release >out 2>err || bad "no baseline: $(cat err)"
	judged "$code" "$words"
}
pinned 0 "as before: 60 of 60" 8 60
pinned 1 "1 confirmed tonight" 8 60 'step=0@8*1.15' 'confirm=0*1.15'
pinned 1 "1 confirmed tonight" 5 60 'step=0@5*1.3' 'confirm=0*1.3'
pinned 0 "1 stood out and were cleared" 8 60 'step=0@8*1.15' 'confirm=0*1'
pinned 5 "the machine changed" 8 60 'step=0-39@8*1.15'
# Fewer than five cannot say: the exact test has no small enough p.
pinned 5 "the history is too short" 4 60 'step=0@4*1.3' 'confirm=0*1.3'
# Another name is another yardstick: the one that the configuration names.
pinned 1 "1 confirmed tonight" 8 60 'step=0@8*1.15' 'confirm=0*1.15'
memperf db baseline night.db --remove >out && memperf db baseline night.db label:old --name release >out || bad "no other name"
judged 5 "the history is too short"
sed -i 's/reports:/judge: { baseline = "release"; }; reports:/' night.cfg
judged 1 "1 confirmed tonight"
sed -i 's/judge: .*; reports:/reports:/' night.cfg
# With enough nights it still answers what the new kernel changes; what was accepted since counts more.
pinned 1 "1 confirmed tonight" 40 60 'step=0@40*1.15' 'confirm=0*1.15'
memperf db accept night.db mmap.made/n=0 --at '#41' --reason meant >out 2>err || bad "a confirmed suspect cannot be accepted: $(cat err)"
judged 0 "as before"
done_

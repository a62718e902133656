#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf history from outside, on made nights: a planted step is found and can be accepted, runs count once, other
# machines and versions are other series, and bad input has its sentence.
# CTest: TIMEOUT 120, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"
make_history="$MEMPERF_BUILD/tests/make_history"

"$make_history" step.db 120 60 kernel=60 seed=3 "step=0@80*1.1" && "$make_history" quiet.db 120 60 kernel=60 && "$make_history" one.db 1 3 || exit 1

# The step, its runs on both sides, its size.
holds "open: slower, mmap: 1 case, +" memperf history step.db
holds "80 | 40" memperf history step.db
json '(.changes | length) == 1 and (.alerts | length) == 1 and .alerts[0].open and
	(.changes[0] | .ratio > 1.08 and .low < 1.1 and .high > .ratio and .p_adjusted < 0.001 and .kind == "slower") and
	(.nights[.changes[0].night].run | . >= 79 and . <= 83)' memperf history step.db --json
json '(.changes | length) == 0 and (.series | length) == 60' memperf history quiet.db --json
holds "59 series did not change; --all lists them" memperf history step.db
holds "no change of any level" memperf history quiet.db
# The other kernel in the middle is told, and no change.
holds "kernel release 6.1 -> 6.2" memperf history quiet.db
json '[.nights[] | select(.event)] | length == 1 and .[0].run == 61' memperf history quiet.db --json
csv memperf history step.db --format csv
[[ $(wc -l <out) == 61 ]] || bad "the CSV does not have a line per series and a header"

# Block characters where the locale has them.
if grep -q '[^ -~]' <(memperf history step.db); then bad "not ASCII in the C locale"; fi
holds "█" env LC_ALL=C.UTF-8 memperf history step.db

# A run counts once, however many files hold it; the last nights; filters.
cp step.db copy.db
json '.counts.duplicates == 120 and (.changes | length) == 1' memperf history step.db copy.db --json
json '(.series[0].points | length) == 120' memperf history step.db step.db --json
json '.counts.older == 100 and (.nights | length) == 20 and (.changes | length) == 0' memperf history step.db --last 20 --json
json '(.series | length) == 15 and .counts.filtered == 45' memperf history step.db --case 'mmap.*' --json
json '(.series | length) == 2' memperf history step.db --filter 'n < 2' --json

# Planted faults and confirm runs are left out, failed results are gaps with their reason.
sqlite3 copy.db "UPDATE run SET options_json = '{\"sabotage\": \"spin\"}' WHERE run_id = 5;
	INSERT INTO run_tag VALUES (6, 'confirms', 'x');
	UPDATE run_case SET outcome = 'failed', reason = 'it broke', why_stopped = 'planned' WHERE run_id = 7 AND case_id = 1"
json '.counts.sabotaged == 1 and .counts.confirming == 1 and (.nights | length) == 118 and .counts.gaps == 1 and
	([.series[0].points[] | select(.reason)][0] | .reason == "it broke" and .value == null)' memperf history copy.db --json

# Too few calm samples: a gap, not another number.
sqlite3 copy.db "UPDATE run_case SET population = 'all', value_ns = 2 * value_ns, low_ns = NULL, high_ns = NULL,
	level = NULL, n = 1, cv = NULL WHERE run_id = 9"
json '.counts.other_population == 60 and (.changes | length) == 1' memperf history copy.db --json

# Another machine, another definition version: other series.
sqlite3 copy.db "INSERT INTO machine VALUES (2, 'm-other'); UPDATE run SET machine_id = 2 WHERE run_id > 60;
	INSERT INTO bench SELECT 100, name, 2, family, summary, timed, unit, bytes_axis FROM bench WHERE bench_id = 1;
	UPDATE kase SET bench_id = 100 WHERE case_id = 1"
json '[.series[].machine] | unique | length == 2' memperf history copy.db --json
holds "m-other" memperf history copy.db --all
json '[.series[] | select(.version == 2)] | length == 2' memperf history copy.db --json
sqlite3 copy.db "UPDATE run SET started_ns = started_ns - 86400000000000 * 300 WHERE run_id = 50"
holds "or the clock was set back; series are in the order of the starts" memperf history copy.db
# An empty file is said, and a value that is none does not end it.
cp one.db empty.db && sqlite3 empty.db "PRAGMA foreign_keys = ON; DELETE FROM run" && cp one.db inf.db &&
	sqlite3 inf.db "UPDATE run_case SET value_ns = 9e999, high_ns = 9e999 WHERE run_case_id = 1"
holds "empty.db holds no run yet" memperf history one.db empty.db
json '.counts.valueless == 1 and (.series | length) == 2' memperf history inf.db --json

# Judging: what is accepted is no alert again; a baseline shows drift.
holds "1 case: 'accepted' from run #81 on" memperf db accept step.db mmap.made/n=0 --at '#81' --reason 'new map code' --link bug/1
json '.alerts[0].open == false and .changes[0].state == "accepted"' memperf history step.db --json
holds "judged 'accepted': new map code" memperf history step.db
json '.[0] | .case == "mmap.made/n=0" and .reason == "new map code" and .link == "bug/1"' memperf db accept step.db --json
holds "1 judgement taken back" memperf db accept step.db 'mmap.*' --remove
json '.alerts[0].open' memperf history step.db --json
holds "is now runs #5 #4 #3 #2 #1" memperf db baseline step.db '#1,#2,#3,#4,#5' --name golden --reason release
json '[.series[] | select(.drift_stands_out) | .case] | index("mmap.made/n=0") != null' memperf history step.db --json
# Accepted is only what changed there, unless everything is asked for.
holds "left out: 14 that match and have no change or suspect there" memperf db accept step.db 'mmap.*' --at '#81' --reason why
json 'length == 1' memperf db accept step.db --json
refused 2 "nothing to accept at run #81: 15 cases match 'brk.*', without a change or a suspect there" \
	memperf db accept step.db 'brk.*' --at '#81' --reason why
refused 2 "nothing to accept at run #40: 1 case matches" memperf db accept step.db mmap.made/n=8 --at '#40' --reason why
holds "15 cases: 'accepted' from run #81 on" memperf db accept step.db 'brk.*' --at '#81' --reason why --all
holds "16 judgements taken back" memperf db accept step.db '*' --remove
json '.[0].name == "golden"' memperf db baseline step.db --json
holds "is gone" memperf db baseline step.db --remove --name golden

# The tail and the scatter have series of their own: what is planted there is found there, and nowhere else.
"$make_history" shape.db 80 12 'tail=0@50*1.6' 'spread=5@50*3' || exit 1
json '(.changes | length) == 0' memperf history shape.db --json
json '[.changes[] as $c | .series[$c.series] | [.case, .metric]] | sort == [["brk.made/n=5", "spread"], ["mmap.made/n=0", "tail"]]' \
	memperf history shape.db --metrics --json
json '.changes[] as $c | .series[$c.series] | select(.metric == "tail") | $c | .ratio > 1.5 and .ratio < 1.7' memperf history shape.db --metrics --json
json '.changes[] as $c | .series[$c.series] | select(.metric == "spread") | $c | .ratio > 2.5 and .ratio < 3.5' memperf history shape.db --metrics --json
refused 2 "nothing to accept" memperf db accept shape.db mmap.made/n=0 --at '#51' --reason why
holds "1 case: 'accepted' from run #51 on" memperf db accept shape.db mmap.made/n=0 --at '#51' --reason why --metric tail
json '[.changes[].kind] | sort == ["accepted", "slower"]' memperf history shape.db --metrics --json
# A step of the value is none of its tail: p99 moves along.
"$make_history" moved.db 80 12 'step=0@50*1.2' || exit 1
json '[.changes[] as $c | .series[$c.series].metric] == ["value"]' memperf history moved.db --metrics --json

# Sentences.
holds "too few runs to see a change" memperf history one.db
refused 3 "no results file 'none.db'" memperf history none.db
: >empty.db
refused 3 "is empty" memperf history empty.db
refused 2 "--last 'x'" memperf history step.db --last x
refused 2 "--at" memperf db accept step.db mmap.made/n=0 --reason why
refused 2 "why?" memperf db accept step.db mmap.made/n=0 --at '#81'
refused 2 "--state 'maybe'" memperf db accept step.db mmap.made/n=0 --at '#81' --reason why --state maybe
refused 2 "no case of run #81 matches" memperf db accept step.db 'nothing*' --at '#81' --reason why
refused 2 "there is no baseline 'golden'" memperf db baseline step.db --remove --name golden
refused 2 "'db info' does not take '--format'" memperf db info step.db --format csv
refused 2 "'db runs' does not take '--at'" memperf db runs step.db --at 1
refused 3 "no results file 'none.db'" memperf db accept none.db x --at '#1' --reason why
[[ ! -e none.db ]] || bad "judging made a file"
for file in step.db copy.db one.db; do
	memperf history "$file" --all >>all.txt
	memperf history "$file" --json >>all.txt
done
if grep -qiE '(^|[^a-z])-?(nan|inf)([^a-z]|$)' all.txt; then bad "nan or inf in an output"; fi

# A year of nights; how long it takes is for tests/truth/speed.sh to say.
"$make_history" year.db 365 300 "step=0@300*1.1" || exit 1
holds "open: slower, mmap: 1 case, +" memperf history year.db
exit $((failures > 0))

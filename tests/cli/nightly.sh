#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf nightly, judging: quiet, slower, one bad night, a noisy machine, a machine that changed, too few nights, reports.
# CTest: TIMEOUT 300
. "${MEMPERF_SOURCE:?}/tests/cli/night.bash"
slow=floor.getppid

# counted RUNS: so many runs counted what the night's settings say, and have its prose; nights that are made have no counters
counted() {
	[[ $(sqlite3 night.db "SELECT count(*) FROM run WHERE json_extract(options_json, '$.counters.group') = 'kernel' AND
		EXISTS (SELECT 1 FROM counter_value JOIN run_case USING (run_case_id) JOIN counter USING (counter_id)
		WHERE run_case.run_id = run.run_id AND metric = 'page_allocs')") == "$1" ]] || bad "not $1 runs counted the group 'kernel'"
}
sed -i 's/^  database/  counters = "kernel";\n&/' night.cfg

# The first night has nothing to be judged against, and says so.
night 5 "the history is too short"
shared night.db
counted 1
cp night.db first.db
json '.result == "unjudged" and .counts["too few nights"] == (.cases | length)' cat reports/night.json

# A quiet night. Judging again changes nothing.
before night.db 30
night 0 "night on"
json '.result == "good" and .counts.normal == (.cases | length) and .false_alarms_in_30_nights < 1' cat reports/night.json
[[ $(sqlite3 night.db "SELECT value FROM run_tag WHERE run_id = 1 AND key = 'verdict'") == good ]] || bad "the verdict is not recorded"
night 0 "night on" --judge
[[ $(sqlite3 night.db "SELECT count(*) FROM run WHERE run_id < 1000") == 1 ]] || bad "a quiet night measured again"

# Reports of every kind, whole.
lib="$MEMPERF_SOURCE/tests/report/lib"
xmllint --noout reports/night.html || bad "HTML"
xmllint --noout --schema "$lib/junit.xsd" reports/night.xml 2>err || bad "JUnit: $(head -n 3 err)"
/usr/bin/python3 "$lib/openmetrics.py" reports/night.prom || bad "OpenMetrics"
/usr/bin/python3 -W ignore "$lib/schema.py" "$MEMPERF_SOURCE/report/format/schema.json" reports/night.json || bad "JSON"
csv cat reports/night.csv
grep -q '^# memperf night' reports/night.md || bad "Markdown"
[[ $(ls reports) == "$(printf 'night.%s\n' csv html json md prom txt xml)" ]] || bad "other files in the folder: $(ls reports)"

# Slower than the nights before, and slower in fresh processes: one message with a command and both sides.
cp first.db night.db
before night.db 30 $slow 0.4
night 1 "REGRESSION"
[[ $(grep -c "^floor: 1 case slower, confirmed" out) == 1 ]] || bad "not one message for one cause: $(cat out)"
for words in "reproduce   memperf run --bench $slow " "last good   night.db:#1001" "tonight     night.db:#1" "memperf compare 'night.db:#1001' 'night.db:#1'"; do
	grep -qF -- "$words" out || bad "the message does not say $words"
done
json "[.cases[] | select(.state == \"slower\") | .case] == [\"$slow\"]" cat reports/night.json
json '[.cases[] | select(.control == 1)] | length == 2' cat reports/night.json
[[ $(xmllint --xpath 'count(//failure)' reports/night.xml) == 1 ]] || bad "JUnit does not fail one case"
counted 2 # the confirm run, too
[[ $(sqlite3 night.db "SELECT state FROM suspect") == confirmed ]] || bad "the suspect is not recorded as confirmed"
memperf db check night.db | grep -E 'run #[0-9]{1,3}[,:]' && bad "db check finds fault with tonight"

# The command that reproduces it selects that case, also one that no suite that ships has, and nothing else but the floors.
cp first.db night.db
before night.db 30 $own 0.4
night 5 "neither confirmed nor cleared" --judge
command=$(sed -n 's/^reproduce *memperf run //p' out)
json "([.cases[].case] | index(\"$own\") != null) and all(.cases[]; .case | startswith(\"floor.\"))" memperf plan $command --json

# One bad night: tonight's value is twice as large, that of fresh processes is not.
cp first.db night.db
before night.db 30
sqlite3 night.db "UPDATE run_case SET value_ns = value_ns * 2.5, low_ns = low_ns * 2.5, high_ns = high_ns * 2.5 WHERE run_id = 1
	AND case_id = (SELECT case_id FROM kase WHERE text = '$slow')"
night 0 "1 stood out and were cleared"
[[ $(sqlite3 night.db "SELECT state FROM suspect") == cleared ]] || bad "the suspect is not recorded as cleared"

# A machine that is not itself: noisy, or everything at once. No alarm, and nothing is measured again.
cp first.db night.db
before night.db 30 $slow 0.4
sed -i 's/least_calm = 0.0/least_calm = 1.0/' night.cfg
sqlite3 night.db "UPDATE run_case SET calm_share = 0.02 WHERE run_id = 1"
night 5 "the machine was too noisy: its core ran at full speed for 2 % of the samples"
sed -i 's/least_calm = 1.0/least_calm = 0.0/' night.cfg
cp first.db night.db
before night.db 30 $slow 0.4
noisy="'yes: heat slowed the processor 3 times'"
sqlite3 night.db "UPDATE fact SET value = $noisy WHERE run_id = 1 AND fact_group = 'doctor' AND key = 'noisy'"
night 5 "neither confirmed nor cleared" --judge
sed -i 's/least_calm = 0.0/least_calm = 0.0001/' night.cfg
night 5 "the machine was too noisy: heat slowed the processor 3 times" --judge
sed -i 's/least_calm = 0.0001/least_calm = 0.0/' night.cfg
cp first.db night.db
before night.db 30
sqlite3 night.db "UPDATE run_case SET value_ns = value_ns * 2.5, low_ns = low_ns * 2.5, high_ns = high_ns * 2.5 WHERE run_id = 1"
# A night whose clock was ahead does not stand in front of tonight.
sqlite3 night.db "UPDATE run SET started_ns = started_ns + 86400000000000 * 200, ended_ns = ended_ns + 86400000000000 * 200 WHERE run_id = 1001"
night 5 "the machine changed"
[[ $(sqlite3 night.db "SELECT count(*) FROM run WHERE run_id < 1000") == 1 ]] || bad "a changed machine was measured again"

# A case that had a value and has none.
cp first.db night.db
before night.db 30
sqlite3 night.db "DELETE FROM run_case WHERE run_id = 1 AND case_id = (SELECT case_id FROM kase WHERE text = '$slow')"
night 5 "without a value, which they had the night before: 1 of" --judge

# Reports that cannot be written cost neither the verdict nor the results.
cp first.db night.db
before night.db 30
touch occupied
night 3 "occupied" --reports occupied/reports
[[ $(wc -l <err) == 1 ]] || bad "more than one line: $(cat err)"
[[ $(sqlite3 night.db "SELECT value FROM run_tag WHERE run_id = 1 AND key = 'verdict'") == good ]] || bad "the verdict is lost"

# Somebody is told, unless the night was good.
printf '#!/bin/sh\ncat >told\n' >tell && chmod +x tell
sed -i "s|database|notify = [\"$work/tell\"]; database|" night.cfg
night 0 "good" --judge
[[ ! -e told ]] || bad "a good night is told"
cp first.db night.db
sqlite3 night.db "DELETE FROM run_tag WHERE key = 'verdict'"
night 5 "too short"
cmp -s out told || bad "what is told is not the message"
# Root runs no program that others can name.
if [[ $(id -u) == 0 ]]; then
	rm told
	chmod o+w night.cfg
	refused 2 "others can change it" memperf nightly ./night.cfg --judge
	chmod o-w night.cfg && chown 65534 night.cfg
	refused 2 "others can change it" memperf nightly ./night.cfg --judge
	[[ ! -e told ]] || bad "a program was run that others can name"
fi

done_

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf nightly, going on: killed in the middle, two at once, interrupted, and every mistake in a configuration. No verdict is
# asked of what is measured.
# CTest: TIMEOUT 600, RUN_SERIAL FALSE, RESOURCE_LOCK machine, COST 100
. "${MEMPERF_SOURCE:?}/tests/cli/night.bash"

# idle WORDS: there is no night to go on with, which is no failure and makes nothing
idle() {
	memperf nightly ./night.cfg --continue >out 2>err || bad "nothing to go on with is a failure: $(cat err)"
	grep -qF "nothing to go on with: $1" out || bad "not said that there is nothing to go on with: $(cat out err)"
	[[ ! -s err && $(memperf nightly ./night.cfg --continue --quiet 2>&1) == "" ]] || bad "more is said"
}
none="since noon no night was begun on this kernel"

idle "$none"
[[ ! -e night.db ]] || bad "nothing to go on with makes a file"

# Two at once, then kill -9, as a power failure does: the next start goes on with the same run.
memperf nightly ./night.cfg --quiet >out1 2>err1 &
night=$!
measured night.db
refused 3 "another 'memperf nightly' is at work" memperf nightly ./night.cfg
idle "another 'memperf nightly' is at work"
kill -9 $night
wait $night 2>/dev/null
sleep 1
seed=$(sqlite3 night.db "SELECT seed FROM run")

# A run is of one kernel. (The journal is in the file by now: who reads last puts it there.)
cp night.db kept.db
sqlite3 night.db "$rebuilt"
idle "$none"
refused 2 "run #1 was begun on another kernel" memperf run --resume --db night.db
mv kept.db night.db

night 5 "too short" --continue
[[ $(sqlite3 night.db "SELECT count(*), min(status), min(seed) FROM run") == "1|complete|$seed" ]] ||
	bad "the killed night did not go on: $(sqlite3 night.db "SELECT run_id, status FROM run")"
idle "$none"

# Interrupted by a signal: 130, and the next start goes on as well. After a verdict there is a new night (which may plan
# a case less: the budget is tight and the costs are known by now).
memperf nightly ./night.cfg --quiet >out1 2>err1 &
night=$!
measured night.db
kill -TERM $night
wait $night
[[ $? == 130 ]] || bad "an interrupted night does not end with 130"
night 5 "could not judge"
[[ $(sqlite3 night.db "SELECT count(*), min(status) FROM run") == "2|complete" ]] || bad "the interrupted night did not go on"

# An unfinished night of another day is not gone on with: there is none, or a new one.
sqlite3 night.db "UPDATE run SET started_ns = started_ns - 2 * 86400000000000, status = 'running', ended_ns = NULL WHERE run_id = 2;
	UPDATE run SET started_ns = started_ns - 3 * 86400000000000 WHERE run_id = 1; DELETE FROM run_tag WHERE key = 'verdict'"
idle "$none"
night 5 "could not judge"
[[ $(sqlite3 night.db "SELECT group_concat(status) FROM run") == complete,running,complete ]] || bad "an old night went on"

# Mistakes.
wrong() {
	sed "$2" night.cfg >wrong.cfg
	refused 2 "$1" memperf nightly ./wrong.cfg
}
wrong "wrong.cfg:3: unknown setting 'databse' in nightly; did you mean 'database'?" 's/database/databse/'
wrong "wrong.cfg:4: 'least_calm' wants a share" 's/least_calm = 0.0/least_calm = 2.0/'
wrong "wrong.cfg:5: 'invocations' wants a whole number from 6 to 100" 's/invocations = 7/invocations = 2/'
wrong "wrong.cfg:5: unknown setting 'contrls' in confirm" 's/controls/contrls/'
wrong "wrong.cfg:2: no metric and no group 'memry'; did you mean 'memory'?" 's/^  suite/  counters = "memry"; suite/'
wrong "wrong.cfg:2: no metric 'cicles'; did you mean 'cycles'?" 's/^  suite/  counters = "minor_faults,cicles"; suite/'
wrong "wrong.cfg:2: unknown setting 'counter' in nightly; did you mean 'counters'?" 's/^  suite/  counter = "memory"; suite/'
wrong "the report format 'pdf' is none of" 's/"csv"/"pdf"/'
wrong "one group 'nightly" 's/^nightly:/night:/'
wrong "wrong.cfg:3" 's/"night.db";/"night.db/'
wrong "none.cfg" 's/tiny.cfg/none.cfg/'
refused 2 "cannot read nightly file" memperf nightly ./none.cfg
refused 2 "cannot read nightly file" memperf nightly none
refused 2 "give one of them" memperf nightly ./night.cfg --judge --continue
refused 3 "no results file 'none.db'" memperf nightly ./night.cfg --judge --db none.db
cp "$MEMPERF_SOURCE/configs/nightly.cfg" shipped.cfg
refused 3 "no results file 'none.db'" memperf nightly ./shipped.cfg --judge --db none.db

done_

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf nightly, killed while suspects are measured again: the next start goes on with that alone, and has a verdict.
# CTest: TIMEOUT 300
. "${MEMPERF_SOURCE:?}/tests/cli/night.bash"

night 5 "too short"
shared night.db
before night.db 30 floor.getppid 0.4
memperf nightly ./night.cfg --quiet >out1 2>err1 &
night=$!
measured night.db
kill -9 $night
wait $night 2>/dev/null
sleep 1
[[ $(sqlite3 night.db "SELECT status FROM run JOIN run_tag USING (run_id) WHERE key = 'confirms'") == running ]] ||
	bad "it was not killed in the confirm run"
cp night.db rebuilt.db
sqlite3 rebuilt.db "$rebuilt"
night 5 "neither confirmed nor cleared" --db rebuilt.db --continue
night 1 "REGRESSION" --continue
[[ $(sqlite3 night.db "SELECT count(*), min(status) FROM run JOIN run_tag USING (run_id) WHERE key = 'confirms'") == "1|complete" ]] ||
	bad "the killed confirm run did not go on"
[[ $(sqlite3 night.db "SELECT count(*) FROM run WHERE run_id < 1000") == 1 ]] || bad "the night was measured again"

done_

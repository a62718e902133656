#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A disk that is full in the middle of a run and of a night: one sentence with the remedy, exit code 3, everything that was
# measured is there, and once there is room it goes on. Needs a tiny file system of its own, which needs root.
# CTest: TIMEOUT 180, RUN_SERIAL FALSE, RESOURCE_LOCK machine, COST 100
if [[ ${1-} != inside ]]; then
	unshare -m true 2>/dev/null || { echo "skip: no mount namespace may be made here"; exit 77; }
	exec unshare -m bash "$0" inside
fi
. "${MEMPERF_SOURCE:?}/tests/cli/night.bash"
mkdir disk
mount -t tmpfs -o size=300k none disk || { echo "skip: no tmpfs can be mounted"; exit 77; }

# room SIZE: the disk has so much from now on
room() {
	mount -o "remount,size=$1" disk || bad "the disk cannot be made $1 large"
}

# is DATABASE "SQL" EXPECTED
is() {
	local got

	got=$(sqlite3 -readonly "$1" "$2" 2>&1)
	[[ $got == "$3" ]] || bad "$got, not $3: $2"
}

# full FILE: it says what and what helps, in one line and a hint
full() {
	grep -q "^memperf: cannot .* in 'disk/.*': the disk is full; free some space and try again$" "$1" || bad "no sentence about the disk: $(cat "$1")"
	grep -q "what was measured is kept" "$1" || bad "nothing says that it is kept: $(cat "$1")"
}

run=(memperf run --quiet --bench mmap.anon --set size=4K --invocations 4 --budget 8s --counters none)
# No room for the plan: no run is left that could not be gone on with.
"${run[@]}" --db disk/run.db >out 2>err
status=$?
((status == 3)) || bad "a run without room for its plan ends with $status, not 3"
grep -q "the disk is full" err || bad "no sentence about the disk: $(cat err)"
room 64m
[[ ! -e disk/run.db ]] || refused 3 "no run" memperf report disk/run.db
rm -f disk/*
room 1m
"${run[@]}" --db disk/run.db >out 2>err
status=$?
((status == 3)) || bad "a run on a full disk ends with $status, not 3"
full err
memperf db check disk/run.db >out 2>&1 || bad "the file of a full disk is damaged: $(cat out)"
before=$(sqlite3 disk/run.db "SELECT count(*) FROM invocation")
((before > 0)) || bad "nothing of the run is kept"
room 64m
memperf run --quiet --resume --db disk/run.db >out 2>err || bad "it does not go on: $(cat err)"
is disk/run.db "SELECT count(*) || ' ' || min(status) FROM run" "1 complete"
is disk/run.db "SELECT count(*) > $before FROM invocation" 1
is disk/run.db "SELECT count(*) FROM run_case c WHERE (SELECT count(*) FROM invocation i WHERE i.run_case_id = c.run_case_id) < planned" 0
memperf db check disk/run.db >out 2>&1 || bad "db check after going on: $(cat out)"

# The same to a night, which also tells whoever is to be notified.
rm -f disk/*
room 1m
sed -i 's/budget = "5s"/budget = "8s"/' tiny.cfg # more than there is room for
sed -i 's|"night.db"|"disk/night.db"|; s|reports: {|notify = ["tee", "told"]; reports: {|' night.cfg
night 3 "it was not measured to its end: cannot"
full err
grep -q "started again before noon" told || bad "nobody was told: $(cat told out)"
is disk/night.db "SELECT count(*) || ' ' || min(status) FROM run" "1 running"
[[ ! -e reports ]] || bad "a night that was not measured has reports"
room 64m
night 5 "the history is too short"
is disk/night.db "SELECT count(*) || ' ' || min(status) FROM run" "1 complete"
memperf db check disk/night.db >out 2>&1 || bad "db check of the night: $(cat out)"

# Room for the values and none for the reports: the verdict is recorded, and the next night is another one.
mkdir full
mount -t tmpfs -o size=4k none full || bad "no second disk"
night 3 "cannot write 'full/" --judge --reports full
is disk/night.db "SELECT count(*) FROM run_tag WHERE key = 'verdict'" 1
[[ $(ls -A full) == night.txt ]] || bad "more than the one report that fits is left: $(ls -lA full)"
tail -c 1 full/night.txt | od -An -c | grep -q '\\n' || bad "half a report is left: $(cat full/night.txt)"
umount full disk

done_

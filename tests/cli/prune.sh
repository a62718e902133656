#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# memperf db prune from outside: what it says, what it leaves, and what it refuses.
# CTest: TIMEOUT 60, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"

"$make_db" two.db base && "$make_db" two.db again || exit 1
sqlite3 two.db "UPDATE run SET status = 'complete'; UPDATE run_case SET outcome = 'skipped', reason = 'x' WHERE outcome = 'pending'"

before=$(cksum <two.db)
holds "would be: 1 runs removed, raw data of 1 removed; nothing was changed" \
	memperf db prune two.db --keep-raw 1 --keep-runs 1 --dry-run
[[ $before == "$(cksum <two.db)" ]] || bad "a dry run changed the file"
holds "0 runs removed, raw data of 1 removed" memperf db prune two.db --keep-raw 1
holds "sound" memperf db check two.db
memperf compare 'two.db:#1' 'two.db:#2' >out || bad "runs without raw data cannot be compared"
cp two.db copy.db && rm two.db && memperf db merge two.db copy.db >out && memperf db check two.db >out || bad "merge loses the mark: $(cat out)"
holds "0 runs removed, raw data of 0 removed" memperf db prune two.db --keep-raw 1
holds "1 runs removed" memperf db prune two.db --keep-runs 1
json 'length == 1' memperf db runs two.db --json

refused 2 "wants --keep-raw" memperf db prune two.db
refused 2 "--keep-raw 'x'" memperf db prune two.db --keep-raw x
refused 2 "--keep-runs '0'" memperf db prune two.db --keep-runs 0
refused 3 "none.db" memperf db prune none.db --keep-raw 1
[[ ! -e none.db ]] || bad "prune made a file"

done_

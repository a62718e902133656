#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What runs threads outside the measured process passes under the thread sanitizer: unit tests, and a comparison that is large
# enough for several threads.
# CTest: TIMEOUT 1800, RESOURCE_LOCK presets, COST 370, LABELS preset
. "$(dirname -- "$0")/lib/preset.bash"

# It needs its shadow memory at fixed addresses, which kernels that randomise more bits do not leave free.
setarch --addr-no-randomize true 2>/dev/null || {
	echo "skipped: address randomisation cannot be turned off here (setarch -R)"
	exit 77
}
targets=(memperf make_db)
preset tsan setarch --addr-no-randomize

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
for side in 1 2; do
	"$MEMPERF_BUILD/tests/make_db" "$work/$side.db" many 2500 "$side"
done
TSAN_OPTIONS=halt_on_error=1 setarch --addr-no-randomize "$MEMPERF_BUILD/presets/tsan/bin/memperf" compare "$work/1.db" "$work/2.db" >"$work/out"
grep '^Verdicts: 2500 cases' "$work/out"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What runs threads outside the measured process passes under the thread sanitizer: unit tests, and a comparison that is large
# enough for several threads.
# CTest: TIMEOUT 900, PROCESSORS 2, LABELS preset
. "$(dirname -- "$0")/lib/preset.bash"

# It needs its shadow memory at fixed addresses, which kernels that randomise more bits do not leave free.
setarch --addr-no-randomize true 2>/dev/null || {
	echo "skipped: address randomisation cannot be turned off here (setarch -R)"
	exit 77
}
preset tsan setarch --addr-no-randomize

bin=$MEMPERF_BUILD/presets/tsan/bin made=$MEMPERF_BUILD/presets/tsan/tests
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
"$MEMPERF_BUILD/tests/make_db" "$work/a.db" many 2500 1
"$MEMPERF_BUILD/tests/make_db" "$work/b.db" many 2500 2
TSAN_OPTIONS=halt_on_error=1 setarch --addr-no-randomize "$bin/memperf" compare "$work/a.db" "$work/b.db" >"$work/out"
! cmp -s "$work/a.db" "$work/b.db" && grep -q 2,500 "$work/out" || head -n 20 "$work/out"

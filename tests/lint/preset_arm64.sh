#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The tree builds for arm64 without a warning, and its unit tests pass under user emulation; tests/guest/arm64.sh measures.
# CTest: TIMEOUT 1800, RESOURCE_LOCK presets, COST 390, LABELS preset
. "$(dirname -- "$0")/../guest/arm64.bash"
guest_needs qemu-aarch64-static
. "$(dirname -- "$0")/lib/preset.bash"
exec 8>"$MEMPERF_BUILD/presets/arm64.lock"
flock 8
preset arm64

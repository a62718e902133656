#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The unit tests pass under the address and undefined-behaviour sanitizers, leaks included, and libFuzzer finds nothing in some seconds
# for each of its targets.
# CTest: TIMEOUT 1800, RESOURCE_LOCK presets, COST 400, LABELS preset
. "$(dirname -- "$0")/lib/preset.bash"
preset asan

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The unit tests of the folders that run threads or processes pass under the thread sanitizer.
# CTest: TIMEOUT 900, PROCESSORS 2, LABELS preset
. "$(dirname -- "$0")/lib/preset.bash"

# It needs its shadow memory at fixed addresses, which kernels that randomise more bits do not leave free.
setarch --addr-no-randomize true 2>/dev/null || {
	echo "skipped: address randomisation cannot be turned off here (setarch -R)"
	exit 77
}
preset tsan setarch --addr-no-randomize

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The tree builds without a warning with clang, and its unit tests pass.
# CTest: TIMEOUT 900, PROCESSORS 2, LABELS preset
. "$(dirname -- "$0")/lib/preset.bash"
preset clang

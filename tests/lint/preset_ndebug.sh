#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The tree builds optimised and without assertions, and its unit tests pass: nothing hides in an assert(). gcc's analyzer finds no
# defect in it (cmake/memperf.cmake says what it is not asked). It is hardened as what people install is.
# CTest: TIMEOUT 1800, RESOURCE_LOCK presets, COST 380, LABELS preset
. "$(dirname -- "$0")/lib/preset.bash"
preset ndebug
MEMPERF_BUILD=$MEMPERF_BUILD/presets/ndebug bash tests/lint/hardened.sh

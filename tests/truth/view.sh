#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How long the viewer takes, and how much memory: to its first screen, and from a key to the repainted screen. A benchmark,
# not a test: it prints figures and judges nothing. It drives the program in a terminal of its own (view.py). The files are
# in TMPDIR, else in memory; for a cold page cache TMPDIR must be on a disk.
#
#	tests/truth/view.sh [MEMPERF]	default: build/bin/memperf
set -u
cd "$(dirname "$0")/../.." || exit 1
build=${MEMPERF_BUILD:-build} program=${1:-$build/bin/memperf}
command -v python3 >/dev/null || { echo "python3 is not installed" >&2; exit 3; }
work=$(mktemp -d "${TMPDIR:-/dev/shm}/view.XXXXXX") || exit 1
trap 'rm -rf -- "$work"' EXIT
. tests/truth/made.bash

make "$work/calls-a.db" calls 1000 1 &
make "$work/calls-b.db" calls 1000 2 && wait $! || exit 1
make "$work/many-a.db" many 100000 1 &
make "$work/many-b.db" many 100000 2 && wait $! || exit 1
python3 tests/truth/view.py "$program" "$work"

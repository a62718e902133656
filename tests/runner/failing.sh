#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A measured process that always fails: the run goes on to its end, the cases say why, the file is sound.
# CTest: TIMEOUT 60, RUN_SERIAL FALSE, RESOURCE_LOCK machine, COST 100
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
fail() { echo "FAIL: $*"; cat "$work/err"; exit 1; }

mkdir -p "$work/bin" "$work/share"
cp "$(command -v memperf)" "$work/bin/"
ln -s "$MEMPERF_SOURCE/configs" "$work/share/memperf"
printf '#!/bin/sh\nexit 7\n' >"$work/bin/memperf-worker"
chmod +x "$work/bin/memperf-worker"

"$work/bin/memperf" run --bench floor.loop --filter 'bench = floor.loop' --invocations 5 --budget 5s \
	--db "$work/a.db" >"$work/out" 2>"$work/err"
code=$?
[ "$code" = 0 ] || fail "exit $code"
memperf db check "$work/a.db" >/dev/null || fail "the file is not sound"
stored=$(sqlite3 "$work/a.db" "SELECT DISTINCT outcome || ' ' || why_stopped || ' ' || reason FROM run_case")
[ "$stored" = "failed failing the worker exited with 7 before it started (3 of 3 invocations)" ] ||
	fail "what is stored: $stored"
grep -q 'failed: the worker exited with 7 before it started' "$work/err" || fail "nobody is told"
echo ok

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# libfuzzer.bash TESTS TARGET: coverage-guided, from the seeds that fuzz_TARGET has and the inputs that once found a fault.
# MEMPERF_FUZZ_SECONDS=N goes on for so long (5), MEMPERF_FUZZ_SEED=N begins elsewhere (1), and MEMPERF_FUZZ_CORPUS=FOLDER keeps
# what was found to reach new code in FOLDER/TARGET.
set -eu -o pipefail
tests=$1 target=$2
found=$(dirname -- "${BASH_SOURCE[0]}")/../data/fuzz/$target
work=$(mktemp -d /dev/shm/memperf-test-XXXXXX)
trap 'rm -rf "$work"' EXIT
chmod 1777 "$work"
corpus=$work/corpus
[[ -z ${MEMPERF_FUZZ_CORPUS-} ]] || corpus=$MEMPERF_FUZZ_CORPUS/$target
mkdir -p "$corpus" "$work/seeds"
"$tests/fuzz_$target" "$found" --write "$work/seeds"
folders=("$corpus" "$work/seeds")
[[ ! -d $found ]] || folders+=("$found")
status=0
"$tests/libfuzzer_$target" -seed="${MEMPERF_FUZZ_SEED:-1}" -max_total_time="${MEMPERF_FUZZ_SECONDS:-5}" -timeout=10 \
	-rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 -artifact_prefix="$work/" "${folders[@]}" >"$work/log" 2>&1 || status=$?
grep -E '(DONE|REDUCE|NEW) +cov: ' "$work/log" | tail -1 || true
grep -E '^stat::(number_of_executed|average_exec|peak_rss)' "$work/log" || true
((status == 0)) && exit
tail -60 "$work/log"
for input in "$work"/{crash,timeout,oom,leak}-*; do
	[[ -e $input ]] || continue
	cp -- "$input" "/tmp/memperf-fuzz-$target-${input##*/}"
	echo "the input is in '/tmp/memperf-fuzz-$target-${input##*/}'"
done
exit 1

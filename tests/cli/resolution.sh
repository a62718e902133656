#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Whoever shows quantiles of single calls says how coarse the clock is: 10 ns in the fixtures, as on many processors.
# CTest: TIMEOUT 120, RUN_SERIAL FALSE
. "${MEMPERF_SOURCE:?}/tests/cli/golden.bash"
"$make_db" a.db base && "$make_db" b.db change || exit 1
case='mmap.anon/populate=yes/size=2M/threads=1'

# stepped QUANTILE COMMAND...: it shows the quantile, and in one sentence the step
stepped() {
	local quantile=$1
	shift
	"$@" >out 2>err || [[ $? == 1 ]] || bad "'$*' ends with $?: $(cat err)"
	grep -q -- "$quantile" out || bad "'$*' shows no $quantile"
	tr -s ' \n' ' ' <out | grep -Eq 'step(s of)? 10(\.00)? ns' || bad "'$*' shows $quantile without the step of the clock"
}

for columns in 80 160; do
	export COLUMNS=$columns
	stepped p99 memperf report a.db
	stepped p99 memperf report a.db --all
	stepped p99 memperf report a.db --format markdown
	stepped p99 memperf report a.db --format html
	stepped p99 memperf compare a.db b.db --explain "$case"
done
unset COLUMNS
# In data it is a number of its own, beside those of the quantiles.
memperf report a.db --format json | jq -e '[.. | objects | select(has("clock_step_ns")) | .clock_step_ns] | unique == [10]' >/dev/null ||
	bad "no step of the clock in JSON"
for kind in percentiles:percentile cdf:share histogram:calls; do
	stepped "${kind#*:}" memperf report a.db --chart "$case" --kind "${kind%:*}"
	stepped "${kind#*:}" memperf compare a.db b.db --chart "$case" --kind "${kind%:*}"
done
stepped percentile memperf compare a.db b.db --chart "$case" --kind deciles
# The viewer's parts of a case, one after the other.
printf '%s\n' 'size 100x40' ":goto $case" Right 'expect [Percentiles]' 'expect p99' 'expect steps of 10' w 'expect p99' 'expect steps of 10' >keys
memperf view a.db b.db --script keys >out 2>err || bad "the viewer: $(cat err)"
done_

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The test of the vectors fails when it should: a number that is off, a key or a file that nothing checks, no files.
set -u
: "${MEMPERF_SOURCE:?}" "${MEMPERF_BUILD:?}"
command -v jq >/dev/null || { echo "skipped: jq is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
failures=0

# fresh: the vectors as they are, in $work/vectors
fresh() {
	rm -rf -- "$work/vectors"
	cp -r -- "$MEMPERF_SOURCE/tests/data/statistics" "$work/vectors"
	chmod -R u+w -- "$work/vectors"
}

# expect WHAT CODE SENTENCE: the program on $work/vectors ends with CODE and says SENTENCE
expect() {
	local status
	"$MEMPERF_BUILD/tests/report_test_vectors" "$work/vectors" >"$work/out"
	status=$?
	[[ $status == "$2" ]] && grep -qF -- "$3" "$work/out" && return
	echo "FAILED: $1: ended with $status"
	cat -- "$work/out"
	failures=$((failures + 1))
}

# planted FILE PROGRAM SENTENCE: FILE changed by a jq program
planted() {
	fresh
	jq "$2" "$MEMPERF_SOURCE/tests/data/statistics/$1" >"$work/vectors/$1" || exit 1
	expect "$1 with $2" 1 "$3"
}

fresh
expect "the vectors as they are" 0 "0 wrong"
planted benjamini_hochberg.json '.cases[0].BY[2] *= 1.0001' "bh1995: BY is"
planted bootstrap_median_exact.json '.one_sample[1].pmf[2][1] *= 1.00001' "t1: probability is"
planted descriptive.json '.cases[0].quantile_type6["0.9"] += 1' "t1: quantile_type6 is"
planted hdr_buckets.json '.values[3].highest += 1' "highest is"
planted hodges_lehmann.json '.cases[3].moses_ci95_no_ties[0] -= 0.1' "ln30_vs_ln25: low is"
planted mannwhitney.json '.cases[5].p_exact_greater *= 1.0001' "p, x greater is"
planted mde.json '.cases[6].mde_rel_alpha_bh300 *= 1.001' "300 is"
planted nested_and_paired.json '.nested.optimal_iterations.cost_ratio_100 += 1' "cost_ratio_100 is"
planted quantile_ci_ranks.json '.cases[40].lower_rank = 77' "lower is"
planted special_functions.json '.reg_inc_beta[0].I = 0.68' "reg_inc_beta 0: I is"
planted ttest.json '.cases[2].welch.df += 1' "s3_vs_s3b: df is"
planted ttest.json '.cases[2].welch.power = 0.8' "key 'power' is not checked"
planted mde.json '.rows = []' "key 'rows' is not checked"
planted mde.json 'del(.cases[3].cv)' "no key 'cv'"
planted mde.json '.cases = []' "nothing was checked"
fresh
cp -- "$work/vectors/mde.json" "$work/vectors/other.json"
expect "a file that nothing checks" 1 "other.json: no check for this file"
rm -f -- "$work/vectors"/*
expect "an empty folder" 1 "has no vectors"
exit $((failures > 0))

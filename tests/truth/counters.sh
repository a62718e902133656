#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What counting costs the times: runs with and without counters take turns, and every case is compared. A measurement for
# a quiet machine, no test.
#
#	tests/truth/counters.sh BUILD [ROUNDS [OPTION...]]
#
# OPTIONs choose cases and length as those of memperf run do (default: --suite quick). Prints every case's change of the
# median, and exits 1 when one lies beyond 2 % with its whole interval.
set -eu
build=${1:?build folder}
rounds=${2:-4}
shift $(($# < 2 ? $# : 2))
(($#)) || set -- --suite quick
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
db=$work/counters.db

measure() {
	"$build/bin/memperf" run "$@" --db "$db" --quiet
}
for ((round = 1; round <= rounds; round++)); do
	# Who goes first changes, or a machine that gets warm would favour one.
	if ((round % 2)); then
		measure "$@" --seed "$round" --label off --counters none
		measure "$@" --seed "$round" --label on
	else
		measure "$@" --seed "$round" --label on
		measure "$@" --seed "$round" --label off --counters none
	fi
done
"$build/bin/memperf" compare "$db:label:off" "$db:label:on" --json >"$work/compare.json"
jq -r '.pairs[] | select(.low != null) | [(.ratio - 1) * 100, (.low - 1) * 100, (.high - 1) * 100, .verdict, .case] | @tsv' "$work/compare.json" |
	sort -g | awk -F'\t' '{
		printf "%+6.2f %%  %+6.2f .. %+6.2f  %-7s %s\n", $1, $2, $3, $4, $5
		n++; sum += $1; if ($1 > 2 || $1 < -2) far++; if ($2 > 2) beyond++
	}
	END {
		printf "%d cases: mean %+.2f %%, %d beyond 2 %% either way, %d slower by more than 2 %% with their whole interval\n",
			n, sum / n, far, beyond
		exit beyond > 0
	}'

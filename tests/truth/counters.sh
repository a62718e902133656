#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What counting costs the times: runs with and without counters take turns, pair by pair, and every case is compared. A
# measurement for a quiet machine, no test.
#
#	tests/truth/counters.sh BUILD [PAIRS [OPTION...]]
#
# OPTIONs choose cases and length as those of memperf run do (default: --suite quick). PAIRS is 12 by default, at least 6:
# of fewer the median has no interval of 95 %. With COUNTERS_DB=FILE the runs are kept there, and a second call adds to them.
#
# One line a case: the median over the pairs of how much longer it took with counters, its distribution-free interval of
# 95 % or a little more, and what follows: 'within' 2 %, 'beyond' (the whole interval is, either way), or 'unsure' (the pairs
# differ too much to tell: more pairs, or a quieter machine). The value of a run is the median of its calm invocations where
# both runs of the pair have three, else of all. A machine that drifts from run to run moves both runs of a pair, so it
# widens the interval and is not called overhead. Exits 0 when every case is within, 1 when one is beyond, 5 when none is
# beyond and one is unsure.
set -eu
build=${1:?build folder}
pairs=${2:-12}
shift $(($# < 2 ? $# : 2))
(($#)) || set -- --suite quick
((pairs >= 6)) || {
	echo "counters.sh: $pairs pairs have no interval of 95 %: ask for 6 or more" >&2
	exit 2
}
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
db=${COUNTERS_DB:-$work/counters.db}

measure() {
	"$build/bin/memperf" run "$@" --db "$db" --quiet
}
first=$(($(sqlite3 "$db" 'SELECT count(*) FROM run' 2>/dev/null || echo 0) / 2))
for ((pair = first + 1; pair <= first + pairs; pair++)); do
	# Who goes first changes, or a machine that gets warm would favour one.
	turns=(off on)
	((pair % 2)) || turns=(on off)
	for turn in "${turns[@]}"; do
		none=()
		[[ $turn == on ]] || none=(--counters none)
		measure "$@" --seed "$pair" --label "$turn" --tag "pair=$pair" "${none[@]}"
	done
done

# The log of on over off, pair by pair.
sqlite3 -readonly -separator $'\t' "$db" "
WITH value AS (
	SELECT t.value AS pair, r.label, k.text, s.population, s.value, s.n
	FROM run r JOIN run_tag t ON t.run_id = r.run_id AND t.key = 'pair'
	     JOIN run_case c USING (run_id) JOIN kase k USING (case_id) JOIN summary s USING (run_case_id)
	WHERE s.mode = c.mode AND s.metric = iif(c.mode = 'rate', 'mean', 'p50') AND c.outcome = 'ok')
SELECT a.text, a.pair, a.population, ln(b.value / a.value)
FROM value a JOIN value b USING (text, pair, population)
WHERE a.label = 'off' AND b.label = 'on' AND min(a.n, b.n) >= iif(population = 'calm', 3, 1)
ORDER BY a.text, a.pair, a.population" >"$work/pairs.tsv"

# Calm goes after all in the order above, so the last one of a pair counts.
awk -F'\t' -v limit=2 '
	function percent(log_ratio) { return (exp(log_ratio) - 1) * 100 }
	# Ranks of the distribution-free interval of a median: the widest k with 2 P(Binomial(n, 1/2) < k) <= 5 %.
	function rank(n,    k, term, sum) {
		term = 2 ^ -n
		for (k = 0; 2 * (sum += term) <= 0.05; k++)
			term *= (n - k) / (k + 1)
		return k
	}
	function judge(text,    n, i, j, x, v, k, mid, low, high, word) {
		n = 0
		for (i in of) { v[++n] = of[i]; }
		for (i = 2; i <= n; i++)
			for (j = i; j > 1 && v[j - 1] > v[j]; j--) { x = v[j]; v[j] = v[j - 1]; v[j - 1] = x }
		k = rank(n)
		mid = percent((v[int((n + 1) / 2)] + v[int(n / 2) + 1]) / 2)
		low = k ? percent(v[k]) : -100
		high = k ? percent(v[n + 1 - k]) : 100
		word = low > limit || high < -limit ? "beyond" : low >= -limit && high <= limit ? "within" : "unsure"
		count[word]++
		cases++
		printf "%+7.2f %%  %+7.2f .. %+7.2f  %2d pairs  %-7s%s\n", mid, low, high, n, word, text
	}
	$1 != text { if (text != "") judge(text); text = $1; delete of }
	{ of[$2] = $4 }
	END {
		if (text != "") judge(text)
		printf "%d cases: %d within %g %%, %d beyond, %d unsure\n", cases, count["within"], limit,
			count["beyond"], count["unsure"]
		exit !cases ? 1 : count["beyond"] ? 1 : count["unsure"] ? 5 : 0
	}' "$work/pairs.tsv" | sort -g
exit "${PIPESTATUS[0]}"

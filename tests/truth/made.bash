# SPDX-License-Identifier: GPL-3.0-or-later
# Files to measure with: as many cases as are wanted. Sourced; $build is the build folder.
made=10000 # measured ones; more are copies of them

# widen FILE TIMES: every case so many times over. The names are those that make_db gives.
widen() {
	sqlite3 "$1" >/dev/null <<SQL
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
DELETE FROM raw; DELETE FROM histogram; DELETE FROM invocation_stat; DELETE FROM check_result; DELETE FROM invocation;
DELETE FROM summary; DELETE FROM modes; DELETE FROM variance; DELETE FROM case_param;
CREATE TEMP TABLE by AS WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n + 1 < $2)
	SELECT n * $made AS n FROM c;
CREATE TEMP TABLE k AS SELECT * FROM kase;
UPDATE k SET text = replace(text, printf('/n=%d/', case_id - 1), '/n=%d/');
CREATE TEMP TABLE r AS SELECT * FROM run_case;
CREATE TEMP TABLE p AS SELECT * FROM point;
INSERT INTO kase SELECT case_id + by.n, bench_id, printf(text, case_id - 1 + by.n), bytes FROM by, k;
INSERT INTO run_case (run_case_id, run_id, case_id, planned, outcome, reason, why_stopped, mode, population, resolution,
	n, value_ns, low_ns, high_ns, level, cv, calm_share)
	SELECT run_case_id + by.n, run_id, case_id + by.n, planned, outcome, reason, why_stopped, mode, population,
	resolution, r.n, value_ns, low_ns, high_ns, level, cv, calm_share FROM by, r;
INSERT INTO point SELECT run_case_id + by.n, mode, population, p.n, p50, mean, profile FROM by, p;
INSERT INTO case_param SELECT case_id, 'n', 'choice', case_id - 1, 0 FROM kase;
INSERT INTO case_param SELECT case_id, 'size', 'size', '4K', 4096 FROM kase;
INSERT INTO case_param SELECT case_id, 'threads', 'count', '1', 1 FROM kase;
VACUUM;
SQL
}

# make FILE KIND CASES SEED
make() {
	local first=$(($3 < made ? $3 : made))

	"$build/tests/make_db" "$1" "$2" "$first" "$4" || return 1
	(($3 <= made)) || widen "$1" $((($3 + made - 1) / made))
}

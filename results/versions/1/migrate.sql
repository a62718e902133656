-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- From schema version 1 to 2. The tables are those of schema.sql to the letter: db check compares.

-- A case may also stop because it keeps failing. A CHECK changes only with its table; children and views go on meaning
-- the table of that name.
PRAGMA legacy_alter_table = ON;
ALTER TABLE run_case RENAME TO run_case_1;
PRAGMA legacy_alter_table = OFF;
CREATE TABLE run_case (
	run_case_id INTEGER PRIMARY KEY,
	run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
	case_id INTEGER NOT NULL REFERENCES kase,
	planned INTEGER NOT NULL CHECK (planned >= 0),
	outcome TEXT NOT NULL
		CHECK (outcome IN ('pending', 'ok', 'invalid', 'failed', 'skipped', 'timed_out')),
	reason TEXT NOT NULL,
	why_stopped TEXT
		CHECK (why_stopped IN ('target', 'budget', 'cap', 'planned', 'failing')),
	mode TEXT CHECK (mode IN ('call', 'batch', 'rate')),
	population TEXT CHECK (population IN ('all', 'calm')),
	resolution TEXT CHECK (resolution IN ('per-call', 'quantised', 'batch-only')),
	n INTEGER CHECK (n > 0),
	value_ns REAL CHECK (value_ns >= 0),
	low_ns REAL, high_ns REAL,
	level REAL CHECK (level BETWEEN 0 AND 1),
	cv REAL,
	calm_share REAL CHECK (calm_share BETWEEN 0 AND 1),
	observer_effect_ns REAL,
	blocks INTEGER NOT NULL DEFAULT 0 CHECK (blocks >= 0),
	flagged_blocks INTEGER NOT NULL DEFAULT 0
		CHECK (flagged_blocks BETWEEN 0 AND blocks),
	checks_passed INTEGER NOT NULL DEFAULT 0 CHECK (checks_passed >= 0),
	checks_failed INTEGER NOT NULL DEFAULT 0 CHECK (checks_failed >= 0),
	UNIQUE (run_id, case_id),
	CHECK (outcome <> 'ok' OR (reason = '' AND value_ns IS NOT NULL AND why_stopped IS NOT NULL)),
	CHECK (reason <> '' OR outcome IN ('ok', 'pending')),
	CHECK (outcome <> 'skipped' OR (value_ns IS NULL AND why_stopped IS NULL)),
	CHECK ((value_ns IS NULL) = (mode IS NULL)),
	CHECK ((value_ns IS NULL) = (population IS NULL)),
	CHECK ((value_ns IS NULL) = (n IS NULL)),
	CHECK ((low_ns IS NOT NULL) = (n IS NOT NULL AND n > 1)),
	CHECK ((low_ns IS NULL) = (high_ns IS NULL)),
	CHECK ((low_ns IS NULL) = (level IS NULL)),
	CHECK (low_ns IS NULL OR (low_ns <= value_ns AND value_ns <= high_ns)),
	CHECK (cv IS NULL OR n > 1)
) STRICT;
INSERT INTO run_case SELECT * FROM run_case_1;
DROP TABLE run_case_1;
CREATE INDEX run_case_outcome ON run_case (run_id, outcome);
CREATE INDEX run_case_case ON run_case (case_id, run_id);

CREATE TABLE baseline (
	machine_id INTEGER NOT NULL REFERENCES machine,
	name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 63),
	run_uuid TEXT NOT NULL CHECK (length(run_uuid) = 36),
	made_ns INTEGER NOT NULL,
	author TEXT NOT NULL,
	reason TEXT NOT NULL,
	PRIMARY KEY (machine_id, name, run_uuid)
) STRICT, WITHOUT ROWID;

CREATE TABLE accepted (
	machine_id INTEGER NOT NULL REFERENCES machine,
	case_text TEXT NOT NULL CHECK (length(case_text) BETWEEN 1 AND 511),
	bench_version INTEGER NOT NULL CHECK (bench_version >= 0),
	metric TEXT NOT NULL CHECK (metric IN ('value', 'tail', 'spread')),
	run_uuid TEXT NOT NULL CHECK (length(run_uuid) = 36),
	run_started_ns INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('accepted', 'wontfix', 'environment', 'fixed', 'invalid')),
	made_ns INTEGER NOT NULL,
	author TEXT NOT NULL,
	reason TEXT NOT NULL CHECK (reason <> ''),
	link TEXT CHECK (link <> ''),
	PRIMARY KEY (machine_id, case_text, bench_version, metric, run_uuid)
) STRICT, WITHOUT ROWID;

CREATE TABLE suspect (
	machine_id INTEGER NOT NULL REFERENCES machine,
	run_uuid TEXT NOT NULL CHECK (length(run_uuid) = 36),
	run_started_ns INTEGER NOT NULL,
	case_text TEXT NOT NULL CHECK (length(case_text) BETWEEN 1 AND 511),
	bench_version INTEGER NOT NULL CHECK (bench_version >= 0),
	mode TEXT NOT NULL CHECK (mode IN ('call', 'batch', 'rate')),
	metric TEXT NOT NULL CHECK (metric IN ('value', 'tail', 'spread')),
	state TEXT NOT NULL CHECK (state IN ('suspect', 'confirmed', 'cleared', 'unconfirmable')),
	reason TEXT NOT NULL,
	value REAL NOT NULL CHECK (value > 0),
	reference REAL NOT NULL CHECK (reference > 0),
	reference_mad REAL NOT NULL CHECK (reference_mad >= 0),
	reference_runs INTEGER NOT NULL CHECK (reference_runs > 0),
	deviations REAL NOT NULL CHECK (deviations >= 0),
	confirm_uuid TEXT CHECK (length(confirm_uuid) = 36),
	confirm_n INTEGER CHECK (confirm_n > 0),
	confirm_value REAL CHECK (confirm_value > 0),
	confirm_ratio REAL CHECK (confirm_ratio > 0),
	confirm_p REAL CHECK (confirm_p BETWEEN 0 AND 1),
	made_ns INTEGER NOT NULL,
	PRIMARY KEY (machine_id, run_uuid, case_text, bench_version, mode, metric),
	CHECK (state = 'suspect' OR reason <> ''),
	CHECK (state <> 'suspect' OR confirm_p IS NULL),
	CHECK (state NOT IN ('confirmed', 'cleared') OR
	       (confirm_uuid IS NOT NULL AND confirm_n IS NOT NULL AND confirm_value IS NOT NULL)),
	CHECK (state <> 'confirmed' OR confirm_p IS NOT NULL),
	CHECK ((confirm_value IS NULL) = (confirm_ratio IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX suspect_series ON suspect (machine_id, case_text, bench_version, metric);

-- Filled by migrate.c.
CREATE TABLE point (
	run_case_id INTEGER NOT NULL REFERENCES run_case ON DELETE CASCADE,
	mode TEXT NOT NULL CHECK (mode IN ('call', 'batch', 'rate')),
	population TEXT NOT NULL CHECK (population IN ('all', 'calm')),
	n INTEGER NOT NULL CHECK (n > 0),
	p50 BLOB NOT NULL CHECK (length(p50) = 8 * n),	-- doubles
	mean BLOB NOT NULL CHECK (length(mean) = 8 * n),
	-- floats, 13 of each invocation: p10, p20 .. p90, p95, p99, p99.5, p99.9 of its calls; NaN: too few calls
	profile BLOB CHECK (length(profile) = 52 * n),
	PRIMARY KEY (run_case_id, mode, population),
	CHECK ((profile IS NOT NULL) = (mode = 'call'))
) STRICT, WITHOUT ROWID;

-- The clock's drift was not kept.
PRAGMA legacy_alter_table = ON;
ALTER TABLE run RENAME TO run_1;
PRAGMA legacy_alter_table = OFF;
CREATE TABLE run (
	run_id INTEGER PRIMARY KEY,
	uuid TEXT NOT NULL UNIQUE CHECK (length(uuid) = 36),
	machine_id INTEGER NOT NULL REFERENCES machine,
	host TEXT NOT NULL,
	label TEXT CHECK (label <> ''),
	suite TEXT NOT NULL,
	suite_text TEXT NOT NULL,
	plan_json TEXT CHECK (substr(plan_json, 1, 1) IN ('{', '[')),
	options_json TEXT CHECK (substr(options_json, 1, 1) IN ('{', '[')),
	status TEXT NOT NULL CHECK (status IN ('running', 'complete', 'interrupted')),
	version TEXT NOT NULL,
	source_commit TEXT NOT NULL,
	seed INTEGER NOT NULL,
	started_ns INTEGER NOT NULL,
	ended_ns INTEGER,
	budget_s REAL CHECK (budget_s >= 0),
	estimate_s REAL CHECK (estimate_s >= 0),
	clock TEXT NOT NULL,
	clock_why TEXT NOT NULL,
	clock_ns_per_tick REAL NOT NULL CHECK (clock_ns_per_tick > 0),
	clock_step_ns REAL NOT NULL CHECK (clock_step_ns >= 0),
	clock_pair_ns REAL NOT NULL CHECK (clock_pair_ns >= 0),
	clock_drift_ppm REAL,
	CHECK ((status = 'running') = (ended_ns IS NULL))
) STRICT;
INSERT INTO run SELECT *, NULL FROM run_1;
DROP TABLE run_1;
CREATE INDEX run_started ON run (started_ns, run_id);
CREATE INDEX run_machine ON run (machine_id, started_ns);

-- Filled by migrate.c from the raw data.
CREATE TABLE variance (
	run_case_id INTEGER PRIMARY KEY REFERENCES run_case ON DELETE CASCADE,
	n INTEGER NOT NULL CHECK (n > 1),
	blocks REAL NOT NULL CHECK (blocks >= 1),
	s1_within REAL NOT NULL CHECK (s1_within >= 0),
	s2_means REAL NOT NULL CHECK (s2_means >= 0),
	t2_between REAL NOT NULL CHECK (t2_between >= 0),
	icc REAL,
	block_ns REAL NOT NULL CHECK (block_ns >= 0),
	start_ns REAL NOT NULL CHECK (start_ns >= 0)
) STRICT;

CREATE TABLE modes (
	run_case_id INTEGER NOT NULL REFERENCES run_case ON DELETE CASCADE,
	what TEXT NOT NULL CHECK (what IN ('invocations', 'calls')),
	two INTEGER NOT NULL CHECK (two IN (0, 1)),
	low REAL, low_share REAL,
	high REAL, high_share REAL,
	separation REAL,
	PRIMARY KEY (run_case_id, what),
	CHECK (two = 0 OR (low IS NOT NULL AND low < high)),
	CHECK ((low IS NULL) = (low_share IS NULL)),
	CHECK ((low IS NULL) = (high IS NULL)),
	CHECK ((low IS NULL) = (high_share IS NULL))
) STRICT, WITHOUT ROWID;

-- Calm was judged coarsely; full speed was the fastest moment ever, and is now what a share of a run reached.
PRAGMA legacy_alter_table = ON;
ALTER TABLE invocation RENAME TO invocation_1;
PRAGMA legacy_alter_table = OFF;
CREATE TABLE invocation (
	invocation_id INTEGER PRIMARY KEY,
	run_case_id INTEGER NOT NULL REFERENCES run_case ON DELETE CASCADE,
	ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
	outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'invalid', 'failed', 'timed_out')),
	reason TEXT NOT NULL,
	seed INTEGER NOT NULL,
	started_ns INTEGER NOT NULL,
	duration_ns INTEGER NOT NULL CHECK (duration_ns >= 0),
	layout TEXT NOT NULL,
	cpus TEXT NOT NULL,
	nodes TEXT NOT NULL,
	vma_count INTEGER NOT NULL CHECK (vma_count >= 0),
	batch_ops INTEGER CHECK (batch_ops > 0),
	clock_ns_per_tick REAL CHECK (clock_ns_per_tick > 0),
	mul_reference REAL CHECK (mul_reference > 0),
	add_reference REAL CHECK (add_reference > 0),
	calm_limit REAL NOT NULL CHECK (calm_limit > 1),
	steal_ns INTEGER NOT NULL CHECK (steal_ns >= 0),
	warmup_incomplete INTEGER NOT NULL CHECK (warmup_incomplete IN (0, 1)),
	first_ns REAL CHECK (first_ns >= 0),
	ops_per_s REAL CHECK (ops_per_s > 0),
	blocks INTEGER NOT NULL CHECK (blocks >= 0),
	flagged_blocks INTEGER NOT NULL CHECK (flagged_blocks BETWEEN 0 AND blocks),
	UNIQUE (run_case_id, ordinal),
	CHECK ((outcome = 'ok') = (reason = '')),
	CHECK ((mul_reference IS NULL) = (add_reference IS NULL))
) STRICT;
INSERT INTO invocation SELECT invocation_id, run_case_id, ordinal, outcome, reason, seed, started_ns, duration_ns, layout,
	cpus, nodes, vma_count, batch_ops, clock_ns_per_tick, mul_reference, add_reference, 1.05, steal_ns,
	warmup_incomplete, first_ns, ops_per_s, blocks, flagged_blocks FROM invocation_1;
DROP TABLE invocation_1;
DELETE FROM probe_reference;
